"""The codes of recovery: by mail or by SMS, to whoever has the mailbox or mobile that was named.

Nothing here tells whether anybody has it (dada.md ruling 1).
"""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import OrderBy

from menpai import audit, errors, identifiers, rules
from menpai.audit import events
from menpai.codes import credential_mark, one_time, send_limits, sending
from menpai.codes.one_time import Secret
from menpai.database import repeats
from menpai.delivery import messages
from menpai.delivery.messages import CodeRequest
from menpai.identifiers import Client, Email, Mobile, contact_key
from menpai.models import Customer, Session
from menpai.rules import Purpose


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
            request = sending.count_sms(rules.RECOVERY_SMS, target, client)
    except errors.TargetTooSoon as refusal:
        audit.refuse(events.THROTTLED, subject=audit.subject(contact_key(target)), what=refusal.code)
        return
    carriers = _carriers(target, client)
    made = _new_codes(target, carriers, request)
    if made is None:
        carriers, made = [messages.decoy_customer()], ["0" * (_purpose(target).digits or 0)]
    if isinstance(target, Email):
        # To the address that each customer gave, never to another spelling of it (H06).
        for address in dict.fromkeys(customer.email for customer in carriers):
            addressed = [(who, code) for who, code in zip(carriers, made, strict=True) if who.email == address]
            named = [(customer.name, code) for customer, code in addressed]
            messages.send_recovery_mail(addressed[0][0], named, contact_key(target))
    else:
        messages.send_recovery_sms(carriers[0], made[0], request, target)


def check(target: Email | Mobile, code: str, client: Client) -> Secret:
    """Counts as a guess, spends nothing. Raises CodeWrong, CodeExpired."""
    return one_time.check(_purpose(target), contact_key(target), code, client)


def spend(target: Email | Mobile, secret: Secret, exchanged_for: str) -> None:
    """Inside the transaction of the effect, the ticket with that id.

    Raises CodeExpired, which must end it.
    """
    repeats.note(exchanged_for)
    hold = partial(find_owner, target, secret, locked=True)
    if isinstance(target, Email):
        one_time.spend(secret, hold)
    else:
        sending.spend_sms(secret, target, hold)


def find_owner(target: Email | Mobile, secret: Secret, *, locked: bool = False) -> Customer:
    """The customer whom a code or ticket stands for.

    Raises CodeExpired when they cannot recover by this target any more, or it is from before a change of their
    credentials.
    """
    rows = Customer.objects.filter(pk=int(secret.subject), disabled_at__isnull=True)
    customer = next(iter(rows.select_for_update(no_key=True) if locked else rows), None)
    if customer is None or not (_can_recover(customer, target) and credential_mark.is_current(secret.mark, customer)):
        raise errors.CodeExpired
    return customer


def _can_recover(customer: Customer, target: Email | Mobile) -> bool:
    """True for what this customer has proven, and for the e-mail of one who has proven nothing."""
    if isinstance(target, Email):
        may = customer.email_verified_at is not None or customer.mobile_verified_at is None
        return may and customer.email_key == target.key
    return customer.mobile == target and customer.mobile_verified_at is not None


def _new_codes(target: Email | Mobile, carriers: Sequence[Customer], request: CodeRequest) -> list[str] | None:
    """A code for each customer who has the target; None if there is nobody.

    None too if the codes would be void, because wrong guesses used up the tries.
    """
    if not carriers:
        one_time.issue_decoy(_purpose(target), contact_key(target))
        return None
    if not isinstance(target, Email):
        code = one_time.issue(rules.RECOVERY_SMS, target, str(carriers[0].pk), request.secret)
        return [code] if code else None
    marks = {str(customer.pk): credential_mark.mark_of(customer, "email") for customer in carriers}
    made = one_time.issue_each(rules.RECOVERY_MAIL, target.key, marks.keys(), marks)
    return None if made is None else [made[str(customer.pk)] for customer in carriers]


def _carriers(target: Email | Mobile, client: Client) -> list[Customer]:
    """The customers who can recover by this target.

    That is its proven owner; without one, for a mailbox, the living customers who gave it and have proven nothing. Of
    very many, those who signed in with this browser come first and the rest by lot: coming early crowds nobody out.
    """
    if not isinstance(target, Email):
        return list(Customer.objects.filter(mobile=target, mobile_verified_at__isnull=False, disabled_at__isnull=True))
    proven_first = F("email_verified_at").asc(nulls_last=True)
    living_first = F("disabled_at").asc(nulls_first=True)
    at_most = rules.CUSTOMERS_PER_UNPROVEN_EMAIL
    may_recover = Q(email_verified_at__isnull=False) | Q(mobile_verified_at__isnull=True)
    rows = Customer.objects.filter(may_recover, email_key=target.key)
    rows = rows.order_by(proven_first, living_first, *_by_browser(client), "?")[:at_most]
    chosen = sorted(rows, key=attrgetter("pk"))
    carriers = [customer for customer in chosen if _is_addressed(customer, target)]
    proven = [customer for customer in carriers if customer.email_verified_at]
    return [customer for customer in proven or carriers if customer.disabled_at is None]


def _by_browser(client: Client) -> list[OrderBy]:
    here = Session.objects.filter(customer=OuterRef("pk"), device=client.device)
    return [Exists(here).desc()] if client.known else []


def _is_addressed(customer: Customer, mailbox: Email) -> bool:
    """False for a key that an older version made from the address of another mailbox (email_keys.py)."""
    address = customer.email or ""
    return address.isascii() or identifiers.email(address).key == mailbox.key


def _purpose(target: Email | Mobile) -> Purpose:
    return rules.RECOVERY_MAIL if isinstance(target, Email) else rules.RECOVERY_SMS
