"""Which gateways an SMS may go by now, best first: by number plan, weight and price (routes.py) and by who rests."""

import random
from collections.abc import Iterator

from menpai import errors, identifiers
from menpai.delivery import message_kinds
from menpai.delivery.sms import breaker, prices, routes, vendors
from menpai.delivery.sms.breaker import CLOSED, Breaker
from menpai.delivery.sms.gateway import Gateway


def candidates(kind: str, region: str) -> list[Gateway]:
    """Those that would carry this kind of message to that region, best first, whether or not they rest."""
    ready = {gateway.name: gateway for gateway in vendors.configured_gateways()}
    found = [ready[name] for tier in routes.tiers_for(region) for name in _ordered(tier, region) if name in ready]
    return [gateway for gateway in dict.fromkeys(found) if gateway.carries(kind, region)]


def has_usable_gateway(kind: str, region: str) -> bool:
    """Whether one of them does not rest; one question to the store at most. Raises StoreUnavailable."""
    found = candidates(kind, region)
    return any(not known.resting for known in breaker.read_states([gateway.name for gateway in found]))


def can_send_code(mobile: str = "") -> bool:
    """Whether a code accepted now for this number, or without one for the mainland, could be sent by anybody.

    Raises StoreUnavailable.
    """
    return has_usable_gateway(message_kinds.REGISTRATION_CODE.id, identifiers.region(mobile))


def ordered_gateways(kind: str, region: str) -> Iterator[tuple[Gateway, Breaker]]:
    """Those that do not rest; last of all those whose messages do not arrive."""
    found = candidates(kind, region)
    try:
        known = breaker.read_states([gateway.name for gateway in found])
    except errors.StoreUnavailable:  # what was accepted is sent all the same
        known = [CLOSED] * len(found)
    awake = [(gateway, state) for gateway, state in zip(found, known, strict=True) if not state.resting]
    yield from sorted(awake, key=lambda one: one[1].doubtful)


def _ordered(tier: routes.Tier, region: str) -> list[str]:
    if any(share.weight for share in tier):
        # The smallest of exponential draws is each one's with a chance that is its weight; so is the next of the rest.
        ordered = sorted(tier, key=lambda share: random.expovariate(share.weight or 1))
    else:
        ordered = sorted(tier, key=lambda share: prices.price_of(share.gateway, region))
    return [share.gateway for share in ordered]
