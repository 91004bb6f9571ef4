"""What must be right before the service may start. Each finding says what to do.

`menpai web` and `menpai worker` do not start with an error. `menpai check` tells; with `--deploy`, as those two would.
What cannot even be read (a number that is none) is environment.BadSetting or rules.BadRule, one line at the start.
"""

import difflib
import os
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from menpai import environment, key_file, keys, ops, rules
from menpai.captcha import geetest
from menpai.delivery import sms

SHORTEST_SECRET = 32
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Read where they are needed, and published for what is still to come.
_YUNTONGXUN = ("ACCOUNT_SID", "AUTH_TOKEN", "APP_ID", "TEMPLATE_ID", "NOTICE_TEMPLATE_ID", "BASE_URL")
ALSO_KNOWN = {
    *(f"MENPAI_YUNTONGXUN_{name}" for name in _YUNTONGXUN),
    *(f"MENPAI_WEIBO_{name}" for name in ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI", "BASE_URL")),
    "MENPAI_METRICS_PORT",
    "MENPAI_RULE_WEB_THREADS",  # serving.py, which only `run` and `web` import
}
Findings = Iterator[checks.CheckMessage]


def findings() -> list[checks.CheckMessage]:
    """All system checks and, unlike Django's, a look at the database."""
    return [*checks.run_checks(), *migrations()]


@checks.register("menpai")
def of_menpai(**_: Any) -> Sequence[checks.CheckMessage]:
    return [*secrets(), *tokens(), *places(), *channels(), *names()]


def secrets() -> Findings:
    if settings.PRODUCTION:
        if not settings.SECRET_KEY_IS_SET:
            yield _error(1, "MENPAI_SECRET_KEY is not set.", "Set it to a long random text, the same on every host.")
        elif len(settings.SECRET_KEY) < SHORTEST_SECRET:
            yield _error(2, f"MENPAI_SECRET_KEY is shorter than {SHORTEST_SECRET} characters.", "Use a longer one.")
    elif not settings.MENPAI_KEYS_FILE.exists():
        return  # `menpai run` makes it, and a tool such as `menpai migrate` needs none
    try:
        keys.all_of("signing")
    except key_file.NoKeys as no:
        yield _error(3, f"The keys file cannot be used: {no}", "Copy the same file to every host.")


def tokens() -> Findings:
    if settings.MENPAI_TOKEN_ALGORITHM == "HS256":
        if len(settings.MENPAI_TOKEN_SHARED_KEY.encode()) < SHORTEST_SECRET:
            yield _error(4, "HS256 needs MENPAI_TOKEN_SHARED_KEY of 32 bytes or more.", "Set it, or leave HS256.")
        else:
            yield _warning(5, "MENPAI_TOKEN_ALGORITHM=HS256 is compatibility: whoever checks tokens can make them.")
    if settings.MENPAI_RECOVERY_COMPAT:
        yield _warning(6, "MENPAI_RECOVERY_COMPAT=1 accepts the last step of recovery without a ticket.")


def places() -> Findings:
    public = urlsplit(settings.MENPAI_PUBLIC_URL)
    if public.scheme not in ("http", "https") or not public.hostname:
        yield _error(7, "MENPAI_PUBLIC_URL is no address.", "Write https://host, without a path.")
    elif public.scheme == "http" and public.hostname not in LOOPBACK:
        yield _warning(8, "MENPAI_PUBLIC_URL is not https: passwords and codes cross the network in clear.")
    if not settings.PRODUCTION:
        return
    if "*" in settings.ALLOWED_HOSTS or "*" in settings.CORS_ALLOWED_ORIGINS:
        yield _error(9, "MENPAI_ALLOWED_HOSTS and MENPAI_CORS_ORIGINS must not hold *.", "Name the hosts.")
    if not settings.MENPAI_DATABASE_URL:
        yield _warning(10, "SQLite in production serves one host only.", "Set MENPAI_DATABASE_URL for more.")
    if public.scheme == "https" and not settings.MENPAI_TRUSTED_PROXIES:
        yield _warning(
            11,
            "MENPAI_TRUSTED_PROXIES=0 with an https address: all customers count as one client, the proxy.",
            "Set it to the number of proxies in front.",
        )


def channels() -> Findings:
    for problem in sms.problems():
        problem = f"SMS gateway {problem}."
        yield _error(12, problem) if settings.PRODUCTION else _warning(12, problem)
    for problem in geetest.problems():
        problem = f"Captcha: {problem}; GeeTest is not asked."
        yield _error(31, problem) if settings.PRODUCTION else _warning(31, problem)
    if not settings.PRODUCTION:
        return
    if settings.MENPAI_DEV_MAILBOX:
        yield _warning(13, "MENPAI_DEV_MAILBOX=1: whoever is on this host can read messages kept in the outbox.")
    elif settings.MENPAI_EMAIL_IS_OUTBOX:
        yield _error(14, "MENPAI_EMAIL_URL is not set: no mail would be sent.", "Write smtp://user:password@host:port.")
    if not settings.MENPAI_EMAIL_IS_OUTBOX and settings.MENPAI_MAIL_FROM.rstrip(">").endswith("@localhost"):
        yield _warning(15, "MENPAI_MAIL_FROM is not set: mail from @localhost is refused by most.")


def names() -> Findings:
    """A name with a typo would otherwise be ignored, and the default hold silently."""
    known = environment.ASKED | rules.ASKED | ALSO_KNOWN
    for name in sorted(set(os.environ) - known):
        if name.startswith("MENPAI_"):
            near = difflib.get_close_matches(name, known, 1)
            yield _warning(16, f"{name} is no setting.", f"Do you mean {near[0]}?" if near else None)


def migrations() -> Findings:
    try:
        missing = ops.missing_migrations()
    except DatabaseError as no:
        yield _error(17, f"The database does not answer ({type(no).__name__}).", "Look at MENPAI_DATABASE_URL.")
        return
    if missing:
        yield _error(18, f"The database lacks {len(missing)} migrations.", "Run `menpai migrate`.")


def _error(number: int, text: str, hint: str | None = None) -> checks.CheckMessage:
    return checks.Error(text, hint=hint, id=f"menpai.E{number:03}")


def _warning(number: int, text: str, hint: str | None = None) -> checks.CheckMessage:
    return checks.Warning(text, hint=hint, id=f"menpai.W{number:03}")
