"""Sending a code that is asked for: check, count, issue, queue the message, always in this order."""

from collections.abc import Callable

from menpai import errors
from menpai.codes import one_time, send_limits
from menpai.delivery.messages import CodeRequest
from menpai.delivery.sms import selection
from menpai.identifiers import Client, Email, Mobile
from menpai.rules import Purpose


def send_sms(
    purpose: Purpose, mobile: Mobile, client: Client, send: Callable[[str, CodeRequest], None], target: str = ""
) -> None:
    """Sends a code to a mobile. `target`: what the code is bound to, where that is more than the mobile.

    `send` queues the message: one INSERT, which commits by itself. Raises NoGateway, CaptchaRequired, TargetTooSoon,
    ClientTooFast, SendingPaused, StoreUnavailable.
    """
    if not selection.can_send_code(mobile):
        raise errors.NoGateway
    request = count_sms(mobile, client)
    code = one_time.issue(purpose, target or mobile, secret_id=request.secret)
    assert code is not None
    send(code, request)


def send_mail(purpose: Purpose, email: Email, client: Client, send: Callable[[str], None], target: str) -> None:
    """Sends a code to a mailbox, as `send_sms` does to a mobile.

    Raises CaptchaRequired, TargetTooSoon, ClientTooFast, SendingPaused, StoreUnavailable.
    """
    send_limits.count_mail(purpose.name, email.key, client)
    code = one_time.issue(purpose, target)
    assert code is not None
    send(code)


def count_sms(mobile: Mobile, client: Client) -> CodeRequest:
    """Counts an SMS; returns what its message will need to know of the code.

    Raises CaptchaRequired, TargetTooSoon, ClientTooFast, SendingPaused, StoreUnavailable.
    """
    return CodeRequest(one_time.new_id(), known=send_limits.count_sms(mobile, client))
