"""The rows that tell of each handing-over: one gateway, one message, what it answered, what a receipt said later.

Whoever writes one has changed the message's row in the same transaction, so that of two workers one does.
"""

from datetime import datetime

from django.utils import timezone

from menpai.database.compiled import CompiledInsert
from menpai.delivery import outcomes
from menpai.delivery.channels import Channel
from menpai.delivery.sms import budget
from menpai.models import Message, Submission

State = Submission.State


def begin(message: Message, way: Channel, now: datetime) -> Submission:
    """Just before the first byte leaves. Raises budget.UsedUp."""
    row = Submission(
        message_id=message.pk,
        gateway=way.name,
        region=way.region,
        carrier=way.carrier,
        price=way.price,
        handed_at=now,
    )
    insert_submission(row)
    budget.reserve(row.price, now, known=message.known)
    return row


def mark_accepted(row: Submission, vendor_reference: str) -> None:
    """In memory: `write` follows with the message's next step."""
    row.state, row.vendor_reference, row.answered_at = State.ACCEPTED, vendor_reference, timezone.now()


def mark_refused(row: Submission, no: outcomes.NotAccepted) -> None:
    """In memory, too."""
    row.reason = str(no)[:200]
    if isinstance(no, outcomes.Unanswered):
        row.state = State.UNKNOWN
    else:
        row.state, row.answered_at = State.FAILED, timezone.now()


def save(row: Submission | None) -> None:
    """What was surely not taken costs nothing; `row` itself keeps its price, for a transaction may be rolled back."""
    if row is None:
        return
    price = 0 if row.state == State.FAILED else row.price
    end = {name: getattr(row, name) for name in ("state", "vendor_reference", "reason", "answered_at")}
    Submission.objects.filter(pk=row.pk).update(price=price, **end)
    budget.give_back(row.price - price, row.handed_at)


def mark_unknown(message_ids: list[int]) -> None:
    """Whoever handed these over is gone without a word."""
    Submission.objects.filter(message_id__in=message_ids, state=State.HANDED).update(state=State.UNKNOWN)


insert_submission = CompiledInsert(Submission)
