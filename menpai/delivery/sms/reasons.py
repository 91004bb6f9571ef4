"""Explanations of why an SMS was not sent or did not arrive, from the reason that its row keeps.

A reason is a category of outcomes.py and the vendor's code ("rate-limited 160038"). A vendor's codes are explained in
its own file (REASONS); the category explains every other code.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from menpai.delivery import outcomes
from menpai.delivery.sms import vendors
from menpai.delivery.sms.gateway import Reasons

NOT_DELIVERED = "not delivered"  # what a receipt says


@dataclass(frozen=True)
class Reason:
    zh: str
    en: str


# Carriers' codes in receipts, the same at every vendor (SMPP 3.4, 5.2.28).
_CARRIERS: Reasons = {
    "UNDELIV*": ("手机关机、停机或不在服务区", "the phone was off, suspended or out of reach"),
    "EXPIRED": ("手机长时间不在线，运营商放弃投递", "the phone was away so long that the carrier gave up"),
    "REJECTD": ("运营商拒收", "the carrier rejected it"),
    "DELETED": ("运营商已删除", "the carrier deleted it"),
    "UNKNOWN": ("运营商没有说明原因", "the carrier gave no reason"),
}
_CATEGORIES: Reasons = {
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
    """One sentence in each language. A reason that is not known explains itself."""
    reason = reason.removeprefix(f"{gateway}: ")
    category = next((name for name in _CATEGORIES if reason == name or reason.startswith(f"{name} ")), "")
    code = reason[len(category) :].strip()
    of_vendor: Reasons = getattr(vendors.find_gateway(gateway), "REASONS", {})
    texts = _find(of_vendor, code) or _find(_CARRIERS, code) or _CATEGORIES.get(category)
    return Reason(*texts) if texts else Reason(reason, reason)


def _find(table: Reasons, code: str) -> tuple[str, str] | None:
    matching = (texts for pattern, texts in table.items() if code and fnmatchcase(code, pattern))
    return table.get(code) or next(matching, None)
