"""Becoming a customer: by a mobile that a code proves, or by a name with an e-mail that is proven later."""

import uuid_utils.compat
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from menpai import activation, codes, delivery, errors, limits, password, reads, rules, tokens
from menpai.identifiers import Client, Email, Mobile, Username, username_key
from menpai.login import SignedIn
from menpai.models import Customer


def request_code(mobile: Mobile, client: Client) -> None:
    """Send a registration code by SMS; the same for taken and free numbers.

    Raises NoGateway, TargetTooSoon, ClientTooFast.
    """
    if not delivery.sms_usable():
        raise errors.NoGateway
    limits.send_sms(mobile, client)
    code = codes.issue(rules.REGISTRATION, mobile)
    assert code is not None
    delivery.registration_code(mobile, code)  # one INSERT, which commits by itself


def check_code(mobile: Mobile, code: str) -> None:
    """Counts as a guess, spends nothing. Raises CodeWrong, CodeGone."""
    codes.check(rules.REGISTRATION, mobile, code)


def is_taken(mobile: Mobile, client: Client) -> bool:
    """Whether somebody has proven this mobile; always False when MENPAI_MOBILE_CHECK is off. Raises ClientTooFast."""
    limits.check_mobile(client)
    return settings.MENPAI_MOBILE_CHECK == "on" and bool(reads.mobile_taken(mobile))


def register(mobile: Mobile, raw_password: str, repeated: str | None, code: str, client: Client) -> SignedIn:
    """A customer with a proven mobile. The code is spent only if all of it succeeds. `repeated` is optional.

    Raises PasswordLength, PasswordWeak, PasswordsDiffer, CodeWrong, CodeGone, MobileTaken, Busy.
    """
    password.check(raw_password, mobile)
    if repeated is not None and not password.same(raw_password, repeated):
        raise errors.PasswordsDiffer
    secret = codes.check(rules.REGISTRATION, mobile, code)
    customer = Customer(mobile=mobile, mobile_verified_at=timezone.now(), password=password.hashed(raw_password))
    with transaction.atomic():
        codes.spend(secret)
        return _create(customer, client)


def register_named(
    name: Username, email: Email, mobile: Mobile, raw_password: str, code: str | None, client: Client
) -> SignedIn:
    """A customer with a user name. Without a code the mobile is kept but not proven; the activation mail goes out.

    Raises PasswordMissing, PasswordLength, PasswordWeak, UsernameTaken, EmailTaken, MobileTaken, CodeWrong, CodeGone,
    Busy.
    """
    password.check(raw_password, name, email.key, mobile)
    _refuse_taken(name, email, mobile)
    secret = codes.check(rules.REGISTRATION, mobile, code) if code else None
    customer = Customer(
        public_id=uuid_utils.compat.uuid7(),
        username=name,
        username_key=username_key(name),
        mobile=mobile,
        mobile_verified_at=timezone.now() if secret else None,
        email=email.address,
        email_key=email.key,
        password=password.hashed(raw_password),
    )
    link = activation.prepare(customer, client)
    with transaction.atomic():
        if secret:
            codes.spend(secret)
        signed_in = _create(customer, client)
        if link:
            delivery.activation_link(customer, link)
        return signed_in


def _refuse_taken(name: Username, email: Email, mobile: Mobile) -> None:
    """An early, friendly "no"; what two people race for is settled by the constraints in `_create`."""
    if reads.customer_by_username(username_key(name)):
        raise errors.UsernameTaken
    if reads.customer_by_email(email.key):
        raise errors.EmailTaken
    if reads.mobile_taken(mobile):
        raise errors.MobileTaken


def _create(customer: Customer, client: Client) -> SignedIn:
    try:
        customer.save(force_insert=True)
    except IntegrityError as clash:
        raise _taken(clash) from clash
    person = tokens.Person(customer.pk, customer.public_id, customer.name, email_verified=False)
    return SignedIn(person, tokens.issue(person, client))


def _taken(clash: IntegrityError) -> Exception:
    """Which of the unique keys it was. PostgreSQL names the constraint, SQLite the column."""
    diagnostics = getattr(clash.__cause__, "diag", None)
    violated = str(diagnostics.constraint_name if diagnostics else clash)
    if "username_key" in violated:
        return errors.UsernameTaken()
    if "verified_mobile" in violated or "customer.mobile" in violated:
        return errors.MobileTaken()
    return clash
