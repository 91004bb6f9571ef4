"""Start-up checks of the configuration. Each finding says what to do.

With an error, `menpai web` and `menpai worker` do not start. `menpai check` prints all findings, with `--deploy` those
of production. A variable that cannot be parsed raises environment.BadSetting or rules.BadRule earlier.
"""

import contextlib
import difflib
import ipaddress
import os
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from menpai import environment, rules
from menpai.captcha import geetest
from menpai.contracts import health
from menpai.delivery import message_kinds
from menpai.delivery.sms import prices, selection, vendors
from menpai.http.loopback import is_loopback
from menpai.process import secret_checks
from menpai.process.secret_checks import MIN_LENGTH, Findings, fail, warn
from menpai.social import providers

MAX_MIN_LENGTH = 64  # NIST SP 800-63B: passwords of 64 characters must be accepted
# Names that are read later, or reserved.
OTHER_NAMES = {"MENPAI_RULE_WEB_THREADS"}  # process/web.py, which only `run` and `web` import


def findings() -> list[checks.CheckMessage]:
    """Returns the findings of all system checks, and of a look at the database."""
    return [*checks.run_checks(), *migrations(), *stores()]


@checks.register("menpai")
def check_settings(**_: Any) -> Sequence[checks.CheckMessage]:
    return [*secret_checks.findings(), *passwords(), *tokens(), *places(), *channels(), *names()]


def passwords() -> Findings:
    if not 6 <= settings.MENPAI_PASSWORD_MIN_LENGTH <= MAX_MIN_LENGTH:
        yield fail(39, f"MENPAI_PASSWORD_MIN_LENGTH must be 6–{MAX_MIN_LENGTH}.", "Leave it out: the profile has one.")
    elif settings.PRODUCTION and settings.MENPAI_PASSWORD_MIN_LENGTH < rules.PASSWORD_MIN_LENGTH:
        yield warn(40, f"Passwords of fewer than {rules.PASSWORD_MIN_LENGTH} characters are accepted.")


def tokens() -> Findings:
    if settings.MENPAI_TOKEN_ALGORITHM == "HS256":
        if len(settings.MENPAI_TOKEN_SHARED_KEY.encode()) < MIN_LENGTH:
            yield fail(4, "HS256 needs MENPAI_TOKEN_SHARED_KEY of 32 bytes or more.", "Set it, or leave HS256.")
        else:
            yield warn(5, "MENPAI_TOKEN_ALGORITHM=HS256 is compatibility: whoever checks tokens can make them.")
    if settings.MENPAI_RECOVERY_COMPAT:
        yield warn(6, "MENPAI_RECOVERY_COMPAT=1 accepts the last step of recovery without a ticket.")


def places() -> Findings:
    public = urlsplit(settings.MENPAI_PUBLIC_URL)
    if public.scheme not in ("http", "https") or not public.hostname:
        yield fail(7, "MENPAI_PUBLIC_URL is no address.", "Write https://host, without a path.")
    elif public.scheme == "http" and not is_loopback(public.hostname):
        yield warn(8, "MENPAI_PUBLIC_URL is not https: passwords and codes cross the network in clear.")
    if settings.MENPAI_METRICS_PORT and not is_loopback(settings.MENPAI_METRICS_HOST):
        token = "" if settings.MENPAI_METRICS_TOKEN else "Set MENPAI_METRICS_TOKEN. "
        yield warn(
            61,
            f"Metrics are served on {settings.MENPAI_METRICS_HOST}, in clear, to everybody who can reach it.",
            f"{token}Let only Prometheus reach that port, or leave MENPAI_METRICS_HOST out.",
        )
    if not settings.PRODUCTION:
        return
    if settings.DEBUG:
        yield fail(30, "DEBUG is on: an error page would show settings and data.", "Leave DEBUG alone.")
    if "*" in settings.ALLOWED_HOSTS or "*" in settings.CORS_ALLOWED_ORIGINS:
        yield fail(9, "MENPAI_ALLOWED_HOSTS and MENPAI_CORS_ORIGINS must not hold *.", "Name the hosts.")
    if not settings.MENPAI_DATABASE_URL:
        yield warn(10, "SQLite in production serves one host only.", "Set MENPAI_DATABASE_URL for more.")
    if public.scheme == "https" and not settings.MENPAI_TRUSTED_PROXIES:
        yield warn(
            11,
            "MENPAI_TRUSTED_PROXIES=0 with an https address: all customers count as one client, the proxy.",
            "Set it to the number of proxies in front.",
        )


def channels() -> Findings:
    for problem in vendors.problems():
        problem = f"SMS gateway {problem}."
        yield fail(12, problem) if settings.PRODUCTION else warn(12, problem)
    yield from regions()
    for raw in settings.MENPAI_SMS_RECEIPT_NETWORKS:
        with contextlib.suppress(ValueError):
            ipaddress.ip_network(raw, strict=False)
            continue
        yield fail(43, f"MENPAI_SMS_RECEIPT_NETWORKS: {raw!r} is no network.", "Write 203.0.113.0/24 or one address.")
    for problem in prices.problems():
        yield fail(42, problem) if settings.PRODUCTION else warn(42, problem)
    for problem in geetest.problems():
        problem = f"Captcha: {problem}; GeeTest is not asked."
        yield fail(41, problem) if settings.PRODUCTION else warn(41, problem)
    for problem in providers.problems():
        problem = f"Social sign-in: {problem}."
        yield fail(42, problem) if settings.PRODUCTION else warn(42, problem)
    if not settings.PRODUCTION:
        return
    if settings.MENPAI_DEV_MAILBOX and not is_loopback(urlsplit(settings.MENPAI_PUBLIC_URL).hostname):
        hint = "Leave MENPAI_DEV_MAILBOX out, or write http://127.0.0.1:8000 for a trial."
        yield fail(13, "MENPAI_DEV_MAILBOX=1, and MENPAI_PUBLIC_URL is not on this machine.", hint)
    elif settings.MENPAI_DEV_MAILBOX:
        yield warn(
            13, "MENPAI_DEV_MAILBOX=1: anybody who can reach this port can read every code.", "Put no proxy in front."
        )
    elif settings.MENPAI_EMAIL_IS_OUTBOX:
        yield fail(14, "MENPAI_EMAIL_URL is not set: no mail would be sent.", "Write smtp://user:password@host:port.")
    if not settings.MENPAI_EMAIL_IS_OUTBOX and settings.MENPAI_MAIL_FROM.rstrip(">").endswith("@localhost"):
        yield warn(15, "MENPAI_MAIL_FROM is not set: mail from @localhost is refused by most.")


def regions() -> Findings:
    """Yields regions of customers to which no gateway can send codes."""
    for region in settings.MENPAI_MOBILE_REGIONS:
        if not re.fullmatch("[A-Z]{2}", region):
            yield fail(44, f"MENPAI_MOBILE_REGIONS: {region!r} is no region.", "Write two capitals, such as CN,HK,MO.")
        elif vendors.configured_gateways() and not selection.candidates(message_kinds.REGISTRATION_CODE.id, region):
            yield warn(45, f"No SMS gateway carries codes to {region} (MENPAI_MOBILE_REGIONS).", "Give it a route.")


def names() -> Findings:
    """Yields unknown names: a variable with a typo would silently leave the default in force."""
    of_vendors = vendors.variables() | providers.variables() | geetest.SETTINGS.defaults()
    known = environment.NAMES_READ | rules.NAMES_READ | OTHER_NAMES | set(of_vendors)
    for name in sorted(set(os.environ) - known):
        if name.startswith("MENPAI_"):
            similar = difflib.get_close_matches(name, known, 1)
            yield warn(16, f"{name} is no setting.", f"Do you mean {similar[0]}?" if similar else None)


def migrations() -> Findings:
    try:
        missing = health.missing_migrations()
    except DatabaseError as error:
        is_pooler = "startup parameter" in str(error)
        hint = "There is a pooler: set MENPAI_DATABASE_POOLER=1." if is_pooler else "Look at MENPAI_DATABASE_URL."
        yield fail(17, f"The database does not answer: {' '.join(str(error).split())}.", hint)
        return
    if missing:
        yield fail(18, f"The database lacks {len(missing)} migrations.", "Run `menpai migrate`.")


def stores() -> Findings:
    """Yields a warning if Redis is away: the service starts, and is ready once it answers."""
    if reason := health.why_store_is_away():
        yield warn(62, f"The store does not answer: {reason}.", "Look at MENPAI_REDIS_URL.")
