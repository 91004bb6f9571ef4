"""What must be right before the service may start. Each finding says what to do.

`menpai web` and `menpai worker` do not start with an error. `menpai check` tells; with `--deploy`, as those two would.
What cannot even be read (a number that is none) is environment.BadSetting or rules.BadRule, one line at the start.
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
from menpai.http.outbound import is_loopback
from menpai.process import secret_checks
from menpai.process.secret_checks import SHORTEST, Findings, error, warning
from menpai.social import providers

LONGEST_FLOOR = 64  # NIST SP 800-63B: passwords of 64 characters are to be accepted
# Read where they are needed, and published for what is still to come.
ALSO_KNOWN = {
    "MENPAI_METRICS_PORT",
    "MENPAI_RULE_WEB_THREADS",  # web.py, which only `run` and `web` import
}


def findings() -> list[checks.CheckMessage]:
    """All system checks and, unlike Django's, a look at the database."""
    return [*checks.run_checks(), *migrations()]


@checks.register("menpai")
def of_menpai(**_: Any) -> Sequence[checks.CheckMessage]:
    return [*secret_checks.findings(), *passwords(), *tokens(), *places(), *channels(), *names()]


def passwords() -> Findings:
    if not 6 <= settings.MENPAI_PASSWORD_MIN_LENGTH <= LONGEST_FLOOR:
        yield error(39, f"MENPAI_PASSWORD_MIN_LENGTH must be 6–{LONGEST_FLOOR}.", "Leave it out: the profile has one.")
    elif settings.PRODUCTION and settings.MENPAI_PASSWORD_MIN_LENGTH < rules.PASSWORD_MIN_LENGTH:
        yield warning(40, f"Passwords of fewer than {rules.PASSWORD_MIN_LENGTH} characters are accepted.")


def tokens() -> Findings:
    if settings.MENPAI_TOKEN_ALGORITHM == "HS256":
        if len(settings.MENPAI_TOKEN_SHARED_KEY.encode()) < SHORTEST:
            yield error(4, "HS256 needs MENPAI_TOKEN_SHARED_KEY of 32 bytes or more.", "Set it, or leave HS256.")
        else:
            yield warning(5, "MENPAI_TOKEN_ALGORITHM=HS256 is compatibility: whoever checks tokens can make them.")
    if settings.MENPAI_RECOVERY_COMPAT:
        yield warning(6, "MENPAI_RECOVERY_COMPAT=1 accepts the last step of recovery without a ticket.")


def places() -> Findings:
    public = urlsplit(settings.MENPAI_PUBLIC_URL)
    if public.scheme not in ("http", "https") or not public.hostname:
        yield error(7, "MENPAI_PUBLIC_URL is no address.", "Write https://host, without a path.")
    elif public.scheme == "http" and not is_loopback(public.hostname):
        yield warning(8, "MENPAI_PUBLIC_URL is not https: passwords and codes cross the network in clear.")
    if not settings.PRODUCTION:
        return
    if settings.DEBUG:
        yield error(30, "DEBUG is on: an error page would show settings and data.", "Leave DEBUG alone.")
    if "*" in settings.ALLOWED_HOSTS or "*" in settings.CORS_ALLOWED_ORIGINS:
        yield error(9, "MENPAI_ALLOWED_HOSTS and MENPAI_CORS_ORIGINS must not hold *.", "Name the hosts.")
    if not settings.MENPAI_DATABASE_URL:
        yield warning(10, "SQLite in production serves one host only.", "Set MENPAI_DATABASE_URL for more.")
    if public.scheme == "https" and not settings.MENPAI_TRUSTED_PROXIES:
        yield warning(
            11,
            "MENPAI_TRUSTED_PROXIES=0 with an https address: all customers count as one client, the proxy.",
            "Set it to the number of proxies in front.",
        )


def channels() -> Findings:
    for problem in vendors.problems():
        problem = f"SMS gateway {problem}."
        yield error(12, problem) if settings.PRODUCTION else warning(12, problem)
    yield from regions()
    for raw in settings.MENPAI_SMS_RECEIPT_NETWORKS:
        with contextlib.suppress(ValueError):
            ipaddress.ip_network(raw, strict=False)
            continue
        yield error(43, f"MENPAI_SMS_RECEIPT_NETWORKS: {raw!r} is no network.", "Write 203.0.113.0/24 or one address.")
    for problem in prices.problems():
        yield error(42, problem) if settings.PRODUCTION else warning(42, problem)
    for problem in geetest.problems():
        problem = f"Captcha: {problem}; GeeTest is not asked."
        yield error(41, problem) if settings.PRODUCTION else warning(41, problem)
    for problem in providers.problems():
        problem = f"Social sign-in: {problem}."
        yield error(42, problem) if settings.PRODUCTION else warning(42, problem)
    if not settings.PRODUCTION:
        return
    if settings.MENPAI_DEV_MAILBOX:
        yield warning(13, "MENPAI_DEV_MAILBOX=1: whoever is on this host can read messages kept in the outbox.")
    elif settings.MENPAI_EMAIL_IS_OUTBOX:
        yield error(14, "MENPAI_EMAIL_URL is not set: no mail would be sent.", "Write smtp://user:password@host:port.")
    if not settings.MENPAI_EMAIL_IS_OUTBOX and settings.MENPAI_MAIL_FROM.rstrip(">").endswith("@localhost"):
        yield warning(15, "MENPAI_MAIL_FROM is not set: mail from @localhost is refused by most.")


def regions() -> Findings:
    """Customers of a region are asked for nothing that cannot be sent there."""
    for region in settings.MENPAI_MOBILE_REGIONS:
        if not re.fullmatch("[A-Z]{2}", region):
            yield error(44, f"MENPAI_MOBILE_REGIONS: {region!r} is no region.", "Write two capitals, such as CN,HK,MO.")
        elif vendors.configured_gateways() and not selection.candidates(message_kinds.REGISTRATION_CODE.id, region):
            yield warning(45, f"No SMS gateway carries codes to {region} (MENPAI_MOBILE_REGIONS).", "Give it a route.")


def names() -> Findings:
    """A name with a typo would otherwise be ignored, and the default hold silently."""
    of_vendors = vendors.variables() | providers.variables() | geetest.SETTINGS.defaults()
    known = environment.ASKED | rules.ASKED | ALSO_KNOWN | set(of_vendors)
    for name in sorted(set(os.environ) - known):
        if name.startswith("MENPAI_"):
            near = difflib.get_close_matches(name, known, 1)
            yield warning(16, f"{name} is no setting.", f"Do you mean {near[0]}?" if near else None)


def migrations() -> Findings:
    try:
        missing = health.missing_migrations()
    except DatabaseError as no:
        yield error(17, f"The database does not answer ({type(no).__name__}).", "Look at MENPAI_DATABASE_URL.")
        return
    if missing:
        yield error(18, f"The database lacks {len(missing)} migrations.", "Run `menpai migrate`.")
