"""The timeline of one number's SMS, step by step, which explains why a code did not arrive.

It is made from messages, submissions and spent secrets; and from the audit trail, which knows a number only by its
keyed hash: refusals by limits, wrong codes, and requests for a number without an account.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from menpai import rules
from menpai.audit import events
from menpai.delivery import message_kinds
from menpai.delivery.sms import reasons
from menpai.delivery.sms.budget import yuan
from menpai.keys import ring
from menpai.models import AuditEvent, Message, SpentSecret, Submission

MOST = 200  # messages, and events of the audit trail, the newest
_State, _SubmissionState = Message.State, Submission.State
_TOGETHER = timedelta(seconds=5)  # a message and the audit row of its transaction
_REFUSALS = {
    "TargetTooSoon": ("这个号码请求得太频繁", "too many for this number"),
    "ClientTooFast": ("这个网络地址请求得太频繁", "too many from this network address"),
    "SendingPaused": (
        "短信暂停发送（总量、号段或预算已满）",
        "sending is paused (in all, for like numbers, or the budget)",
    ),
}


@dataclass(frozen=True)
class Step:
    at: datetime
    what: str  # asked, handed, accepted, refused, delivered, failed, verified, expired, waits, limit, wrong…
    zh: str
    en: str
    message_id: int | None = None


def of_number(mobile: str, begin: datetime) -> list[Step]:
    """Returns the steps of a number (in the form of identifiers.py) since `begin`, in order."""
    rows = Message.objects.filter(recipient=mobile, channel=Message.Channel.SMS, created_at__gte=begin)
    messages = list(rows.order_by("-created_at")[:MOST])
    return _in_order([*_of(messages), *_audited(mobile, begin, messages)])


def of_message(message: Message) -> list[Step]:
    return _in_order(_of([message]))


def _in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.at)


# ── From rows ──
def _of(messages: list[Message]) -> Iterator[Step]:
    """Yields the steps of the messages, by three statements."""
    handed: dict[int, list[Submission]] = {}
    for row in Submission.objects.filter(message_id__in=[message.pk for message in messages]).order_by("pk"):
        handed.setdefault(row.message_id, []).append(row)
    secrets = [message.secret for message in messages if message.secret]
    spent = dict(SpentSecret.objects.filter(pk__in=secrets).values_list("pk", "spent_at"))
    for message in messages:
        yield from _story(message, handed.get(message.pk, []), spent.get(message.secret))


def _story(message: Message, handed: list[Submission], verified_at: datetime | None) -> Iterator[Step]:
    kind = message_kinds.find_kind(message.kind)
    yield Step(message.created_at, "asked", f"请求{kind.zh}，进入队列", f"asked for {kind.en}; queued", message.pk)
    for number, row in enumerate(handed):
        yield from _handing(row, again=number > 0)
    if verified_at:
        yield Step(verified_at, "verified", "验证码已被使用", "the code was used", message.pk)
    yield from _state(message, handed)


def _handing(row: Submission, *, again: bool) -> Iterator[Step]:
    price = f"（{yuan(row.price)} 元）" if row.price else ""
    cost = f" ({yuan(row.price)} yuan)" if row.price else ""
    zh, en = ("再次交给", "handed over again, to") if again else ("交给", "handed to")
    yield Step(row.handed_at, "handed", f"{zh} {row.gateway}{price}", f"{en} {row.gateway}{cost}", row.message_id)
    reason, reported = reasons.explain(row.gateway, row.reason), row.reported_at
    if row.answered_at and row.state == _SubmissionState.FAILED and not reported:
        texts = f"{row.gateway} 拒绝：{reason.zh}", f"{row.gateway} refused it: {reason.en}"
        yield Step(row.answered_at, "refused", *texts, row.message_id)
    elif row.answered_at:
        yield Step(row.answered_at, "accepted", f"{row.gateway} 已接收", f"{row.gateway} accepted it", row.message_id)
    elif row.state == _SubmissionState.UNKNOWN:
        yield Step(
            row.handed_at, "unknown", f"{row.gateway}：{reason.zh}", f"{row.gateway}: {reason.en}", row.message_id
        )
    if reported and row.state == _SubmissionState.DELIVERED:
        yield Step(reported, "delivered", "回执：已送达手机", "receipt: it is on the phone", row.message_id)
    elif reported:
        yield Step(
            reported, "failed", f"回执：未送达，{reason.zh}", f"receipt: not delivered, {reason.en}", row.message_id
        )


def _state(message: Message, handed: list[Submission]) -> Iterator[Step]:
    """Yields the message's state, if its submissions do not show it."""
    reason = reasons.explain(message.gateway or (handed[-1].gateway if handed else ""), message.problem)
    why_zh, why_en = (f"：{reason.zh}", f": {reason.en}") if message.problem else ("", "")
    if message.state == _State.EXPIRED:
        at = message.finished_at or message.expires_at
        yield Step(at, "expired", f"有效期内没有发出{why_zh}", f"not sent within its life{why_en}", message.pk)
    elif message.state == _State.FAILED and not handed:
        at = message.finished_at or message.expires_at
        yield Step(at, "failed", f"没有发出{why_zh}", f"not sent{why_en}", message.pk)
    elif message.state == _State.QUEUED:
        now = timezone.now()
        yield Step(now, "waits", f"仍在等待发送{why_zh}", f"still waits to be sent{why_en}", message.pk)


# ── From the audit trail ──
def _audited(mobile: str, begin: datetime, messages: list[Message]) -> Iterator[Step]:
    subjects = [mark("audit", mobile) for mark in ring.hashers()]
    wanted = (events.THROTTLED, events.CODE_FAILED, events.CODE_GONE, events.CODE_SENT)
    rows = AuditEvent.objects.filter(subject__in=subjects, event__in=wanted, at__gte=begin).order_by("-at")[:MOST]
    for row in rows:
        if row.event != events.CODE_SENT:
            yield _refusal(row)
        elif row.details.get("channel") == Message.Channel.SMS and not _has_message(row, messages):
            kind = message_kinds.KINDS.get(str(row.details.get("kind")))
            zh, en = (kind.zh, kind.en) if kind else ("验证码", "a code")
            because = (
                "没有账号使用这个号码，或验证码已因输错作废：没有发送",
                "nobody has this number, or the code is worn out: nothing is sent",
            )
            yield Step(row.at, "nobody", f"请求{zh}；{because[0]}", f"asked for {en}; {because[1]}")


def _refusal(row: AuditEvent) -> Step:
    times = int(row.details.get("times", 1))
    zh_times, en_times = (f"，{times} 次", f", {times} times") if times > 1 else ("", "")
    if row.event == events.CODE_FAILED:
        return Step(row.at, "wrong", f"验证码输错{zh_times}", f"a wrong code was typed{en_times}")
    if row.event == events.CODE_GONE:
        return Step(row.at, "gone", f"验证码已失效{zh_times}", f"the code was no longer good{en_times}")
    why = _REFUSALS.get(str(row.details.get("what")), ("过于频繁", "too often"))
    return Step(row.at, "limit", f"请求被拒绝：{why[0]}{zh_times}", f"refused: {why[1]}{en_times}")


def _has_message(row: AuditEvent, messages: list[Message]) -> bool:
    kind = row.details.get("kind")
    return any(message.kind == kind and abs(message.created_at - row.at) < _TOGETHER for message in messages)


def beginning(*, everything: bool) -> datetime:
    """Returns the begin of a timeline: a day ago, or as long ago as messages are kept."""
    return timezone.now() - (rules.MESSAGES_KEPT if everything else rules.TIMELINE_SPAN)
