"""The content of an SMS as a vendor takes it: an approved template or the text, and a signature.

A shop asks its vendor for one template for all codes, or for one a message; a notice needs one of its own, and so do
numbers outside the mainland (INTL). A message that no template is set for is not carried.
"""

import re

from menpai.delivery import message_kinds, outcomes
from menpai.delivery.sms.gateway import Sms
from menpai.http.vendor_settings import VendorSettings

# The kinds of messages that go by SMS, as settings spell them.
KINDS = tuple(
    kind.id.upper().replace("-", "_") for kind in message_kinds.KINDS.values() if message_kinds.SMS in kind.channels
)
MAINLAND, ABROAD = "", "INTL_"
# Only digits or a time are sent in the shop's name, whatever is in a row.
_VALUE = re.compile("[0-9]{1,8}|[0-9: -]{16}", re.ASCII)


def template_settings(*scopes: str, template: str = "", variables: str = "code,minutes") -> dict[str, str]:
    """The settings of a gateway with templates: their names and defaults."""
    defaults = {"VARIABLES": variables}
    for scope in scopes:
        defaults |= {f"{scope}TEMPLATE_ID": "" if scope else template, f"{scope}NOTICE_TEMPLATE_ID": ""}
        defaults |= {f"{scope}TEMPLATE_{kind}": "" for kind in KINDS}
    return defaults


def problems(settings: VendorSettings) -> list[str]:
    """The problems with the templates' settings."""
    messages = []
    if not any(settings[key] for key in settings.optional if "TEMPLATE_" in key and "NOTICE" not in key):
        messages.append(f"{settings.variable('TEMPLATE_ID')} is not set")
    if not set(_names(settings)) <= {"code", "minutes"} or "code" not in _names(settings):
        messages.append(f"{settings.variable('VARIABLES')} must be `code`, `code,minutes` or `minutes,code`")
    return messages


def find_template(settings: VendorSettings, kind: str, region: str) -> str:
    """The vendor's id of the template: the one for this message, else the general one, else blank."""
    scope = MAINLAND if region == "CN" else ABROAD
    general = f"{scope}TEMPLATE_ID" if message_kinds.find_kind(kind).carries_code else ""
    if kind == message_kinds.MOBILE_CHANGED.id:  # the text of that template speaks of the mobile
        general = f"{scope}NOTICE_TEMPLATE_ID"
    for key in (f"{scope}TEMPLATE_{kind.upper().replace('-', '_')}", general):
        if key in settings.optional and settings[key]:
            return settings[key]
    return ""


def fill_variables(settings: VendorSettings, sms: Sms) -> dict[str, str]:
    """The variables of the template, in the order of its approved text. Raises Refused."""
    check_variables(sms)
    names = _names(settings) if "code" in sms.variables else ["at"]
    return {name: sms.variables.get(name, "") for name in names}


def check_variables(sms: Sms) -> None:
    """Raises Refused if a variable is anything but digits or a time."""
    if not sms.variables or not all(_VALUE.fullmatch(value) for value in sms.variables.values()):
        raise outcomes.Refused("variables")


def signature(settings: VendorSettings, sms: Sms) -> str:
    """The approved signature, without brackets; the brand unless one is set."""
    scope = ABROAD if sms.region != "CN" and settings.optional.get("INTL_SIGN_NAME") is not None else MAINLAND
    return strip_brackets(settings[f"{scope}SIGN_NAME"] or settings["SIGN_NAME"] or sms.signature)


def strip_brackets(name: str) -> str:
    """The signature without brackets, which people copy with it."""
    return name.strip("【】[] ")


def sign_text(name: str, body: str, language: str) -> str:
    """The whole text, as a phone shows it: the signature stands in front, once."""
    return f"【{strip_brackets(name)}】{body}" if language == "zh-hans" else f"[{strip_brackets(name)}] {body}"


def _names(settings: VendorSettings) -> list[str]:
    return [name.strip() for name in settings["VARIABLES"].split(",")]
