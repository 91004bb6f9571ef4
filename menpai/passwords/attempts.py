"""Limits on guessing a password, by which no stranger locks a customer out.

Sources: security.md R25–R32, R35. An attempt is counted before the password is looked at, and taken back when it was
right. It counts for the account (whatever it was called by), for the client address, for the two together, and for how
many accounts one address tries. A browser in which the customer signed in before has a count of its own, and those of
others do not concern it. Right ones count as well, by account and client address, and are not taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex

from menpai import captcha, errors, rules
from menpai.captcha.challenges import ChallengePurpose
from menpai.ephemeral import Exceeded, Release, Window, local, store
from menpai.identifiers import Client
from menpai.keys import ring
from menpai.sessions import known_devices

PURPOSE: ChallengePurpose = "sign-in"
EVERYTHING = 10**6  # more events than any window holds


@dataclass(frozen=True)
class Attempt:
    """One that was counted as a failure, until it turns out to be none."""

    _windows: Sequence[Window]
    _local: bool
    _own: bool  # in a browser in which the customer was before
    _kept: Sequence[Window] = ()  # which count it, right or wrong

    def succeeded(self) -> None:
        self._release(self._windows, EVERYTHING if self._own else 0)

    def not_made(self) -> None:
        """The password was never looked at."""
        self._release([*self._windows, *self._kept], 0)

    def _release(self, windows: Sequence[Window], oldest: int) -> None:
        releases = [Release(window.key, window.event, oldest) for window in windows]
        if self._local:
            local.windows().release(releases)
            return
        try:
            store().release(releases)
        except errors.StoreUnavailable:
            return  # it stays counted, for a quarter of an hour


def begin(customer_id: int | None, name: str, client: Client) -> Attempt:
    """Before a password is looked at; `name` is what was typed where nobody is called so.

    Raises ClientTooFast, CaptchaRequired; without a difference between somebody and nobody (R40).
    """
    account = f"#{customer_id}" if customer_id else f"?{name[:254]}"
    own = known_devices.is_known_to(customer_id or 0, client)
    event = token_hex(8)
    failures: Sequence[Window] = _own(account, client, event) if own else _stranger(account, client, event)
    kept = [Window(_key("sign-ins", account, client.network), rules.SIGN_INS_PER_PAIR, event)]
    try:
        passed = captcha.demand(PURPOSE, client)
        exceeded = store().count([*failures, *kept])
        if exceeded:
            failures = _slowly(account, client, event, exceeded, passed=passed)
    except errors.StoreUnavailable:
        if captcha.is_for_everybody(PURPOSE):  # a pass cannot be looked up now, and is not waived
            raise
        exceeded = local.windows().count([*failures, *kept])
        if exceeded:
            raise errors.ClientTooFast(exceeded.retry_after) from None
        return Attempt(failures, True, own, kept)
    return Attempt(failures, False, own, kept)


def _own(account: str, client: Client, event: str) -> list[Window]:
    return [Window(_key("device", account, client.device), rules.LOGIN_FAILURES_PER_DEVICE, event)]


def _stranger(account: str, client: Client, event: str) -> list[Window]:
    return [
        Window(_key("pair", account, client.network), rules.LOGIN_FAILURES_PER_PAIR, event),
        Window(_key("account", account), rules.LOGIN_FAILURES_PER_ACCOUNT, event),
        Window(_key("client", client.network), rules.LOGIN_FAILURES_PER_CLIENT, event),
        Window(_key("accounts", client.network), rules.LOGIN_ACCOUNTS_PER_CLIENT, _key("account", account)),
    ]


def _slowly(account: str, client: Client, event: str, exceeded: Exceeded, *, passed: bool) -> Sequence[Window]:
    """With a captcha it goes on, at a pace."""
    if not passed and not captcha.demand(PURPOSE, client, risk=exceeded.retry_after):
        raise errors.ClientTooFast(exceeded.retry_after)
    paces = [
        Window(_key("pace", "account", account), rules.LOGIN_PACE, event),
        Window(_key("pace", "client", client.network), rules.LOGIN_PACE, event),
    ]
    exceeded_pace = store().count(paces)
    if exceeded_pace:
        raise errors.ClientTooFast(exceeded_pace.retry_after)
    return paces


def _key(*parts: str) -> str:
    return ring.keyed_hash("window", "sign-in", *parts)
