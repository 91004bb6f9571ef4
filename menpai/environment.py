"""Typed environment variables, with errors that say what is wrong."""

import ipaddress
import os
import re
from urllib.parse import unquote, urlsplit


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


def switch(name: str) -> bool:
    raw = text(name, "0").lower()
    if raw not in ("0", "1", "on", "off", "true", "false", "yes", "no"):
        raise BadSetting(f"{name}={raw!r}: write 1 or 0.")
    return raw in ("1", "on", "true", "yes")


def choice(name: str, default: str, among: tuple[str, ...]) -> str:
    raw = text(name, default)
    if raw not in among:
        raise BadSetting(f"{name}={raw!r}: one of {', '.join(among)}.")
    return raw


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Returns the comma-separated networks, or addresses, of a variable."""
    found = []
    for raw in listed(name):
        try:
            found.append(ipaddress.ip_network(raw, strict=False))
        except ValueError:
            raise BadSetting(f"{name}: {raw!r} is no network. Write 203.0.113.0/24 or one address.") from None
    return found


def database(url: str, *, patient: bool = False) -> dict[str, object]:
    """Returns Django's settings of the PostgreSQL database `postgresql://user:password@host:port/name`.

    Waiting 3 s for a lock or 10 s for a statement ends in a 503 instead of a hanging page. With `patient`, for
    migrations and the sweep by hand, statements may take any time.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise BadSetting("MENPAI_DATABASE_URL: write postgresql://user:password@host:port/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        # Persistent connections: opening one per request costs a factor of 6 to 10 (docs/performance.md).
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "connect_timeout": 2,
            "options": "-c lock_timeout=3000" + ("" if patient else " -c statement_timeout=10000"),
        },
    }


def mail(url: str) -> dict[str, object]:
    """Returns Django's EMAIL_… settings for a URL.

    `smtp://user:password@host:port`, with `?tls=1` for STARTTLS, or `smtps://…`. Raises BadSetting.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadSetting("MENPAI_EMAIL_URL: write outbox://, smtp://user:password@host:port or smtps://….")
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and "tls=1" in parts.query.split("&"),
    }
