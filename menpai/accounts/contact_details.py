"""Changes of the mobile or the e-mail, each proven by a code to the new one.

The customer was authenticated again before (reauthentication.py). The mobile and the mailbox that were proven
before are notified, of a first e-mail too. A code is bound to the session that asked for it, so that a code which a
customer was talked into reading out is useless anywhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.codes import one_time, sending
from menpai.database import compiled
from menpai.database.compiled import CompiledSelect
from menpai.delivery import messages
from menpai.identifiers import Client, Email, Mobile
from menpai.models import Customer, Session
from menpai.passwords import password
from menpai.sessions import tokens
from menpai.sessions.tokens import Caller


@dataclass(frozen=True)
class Profile:
    """The profile that customers see of themselves, in the order of `_columns`."""

    public_id: UUID
    username: str | None
    mobile: str | None
    mobile_verified: bool
    email: str | None
    email_verified: bool
    has_password: bool
    language: str
    created_at: datetime
    terms_version: str | None

    @property
    def name(self) -> str:
        return self.username or self.mobile or ""


def request_email_code(caller: Caller, email: Email, client: Client) -> None:
    """Sends a code to a new mailbox.

    Raises CaptchaRequired, TargetTooSoon, ClientTooFast.
    """
    customer = Customer.objects.get(pk=caller.id)

    def send(code: str) -> None:
        messages.send_new_email_code(customer, email.address, code)

    sending.send_mail(rules.NEW_EMAIL, email, client, send, caller.bound(email.key), customer)


def set_email(caller: Caller, email: Email, code: str) -> None:
    """Proves an e-mail; where it takes the place of another, the other sessions end.

    Raises CodeWrong, CodeExpired, EmailTaken.
    """
    secret = one_time.check(rules.NEW_EMAIL, caller.bound(email.key), code)
    notify = password.can_notify(Customer.objects.get(pk=caller.id))

    def change(customer: Customer) -> bool:
        is_replaced = customer.email_key not in (None, email.key)
        if is_replaced or customer.email_verified_at is None:
            messages.send_email_changed(customer, if_unproven=notify and is_replaced)
            customer.email_verified_at = timezone.now()
        customer.email, customer.email_key = secret.subject or email.address, email.key
        customer.save(update_fields=["email", "email_key", "email_verified_at"])
        return is_replaced

    _apply(caller, "email", lambda hold: one_time.spend(secret, hold), change, errors.EmailTaken)


def request_mobile_code(caller: Caller, mobile: Mobile, client: Client) -> None:
    """Sends a code to a new mobile.

    Raises CaptchaRequired, NoGateway, TargetTooSoon, ClientTooFast.
    """
    customer = Customer.objects.get(pk=caller.id)
    target = caller.bound(mobile)
    sending.send_sms(rules.NEW_MOBILE, mobile, client, customer.language, target=target, customer=customer)


def set_mobile(caller: Caller, mobile: Mobile, code: str) -> None:
    """Proves a mobile; where it takes the place of another, the other sessions end.

    Raises CodeWrong, CodeExpired, MobileTaken.
    """
    secret = one_time.check(rules.NEW_MOBILE, caller.bound(mobile), code)
    notify = password.can_notify(Customer.objects.get(pk=caller.id))

    def change(customer: Customer) -> bool:
        is_replaced = customer.mobile not in (None, mobile)
        messages.send_mobile_changed(customer, if_unproven=notify)
        if is_replaced or customer.mobile_verified_at is None:
            customer.mobile_verified_at = timezone.now()
        customer.mobile = mobile
        customer.save(update_fields=["mobile", "mobile_verified_at"])
        return is_replaced

    _apply(caller, "mobile", lambda hold: sending.spend_sms(secret, mobile, hold), change, errors.MobileTaken)


def set_language(caller: Caller, language: str) -> None:
    """The language of everything that is sent to this customer from now on."""
    Customer.objects.filter(pk=caller.id).update(language=language)


def profile(customer_id: int) -> Profile:
    """One SQL statement. Raises NotSignedIn when they are gone in this moment."""
    row = next(iter(select_profile(customer_id)), None)
    if row is None:
        raise errors.NotSignedIn
    return row


def _apply(
    caller: Caller,
    what: str,
    spend: Callable[[Callable[[], Customer]], Customer],
    change: Callable[[Customer], bool],
    taken: type[errors.Refusal],
) -> None:
    """In one transaction: spends the code and changes the customer.

    Where something was replaced, ends the other sessions.
    """
    try:
        with transaction.atomic():
            customer = spend(Customer.objects.select_for_update(no_key=True).filter(pk=caller.id).get)
            ended = tokens.end_others(caller.id, caller.session_id) if change(customer) else 0
            audit.record(events.USER_UPDATED, caller.id, what=what, ended=ended)
    except IntegrityError as clash:  # somebody else has proven it; whoever holds the code may know
        raise taken from clash


def _profile(customer_id: int) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(pk=customer_id).values_list(*_columns())


def _profile_with_session(session_id: UUID) -> "QuerySet[Any, Any]":
    return Session.objects.filter(pk=session_id).values_list(*tokens.COLUMNS, *_columns("customer__"))


def _columns(before: str = "") -> list[Any]:
    return [
        f"{before}public_id",
        f"{before}username",
        f"{before}mobile",
        compiled.is_set(f"{before}mobile_verified_at"),
        f"{before}email",
        compiled.is_set(f"{before}email_verified_at"),
        Length(f"{before}password"),
        f"{before}language",
        f"{before}created_at",
        f"{before}terms_version",
    ]


def _from_row(*row: Any) -> Profile:
    profile = Profile(*row)
    return replace(
        profile,
        public_id=UUID(str(profile.public_id)),
        mobile_verified=bool(profile.mobile_verified),
        email_verified=bool(profile.email_verified),
        has_password=bool(profile.has_password),
        created_at=compiled.aware(profile.created_at),
    )


select_profile = CompiledSelect(_profile, -1, row=_from_row)
select_with_session = CompiledSelect(_profile_with_session, UUID(int=1), row=tokens.with_session(_from_row))
