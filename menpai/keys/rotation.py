"""Former keys, and what still needs them (docs/adr/0013)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from menpai import rules
from menpai.keys import file as key_file
from menpai.keys.file import Key, Keys
from menpai.models import AuditCut, AuditEvent, Customer, Message, Snapshot, StaffFactor

SLACK = timedelta(minutes=1)  # clocks differ, and a process looks at the file every few seconds


@dataclass(frozen=True)
class FormerKey:
    """A key that has not been in use since `ended`. `needed` says what still needs it, or is empty.

    `published` says how long its public half stays published without it; blank: it goes as a whole.
    """

    kind: str
    key: Key
    ended: datetime
    needed: str
    published: str


def former_keys(keys: Keys, now: datetime) -> Iterator[FormerKey]:
    """Yields each former key of each kind, but no public half that stays published; reads the database."""
    for kind, of_kind in keys.items():
        current = key_file.current_index(of_kind, now)
        for newer, key in zip(of_kind[current:], of_kind[current + 1 :], strict=False):
            ended = newer.since or newer.made or datetime.fromtimestamp(0, UTC)
            published = _published(ended, now) if kind == "snapshots" else ""
            if key.secret or not published:
                yield FormerKey(kind, key, ended, _by_time(kind, ended, now) or _by_rows(kind, key), published)


def _published(ended: datetime, now: datetime) -> str:
    until = ended + rules.ORDERS_KEPT
    if not rules.ORDERS_KEPT:
        return "for ever"
    return f"until {until.astimezone():%Y-%m-%d}" if until > now else ""


def _by_time(kind: str, ended: datetime, now: datetime) -> str:
    life = _lives()[kind]
    if life is None:
        return "activation links never expire (MENPAI_RULE_ACTIVATION_LIFE=0), and some may be hashed with it"
    until = ended + life + SLACK
    return f"needed until {until.astimezone():%Y-%m-%d %H:%M}" if until > now else ""


def _lives() -> dict[str, timedelta | None]:
    """Returns how long a kind's signatures and hashes live where no row names the key. None: for ever."""
    lives = [purpose.life for purpose in rules.PURPOSES]
    repeats = (rules.IDEMPOTENCY_KEPT, rules.SNAPSHOT_SEALED)
    longest = max([*lives, *repeats, rules.REFRESH_LIFE, timedelta(days=1)])
    return {
        "signing": max(rules.CONTRACT_TOKEN_LIFE, rules.ACCESS_LIFE) + rules.TOKEN_LEEWAY,
        "snapshots": timedelta(0),
        "pepper": longest if all(lives) else None,
        "password": timedelta(0),
        "sealing": timedelta(0),
        "hook": rules.HOOK_KEY_KEPT,
    }


def _by_rows(kind: str, key: Key) -> str:
    return next((text.format(count) for text, count in _counts(kind, key) if count), "")


def _counts(kind: str, key: Key) -> Iterator[tuple[str, int]]:
    """Yields a text and the number of rows that name this key, for each table that may."""
    if kind == "password":
        holders = Customer.objects.filter(Q(password__startswith=f"{key.id}$") | Q(password__startswith=f"{key.id},"))
        yield "the passwords of {} customers, who have not signed in since, are hashed with it", holders.count()
    if kind == "sealing":
        yield "{} messages are sealed with it", Message.objects.filter(sealed__startswith=f"{key.id}:").count()
        snapshots = Snapshot.objects.filter(sealed__startswith=f"{key.id}:").count()
        yield "{} snapshots of addresses, which are kept for repeated requests, are sealed with it", snapshots
        factors = StaffFactor.objects.filter(secret__startswith=f"{key.id}:").count()
        yield "the second factors of {} members of staff, who have not signed in since, are sealed with it", factors
        events = AuditEvent.objects.filter(seal__startswith=f"{key.id}.").count()
        last_cut = AuditCut.objects.order_by("-position").values_list("mark", flat=True).first() or ""
        yield "{} events of the audit trail are sealed with it", events + last_cut.startswith(f"{key.id}.")
