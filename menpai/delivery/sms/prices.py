"""The price of an SMS, and the number of SMS that a text is billed as.

MENPAI_SMS_PRICE_<GATEWAY> has the yuan for each region. Money is whole millionths of a yuan everywhere, so that sums
are exact.
"""

import os
import re
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from menpai import environment
from menpai.delivery.sms import routes, vendor_templates
from menpai.delivery.sms.gateway import Sms

EVERYWHERE_ELSE = "*"
_PREFIX = "MENPAI_SMS_PRICE_"
# 3GPP TS 23.038, 6.2.1: what fits into seven bits, and what takes two places there.
_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_TWICE = frozenset("^{}\\[~]|€\f")


def price_of_sms(gateway: str, sms: Sms) -> int:
    """The price of one SMS at one gateway, in millionths of a yuan.

    An estimate for vendors with templates, whose texts are like ours.
    """
    text = vendor_templates.sign_text(sms.signature, sms.body, sms.language)
    return price_of(gateway, sms.region) * count_segments(text, sms.region)


def price_of(gateway: str, region: str) -> int:
    """The price of one billed SMS. A region that is not listed costs as much as the dearest that is."""
    table = _table(environment.text(f"{_PREFIX}{gateway.upper()}"))
    price = table.get(region or EVERYWHERE_ELSE, table.get(EVERYWHERE_ELSE))
    return max(table.values(), default=0) if price is None else price


def cheapest(region: str) -> int:
    """The least that any SMS to that region costs."""
    return min((price_of(share.gateway, region) for tier in routes.tiers_for(region) for share in tier), default=0)


def count_segments(text: str, region: str) -> int:
    """The number of SMS that a text is billed as.

    Mainland vendors count all characters alike: 70, or 67 a part.
    """
    if region != "CN" and all(char in _GSM_7 or char in _GSM_7_TWICE for char in text):
        return _parts(len(text) + sum(char in _GSM_7_TWICE for char in text), 160, 153)
    return _parts(len(text.encode("utf-16-be")) // 2, 70, 67)


def problems() -> list[str]:
    """Prices that cannot be read, and missing ones that a budget needs, for the start-up checks."""
    messages = []
    for name in sorted(os.environ):
        if name.startswith(_PREFIX):
            try:
                _table(environment.text(name))
            except environment.BadSetting as error:
                messages.append(f"{name}: {error}")
    if settings.MENPAI_SMS_BUDGET_HOUR is not None or settings.MENPAI_SMS_BUDGET_DAY is not None:
        unpriced = [name for name in routes.gateway_names() if not environment.text(f"{_PREFIX}{name.upper()}")]
        messages += [f"{_PREFIX}{name.upper()} is not set: the budget would not count it" for name in unpriced]
    return messages


def _parts(length: int, alone: int, each: int) -> int:
    return 1 if length <= alone else -(-length // each)


@lru_cache(maxsize=64)
def _table(raw: str) -> Mapping[str, int]:
    """`CN 0.045, HK 0.30, * 0.50`: region → millionths of a yuan."""
    table = {}
    for entry in filter(None, map(str.strip, raw.split(","))):
        match = re.fullmatch(r"([A-Z]{2}|\*)\s+(\S+)", entry)
        price = environment.millionths(match[2]) if match else None
        if match is None or price is None or match[1] in table:
            raise environment.BadSetting(f"{entry!r} is no price; write regions once each: CN 0.045, HK 0.30, * 0.50.")
        table[match[1]] = price
    return table
