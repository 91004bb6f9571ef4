"""The `state` that goes to a provider and comes back (R65).

It is bound to the provider, our app, the browser and the purpose. Hexadecimal digits, 80: WeChat takes letters and
digits alone, Alipay no more than 100.
"""

import json
from dataclasses import dataclass
from typing import Literal, cast

from django.db import transaction
from django.utils import timezone

from menpai import errors, rules
from menpai.codes import credential_mark, one_time, tickets
from menpai.keys import ring
from menpai.keys.ring import Hasher
from menpai.models import Customer, RepeatableRequest, SpentSecret
from menpai.social.provider import Provider

Outcome = Literal["signed-in", "linked", "confirmed", "new"]


@dataclass(frozen=True)
class First:
    """The outcome of the first time that a callback was opened. `customer_id`: zero for somebody new."""

    outcome: Outcome
    customer_id: int


@dataclass(frozen=True)
class OAuthVisit:
    """The purpose of a visit to a provider: to link to this customer, or without `customer_id` to sign in."""

    customer_id: int | None = None
    next: str | None = None  # where the page goes on to
    purpose: str = ""  # "step-up": to be authenticated again, as this customer
    secret: one_time.Secret | None = None  # behind the state that came back

    def is_older_than_credentials(self, customer: Customer) -> bool:
        """True if this customer's credentials were changed since it began."""
        return self.secret is None or not credential_mark.is_current(self.secret.mark, customer)


def issue(provider: Provider, browser: str, visit: OAuthVisit) -> str:
    """`browser`: the device that must come back, or nothing where it has no cookie."""
    customer = Customer.objects.get(pk=visit.customer_id) if visit.customer_id is not None else None
    mark = credential_mark.mark_of(customer) if customer else credential_mark.mark_of_time(timezone.now())
    subject = {"customer_id": visit.customer_id, "next": visit.next}
    if visit.purpose:  # the version before knows no purpose, and refuses what it does not know
        subject["purpose"] = visit.purpose
    return tickets.issue(
        rules.SOCIAL_STATE, json.dumps(subject), _target(provider, browser), one_time.new_id(mark)
    ).hexadecimal


def read(provider: Provider, browser: str, state: str, customer_id: int | None) -> OAuthVisit:
    """The visit that a state began, spent already or not.

    `customer_id`: who is signed in. Raises SocialStateExpired.
    """
    try:
        secret = tickets.check(rules.SOCIAL_STATE, tickets.parse_hexadecimal(state), _target(provider, browser))
    except errors.TicketExpired as refusal:
        raise errors.SocialStateExpired from refusal
    visit = OAuthVisit(**json.loads(secret.subject), secret=secret)
    if visit.customer_id is not None and visit.customer_id != customer_id:
        raise errors.SocialStateExpired
    return visit


def spend(visit: OAuthVisit) -> None:
    """Good once, whatever the provider says afterwards. Raises SocialStateExpired."""
    try:
        with transaction.atomic():
            if visit.customer_id is None:
                one_time.spend(_secret(visit))
            else:
                living = Customer.objects.select_for_update(no_key=True).filter(pk=visit.customer_id)
                one_time.spend(_secret(visit), living.get)
    except errors.CodeExpired as refusal:
        raise errors.SocialStateExpired from refusal


def record_outcome(visit: OAuthVisit, outcome: Outcome, customer_id: int | None = None) -> None:
    """Inside the transaction of the outcome, if it has one: the browser may open the same callback again."""
    RepeatableRequest.objects.create(key=_outcome_key(visit, ring.keyed_hash), subject=f"{outcome} {customer_id or 0}")


def find_outcome(visit: OAuthVisit) -> First | None:
    """The outcome of a visit whose state was spent before."""
    keys = [_outcome_key(visit, hashed) for hashed in ring.hashers()]
    subject = RepeatableRequest.objects.filter(pk__in=keys).values_list("subject", flat=True).first()
    if subject is None:
        return None
    outcome, customer_id = subject.split()
    return First(cast(Outcome, outcome), int(customer_id))


def seconds_left(visit: OAuthVisit) -> float:
    """The time that the exchange of a spent state may still take; zero if it was not spent."""
    spent_at = SpentSecret.objects.filter(pk=_secret(visit).id).values_list("spent_at", flat=True).first()
    limit = rules.SOCIAL_TIMEOUT + rules.SOCIAL_PROFILE_TIMEOUT
    return min(spent_at + limit - timezone.now(), limit).total_seconds() if spent_at else 0


def _secret(visit: OAuthVisit) -> one_time.Secret:
    if visit.secret is None:
        raise errors.SocialStateExpired
    return visit.secret


def _outcome_key(visit: OAuthVisit, hashed: Hasher) -> str:
    return hashed("social outcome", _secret(visit).id)


def _target(provider: Provider, browser: str) -> str:
    return "|".join((provider.name, provider.app_id, browser))
