"""Every message to customers: one function each, called in the transaction of its cause, if any.

Each inserts one row, which is sent after the commit (outbox.py) and records the result. No request waits for a mail
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
from menpai.environment import logs
from menpai.models import Customer
from menpai.rules import Purpose


def uses_outbox() -> bool:
    """True if any message goes to the development mailbox."""
    return settings.MENPAI_EMAIL_IS_OUTBOX or channels.OUTBOX in routes.gateway_names()


@dataclass(frozen=True)
class CodeRequest:
    """The origin of a code by SMS.

    `secret`: the id of its one-time secret, by which reports see that it was used. `known`: the request came from a
    browser that signed in before, for which a part of the budget is reserved.
    """

    secret: str = ""
    known: bool = False


def send_code_sms(
    purpose: Purpose,
    mobile: str,
    language: str,
    code: str,
    request: CodeRequest = CodeRequest(),
    customer_id: int | None = None,
) -> None:
    """To a mobile that nobody has proven yet. `customer_id`: whose new mobile it will be."""
    kind = message_kinds.SMS_CODES[purpose.name]
    _enqueue(kind, SMS, mobile, language, {"code": code}, rules.SMS_CODE_LIFE, customer_id, request)


def send_new_email_code(customer: Customer, address: str, code: str) -> None:
    """To the new mailbox, not yet the customer's."""
    params = {"name": customer.name, "codes": [("", code)]}
    _enqueue(message_kinds.NEW_EMAIL_CODE, EMAIL, address, customer.language, params, rules.MAIL_CODE_LIFE, customer.pk)


def send_step_up_code(customer: Customer, code: str) -> None:
    """To the verified e-mail."""
    to, params = customer.email or "", {"name": customer.name, "codes": [("", code)]}
    _enqueue(message_kinds.STEP_UP_CODE, EMAIL, to, customer.language, params, rules.MAIL_CODE_LIFE, customer.pk)


def send_recovery_sms(customer: Customer, code: str, request: CodeRequest = CodeRequest(), about: str = "") -> None:
    """To the customer's verified mobile.

    `about`: what was typed; for a decoy only the audit trail keeps it, as a keyed hash.
    """
    to, language, params = customer.mobile or "", customer.language, {"code": code}
    _enqueue(message_kinds.RECOVERY_CODE, SMS, to, language, params, rules.SMS_CODE_LIFE, customer.pk, request, about)


def send_recovery_mail(customer: Customer, codes: Sequence[tuple[str, str]], about: str = "") -> None:
    """To the customer's e-mail: (user name, code) of every customer with this e-mail (decisions.md 4)."""
    to, language, params = customer.email or "", customer.language, {"codes": list(codes)}
    _enqueue(message_kinds.RECOVERY_CODE, EMAIL, to, language, params, rules.MAIL_CODE_LIFE, customer.pk, about=about)


def decoy_customer() -> Customer:
    """A stand-in for an unknown customer: its message is a row that the worker deletes.

    Made anew each time, as a real customer is read anew (R20).
    """
    return Customer(username="nobody", email="", mobile="")


def send_activation_link(customer: Customer, code: str, owner: Customer | None = None) -> None:
    """To an unverified e-mail; `code` goes into the link.

    `owner`: has proven this e-mail, and is told of the other account: the same row, with another text.
    """
    reader, params = owner or customer, {"name": customer.name, "code": code}
    params |= {"in_use": "yes"} if owner else {}
    life = rules.ACTIVATION_LIFE or rules.ACTIVATION_MAIL_LIFE
    _enqueue(message_kinds.ACTIVATION_LINK, EMAIL, reader.email or "", reader.language, params, life, customer.pk)


def send_password_changed(customer: Customer, *, if_unproven: bool = True) -> None:
    """To the customer: the message holds nothing secret."""
    _enqueue_notice(message_kinds.PASSWORD_CHANGED, customer, if_unproven)


def send_email_changed(customer: Customer, *, if_unproven: bool = True) -> None:
    """To what was proven before the change, the old e-mail among it.

    The first proof of an e-mail is a change too.
    """
    _enqueue_notice(message_kinds.EMAIL_CHANGED, customer, if_unproven)


def send_mobile_changed(customer: Customer, *, if_unproven: bool = True) -> None:
    """To what was proven before the change, the old mobile among it."""
    _enqueue_notice(message_kinds.MOBILE_CHANGED, customer, if_unproven)


def send_new_device(customer: Customer, browser: str, system: str, network: str) -> None:
    """To the verified e-mail: somebody has just signed in on a new device."""
    _enqueue_notice(message_kinds.NEW_DEVICE, customer, browser=browser, system=system, network=network)


def send_social_linked(customer: Customer, provider: str, *, if_unproven: bool = True) -> None:
    """To the customer: there is one more way to sign in."""
    _enqueue_notice(message_kinds.SOCIAL_LINKED, customer, if_unproven, provider=provider)


def send_social_unlinked(customer: Customer, provider: str, *, if_unproven: bool = True) -> None:
    """To the customer: one way to sign in is gone."""
    _enqueue_notice(message_kinds.SOCIAL_UNLINKED, customer, if_unproven, provider=provider)


# Notice → its SMS. Both channels are told: the change may have been made with a code to one of them.
_BY_SMS_TOO = {
    message_kinds.PASSWORD_CHANGED: message_kinds.SIGN_IN_CHANGED,
    message_kinds.EMAIL_CHANGED: message_kinds.SIGN_IN_CHANGED,
    message_kinds.MOBILE_CHANGED: message_kinds.MOBILE_CHANGED,
    message_kinds.SOCIAL_LINKED: message_kinds.SIGN_IN_CHANGED,
    message_kinds.SOCIAL_UNLINKED: message_kinds.SIGN_IN_CHANGED,
}


def _enqueue_notice(kind: Kind, customer: Customer, if_unproven: bool = True, **facts: str) -> None:
    """To a proven mailbox, and to a proven mobile where a gateway has a template for that.

    Without either, to the mailbox that is not proven, `if_unproven`: because its limit has room. One that is replaced
    is told in any case.
    """
    by_sms, mobile = _BY_SMS_TOO.get(kind), customer.mobile or ""
    if by_sms and customer.mobile_verified_at and selection.candidates(by_sms.id, identifiers.region(mobile)):
        _enqueue(by_sms, SMS, mobile, customer.language, {}, rules.NOTICE_LIFE, customer.pk)
        if_unproven = if_unproven and kind == message_kinds.EMAIL_CHANGED
    if customer.email and (customer.email_verified_at or if_unproven):
        params = {"name": customer.name, **facts}
        _enqueue(kind, EMAIL, customer.email, customer.language, params, rules.NOTICE_LIFE, customer.pk)


def _enqueue(
    kind: Kind,
    channel: str,
    recipient: str,
    language: str,
    params: Mapping[str, Any],
    life: timedelta,
    customer_id: int | None = None,
    request: CodeRequest = CodeRequest(),
    about: str = "",
) -> None:
    message = outbox.new_message(
        kind.id, channel, recipient, language, params, life, customer_id, secret=request.secret, known=request.known
    )
    if kind.carries_code:
        to = audit.subject(about or recipient)  # of a decoy too: the same work
        about_it = {"kind": kind.id, "channel": channel}
        audit.record_with(outbox.insert_message, message, events.CODE_SENT, customer_id, subject=to, **about_it)
    else:
        outbox.insert_message(message)
    logs.note_message(message.pk)
    transaction.on_commit(lambda: wakeup.wake(message.pk))
