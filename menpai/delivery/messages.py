"""Everything that is sent to customers: one function per message, called inside the transaction of its cause, if any.

Each inserts one row, which is sent after the commit (outbox.py) and says what became of it. No request waits for a mail
server or a gateway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from menpai import audit, identifiers, rules
from menpai.audit import events
from menpai.delivery import channels, message_kinds, outbox, wakeup
from menpai.delivery.message_kinds import EMAIL, SMS, Kind
from menpai.delivery.sms import routes, selection
from menpai.models import Customer


def uses_outbox() -> bool:
    """Whether any message is to be read in the development mailbox."""
    return settings.MENPAI_EMAIL_IS_OUTBOX or channels.OUTBOX in routes.gateway_names()


@dataclass(frozen=True)
class CodeRequest:
    """How a code by SMS came about: the id of its one-time secret, by which reports know whether it was used; and
    whether the browser that asked is a known one, for which a part of the budget is kept."""

    secret: str = ""
    known: bool = False


def send_registration_code(
    mobile: str, code: str, language: str = "zh-hans", asked: CodeRequest = CodeRequest()
) -> None:
    _tell_code(message_kinds.REGISTRATION_CODE, mobile, language, code, asked)


def send_sign_in_code(mobile: str, code: str, language: str, asked: CodeRequest = CodeRequest()) -> None:
    _tell_code(message_kinds.SIGN_IN_CODE, mobile, language, code, asked)


def send_new_mobile_code(customer: Customer, mobile: str, code: str, asked: CodeRequest = CodeRequest()) -> None:
    """To the mobile that the customer wants to have."""
    _tell_code(message_kinds.NEW_MOBILE_CODE, mobile, customer.language, code, asked, customer.pk)


def send_new_email_code(customer: Customer, address: str, code: str) -> None:
    """To the mailbox that the customer wants to have."""
    params = {"name": customer.name, "codes": [("", code)]}
    _tell(message_kinds.NEW_EMAIL_CODE, EMAIL, address, customer.language, params, rules.MAIL_CODE_LIFE, customer.pk)


def send_recovery_sms(customer: Customer, code: str, asked: CodeRequest = CodeRequest(), about: str = "") -> None:
    """To the customer's mobile, which is proven. `about`: what was typed; of a decoy only the audit trail knows it, by
    its keyed hash."""
    to, language, params = customer.mobile or "", customer.language, {"code": code}
    _tell(message_kinds.RECOVERY_CODE, SMS, to, language, params, rules.SMS_CODE_LIFE, customer.pk, asked, about)


def send_recovery_mail(customer: Customer, codes: Sequence[tuple[str, str]], about: str = "") -> None:
    """To the customer's e-mail: (user name, code) of everyone who carries it, one code each (decisions.md 4)."""
    to, language, params = customer.email or "", customer.language, {"codes": list(codes)}
    _tell(message_kinds.RECOVERY_CODE, EMAIL, to, language, params, rules.MAIL_CODE_LIFE, customer.pk, about=about)


def decoy_customer() -> Customer:
    """Stands for a person whom nobody knows: what is sent here is a row that the worker deletes. Made anew each time,
    as somebody who is known is read anew (R20)."""
    return Customer(username="nobody", email="", mobile="")


def send_activation_link(customer: Customer, code: str) -> None:
    """To an e-mail that is not proven yet; `code` goes into the link."""
    to, params = customer.email or "", {"name": customer.name, "code": code}
    life = rules.ACTIVATION_LIFE or rules.ACTIVATION_MAIL_LIFE
    _tell(message_kinds.ACTIVATION_LINK, EMAIL, to, customer.language, params, life, customer.pk)


def send_password_changed(customer: Customer) -> None:
    """To the e-mail, proven or not: it tells nothing but that it happened."""
    _notice(message_kinds.PASSWORD_CHANGED, customer)


def send_email_changed(customer: Customer) -> None:
    """To the old e-mail, while the customer still has it."""
    _notice(message_kinds.EMAIL_CHANGED, customer)


def send_mobile_changed(customer: Customer, *, by_mail: bool) -> None:
    """To the old mobile, while the customer still has it, where a gateway has a template for that; and by mail."""
    to, kind = customer.mobile or "", message_kinds.MOBILE_CHANGED
    if customer.mobile_verified_at and selection.candidates(kind.id, identifiers.region(to)):
        _tell(kind, SMS, to, customer.language, {}, rules.NOTICE_LIFE, customer.pk)
    if by_mail:
        _notice(kind, customer)


def send_new_device(customer: Customer, browser: str, system: str, network: str) -> None:
    """To the e-mail, which is proven: somebody has just signed in on a device that was not used before."""
    _notice(message_kinds.NEW_DEVICE, customer, browser=browser, system=system, network=network)


def send_social_linked(customer: Customer, provider: str) -> None:
    """To the e-mail: one more way to sign in."""
    _notice(message_kinds.SOCIAL_LINKED, customer, provider=provider)


def send_social_unlinked(customer: Customer, provider: str) -> None:
    """To the e-mail: one way to sign in is gone."""
    _notice(message_kinds.SOCIAL_UNLINKED, customer, provider=provider)


def _tell_code(
    kind: Kind, mobile: str, language: str, code: str, asked: CodeRequest, customer_id: int | None = None
) -> None:
    _tell(kind, SMS, mobile, language, {"code": code}, rules.SMS_CODE_LIFE, customer_id, asked)


def _notice(kind: Kind, customer: Customer, **facts: str) -> None:
    if customer.email:
        params = {"name": customer.name, **facts}
        _tell(kind, EMAIL, customer.email, customer.language, params, rules.NOTICE_LIFE, customer.pk)


def _tell(
    kind: Kind,
    channel: str,
    recipient: str,
    language: str,
    params: Mapping[str, Any],
    life: timedelta,
    customer_id: int | None = None,
    asked: CodeRequest = CodeRequest(),
    about: str = "",
) -> None:
    with transaction.atomic(savepoint=False):
        message_id = outbox.enqueue(
            kind.id, channel, recipient, language, params, life, customer_id, secret=asked.secret, known=asked.known
        )
        if kind.carries_code:
            to = audit.subject(about or recipient)  # of a decoy too: the same work
            audit.record(events.CODE_SENT, customer_id, subject=to, kind=kind.id, channel=channel)
    transaction.on_commit(lambda: wakeup.wake(message_id))
