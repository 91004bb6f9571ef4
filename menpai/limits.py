"""How often somebody may ask. Every decision is one atomic step of the ephemeral store, exact across workers.

A target's limit and a client address's limit are different refusals (decisions.md 21). When the store is away these
raise StoreUnavailable: sending fails closed.
"""

from menpai import errors, keys, rules
from menpai.ephemeral import Window, store
from menpai.identifiers import Client


def send_sms(mobile: str, client: Client) -> None:
    """Before each SMS, over all purposes (decisions.md 21). Raises ClientTooFast, TargetTooSoon."""
    _send("sms", mobile, client)


def send_mail(kind: str, email_key: str, client: Client) -> None:
    """Before each mail of one kind: who has just registered may have forgotten the password already.

    Raises ClientTooFast, TargetTooSoon.
    """
    _send(f"email-{kind}", email_key, client)


def notice(email_key: str) -> None:
    """Before a notice to a mailbox that nobody has proven. Raises TargetTooSoon."""
    exceeded = store().count([Window(_key("email-notice", "target", email_key), rules.SENDS_PER_TARGET)])
    if exceeded:
        raise errors.TargetTooSoon(exceeded.retry_after)


def check_mobile(client: Client) -> None:
    """Before saying whether a mobile is taken. Raises ClientTooFast."""
    exceeded = store().count([Window(_key("mobile-check", client.network), rules.MOBILE_CHECKS_PER_CLIENT)])
    if exceeded:
        raise errors.ClientTooFast(exceeded.retry_after)


def old_password(customer_id: int) -> None:
    """Before looking at an old password: a stolen token must not become the password. Raises OldPasswordWrong."""
    if store().count([Window(_key("old-password", str(customer_id)), rules.OLD_PASSWORD_TRIES)]):
        raise errors.OldPasswordWrong


def _send(channel: str, target: str, client: Client) -> None:
    exceeded = store().count(
        [
            Window(_key(channel, "client", client.network), rules.SENDS_PER_CLIENT),
            Window(_key(channel, "target", target), rules.SENDS_PER_TARGET),
        ]
    )
    if exceeded:
        raise (errors.ClientTooFast, errors.TargetTooSoon)[exceeded.index](exceeded.retry_after)


def _key(*parts: str) -> str:
    return keys.mark("window", *parts)
