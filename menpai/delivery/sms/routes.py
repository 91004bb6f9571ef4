"""MENPAI_SMS_ROUTES: which gateways serve which number plan, in what order.

    CN: aliyun*3 tencent*1 > yuntongxun; HK MO TW: tencent > twilio; *: twilio

A rule is a list of regions (ISO 3166; `*`: all others) and its tiers, best first, divided by `>`. Within a tier chance
decides by weight, or, where nobody has one, the price. Unset: MENPAI_SMS_GATEWAYS in their order, for every region.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

OTHERS = "*"
_SHARE = re.compile(r"([a-z][a-z0-9_]*)(?:\*([1-9][0-9]{0,3}))?")


@dataclass(frozen=True)
class Share:
    """One gateway's share of a tier."""

    gateway: str
    weight: int | None = None


Tier = tuple[Share, ...]


class BadRoutes(ValueError):
    """Routes that cannot be read; the text says where and why."""


def tiers_for(region: str) -> tuple[Tier, ...]:
    """The tiers of a region.

    None if it is not served, or if the setting cannot be read, which prevents the start.
    """
    try:
        table = _table()
    except BadRoutes:
        return ()
    return table.get(region) or table.get(OTHERS, ())


def gateway_names() -> list[str]:
    """The name of every configured gateway, once each, as written."""
    try:
        names = [share.gateway for served in _table().values() for tier in served for share in tier]
    except BadRoutes:
        return []
    return list(dict.fromkeys(names))


def problem() -> str:
    """The reason why the setting cannot be read; empty if it can."""
    try:
        _table()
    except BadRoutes as error:
        return str(error)
    return ""


def _table() -> Mapping[str, tuple[Tier, ...]]:
    if settings.MENPAI_SMS_ROUTES:
        return parse_routes(settings.MENPAI_SMS_ROUTES)
    return {OTHERS: tuple((Share(name),) for name in settings.MENPAI_SMS_GATEWAYS)}


@lru_cache(maxsize=8)
def parse_routes(text: str) -> Mapping[str, tuple[Tier, ...]]:
    """Region → tiers. Raises BadRoutes."""
    table: dict[str, tuple[Tier, ...]] = {}
    for rule in filter(None, (part.strip() for part in text.split(";"))):
        regions, colon, gateways = rule.partition(":")
        if not colon:
            raise BadRoutes(f"“{rule}” has no colon; write regions, a colon and gateways, such as CN: yuntongxun")
        served = tuple(_tier(tier, rule) for tier in gateways.split(">"))
        for region in regions.split() or [""]:
            if not re.fullmatch(r"[A-Z]{2}|\*", region):
                raise BadRoutes(
                    f"“{region}” in “{rule}” is no region; write two capitals such as HK, or * for all others"
                )
            if region in table:
                raise BadRoutes(f"{region} has two rules")
            table[region] = served
    if not table:
        raise BadRoutes("there is no rule in it")
    return table


def _tier(text: str, rule: str) -> Tier:
    shares = []
    for word in text.split():
        match = _SHARE.fullmatch(word)
        if not match:
            raise BadRoutes(
                f"“{word}” in “{rule}” is no gateway; write its name, or name*weight with a weight of 1–9999"
            )
        shares.append(Share(match[1], int(match[2]) if match[2] else None))
    if not shares:
        raise BadRoutes(f"“{rule}” has an empty place; write a gateway before and after each >")
    return tuple(shares)
