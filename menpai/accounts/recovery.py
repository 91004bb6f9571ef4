"""A forgotten password, in three steps: a code, a ticket for the code, a new password for the ticket.

Nothing here tells whether anybody has the mailbox or mobile that was named (dada.md ruling 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.accounts import social_links
from menpai.addresses import book as address_book
from menpai.audit import events
from menpai.codes import one_time, send_limits, sending, tickets
from menpai.delivery import messages
from menpai.delivery.messages import CodeRequest
from menpai.identifiers import Client, Email, Mobile
from menpai.models import Customer
from menpai.passwords import password
from menpai.rules import Purpose


@dataclass(frozen=True)
class NewPassword:
    """The new password as typed, twice; None where the field was missing."""

    first: str | None
    second: str | None


def request_code(target: Email | Mobile, client: Client) -> None:
    """Sends a code if somebody has this mailbox or mobile; the answer and the cost are the same if not.

    A target that was sent enough for now gets the same answer (dada.md ruling 4). Raises CaptchaRequired,
    ClientTooFast.
    """
    request = CodeRequest()
    try:
        if isinstance(target, Email):
            send_limits.count_mail("recovery", target.key, client)
        else:
            request = sending.count_sms(target, client)
    except errors.TargetTooSoon as refusal:
        audit.refuse(events.THROTTLED, subject=audit.subject(_key(target)), what=refusal.code)
        return
    carriers = _carriers(target)
    made = _new_codes(target, carriers, request.secret)
    if made is None:
        carriers, made = [messages.decoy_customer()], ["0" * (_purpose(target).digits or 0)]
    if isinstance(target, Email):
        # To the address that the customer gave, never to the spelling that somebody typed just now (H06).
        named = [(one.name, code) for one, code in zip(carriers, made, strict=True)]
        messages.send_recovery_mail(carriers[0], named, _key(target))
    else:
        messages.send_recovery_sms(carriers[0], made[0], request, target)


def _new_codes(target: Email | Mobile, carriers: Sequence[Customer], secret_id: str) -> list[str] | None:
    """A code for each customer who has the target; None if there is nobody.

    None too if the codes would be void, because wrong guesses used up the tries.
    """
    if not carriers:
        one_time.issue_decoy(_purpose(target), _key(target))
        return None
    if not isinstance(target, Email):
        code = one_time.issue(rules.RECOVERY_SMS, target, str(carriers[0].pk), secret_id)
        return [code] if code else None
    made = one_time.issue_each(rules.RECOVERY_MAIL, target.key, [str(one.pk) for one in carriers])
    return None if made is None else [made[str(one.pk)] for one in carriers]


def redeem_code(target: Email | Mobile, code: str, client: Client) -> str:
    """Spend the code; answers a ticket for `set_new_password`. Raises CodeWrong, CodeExpired."""
    secret = one_time.check(_purpose(target), _key(target), code, client)
    effect = one_time.new_id()
    # Nobody knows the ticket until we answer, so it may exist before the code is spent: a crash in between costs nobody
    # the code, and of two requests with one code only one gets that far.
    ticket = tickets.issue(rules.RECOVERY_TICKET, secret.subject, _key(target), secret_id=effect)
    with transaction.atomic():
        one_time.spend(secret)
        if not isinstance(target, Email):
            send_limits.note_sms_code_used(target)
    if settings.MENPAI_RECOVERY_COMPAT:
        # The same effect under another key: whichever is used first uses up both.
        one_time.issue_known(rules.RECOVERY_GRANT, _grant(target, client), _GRANT, secret.subject, secret_id=effect)
    return str(ticket)


def set_new_password(target: Email | Mobile, ticket: str | None, new: NewPassword, client: Client) -> None:
    """Checks the ticket, then the fields, then spends the ticket and stores the password.

    Raises TicketExpired, PasswordMissing, PasswordLength, PasswordWeak, PasswordRepeatMissing, PasswordsDiffer,
    PasswordUnchanged, Busy.
    """
    secret = _claim(target, ticket, client)
    customer = Customer.objects.filter(pk=int(secret.subject), disabled_at__isnull=True).first()
    if customer is None or not _carries(customer, target):
        raise errors.TicketExpired
    password.check(new.first or "", customer.username, customer.mobile, customer.email_key)
    if not new.second:
        raise errors.PasswordRepeatMissing
    if not password.are_equal(new.first or "", new.second):
        raise errors.PasswordsDiffer
    if password.matches(new.second, customer.password):
        raise errors.PasswordUnchanged
    new_hash, notify = password.hash_in_turn(new.second), password.can_notify(customer)
    try:
        with transaction.atomic():
            one_time.spend(secret)
            locked = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
            if not _carries(locked, target):
                raise errors.TicketExpired
            if isinstance(target, Email) and locked.email_verified_at is None:
                _prove_mailbox(locked)
            password.replace(locked, new_hash, notify=notify)
            audit.record(events.PASSWORD_CHANGED, customer.pk, how="recovery")
    except (errors.CodeExpired, IntegrityError) as lost:  # spent a moment ago, or the mailbox was proven by another
        raise errors.TicketExpired from lost


def _prove_mailbox(customer: Customer) -> None:
    """Marks the mailbox as proven, because the code came by mail; archives what was there before."""
    customer.email_verified_at = timezone.now()
    if customer.username:
        customer.mobile_verified_at = None  # else whoever planted the mailbox would come back by their own mobile
    customer.save(update_fields=["email_verified_at", "mobile_verified_at"])
    address_book.archive_all(customer.pk)
    social_links.archive_all(customer.pk)


def _claim(target: Email | Mobile, ticket: str | None, client: Client) -> one_time.Secret:
    if ticket:
        return tickets.check(rules.RECOVERY_TICKET, tickets.parse(ticket), _key(target))
    if not settings.MENPAI_RECOVERY_COMPAT:
        raise errors.TicketExpired
    try:
        return one_time.check(rules.RECOVERY_GRANT, _grant(target, client), _GRANT)
    except (errors.CodeExpired, errors.CodeWrong) as refusal:
        raise errors.TicketExpired from refusal


def _carriers(target: Email | Mobile) -> list[Customer]:
    """The customers who can recover by this target.

    That is its proven owner; without one, for a mailbox, the few living customers who gave it.
    """
    if not isinstance(target, Email):
        return list(Customer.objects.filter(mobile=target, mobile_verified_at__isnull=False, disabled_at__isnull=True))
    proven_first = F("email_verified_at").asc(nulls_last=True)
    living_first = F("disabled_at").asc(nulls_first=True)
    at_most = rules.CUSTOMERS_PER_UNPROVEN_EMAIL
    carriers = list(Customer.objects.filter(email_key=target.key).order_by(proven_first, living_first, "pk")[:at_most])
    proven = [one for one in carriers if one.email_verified_at]
    return [one for one in proven or carriers if one.disabled_at is None]


def _carries(customer: Customer, target: Email | Mobile) -> bool:
    if isinstance(target, Email):
        return customer.email_key == target.key
    return customer.mobile == target and customer.mobile_verified_at is not None


_GRANT = "the page itself"


def _grant(target: Email | Mobile, client: Client) -> str:
    return f"{_key(target)}|{client.network}|{client.user_agent}"


def _key(target: Email | Mobile) -> str:
    return target.key if isinstance(target, Email) else target


def _purpose(target: Email | Mobile) -> Purpose:
    return rules.RECOVERY_MAIL if isinstance(target, Email) else rules.RECOVERY_SMS
