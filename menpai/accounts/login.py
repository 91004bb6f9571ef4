"""Signing in by user name, proven mobile or proven e-mail."""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from menpai import audit, errors, rules
from menpai.accounts import lookup, new_device, social_links
from menpai.audit import events
from menpai.identifiers import Client, sign_in_name
from menpai.models import Customer
from menpai.passwords import attempts, password
from menpai.sessions import tokens
from menpai.sessions.tokens import Persistence

_LOOK_UP = {
    "username": lookup.select_by_username,
    "mobile": lookup.select_by_mobile,
    "email": lookup.select_by_email,
}


@dataclass(frozen=True)
class SignInResult:
    person: tokens.Person
    credentials: tokens.Credentials
    registered: bool = False  # just now
    activation_mail: bool = False  # one is on its way

    @property
    def token(self) -> str:
        return self.credentials.token


def sign_in_with_password(
    name: str,
    raw_password: str,
    client: Client,
    persistence: Persistence = Persistence.CONTRACT,
    *,
    ticket: str | None = None,
) -> SignInResult:
    """Signs in by user name, proven mobile or proven e-mail, and a password.

    The work is the same for an unknown name and a wrong password. Raises WrongCredentials, ClientTooFast,
    CaptchaRequired, Busy; with a bind ticket also SocialTicketExpired, SocialTaken, ProviderTaken.
    """
    identifier = sign_in_name(name, settings.MENPAI_MOBILE_REGIONS)
    account = next(iter(_LOOK_UP[identifier.kind](identifier.key)), None) if identifier else None
    customer_id, stored = (account.id, account.password) if account else (None, None)
    name_key = identifier.key if identifier else name
    attempt = _attempt(customer_id, name_key, client)
    try:
        is_right = password.matches(raw_password, stored)
        new_hash = password.hash_in_turn(raw_password) if is_right and password.wants_rehash(stored or "") else None
    except errors.Busy:
        attempt.not_made()
        raise
    if account is None or not is_right or account.disabled_at:
        audit.refuse(events.LOGIN_FAILED, customer_id, subject=audit.subject(name_key))
        raise errors.WrongCredentials
    signed_in = _sign_in(account, new_hash, client, persistence, ticket)
    attempt.succeeded()
    return signed_in


def _sign_in(
    account: lookup.Account, new_hash: str | None, client: Client, persistence: Persistence, ticket: str | None
) -> SignInResult:
    """Opens a session for a customer whose password was right, if the account is still as it was read.

    Raises WrongCredentials, SocialTicketExpired, SocialTaken, ProviderTaken.
    """
    bond = _Bond.of(account.id, ticket) if ticket is not None else None
    person = tokens.Person(
        account.id,
        uuid.UUID(str(account.public_id)),
        account.username or account.mobile or "",
        account.email_verified_at is not None,
    )
    notice = new_device.find_notice(account.id, client)
    with transaction.atomic():
        # The row lock closes the gap to a password change or a disabling that ended the sessions a moment ago.
        unchanged = Customer.objects.select_for_update(no_key=True).filter(
            pk=account.id, password=account.password, disabled_at__isnull=True
        )
        if not unchanged.values_list("pk"):
            raise errors.WrongCredentials
        if new_hash:
            Customer.objects.filter(pk=account.id).update(password=new_hash)
        if bond:
            bond.ticket.tie(Customer.objects.get(pk=account.id), bond.notified)
        return open_session(person, client, persistence, notice, how="password")


def open_session(
    person: tokens.Person,
    client: Client,
    persistence: Persistence,
    notice: new_device.Notice | None = None,
    *,
    how: str,
) -> SignInResult:
    """Inside a transaction: opens a session, and sends the notice of a new device if there is one."""
    credentials = tokens.issue(person, client, persistence, how=how)
    audit.record(events.LOGIN, person.id, how=how)
    if notice:
        notice.send()
    return SignInResult(person, credentials)


@dataclass(frozen=True)
class _Bond:
    """A provider's account that is linked as its owner signs in."""

    ticket: social_links.Ticket
    notified: social_links.Recipient

    @classmethod
    def of(cls, customer_id: int, ticket: str) -> "_Bond":
        """The bond for a bind ticket. Raises SocialTicketExpired.

        The attempt stays counted, so this is no quiet way to try passwords.
        """
        bind_ticket = social_links.read_ticket(ticket)
        if bind_ticket is None:
            audit.refuse(events.CODE_GONE, customer_id, purpose=rules.SOCIAL_TICKET.name)
            raise errors.SocialTicketExpired
        return cls(bind_ticket, social_links.recipient(customer_id))


def _attempt(customer_id: int | None, name_key: str, client: Client) -> attempts.Attempt:
    try:
        return attempts.begin(customer_id, name_key, client)
    except errors.ComeBackLater as refusal:
        if getattr(refusal, "risk", refusal.retry_after):  # where everybody needs a captcha, needing one says nothing
            audit.refuse(events.LOGIN_BLOCKED, customer_id, subject=audit.subject(name_key))
        raise


def resume(session: str) -> tuple[SignInResult, str] | None:
    """The result of a sign-in by a published contract once more, and its device.

    None if the session has ended.
    """
    reissued = tokens.reissue(uuid.UUID(hex=session))
    if reissued is None:
        return None
    person, credentials, device = reissued
    return SignInResult(person, credentials), device
