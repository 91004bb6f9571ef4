"""To a provider and back: signing in, or linking."""

from dataclasses import dataclass, replace
from typing import Literal

from django.db import transaction

from menpai import errors
from menpai.accounts import login, new_device, reauthentication, social_links
from menpai.accounts.login import SignInResult
from menpai.codes import send_limits
from menpai.identifiers import Client, SocialIdentity
from menpai.models import Customer
from menpai.sessions import tokens
from menpai.sessions.tokens import Caller, Persistence
from menpai.social import oauth_state, providers, repeated_callback
from menpai.social.oauth_state import OAuthVisit, Outcome

Purpose = Literal["sign-in", "link", "step-up"]


@dataclass(frozen=True)
class Return:
    """The parameters of the callback; `browser` as in `begin`, `caller`: the signed-in customer."""

    code: str
    state: str
    browser: str = ""
    caller: Caller | None = None


@dataclass(frozen=True)
class Arrival:
    """`new`: no customer has linked this account; the ticket continues from here.

    "signed-in" without `signed_in`: this browser is, by the same callback (repeated_callback.py).
    """

    outcome: Outcome
    nickname: str
    next: str | None
    signed_in: SignInResult | None = None
    ticket: str | None = None


def begin(
    name: str,
    browser: str,
    client: Client,
    purpose: Purpose = "sign-in",
    caller: Caller | None = None,
    next_path: str | None = None,
) -> str:
    """The address of the provider's consent page.

    `browser`: the device that must come back, if it has a cookie; `caller`: who wants to link an account or to
    confirm that it is they.

    Raises ProviderUnknown, ClientTooFast, StepUpRequired.
    """
    if caller and purpose == "link":
        reauthentication.require(caller, None)
    provider = providers.choose_provider(name, client.whole_agent)
    send_limits.count_social_request(client)
    visit = OAuthVisit(caller.id if caller else None, next_path, "step-up" if purpose == "step-up" else "")
    state = oauth_state.issue(provider, browser, visit)
    return provider.authorize_url(state, providers.redirect_uri(name))


def arrive(name: str, back: Return, client: Client, persistence: Persistence = Persistence.CONTRACT) -> Arrival:
    """Complete a visit: sign in, link, or issue a ticket for a new person.

    Raises ProviderUnknown, SocialStateExpired, SocialRefused, SocialTokenBad, SocialAway, SocialTaken, ProviderTaken,
    AccountDisabled, StepUpRequired (another account than the customer's own).
    """
    provider = providers.choose_provider(name, client.whole_agent)
    visit = oauth_state.read(provider, back.browser, back.state, back.caller.id if back.caller else None)
    try:
        oauth_state.spend(visit)
    except errors.SocialStateExpired:
        outcome, nickname = repeated_callback.find(name, visit, back.caller)
        return Arrival(outcome, nickname, visit.next)
    identity = providers.identify(provider, back.code)
    owner = social_links.owner_of(identity)
    arrival = Arrival("signed-in", identity.nickname, visit.next)
    if visit.purpose == "step-up" and back.caller:
        _confirm(back.caller, owner, identity, visit)
        return replace(arrival, outcome="confirmed")
    if visit.customer_id is not None:
        if owner != visit.customer_id:
            _link(visit.customer_id, identity)
        oauth_state.record_outcome(visit, "linked", visit.customer_id)
        return replace(arrival, outcome="linked")
    if owner is None:
        arrival = replace(arrival, outcome="new", ticket=social_links.issue_ticket(identity))
        oauth_state.record_outcome(visit, "new")
        return arrival
    return replace(arrival, signed_in=_sign_in(owner, identity, visit, client, persistence))


def _sign_in(
    owner: int, identity: SocialIdentity, visit: OAuthVisit, client: Client, persistence: Persistence
) -> SignInResult:
    notice = new_device.find_notice(owner, client)
    with transaction.atomic():
        # Locked: an account that is disabled, or a link that is removed, at this moment lets nobody in (R33).
        customer = Customer.objects.select_for_update(no_key=True).filter(pk=owner, disabled_at__isnull=True).first()
        if customer is None:
            raise errors.AccountDisabled
        if social_links.owner_of(identity) != owner or visit.is_older_than_credentials(customer):
            raise errors.SocialStateExpired
        oauth_state.record_outcome(visit, "signed-in", owner)
        return login.open_session(tokens.person_of(customer), client, persistence, notice, how=identity.provider)


def _confirm(caller: Caller, owner: int | None, identity: SocialIdentity, visit: OAuthVisit) -> None:
    if owner != caller.id:
        raise errors.StepUpRequired
    with transaction.atomic():
        reauthentication.record(caller, identity.provider)
        oauth_state.record_outcome(visit, "confirmed", owner)


def _link(customer_id: int, identity: SocialIdentity) -> None:
    notified = social_links.recipient(customer_id)
    with transaction.atomic():
        living = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id, disabled_at__isnull=True)
        if not living.values_list("pk"):
            raise errors.AccountDisabled
        social_links.link(customer_id, identity, notified)
