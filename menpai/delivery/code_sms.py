"""An SMS with a code, which is made last: first it is known that it can be sent, then counted."""

from dataclasses import dataclass

from menpai import errors
from menpai.delivery import messages
from menpai.delivery.messages import CodeRequest
from menpai.delivery.sms import budget, selection
from menpai.rules import Purpose


@dataclass(frozen=True)
class CodeSms:
    """An SMS with a code that may be sent: a gateway can carry it now, and the budget has room for it."""

    purpose: Purpose
    mobile: str
    language: str
    known: bool
    customer_id: int | None

    def send(self, code: str, secret_id: str) -> None:
        """Queues it: one INSERT, which commits by itself."""
        request = CodeRequest(secret_id, self.known)
        messages.send_code_sms(self.purpose, self.mobile, self.language, code, request, self.customer_id)


def prepare(purpose: Purpose, mobile: str, language: str, *, known: bool, customer_id: int | None = None) -> CodeSms:
    """The SMS for a code that is about to be made; `known` as in CodeRequest.

    Raises NoGateway, SendingPaused, StoreUnavailable.
    """
    if not selection.can_send_code(mobile):
        raise errors.NoGateway
    budget.check(mobile, known=known)
    return CodeSms(purpose, mobile, language, known, customer_id)
