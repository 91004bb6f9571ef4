"""Links between accounts of providers and customers, and the bind ticket for an account without one.

The ticket stands for what the provider said, which stays on the server: nobody can bind an account by naming its id
(H55, H56).
"""

import json
from dataclasses import asdict, dataclass

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.codes import one_time, tickets
from menpai.database import repeats, violated_constraint
from menpai.delivery import messages
from menpai.identifiers import SocialIdentity
from menpai.models import Customer, SocialLink
from menpai.passwords import password

_TICKET = "ticket "  # in a note


@dataclass(frozen=True)
class Recipient:
    """The recipient of a notice. `if_unproven`: it may go to a mailbox that is not proven."""

    customer: Customer
    if_unproven: bool


@dataclass(frozen=True)
class Ticket:
    """A bind ticket that was checked and is not spent yet."""

    identity: SocialIdentity
    _secret: one_time.Secret

    def tie(self, customer: Customer, notified: Recipient | None = None) -> None:
        """Spends the ticket and links the account, inside the transaction that signs this customer in.

        The transaction holds the customer's row or has just made it. `notified`: who gets a notice. Raises
        SocialTicketExpired, SocialTaken, ProviderTaken, which must end the transaction.
        """
        try:
            one_time.spend(self._secret, lambda: customer)
        except errors.CodeExpired as refusal:
            raise errors.SocialTicketExpired from refusal
        link(customer.pk, self.identity, notified)


def issue_ticket(identity: SocialIdentity) -> str:
    """A bind ticket for an account that belongs to no customer yet."""
    secret_id = one_time.new_id_of_nobody()
    ticket = tickets.issue(rules.SOCIAL_TICKET, json.dumps(asdict(identity)), secret_id=secret_id)
    repeats.note(f"{_TICKET}{secret_id}")
    return str(ticket)


def ticket_again(noted: str) -> str | None:
    """The bind ticket that a callback noted; None if it noted a session."""
    return str(tickets.ticket_of(noted.removeprefix(_TICKET))) if noted.startswith(_TICKET) else None


def read_ticket(ticket: str) -> Ticket | None:
    """None when it is used, expired or none of ours; spends nothing."""
    try:
        secret = tickets.check(rules.SOCIAL_TICKET, tickets.parse(ticket))
    except errors.TicketExpired:
        return None
    return Ticket(SocialIdentity(**json.loads(secret.subject)), secret)


def owner_of(identity: SocialIdentity) -> int | None:
    """The customer who has linked this account, by either of its ids. One SQL statement."""
    same_account = Q(app_id=identity.app_id, openid=identity.openid)
    either = same_account | Q(unionid=identity.unionid) if identity.unionid else same_account
    found = SocialLink.objects.filter(either, provider=identity.provider, set_aside_at__isnull=True)
    rows: dict[str, int] = dict(found.values_list("openid", "customer_id"))
    return rows.get(identity.openid, next(iter(rows.values()), None))


def recipient(customer_id: int) -> Recipient:
    """The recipient of a notice; call it outside any transaction."""
    customer = Customer.objects.get(pk=customer_id)
    return Recipient(customer, password.can_notify(customer))


def link(customer_id: int, identity: SocialIdentity, notified: Recipient | None = None) -> None:
    """Links an account, inside a transaction that holds the customer's row or has just made it.

    The constraints settle every race. Raises SocialTaken, ProviderTaken, which must end the transaction.
    """
    try:
        SocialLink.objects.create(customer_id=customer_id, **asdict(identity))
    except IntegrityError as error:
        raise _taken(error) from error
    audit.record(events.USER_UPDATED, customer_id, what="social_linked", provider=identity.provider)
    if notified:
        messages.send_social_linked(notified.customer, identity.provider, if_unproven=notified.if_unproven)


def archive_all(customer_id: int) -> None:
    """Inside a transaction that holds the customer's row: every link signs nobody in any more."""
    live = SocialLink.objects.filter(customer_id=customer_id, set_aside_at__isnull=True)
    live.update(set_aside_at=timezone.now())


def _taken(error: IntegrityError) -> Exception:
    violated = violated_constraint.name(error)
    if "one_link_per_provider" in violated or "customer_id" in violated:
        return errors.ProviderTaken()
    if "one_customer_per" in violated or "openid" in violated or "unionid" in violated:
        return errors.SocialTaken()
    return error
