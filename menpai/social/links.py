"""The linked accounts of a customer, and unlinking them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from menpai import audit, errors
from menpai.accounts import social_links
from menpai.audit import events
from menpai.delivery import messages
from menpai.identifiers import Client
from menpai.models import Customer, SocialLink
from menpai.sessions import step_up
from menpai.sessions.tokens import Caller
from menpai.social import providers


@dataclass(frozen=True)
class Linked:
    provider: str
    nickname: str
    linked_at: datetime
    removable: bool  # there is another way in


@dataclass(frozen=True)
class Links:
    items: list[Linked]
    available: list[str]  # what else could be linked now


def list_for(caller: Caller, client: Client) -> Links:
    """Oldest first. Two SQL statements."""
    customer, links, usable = (
        Customer.objects.get(pk=caller.id),
        _live(caller.id),
        providers.list_usable(client.whole_agent),
    )
    items = [
        Linked(link.provider, link.nickname, link.created_at, _has_another_way(customer, links, link, usable))
        for link in links
    ]
    taken = {link.provider for link in links}
    return Links(items, [name for name in usable if name not in taken])


def unlink(caller: Caller, provider: str, client: Client) -> None:
    """Nothing happens when it is not linked.

    Raises StepUpRequired; LastWayIn, decided while the customer's row is held.
    """
    step_up.require(caller)
    notified, usable = social_links.recipient(caller.id), providers.list_usable(client.whole_agent)
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=caller.id)
        links = _live(caller.id)
        mine = next((link for link in links if link.provider == provider), None)
        if mine is None:
            return
        if not _has_another_way(customer, links, mine, usable):
            raise errors.LastWayIn
        mine.delete()
        audit.record(events.USER_UPDATED, caller.id, what="social_unlinked", provider=provider)
        messages.send_social_unlinked(notified.customer, provider, if_unproven=notified.if_unproven)


def _live(customer_id: int) -> list[SocialLink]:
    return list(SocialLink.objects.filter(customer_id=customer_id, set_aside_at__isnull=True).order_by("pk"))


def _has_another_way(customer: Customer, links: Sequence[SocialLink], but: SocialLink, usable: Sequence[str]) -> bool:
    """A password, a proven mobile, or a link to a provider that works."""
    others = any(link.provider in usable for link in links if link is not but)
    return bool(customer.password or customer.mobile_verified_at or others)
