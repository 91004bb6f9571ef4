"""Sending a code that is asked for: check; count and issue in one step; queue the message."""

from collections.abc import Callable
from typing import overload

from menpai.codes import credential_mark, one_time, send_limits
from menpai.codes.one_time import Secret
from menpai.delivery import code_sms
from menpai.delivery.messages import CodeRequest
from menpai.delivery.sms import budget
from menpai.identifiers import Client, Email, Mobile
from menpai.models import Customer
from menpai.rules import Purpose
from menpai.sessions import known_devices


def send_sms(
    purpose: Purpose,
    mobile: Mobile,
    client: Client,
    language: str,
    *,
    target: str = "",
    customer: Customer | None = None,
) -> None:
    """Sends a code to a mobile.

    `target`: what the code is bound to, where that is more than the mobile; `customer`: whose new mobile it will be.

    The message is one INSERT, which commits by itself. Raises NoGateway, CaptchaRequired, TargetTooSoon, ClientTooFast,
    SendingPaused, StoreUnavailable.
    """
    known, customer_id = known_devices.is_known_to_owner(mobile, client), customer.pk if customer else None
    sms = code_sms.prepare(purpose, mobile, language, known=known, customer_id=customer_id)
    secret_id = one_time.new_id(_mark(purpose, mobile, customer))
    code, put = one_time.prepare(purpose, target or mobile, secret_id=secret_id)
    send_limits.count_sms(mobile, client, known=known, put=put)
    sms.send(code, secret_id)


@overload
def spend_sms(secret: Secret, mobile: str) -> None: ...


@overload
def spend_sms(secret: Secret, mobile: str, hold: Callable[[], Customer]) -> Customer: ...


def spend_sms(secret: Secret, mobile: str, hold: Callable[[], Customer] | None = None) -> Customer | None:
    """Spends a code that came by SMS, as one_time.spend does, and counts the SMS as used."""
    owner = one_time.spend(secret, hold) if hold else one_time.spend(secret)
    send_limits.note_sms_code_used(mobile)
    return owner


def send_mail(
    purpose: Purpose, email: Email, client: Client, send: Callable[[str], None], target: str, customer: Customer
) -> None:
    """Sends a code to a mailbox; `send` queues the message: one INSERT, which commits by itself.

    Raises CaptchaRequired, TargetTooSoon, ClientTooFast, SendingPaused, StoreUnavailable.
    """
    secret_id = one_time.new_id(credential_mark.mark_of(customer))
    code, put = one_time.prepare(purpose, target, email.address, secret_id)  # the spelling that it is sent to
    send_limits.count_mail(purpose.name, email.key, client, put)
    send(code)


def count_sms(purpose: Purpose, mobile: Mobile, client: Client) -> CodeRequest:
    """Counts an SMS; returns what its message will need to know of the code.

    Raises CaptchaRequired, TargetTooSoon, ClientTooFast, SendingPaused, StoreUnavailable.
    """
    known = known_devices.is_known_to_owner(mobile, client)
    budget.check(mobile, known=known)
    send_limits.count_sms(mobile, client, known=known)
    return CodeRequest(one_time.new_id(_mark(purpose, mobile)), known=known)


def _mark(purpose: Purpose, mobile: Mobile, customer: Customer | None = None) -> str:
    if customer:
        return credential_mark.mark_of(customer)
    return credential_mark.mark_of_owner(mobile) if purpose.of_owner else ""
