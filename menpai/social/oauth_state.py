"""The `state` that goes to a provider and comes back (R65): bound to the provider, our app, the browser and what for.

Hexadecimal digits, 80: WeChat takes letters and digits alone, Alipay no more than 100.
"""

import base64
import json
import secrets
from dataclasses import asdict, dataclass

from django.db import transaction

from menpai import errors, rules
from menpai.codes import one_time
from menpai.social.provider import Provider

_SELECTOR = 16  # hexadecimal digits


@dataclass(frozen=True)
class OAuthVisit:
    """What somebody wants at a provider; `customer_id`: to link to this customer, else to sign in."""

    customer_id: int | None = None
    next: str | None = None  # where the page goes on to


def issue(provider: Provider, browser: str, visit: OAuthVisit) -> str:
    """`browser`: the device that must come back, or nothing where it has no cookie."""
    selector = secrets.token_hex(_SELECTOR // 2)
    bearer = one_time.issue(rules.SOCIAL_STATE, _target(provider, browser, selector), json.dumps(asdict(visit)))
    assert bearer is not None
    return selector + base64.urlsafe_b64decode(f"{bearer}=").hex()


def redeem(provider: Provider, browser: str, state: str, customer_id: int | None) -> OAuthVisit:
    """Good once, whatever the provider says afterwards. `customer_id`: who is signed in. Raises SocialStateExpired."""
    try:
        secret = one_time.check(rules.SOCIAL_STATE, _target(provider, browser, state[:_SELECTOR]), _bearer(state))
        visit = OAuthVisit(**json.loads(secret.subject))
        if visit.customer_id is not None and visit.customer_id != customer_id:
            raise errors.SocialStateExpired
        with transaction.atomic():
            one_time.spend(secret)
    except (errors.CodeExpired, errors.CodeWrong) as no:
        raise errors.SocialStateExpired from no
    return visit


def _target(provider: Provider, browser: str, selector: str) -> str:
    return "|".join((provider.name, provider.app_id, browser, selector))


def _bearer(state: str) -> str:
    try:
        return base64.urlsafe_b64encode(bytes.fromhex(state[_SELECTOR:])).decode().rstrip("=")
    except ValueError:
        return ""
