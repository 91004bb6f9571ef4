"""The `state` that goes to a provider and comes back (R65).

It is bound to the provider, our app, the browser and the purpose. Hexadecimal digits, 80: WeChat takes letters and
digits alone, Alipay no more than 100.
"""

import json
from dataclasses import asdict, dataclass

from django.db import transaction

from menpai import errors, rules
from menpai.codes import one_time, tickets
from menpai.social.provider import Provider


@dataclass(frozen=True)
class OAuthVisit:
    """The purpose of a visit to a provider: to link to this customer, or without `customer_id` to sign in."""

    customer_id: int | None = None
    next: str | None = None  # where the page goes on to


def issue(provider: Provider, browser: str, visit: OAuthVisit) -> str:
    """`browser`: the device that must come back, or nothing where it has no cookie."""
    ticket = tickets.issue(rules.SOCIAL_STATE, json.dumps(asdict(visit)), _target(provider, browser))
    return ticket.hexadecimal


def redeem(provider: Provider, browser: str, state: str, customer_id: int | None) -> OAuthVisit:
    """Good once, whatever the provider says afterwards.

    `customer_id`: who is signed in. Raises SocialStateExpired.
    """
    try:
        secret = tickets.check(rules.SOCIAL_STATE, tickets.parse_hexadecimal(state), _target(provider, browser))
        visit = OAuthVisit(**json.loads(secret.subject))
        if visit.customer_id is not None and visit.customer_id != customer_id:
            raise errors.SocialStateExpired
        with transaction.atomic():
            one_time.spend(secret)
    except (errors.TicketExpired, errors.CodeExpired) as refusal:
        raise errors.SocialStateExpired from refusal
    return visit


def _target(provider: Provider, browser: str) -> str:
    return "|".join((provider.name, provider.app_id, browser))
