"""Why something was not sent or did not arrive, in words for the person who asks: from what a row keeps as its reason.

A reason is a category of outcomes.py and the vendor's code ("rate-limited 160038"). Each vendor's codes have a file of
their own; what is not there is said by its category.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from menpai.delivery import outcomes
from menpai.delivery.sms.reasons import aliyun, tencent, twilio, yuntongxun

NOT_DELIVERED = "not delivered"  # what a receipt says


@dataclass(frozen=True)
class Reason:
    zh: str
    en: str


_VENDORS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "aliyun": aliyun.CODES,
    "tencent": tencent.CODES,
    "twilio": twilio.CODES,
    "yuntongxun": yuntongxun.CODES,
}
# What carriers say in receipts, the same at every vendor (SMPP 3.4, 5.2.28).
_CARRIERS = {
    "UNDELIV*": ("手机关机、停机或不在服务区", "the phone was off, suspended or out of reach"),
    "EXPIRED": ("手机长时间不在线，运营商放弃投递", "the phone was away so long that the carrier gave up"),
    "REJECTD": ("运营商拒收", "the carrier rejected it"),
    "DELETED": ("运营商已删除", "the carrier deleted it"),
    "UNKNOWN": ("运营商没有说明原因", "the carrier gave no reason"),
}
_CATEGORIES = {
    outcomes.Retry.word: ("通道当时繁忙或连接不上", "the gateway was busy or could not be reached"),
    outcomes.Misconfigured.word: ("通道配置有误或余额不足", "the gateway's settings are wrong or its money is used up"),
    outcomes.RateLimited.word: ("发给这个号码太频繁，被通道限制", "too many to this number: the gateway's own limit"),
    outcomes.BadRecipient.word: ("通道不接受这个号码", "the gateway does not take this number"),
    outcomes.Refused.word: ("通道拒绝了这条短信的内容", "the gateway refused what this SMS says"),
    outcomes.Unanswered.word: ("交出后没有收到应答，可能已发出", "no answer came; it may have been sent"),
    NOT_DELIVERED: ("运营商未能送达", "the carrier could not deliver it"),
    "budget": ("短信预算已用完", "the budget for SMS is used up"),
    "no usable gateway": ("没有可用的通道", "no usable gateway"),
    "its sealing key is gone": ("加密这条消息的密钥已不在", "the key that sealed it is gone"),
}


def explain(gateway: str, reason: str) -> Reason:
    """In a sentence each. A reason that nothing is known of is its own words."""
    reason = reason.removeprefix(f"{gateway}: ")
    category = next((one for one in _CATEGORIES if reason == one or reason.startswith(f"{one} ")), "")
    code = reason[len(category) :].strip()
    said = _code(_VENDORS.get(gateway, {}), code) or _code(_CARRIERS, code) or _CATEGORIES.get(category)
    return Reason(*said) if said else Reason(reason, reason)


def _code(table: Mapping[str, tuple[str, str]], code: str) -> tuple[str, str] | None:
    return table.get(code) or next((said for known, said in table.items() if code and fnmatchcase(code, known)), None)
