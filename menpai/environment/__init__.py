"""Typed environment variables, and what the processes of a service count and log.

A variable that cannot be read is an error that says what is wrong.

urls        variables that are URLs: PostgreSQL, Redis, SMTP
counters    counters of all processes, in memory that they share
logs        the log, as text or as JSON, and the id of a request
"""

import ipaddress
import os
import re


class BadSetting(ValueError):
    """An environment variable cannot be parsed; the text says which and why."""


NAMES_READ: set[str] = set()  # a variable that is set but never read is a typo (process/checks.py)


def text(name: str, default: str = "") -> str:
    NAMES_READ.add(name)
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int) -> int:
    raw = text(name)
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit():
        raise BadSetting(f"{name}={raw!r}: write a whole number.")
    return int(raw)


def yuan(name: str) -> int | None:
    """Returns an amount of money in millionths of a yuan; None if it is not set."""
    raw = text(name)
    amount = millionths(raw) if raw else None
    if raw and amount is None:
        raise BadSetting(f"{name}={raw!r}: write an amount in yuan, such as 20 or 12.50.")
    return amount


def millionths(raw: str) -> int | None:
    """Returns an amount such as `0.045` in millionths (45000); None if it is malformed."""
    match = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?", raw)
    return int(match[1] + (match[2] or "").ljust(6, "0")) if match else None


BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def switch(name: str, default: str = "0") -> bool:
    raw = text(name, default).lower()
    if raw not in BOOLEANS:
        raise BadSetting(f"{name}={raw!r}: write 1 or 0.")
    return BOOLEANS[raw]


def choice(name: str, default: str, among: tuple[str, ...]) -> str:
    raw = text(name, default)
    if raw not in among:
        raise BadSetting(f"{name}={raw!r}: one of {', '.join(among)}.")
    return raw


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Returns the comma-separated networks, or addresses, of a variable."""
    parsed = []
    for raw in listed(name):
        try:
            parsed.append(ipaddress.ip_network(raw, strict=False))
        except ValueError:
            raise BadSetting(f"{name}: {raw!r} is no network. Write 203.0.113.0/24 or one address.") from None
    return parsed
