"""Registration: by a mobile that a code proves, or by a name with an e-mail that is proven later."""

from dataclasses import dataclass, replace

import uuid_utils.compat
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.accounts import activation, login, lookup, new_device, social_links
from menpai.accounts.login import SignInResult
from menpai.audit import events
from menpai.codes import one_time, send_limits, sending
from menpai.database import idempotency, violated_constraint
from menpai.delivery import messages
from menpai.delivery.messages import CodeRequest
from menpai.identifiers import Client, Email, Mobile, Username, username_key
from menpai.models import Customer
from menpai.passwords import password as password_password
from menpai.sessions import tokens
from menpai.sessions.tokens import Persistence


@dataclass(frozen=True)
class SignUpOptions:
    """The options of a registration that only `/api` knows."""

    username: Username | None = None
    email: Email | None = None
    language: str = "zh-hans"
    terms: str | None = None  # the version that was accepted
    persistence: Persistence = Persistence.CONTRACT
    key: idempotency.IdempotencyKey | None = None
    ticket: social_links.Ticket | None = None  # a provider's account, linked in the same transaction


def request_code(mobile: Mobile, client: Client, language: str = "zh-hans") -> None:
    """Send a registration code by SMS; the same for taken and free numbers.

    Raises NoGateway, CaptchaRequired, TargetTooSoon, ClientTooFast.
    """

    def send(code: str, request: CodeRequest) -> None:
        messages.send_registration_code(mobile, code, language, request)

    sending.send_sms(rules.REGISTRATION, mobile, client, send)


def request_sign_in_code(mobile: Mobile, client: Client, language: str) -> None:
    """Send a code for `enter`; the same for known and unknown numbers. Raises as `request_code`."""

    def send(code: str, request: CodeRequest) -> None:
        messages.send_sign_in_code(mobile, code, language, request)

    sending.send_sms(rules.SIGN_IN, mobile, client, send)


def check_code(mobile: Mobile, code: str, client: Client) -> None:
    """Counts as a guess, spends nothing. Raises CodeWrong, CodeExpired."""
    one_time.check(rules.REGISTRATION, mobile, code, client)


def is_taken(mobile: Mobile, client: Client) -> bool:
    """True if somebody has proven this mobile. Raises ClientTooFast.

    Always False when MENPAI_MOBILE_CHECK is off.
    """
    send_limits.count_mobile_check(client)
    return settings.MENPAI_MOBILE_CHECK == "on" and bool(lookup.select_owner_of_mobile(mobile))


def register(
    mobile: Mobile,
    raw_password: str,
    repeated: str | None,
    code: str,
    client: Client,
    options: SignUpOptions | None = None,
) -> SignInResult:
    """Registers a customer with a proven mobile. `repeated` is optional.

    The code is spent only if everything succeeds. Raises PasswordMissing, PasswordLength, PasswordWeak,
    PasswordsDiffer, CodeWrong, CodeExpired, UsernameTaken, EmailTaken, MobileTaken, Busy.
    """
    options = options or SignUpOptions()
    password_password.check(raw_password, mobile, options.username, options.email.key if options.email else None)
    if repeated is not None and not password_password.are_equal(raw_password, repeated):
        raise errors.PasswordsDiffer
    _refuse_taken(options.username, options.email, None)
    secret = one_time.check(rules.REGISTRATION, mobile, code, client)
    customer = _customer(mobile, options, password=password_password.hash_in_turn(raw_password), proven=True)
    return _join(customer, secret, client, options)


def register_named(
    name: Username,
    email: Email,
    mobile: Mobile,
    raw_password: str,
    code: str | None,
    client: Client,
    *,
    ticket: str | None = None,
) -> SignInResult:
    """Registers a customer with a user name; the activation mail goes out.

    Without a code the mobile is stored but not proven. Raises PasswordMissing, PasswordLength, PasswordWeak,
    UsernameTaken, EmailTaken, MobileTaken, CodeWrong, CodeExpired, Busy; with a bind ticket SocialTicketExpired,
    SocialTaken.
    """
    password_password.check(raw_password, name, email.key, mobile)
    _refuse_taken(name, email, mobile)
    secret = one_time.check(rules.REGISTRATION, mobile, code, client) if code else None
    bind_ticket = social_links.read_ticket(ticket) if ticket is not None else None
    if ticket is not None and bind_ticket is None:
        raise errors.SocialTicketExpired
    options = SignUpOptions(name, email, ticket=bind_ticket)
    customer = _customer(
        mobile, options, password=password_password.hash_in_turn(raw_password), proven=secret is not None
    )
    return _join(customer, secret, client, options)


def sign_in_or_register(mobile: Mobile, code: str, client: Client, options: SignUpOptions) -> SignInResult:
    """Signs in by an SMS code, or registers the number if nobody has proven it.

    A new customer has no password. Raises CodeWrong, CodeExpired, AccountDisabled, TermsNotAccepted (a new number; the
    code stays good).
    """
    secret = one_time.check(rules.SIGN_IN, mobile, code, client)
    owner = Customer.objects.filter(mobile=mobile, mobile_verified_at__isnull=False).first()
    if owner is None:
        if options.terms is None:
            raise errors.TermsNotAccepted
        try:
            return _join(_customer(mobile, options, password="", proven=True), secret, client, options)
        except errors.MobileTaken:  # registered elsewhere a moment ago: then they sign in
            owner = Customer.objects.get(mobile=mobile, mobile_verified_at__isnull=False)
    notice = new_device.find_notice(owner.pk, client)
    notified = social_links.customer_to_notify(owner.pk) if options.ticket else None
    with transaction.atomic():
        one_time.spend(secret)
        send_limits.note_sms_code_used(mobile)
        # Locked: a number that is given up, or an account that is disabled, at this moment lets nobody in.
        locked = Customer.objects.select_for_update(no_key=True).filter(
            pk=owner.pk, mobile=mobile, mobile_verified_at__isnull=False, disabled_at__isnull=True
        )
        if not locked.values_list("pk"):
            raise errors.AccountDisabled
        if options.ticket:
            options.ticket.tie(owner.pk, notified)
        idempotency.record_request(options.key, owner.pk)
        return login.open_session(tokens.person_of(owner), client, options.persistence, notice, how="code")


def _refuse_taken(name: Username | None, email: Email | None, mobile: Mobile | None) -> None:
    """Refuses early what is taken; races are settled by the constraints in `_join`."""
    if name and lookup.select_by_username(username_key(name)):
        raise errors.UsernameTaken
    if email and lookup.select_by_email(email.key):
        raise errors.EmailTaken
    if mobile and lookup.select_owner_of_mobile(mobile):
        raise errors.MobileTaken


def _customer(mobile: Mobile, options: SignUpOptions, *, password: str, proven: bool) -> Customer:
    now = timezone.now()
    return Customer(
        public_id=uuid_utils.compat.uuid7(),
        username=options.username,
        username_key=username_key(options.username) if options.username else None,
        mobile=mobile,
        mobile_verified_at=now if proven else None,
        email=options.email.address if options.email else None,
        email_key=options.email.key if options.email else None,
        password=password,
        language=options.language,
        terms_version=options.terms,
        terms_accepted_at=now if options.terms else None,
    )


def _join(customer: Customer, secret: one_time.Secret | None, client: Client, options: SignUpOptions) -> SignInResult:
    """One transaction: spends the code, inserts the customer, signs in, queues the activation mail."""
    link = activation.prepare(customer, client) if options.email else None
    with transaction.atomic():
        if secret:
            one_time.spend(secret)
            send_limits.note_sms_code_used(customer.mobile or "")
        try:
            lookup.insert_customer(customer)
        except IntegrityError as error:
            raise _taken(error) from error
        idempotency.record_request(options.key, f"{customer.pk} registered {'mail' if link else ''}")
        person = tokens.person_of(customer)
        signed_in = SignInResult(person, tokens.issue(person, client, options.persistence, first=True), registered=True)
        audit.record(events.REGISTERED, customer.pk, by="mobile" if secret else "name")
        if options.ticket:
            options.ticket.tie(customer.pk)
        if link:
            messages.send_activation_link(customer, link)
        return replace(signed_in, activation_mail=link is not None)


def _taken(error: IntegrityError) -> Exception:
    violated = violated_constraint.name(error)
    if "username_key" in violated:
        return errors.UsernameTaken()
    if "verified_mobile" in violated or "customer.mobile" in violated:
        return errors.MobileTaken()
    return error
