"""Sending a code that is asked for: check, count, issue, queue the message, always in this order."""

from collections.abc import Callable

from menpai import errors
from menpai.codes import one_time, send_limits
from menpai.codes.one_time import Secret
from menpai.delivery import messages
from menpai.delivery.messages import CodeRequest
from menpai.delivery.sms import selection
from menpai.identifiers import Client, Email, Mobile
from menpai.rules import Purpose


def send_sms(
    purpose: Purpose, mobile: Mobile, client: Client, language: str, *, target: str = "", customer_id: int | None = None
) -> None:
    """Sends a code to a mobile. `target`: what the code is bound to, where that is more than the mobile.

    The message is one INSERT, which commits by itself. Raises NoGateway, CaptchaRequired, TargetTooSoon, ClientTooFast,
    SendingPaused, StoreUnavailable.
    """
    if not selection.can_send_code(mobile):
        raise errors.NoGateway
    request = count_sms(mobile, client)
    code = one_time.issue(purpose, target or mobile, secret_id=request.secret)
    assert code is not None
    messages.send_code_sms(purpose, mobile, language, code, request, customer_id)


def spend_sms(secret: Secret, mobile: str) -> None:
    """Spends a code that came by SMS, inside the transaction of its effect, and counts the SMS as used.

    Raises CodeExpired, which must end the transaction.
    """
    one_time.spend(secret)
    send_limits.note_sms_code_used(mobile)


def send_mail(purpose: Purpose, email: Email, client: Client, send: Callable[[str], None], target: str) -> None:
    """Sends a code to a mailbox; `send` queues the message: one INSERT, which commits by itself.

    Raises CaptchaRequired, TargetTooSoon, ClientTooFast, SendingPaused, StoreUnavailable.
    """
    send_limits.count_mail(purpose.name, email.key, client)
    code = one_time.issue(purpose, target, email.address)  # the spelling that it is sent to
    assert code is not None
    send(code)


def count_sms(mobile: Mobile, client: Client) -> CodeRequest:
    """Counts an SMS; returns what its message will need to know of the code.

    Raises CaptchaRequired, TargetTooSoon, ClientTooFast, SendingPaused, StoreUnavailable.
    """
    return CodeRequest(one_time.new_id(), known=send_limits.count_sms(mobile, client))
