"""Sending a code that is asked for: check, count, issue, queue the message, always in this order."""

from collections.abc import Callable
from typing import overload

from menpai import errors
from menpai.codes import credential_mark, one_time, send_limits
from menpai.codes.one_time import Secret
from menpai.delivery import messages
from menpai.delivery.messages import CodeRequest
from menpai.delivery.sms import selection
from menpai.identifiers import Client, Email, Mobile
from menpai.models import Customer
from menpai.rules import Purpose


def send_sms(
    purpose: Purpose,
    mobile: Mobile,
    client: Client,
    language: str,
    *,
    target: str = "",
    customer: Customer | None = None,
) -> None:
    """Sends a code to a mobile. `target`: what the code is bound to, where that is more than the mobile; `customer`:
    whose new mobile it will be.

    The message is one INSERT, which commits by itself. Raises NoGateway, CaptchaRequired, TargetTooSoon, ClientTooFast,
    SendingPaused, StoreUnavailable.
    """
    if not selection.can_send_code(mobile):
        raise errors.NoGateway
    request = count_sms(purpose, mobile, client, customer)
    code = one_time.issue(purpose, target or mobile, secret_id=request.secret)
    assert code is not None
    messages.send_code_sms(purpose, mobile, language, code, request, customer.pk if customer else None)


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
    send_limits.count_mail(purpose.name, email.key, client)
    secret_id = one_time.new_id(credential_mark.mark_of(customer))
    code = one_time.issue(purpose, target, email.address, secret_id)  # the spelling that it is sent to
    assert code is not None
    send(code)


def count_sms(purpose: Purpose, mobile: Mobile, client: Client, customer: Customer | None = None) -> CodeRequest:
    """Counts an SMS; returns what its message will need to know of the code. `customer`: as in `send_sms`.

    Raises CaptchaRequired, TargetTooSoon, ClientTooFast, SendingPaused, StoreUnavailable.
    """
    known = send_limits.count_sms(mobile, client)
    if customer:
        mark = credential_mark.mark_of(customer)
    else:
        mark = credential_mark.mark_of_owner(mobile) if purpose.of_owner else ""
    return CodeRequest(one_time.new_id(mark), known=known)
