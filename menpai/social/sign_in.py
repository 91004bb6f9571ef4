"""To a provider and back: signing in, or linking."""

import logging
from dataclasses import dataclass, replace
from typing import Literal

from django.db import transaction

from menpai import errors
from menpai.accounts import login, new_device, social_links
from menpai.accounts.login import SignInResult
from menpai.codes import credential_mark, send_limits
from menpai.identifiers import Client, SocialIdentity
from menpai.models import Customer
from menpai.sessions import tokens
from menpai.sessions.tokens import Persistence
from menpai.social import oauth_state, providers
from menpai.social.oauth_state import OAuthVisit
from menpai.social.provider import Provider

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Return:
    """The parameters of the callback; `browser` as in `begin`, `customer_id`: the signed-in customer."""

    code: str
    state: str
    browser: str = ""
    customer_id: int | None = None


@dataclass(frozen=True)
class Arrival:
    """`new`: no customer has linked this account; the ticket continues from here."""

    outcome: Literal["signed-in", "linked", "new"]
    nickname: str
    next: str | None
    signed_in: SignInResult | None = None
    ticket: str | None = None


def begin(name: str, browser: str, client: Client, customer_id: int | None = None, next_path: str | None = None) -> str:
    """The address of the provider's consent page.

    `browser`: the device that must come back, if it has a cookie.

    `customer_id`: who wants to link an account; None for a sign-in. Raises ProviderUnknown, ClientTooFast.
    """
    provider = providers.choose_provider(name, client.whole_agent)
    send_limits.count_social_request(client)
    state = oauth_state.issue(provider, browser, OAuthVisit(customer_id, next_path))
    return provider.authorize_url(state, providers.redirect_uri(name))


def arrive(name: str, back: Return, client: Client, persistence: Persistence = Persistence.CONTRACT) -> Arrival:
    """Complete a visit: sign in, link, or issue a ticket for a new person.

    Raises ProviderUnknown, SocialStateExpired, SocialRefused, SocialTokenBad, SocialAway, SocialTaken, ProviderTaken,
    AccountDisabled.
    """
    provider = providers.choose_provider(name, client.whole_agent)
    visit = oauth_state.redeem(provider, back.browser, back.state, back.customer_id)
    identity = _exchange(provider, back.code)
    owner = social_links.owner_of(identity)
    arrival = Arrival("signed-in", identity.nickname, visit.next)
    if visit.customer_id is not None:
        if owner != visit.customer_id:
            _link(visit.customer_id, identity)
        return replace(arrival, outcome="linked")
    if owner is None:
        return replace(arrival, outcome="new", ticket=social_links.issue_ticket(identity))
    return replace(arrival, signed_in=_sign_in(owner, identity, visit, client, persistence))


def _exchange(provider: Provider, code: str) -> SocialIdentity:
    try:
        return provider.exchange(code, providers.redirect_uri(provider.name))
    except errors.SocialRefused as refusal:
        # For the operator: a wrong secret looks like this. The detail is a code of the provider's.
        logger.warning("social sign-in: %s: %s %s", provider.name, type(refusal).__name__, refusal.detail)
        raise


def _sign_in(
    owner: int, identity: SocialIdentity, visit: OAuthVisit, client: Client, persistence: Persistence
) -> SignInResult:
    notice = new_device.find_notice(owner, client)
    with transaction.atomic():
        # Locked: an account that is disabled, or a link that is removed, at this moment lets nobody in (R33).
        customer = Customer.objects.select_for_update(no_key=True).filter(pk=owner, disabled_at__isnull=True).first()
        if customer is None:
            raise errors.AccountDisabled
        if social_links.owner_of(identity) != owner or not credential_mark.is_current(visit.mark, customer):
            raise errors.SocialStateExpired
        return login.open_session(tokens.person_of(customer), client, persistence, notice, how=identity.provider)


def _link(customer_id: int, identity: SocialIdentity) -> None:
    notified = social_links.customer_to_notify(customer_id)
    with transaction.atomic():
        living = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id, disabled_at__isnull=True)
        if not living.values_list("pk"):
            raise errors.AccountDisabled
        social_links.link(customer_id, identity, notified)
