"""A crowd that no limit is about: every request from another address and another browser, and the rest lifted.

What the limits hold back is told in test_guard.py and test_throttle.py; here it is who loses what they were promised.
"""

import http.cookiejar
import itertools
from collections.abc import Callable
from typing import Any

import httpx

MANY = "1000000"
NO_LIMITS = {"MENPAI_TRUSTED_PROXIES": "1", "MENPAI_RULE_RESEND_AFTER": "0"} | {
    f"MENPAI_RULE_{name}": MANY
    for name in (
        *("TARGET_PER_HOUR", "TARGET_PER_DAY", "OLD_PASSWORD_TRIES", "HASH_QUEUE", "SESSIONS_PER_CUSTOMER"),
        *("PREFIX_PER_10_MINUTES", "SMS_PER_HOUR", "SMS_PER_DAY", "MAILS_PER_HOUR"),
        *("UNUSED_SMS", "UNUSED_SMS_PER_PREFIX", "LOGIN_FAILURES_PER_ACCOUNT"),
        *("GUESSES_PER_HOUR", "GUESSES_PER_DAY", "GUESSES_PER_MONTH", "CHANGES_PER_MINUTE", "CHANGES_PER_HOUR"),
        *("PARSES_PER_MINUTE", "PARSE_BATCHES_PER_MINUTE"),
    )
}
_serial = itertools.count(1)


def client(**options: Any) -> httpx.Client:
    """A client for a service that trusts one proxy."""
    return wandering(httpx.Client(**options))


def wandering(client: httpx.Client) -> httpx.Client:
    """The client, each of whose requests comes from another address."""

    def move(request: httpx.Request) -> None:
        number = next(_serial)
        request.headers["x-forwarded-for"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    client.event_hooks["request"].append(move)
    # Without the cookie that says "this browser was here before", which has limits of its own.
    client.cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return client


def lift_limits(set_rule: Callable[[str, Any], None], settings: Any) -> None:
    """The same for this process, whose `http` is to be `wandering`."""
    settings.MENPAI_TRUSTED_PROXIES = 1
    for name in (
        *("SENDS_PER_TARGET", "SMS_PER_PREFIX", "SMS_IN_ALL", "MAILS_IN_ALL", "UNUSED_SMS", "UNUSED_SMS_PER_PREFIX"),
        *("GUESSES_PER_TARGET", "OLD_PASSWORD_TRIES", "LOGIN_FAILURES_PER_ACCOUNT"),
        *("CHANGES_PER_SESSION", "PARSES_PER_SESSION", "PARSE_BATCHES_PER_SESSION"),
    ):
        set_rule(name, ())
    set_rule("SESSIONS_PER_CUSTOMER", int(MANY))
