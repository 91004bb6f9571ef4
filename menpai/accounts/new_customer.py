"""A new customer: the row, and the transaction in which it becomes a signed-in customer."""

from dataclasses import dataclass, replace

import uuid_utils.compat
from django.db import transaction
from django.utils import timezone

from menpai import audit
from menpai.accounts import activation, lookup, social_links
from menpai.accounts.login import SignInResult
from menpai.audit import events
from menpai.codes import one_time, sending
from menpai.database import idempotency
from menpai.identifiers import Client, Email, Mobile, Username, username_key
from menpai.models import Customer
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


def build(mobile: Mobile, options: SignUpOptions, password_hash: str, *, proven: bool) -> Customer:
    """The row of a new customer, not stored yet. `password_hash`: empty for none; `proven`: the mobile is."""
    now = timezone.now()
    return Customer(
        public_id=uuid_utils.compat.uuid7(),
        username=options.username,
        username_key=username_key(options.username) if options.username else None,
        mobile=mobile,
        mobile_verified_at=now if proven else None,
        email=options.email.address if options.email else None,
        email_key=options.email.key if options.email else None,
        password=password_hash,
        language=options.language,
        terms_version=options.terms,
        terms_accepted_at=now if options.terms else None,
    )


def join(customer: Customer, secret: one_time.Secret | None, client: Client, options: SignUpOptions) -> SignInResult:
    """One transaction: spends the code, inserts the customer, signs in, queues the activation mail.

    Raises CodeExpired, UsernameTaken, MobileTaken, SocialTicketExpired, SocialTaken.
    """
    mail = activation.prepare(customer, client) if options.email else None
    with transaction.atomic():
        if secret:
            sending.spend_sms(secret, customer.mobile or "")
        lookup.insert(customer)
        idempotency.record_request(options.key, f"{customer.pk} registered {'mail' if mail else ''}")
        person = tokens.person_of(customer)
        how = "code" if secret else "password"
        credentials = tokens.issue(person, client, options.persistence, first=True, how=how)
        signed_in = SignInResult(person, credentials, registered=True)
        if options.ticket:
            options.ticket.tie(customer)  # older than the registration: password.replace
        audit.record(events.REGISTERED, customer.pk, by="mobile" if secret else "name")
        if mail:
            mail.send()
        return replace(signed_in, activation_mail=mail is not None)
