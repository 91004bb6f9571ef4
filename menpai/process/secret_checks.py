"""Checks for unsafe secrets in production (R71): missing, short, guessable, shared or readable."""

import ipaddress
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core import checks

from menpai import environment
from menpai.environment import urls
from menpai.http.loopback import is_loopback
from menpai.keys import file as key_file
from menpai.keys import ring
from menpai.passwords import common as common_passwords
from menpai.process import private_files

MIN_LENGTH = 32
MIN_DISTINCT = 10  # distinct characters that any random text of 32 has; `aaaa…` and `12341234…` have fewer
SAMPLES = ("insecure", "changeme", "change-me", "change_me", "replace", "example", "placeholder", "your-secret")
# Passwords in the examples of container images.
IMAGE_DEFAULTS = ("postgres", "postgresql", "redis", "rabbitmq", "guest", "menpai")
MAKE_ONE = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
Findings = Iterator[checks.CheckMessage]


def fail(number: int, text: str, hint: str | None = None) -> checks.CheckMessage:
    return checks.Error(text, hint=hint, id=f"menpai.E{number:03}")


def warn(number: int, text: str, hint: str | None = None) -> checks.CheckMessage:
    return checks.Warning(text, hint=hint, id=f"menpai.W{number:03}")


def findings() -> Findings:
    """Yields a finding for each secret that is not good enough, and for each file that others may read.

    Files of this user are closed to others on the way.
    """
    for path in private_files.tighten():
        yield warn(46, f"Others may read or write {path}.", f"chmod go= {path}")
    if settings.PRODUCTION:
        yield from _texts()
        yield from _addresses()
    elif not settings.MENPAI_KEYS_FILE.exists():
        return  # `menpai run` creates it, and a tool such as `menpai migrate` needs none
    yield from _keys()


def is_guessable(secret: str) -> bool:
    """Returns True for a sample text, and for a few characters repeated."""
    plain = secret.lower()
    return len(set(secret)) < MIN_DISTINCT or any(sample in plain for sample in SAMPLES)


def _texts() -> Findings:
    if not settings.SECRET_KEY_IS_SET:
        yield fail(1, "MENPAI_SECRET_KEY is not set.", "Set it to a long random text, the same on every host.")
    elif len(settings.SECRET_KEY) < MIN_LENGTH:
        yield fail(2, f"MENPAI_SECRET_KEY is shorter than {MIN_LENGTH} characters.", MAKE_ONE)
    named = {
        "MENPAI_SECRET_KEY": settings.SECRET_KEY if settings.SECRET_KEY_IS_SET else "",
        "MENPAI_TOKEN_SHARED_KEY": settings.MENPAI_TOKEN_SHARED_KEY,
        "MENPAI_HOOK_SECRET": settings.MENPAI_HOOK_SECRET,
        "MENPAI_METRICS_TOKEN": settings.MENPAI_METRICS_TOKEN,
    }
    named = {name: secret for name, secret in named.items() if secret}
    for name, secret in named.items():
        if len(secret) >= MIN_LENGTH and is_guessable(secret):
            yield fail(31, f"{name} is a sample, or repeats a few characters.", MAKE_ONE)
    if any(len(fallback) < MIN_LENGTH or is_guessable(fallback) for fallback in settings.SECRET_KEY_FALLBACKS):
        yield fail(32, "MENPAI_SECRET_KEY_FALLBACKS holds a short or guessable text.", "Leave it out.")
    if 0 < len(settings.MENPAI_HOOK_SECRET) < MIN_LENGTH:
        yield fail(36, f"MENPAI_HOOK_SECRET is shorter than {MIN_LENGTH} characters.", MAKE_ONE)
    if len(set(named.values())) < len(named):
        yield fail(35, f"{' and '.join(named)} are not all different.", "One secret for one thing: make another.")


def _addresses() -> Findings:
    names = ("DATABASE_URL", "REDIS_URL", "SESSION_REDIS_URL", "BROKER_URL", "RESULT_BACKEND_URL", "EMAIL_URL")
    without_password = []
    for name in (f"MENPAI_{name}" for name in names):
        yield from _clear_text(name)
        parts = urlsplit(getattr(settings, name))
        password = unquote(parts.password or "")
        if password and (password in (parts.username, *IMAGE_DEFAULTS) or common_passwords.contains(password)):
            yield fail(37, f"The password in {name} is one that everybody tries first.", "Choose a long random one.")
        if parts.scheme in ("redis", "rediss") and not password and not is_loopback(parts.hostname):
            without_password.append(name)
    if without_password:
        hint = "Set one, unless only these hosts can reach it: whoever can, signs in as staff and voids limits."
        yield warn(38, f"No password in {', '.join(without_password)}.", hint)


def _clear_text(name: str) -> Findings:
    """Yields an error for mail and for public addresses, a warning for private ones."""
    for host in urls.cleartext_hosts(environment.text(name)):
        if not is_loopback(host):
            finding = fail if name == "MENPAI_EMAIL_URL" or _is_public(host) else warn
            hint = _ENCRYPTED.get(name, "Write rediss://…, or ?tls=0 if that is meant.")
            yield finding(60, f"{name}: the password and all data may travel to {host} in clear.", hint)


_ENCRYPTED = {
    "MENPAI_DATABASE_URL": "Write ?sslmode=verify-full, or ?sslmode=disable if that is meant.",
    "MENPAI_EMAIL_URL": "Write ?tls=1 or smtps://…, or ?tls=0 if that is meant.",
}


def _is_public(host: str) -> bool:
    try:
        addresses = {ipaddress.ip_address(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except (OSError, ValueError):
        return False
    return any(address.is_global for address in addresses)


def _keys() -> Findings:
    try:
        keys = {kind: ring.keys_of(kind) for kind in key_file.KINDS}
    except key_file.KeysFileError as error:
        yield fail(3, f"The keys file cannot be used: {error}", "Copy the same file to every host.")
        return
    for kind, keys_of_kind in keys.items():
        if any(len(key.secret or key.public) < key_file.BYTES for key in keys_of_kind):
            yield fail(34, f"A {kind} key is shorter than {key_file.BYTES} bytes.", f"`menpai keys rotate {kind}`.")
    path: Path = settings.MENPAI_KEYS_FILE
    if settings.PRODUCTION and path.stat().st_mode & (stat.S_IRWXO | stat.S_IWGRP):
        yield fail(33, f"Others may read or write the keys file {path}.", f"chmod 600 {path}")
