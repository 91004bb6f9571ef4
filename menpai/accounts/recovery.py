"""A forgotten password, in three steps: a code, a ticket for it, a password for the ticket.

The codes are in recovery_codes.py. Nothing here tells whether anybody has the mailbox or mobile that was named
(dada.md ruling 1).
"""

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.accounts import recovery_codes, social_links
from menpai.addresses import book as address_book
from menpai.audit import events
from menpai.codes import one_time, tickets
from menpai.identifiers import Client, Email, Mobile, contact_key
from menpai.models import Customer
from menpai.passwords import password


@dataclass(frozen=True)
class NewPassword:
    """The new password as typed, twice; None where the field was missing."""

    first: str | None
    second: str | None


def redeem_code(target: Email | Mobile, code: str, client: Client) -> str:
    """Spends the code; returns a ticket for `set_new_password`. Raises CodeWrong, CodeExpired."""
    secret = recovery_codes.check(target, code, client)
    effect = one_time.new_id(secret.mark)  # what ends the code ends what it is exchanged for
    # Nobody knows the ticket until we answer, so it may exist before the code is spent: a crash in between costs nobody
    # the code, and of two requests with one code only one gets that far.
    ticket = tickets.issue(rules.RECOVERY_TICKET, secret.subject, contact_key(target), secret_id=effect)
    with transaction.atomic():
        recovery_codes.spend(target, secret, exchanged_for=effect)
    if settings.MENPAI_RECOVERY_COMPAT:
        # The same effect under another key: whichever is used first uses up both.
        one_time.issue_known(rules.RECOVERY_GRANT, _grant(target, client), _GRANT, secret.subject, secret_id=effect)
    return str(ticket)


def ticket_again(noted: str) -> str:
    """The ticket that `redeem_code` returned, from what it noted."""
    return str(tickets.ticket_of(noted))


def set_new_password(target: Email | Mobile, ticket: str | None, new: NewPassword, client: Client) -> None:
    """Checks the ticket, then the fields, then spends the ticket and stores the password.

    Raises TicketExpired, PasswordMissing, PasswordLength, PasswordWeak, PasswordRepeatMissing, PasswordsDiffer,
    PasswordUnchanged, Busy.
    """
    secret = _claim(target, ticket, client)
    try:
        customer = recovery_codes.find_owner(target, secret)
    except errors.CodeExpired as refusal:
        raise errors.TicketExpired from refusal
    accepted = password.check_for(customer, new.first or "", new.second)
    if password.matches(accepted.raw, customer.password):
        raise errors.PasswordUnchanged
    new_hash, notify = accepted.hash(), password.can_notify(customer)
    try:
        with transaction.atomic():
            locked = one_time.spend(secret, partial(recovery_codes.find_owner, target, secret, locked=True))
            if isinstance(target, Email) and locked.email_verified_at is None:
                _prove_mailbox(locked)
            password.replace(locked, new_hash, notify=notify, only_device=client.device if client.known else "")
            audit.record(events.PASSWORD_CHANGED, customer.pk, how="recovery")
    except (errors.CodeExpired, IntegrityError) as error:  # spent a moment ago, or the mailbox was proven by another
        raise errors.TicketExpired from error


def _prove_mailbox(customer: Customer) -> None:
    """Marks the mailbox as proven, because the code came by mail; archives what was there before.

    Nothing else is proven (recovery_codes.find_owner), so nobody loses a proof.
    """
    customer.email_verified_at = timezone.now()
    customer.save(update_fields=["email_verified_at"])
    address_book.archive_all(customer)
    social_links.archive_all(customer.pk)


def _claim(target: Email | Mobile, ticket: str | None, client: Client) -> one_time.Secret:
    if ticket:
        return tickets.check(rules.RECOVERY_TICKET, tickets.parse(ticket), contact_key(target))
    if not settings.MENPAI_RECOVERY_COMPAT:
        raise errors.TicketExpired
    try:
        return one_time.check(rules.RECOVERY_GRANT, _grant(target, client), _GRANT)
    except (errors.CodeExpired, errors.CodeWrong) as refusal:
        raise errors.TicketExpired from refusal


_GRANT = "the page itself"


def _grant(target: Email | Mobile, client: Client) -> str:
    return f"{contact_key(target)}|{client.network}|{client.user_agent}"
