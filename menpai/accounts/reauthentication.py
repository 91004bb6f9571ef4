"""Authentication of a signed-in customer again, before a way to sign in changes.

See sessions/step_up.py. By the password, or by a code to a mobile or e-mail that is proven; the way by a provider is
in social/.
"""

from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.codes import one_time, sending
from menpai.delivery import messages
from menpai.identifiers import Client, Email, Mobile, contact_key
from menpai.models import Customer, SocialLink
from menpai.passwords import password
from menpai.sessions import step_up
from menpai.sessions.tokens import Caller

Channel = Literal["sms", "email"]


@dataclass(frozen=True)
class Methods:
    """The ways to authenticate a customer; a mobile and an e-mail only if they are proven."""

    password: bool
    mobile: str | None
    email: str | None
    providers: list[str]


def list_methods(caller: Caller) -> Methods:
    """Two SQL statements."""
    customer = Customer.objects.get(pk=caller.id)
    links = SocialLink.objects.filter(customer_id=caller.id, set_aside_at__isnull=True).order_by("pk")
    return Methods(
        bool(customer.password),
        customer.mobile if customer.mobile_verified_at else None,
        customer.email if customer.email_verified_at else None,
        list(links.values_list("provider", flat=True)),
    )


def require(caller: Caller, raw_password: str | None) -> None:
    """Proves the password that came along; without one the session must have been authenticated lately.

    Raises StepUpRequired, PasswordNotSet, PasswordWrong, Busy.
    """
    if raw_password is None:
        step_up.require(caller)
        return
    try:
        password.prove(Customer.objects.get(pk=caller.id), raw_password)
    except errors.OldPasswordWrong as refusal:
        raise errors.PasswordWrong from refusal


def prove_password(caller: Caller, raw_password: str) -> None:
    """Raises PasswordNotSet, PasswordWrong, Busy."""
    require(caller, raw_password)
    with transaction.atomic():
        record(caller, step_up.PASSWORD)


def request_code(caller: Caller, channel: Channel, client: Client) -> None:
    """Sends a code to the proven mobile or mailbox.

    Raises ChannelNotProven, NoGateway, CaptchaRequired, TargetTooSoon, ClientTooFast, SendingPaused.
    """
    customer = Customer.objects.get(pk=caller.id)
    to = _contact(customer, channel)
    target = caller.bound(contact_key(to))

    def send(code: str) -> None:
        messages.send_step_up_code(customer, code)

    if isinstance(to, Email):
        sending.send_mail(rules.STEP_UP_MAIL, to, client, send, target, customer)
    else:
        sending.send_sms(rules.STEP_UP_SMS, to, client, customer.language, target=target, customer=customer)


def prove_code(caller: Caller, channel: Channel, code: str) -> None:
    """Spends a code that was sent for this session. Raises ChannelNotProven, CodeWrong, CodeExpired."""
    to = _contact(Customer.objects.get(pk=caller.id), channel)
    is_mail = isinstance(to, Email)
    key, purpose = contact_key(to), rules.STEP_UP_MAIL if is_mail else rules.STEP_UP_SMS
    secret = one_time.check(purpose, caller.bound(key), code)
    row = Customer.objects.select_for_update(no_key=True).filter(pk=caller.id)
    with transaction.atomic():
        held = one_time.spend(secret, row.get) if is_mail else sending.spend_sms(secret, key, row.get)
        if _contact(held, channel) != to:
            raise errors.CodeExpired
        record(caller, step_up.EMAIL if is_mail else step_up.SMS)


def record(caller: Caller, method: str) -> None:
    """Inside a transaction: the session counts as authenticated now."""
    step_up.record(caller, method)
    audit.record(events.STEPPED_UP, caller.id, how=method)


def _contact(customer: Customer, channel: Channel) -> Email | Mobile:
    if channel == "email" and customer.email_verified_at:
        return Email(customer.email or "", customer.email_key or "")
    if channel == "sms" and customer.mobile_verified_at:
        return Mobile(customer.mobile or "")
    raise errors.ChannelNotProven
