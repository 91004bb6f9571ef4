"""The `state` that goes to a provider and comes back (R65).

It is bound to the provider, our app, the browser and the purpose. Hexadecimal digits, 80: WeChat takes letters and
digits alone, Alipay no more than 100.
"""

import json
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from menpai import errors, rules
from menpai.codes import credential_mark, one_time, tickets
from menpai.models import Customer
from menpai.social.provider import Provider


@dataclass(frozen=True)
class OAuthVisit:
    """The purpose of a visit to a provider: to link to this customer, or without `customer_id` to sign in."""

    customer_id: int | None = None
    next: str | None = None  # where the page goes on to
    purpose: str = ""  # "step-up": to be authenticated again, as this customer
    mark: str = ""  # when it began, or what the customer's credentials were

    def is_older_than_credentials(self, customer: Customer) -> bool:
        """True if this customer's credentials were changed since it began."""
        return not credential_mark.is_current(self.mark, customer)


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


def redeem(provider: Provider, browser: str, state: str, customer_id: int | None) -> OAuthVisit:
    """Good once, whatever the provider says afterwards.

    `customer_id`: who is signed in. Raises SocialStateExpired.
    """
    try:
        secret = tickets.check(rules.SOCIAL_STATE, tickets.parse_hexadecimal(state), _target(provider, browser))
        visit = OAuthVisit(**json.loads(secret.subject), mark=secret.mark)
        if visit.customer_id is not None and visit.customer_id != customer_id:
            raise errors.SocialStateExpired
        with transaction.atomic():
            if visit.customer_id is None:
                one_time.spend(secret)
            else:
                one_time.spend(secret, Customer.objects.select_for_update(no_key=True).filter(pk=visit.customer_id).get)
    except (errors.TicketExpired, errors.CodeExpired) as refusal:
        raise errors.SocialStateExpired from refusal
    return visit


def _target(provider: Provider, browser: str) -> str:
    return "|".join((provider.name, provider.app_id, browser))
