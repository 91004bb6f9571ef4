"""The gateways for an SMS, best first: by number plan, weight, price (routes.py) and circuit breaker."""

import random
from collections.abc import Iterator

from menpai import errors, identifiers
from menpai.delivery import message_kinds
from menpai.delivery.sms import breaker, prices, routes, vendors
from menpai.delivery.sms.breaker import CLOSED, Breaker
from menpai.delivery.sms.gateway import Gateway


def candidates(kind: str, region: str) -> list[Gateway]:
    """The gateways that carry this kind of message to that region, best first, paused ones included."""
    ready = {gateway.name: gateway for gateway in vendors.configured_gateways()}
    names = [ready[name] for tier in routes.tiers_for(region) for name in _ordered(tier, region) if name in ready]
    return [gateway for gateway in dict.fromkeys(names) if gateway.carries(kind, region)]


def has_usable_gateway(kind: str, region: str) -> bool:
    """True if one of the candidates is not paused, with one call to the store at most.

    Raises StoreUnavailable.
    """
    gateways = candidates(kind, region)
    return any(not state.paused for state in breaker.read_states([gateway.name for gateway in gateways]))


def can_send_code(mobile: str = "") -> bool:
    """True if a gateway could send a code to this number now; without a number, to the mainland.

    Raises StoreUnavailable.
    """
    return has_usable_gateway(message_kinds.REGISTRATION_CODE.id, identifiers.region(mobile))


def ordered_gateways(kind: str, region: str) -> Iterator[tuple[Gateway, Breaker]]:
    """The candidates that are not paused; last of all those whose messages do not arrive."""
    gateways = candidates(kind, region)
    try:
        states = breaker.read_states([gateway.name for gateway in gateways])
    except errors.StoreUnavailable:  # what was accepted is sent all the same
        states = [CLOSED] * len(gateways)
    usable = [(gateway, state) for gateway, state in zip(gateways, states, strict=True) if not state.paused]
    yield from sorted(usable, key=lambda pair: pair[1].doubtful)


def _ordered(tier: routes.Tier, region: str) -> list[str]:
    if any(share.weight for share in tier):
        # The smallest of exponential draws is each one's with a chance that is its weight; so is the next of the rest.
        ordered = sorted(tier, key=lambda share: random.expovariate(share.weight or 1))
    else:
        ordered = sorted(tier, key=lambda share: prices.price_of(share.gateway, region))
    return [share.gateway for share in ordered]
