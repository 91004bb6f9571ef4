"""Which keys nothing living needs any more (docs/adr/0013)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from menpai import key_file, rules
from menpai.key_file import Key, Keys

SLACK = timedelta(minutes=1)  # clocks differ, and a process looks at the file every few seconds


@dataclass(frozen=True)
class Old:
    """A key that makes nothing new since `ended`; `needed` says what for, or is empty."""

    kind: str
    key: Key
    ended: datetime
    needed: str


def old(keys: Keys, now: datetime) -> Iterator[Old]:
    """Asks the database."""
    for kind, found in keys.items():
        place = key_file.in_use(found, now)
        for newer, key in zip(found[place:], found[place + 1 :], strict=False):
            ended = newer.since or newer.made or datetime.fromtimestamp(0, UTC)
            yield Old(kind, key, ended, _by_time(kind, ended, now) or _by_rows(kind, key))


def _by_time(kind: str, ended: datetime, now: datetime) -> str:
    life = _lives()[kind]
    if life is None:
        return "activation links never expire (MENPAI_RULE_ACTIVATION_LIFE=0), and some may be marked with it"
    until = ended + life + SLACK
    return f"needed until {until.astimezone():%Y-%m-%d %H:%M}" if until > now else ""


def _lives() -> dict[str, timedelta | None]:
    """How long what a key has made may live, where a row does not tell; None: for ever."""
    marked = [purpose.life for purpose in rules.PURPOSES]
    longest = max([*marked, rules.REFRESH_LIFE, rules.IDEMPOTENCY_KEPT, timedelta(days=1)])
    return {
        "signing": max(rules.CONTRACT_TOKEN_LIFE, rules.ACCESS_LIFE) + rules.TOKEN_LEEWAY,
        "pepper": longest if all(marked) else None,
        "password": timedelta(0),
        "sealing": timedelta(0),
        "hook": rules.HOOK_KEY_KEPT,
    }


def _by_rows(kind: str, key: Key) -> str:
    from menpai.models import Customer, Message  # the times above need no Django

    if kind == "password" and (many := Customer.objects.filter(password__regex=rf"^{key.id}[$,]").count()):
        return f"the passwords of {many} customers, who have not signed in since, are hashed with it"
    if kind == "sealing" and (many := Message.objects.filter(sealed__startswith=f"{key.id}:").count()):
        return f"{many} messages are sealed with it"
    return ""
