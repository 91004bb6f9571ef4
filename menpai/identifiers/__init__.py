"""Raw text → checked types, once, where a request comes in. Rules about text alone, no Django.

normalization      what text loses before any rule reads it
receiver_numbers   the number at which the receiver of a parcel is called

Sources: dada.md "Fields", luffy.md "Mobile numbers", gateways.md §4, security.md H06, H41, H43.
"""

import ipaddress
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NewType

from email_validator import EmailNotValidError, validate_email

from menpai import errors
from menpai.identifiers import normalization

Mobile = NewType("Mobile", str)  # eleven ASCII digits, a mainland number; of others E.164: +85291234567
Username = NewType("Username", str)  # as typed, NFC
UsernameKey = NewType("UsernameKey", str)  # NFKC + casefold: what is compared

MAINLAND = ("CN",)
# They collide with paths (dada.md).
RESERVED_USERNAMES = frozenset(
    {
        *("address", "password", "weibo", "sms", "register", "login", "activation"),
        *("check", "tokens", "users", "admin", "api", "me"),
    }
)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LIKE_MOBILE = re.compile(r"(?:00|\+)?(?:86)?1[3-9][0-9]{9}")
# Lower-case letters that read like a digit: Latin, Greek, Cyrillic, Armenian. And what may stand between digits.
_LIKE_DIGITS = str.maketrans("oοоօilιıіӏзб丨ㄧ", "00001111113611") | {ord("_"): None}
# Letters and marks that show nothing by themselves: Hangul fillers, the grapheme joiner, variation selectors.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_PREFIX = re.compile(r"\A(?:\+86|0086)")
_ABROAD = re.compile(r"\+(?!86)[1-9][0-9]{6,14}")  # E.164
_EMAIL_LENGTH = 254


@dataclass(frozen=True)
class Email:
    """`address` is what customers see.

    `key` is what is compared: the local part in lower case, the domain in ASCII.
    """

    address: str
    key: str


def mobile(raw: str, regions: Sequence[str] = MAINLAND, *, landlines: bool = False) -> Mobile:
    """The one spelling of a mobile that people write in many ways. Raises MobileInvalid.

    Eleven digits of the mainland, with or without +86 or 0086; or, with +, a mobile of another of the `regions`
    (ISO 3166), where `landlines` may be taken too.
    """
    text = normalization.without_separators(raw) if len(raw) <= 80 else ""  # half of it may be direction marks
    if _ABROAD.fullmatch(text):
        return _abroad(text, regions, landlines)
    text = _PREFIX.sub("", text)
    if "CN" not in regions or not _MOBILE.fullmatch(text):
        raise errors.MobileInvalid
    return Mobile(text)


def _abroad(text: str, regions: Sequence[str], landlines: bool) -> Mobile:
    """Raises MobileInvalid."""
    if set(regions) == set(MAINLAND):
        raise errors.MobileInvalid
    import phonenumbers  # as below

    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise errors.MobileInvalid from error
    kinds = [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE]
    kinds += [phonenumbers.PhoneNumberType.FIXED_LINE] if landlines else []
    its_own = phonenumbers.region_code_for_number(number) in regions  # None where the number is not valid
    if not its_own or phonenumbers.number_type(number) not in kinds:
        raise errors.MobileInvalid
    return Mobile(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def block(number: str) -> str:
    """The part of a number that 9,999 others share, with the country code: 1380013, +8529123."""
    return number[:-4]


def bare_mobile(raw: str) -> Mobile:
    """A mobile in a path: exactly the eleven digits, no spelling variants. Raises MobileInvalid."""
    if not _MOBILE.fullmatch(raw):
        raise errors.MobileInvalid
    return Mobile(raw)


def e164(number: str) -> str:
    """A mobile as it is dialled from everywhere; mainland numbers are kept without their country's."""
    return number if number.startswith("+") else f"+86{number}"


def region(number: str) -> str:
    """ISO 3166 of a mobile's number plan; blank where it belongs to no country."""
    if number.startswith("+86") or not number.startswith("+"):
        return "CN"
    import phonenumbers  # 20 ms that a shop of the mainland should not pay at start

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""


def email(raw: str) -> Email:
    """The checked e-mail. Raises EmailInvalid.

    A non-ASCII local part is refused: most mailboxes here cannot receive it.
    """
    if len(raw) > _EMAIL_LENGTH * 2:
        raise errors.EmailInvalid
    text = normalization.compact(raw).strip(normalization.STRIPPED).replace("。", ".")
    if len(text) > _EMAIL_LENGTH:
        raise errors.EmailInvalid
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise errors.EmailInvalid from error
    # IDNA 2008, as mail servers are found: `straße.de` and `strasse.de` are two domains.
    return Email(checked.normalized, f"{checked.local_part.lower()}@{checked.ascii_domain}")


def contact_key(contact: Email | Mobile) -> str:
    """The canonical value of a mailbox or a mobile."""
    return contact.key if isinstance(contact, Email) else contact


def deliverable(address: str) -> str:
    """The address of a stored e-mail as mail servers know it, with its domain in ASCII.

    Not left to the mail library: Python's own codec is IDNA 2003, to which `straße.de` is `strasse.de`.
    """
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    return f"{local}@{email(f'x@{domain}').key.partition('@')[2]}"


def username(raw: str) -> Username:
    """3–32 letters of any script, digits and `_`; nothing that reads like a mobile or a reserved name.

    Raises UsernameInvalid.
    """
    name = _existing_username(raw)
    key = casefold(name)
    bare = "".join(char for char in unicodedata.normalize("NFD", key) if not _mark(char))
    if _UNSEEN.search(name) or bare in RESERVED_USERNAMES or _LIKE_MOBILE.fullmatch(_as_digits(key)):
        raise errors.UsernameInvalid
    return name


def _existing_username(raw: str) -> Username:
    """The checked name of a customer, who may have it from when less was refused. Raises UsernameInvalid."""
    text = normalization.name(raw)
    key = casefold(text)
    if not 3 <= len(text) <= 32 or len(key) > 64 or key in RESERVED_USERNAMES:
        raise errors.UsernameInvalid
    if not all(
        char == "_" or unicodedata.category(char)[0] == "L" or char.isdecimal() or _mark(char) for char in text + key
    ):
        raise errors.UsernameInvalid
    if _shaped_like_mobile(key):
        raise errors.UsernameInvalid
    return Username(text)


def username_key(name: str) -> UsernameKey:
    return UsernameKey(casefold(name))


def casefold(text: str) -> str:
    """The form in which two spellings of one name are the same; applying it twice changes nothing."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _mark(char: str) -> bool:
    # Many scripts write vowels as combining marks; a Hindi or Thai name is not a name without them.
    return unicodedata.category(char) in ("Mc", "Mn")


def _as_digits(key: str) -> str:
    """The text as somebody reads it who looks for a number: digits and letters like them folded."""
    text = unicodedata.normalize("NFD", key).translate(_LIKE_DIGITS)
    read = (char for char in text if not _mark(char) and unicodedata.category(char) != "Lm")
    return "".join(f"{value:g}" if (value := unicodedata.numeric(char, -1)) in range(10) else char for char in read)


def _shaped_like_mobile(key: str) -> bool:
    try:
        mobile(key)
    except errors.MobileInvalid:
        return False
    return True


@dataclass(frozen=True)
class SignInName:
    """One of the three kinds of identifier; the kind is told from the shape, so that they cannot collide."""

    kind: Literal["mobile", "email", "username"]
    key: str  # the canonical value that is stored and compared


def sign_in_name(raw: str, regions: Sequence[str] = MAINLAND) -> SignInName | None:
    """None when it can be none of the three. `regions`: of mobiles."""
    try:
        return SignInName("mobile", mobile(raw, regions))
    except errors.MobileInvalid:
        pass
    try:
        if "@" in normalization.compact(raw):
            return SignInName("email", email(raw).key)
        return SignInName("username", username_key(_existing_username(raw)))
    except (errors.EmailInvalid, errors.UsernameInvalid):
        return None


def code(raw: str) -> str:
    """The digits of a code as typed or pasted, without separators and full-width forms (R09)."""
    bare = re.sub(r"\s+", "", normalization.without_separators(raw))
    return unicodedata.normalize("NFKC", bare)[:64]  # once more: a mark whose space is gone joins the letter before


# ── Text of an address ──
_MARKUP = re.compile(r"[<>]")


def plain_text(raw: str, longest: int) -> str:
    """Text on one line that is safe in a label, a table and a log. Raises TextInvalid.

    Refuses `<` and `>`, and characters that nothing can print (H28).
    """
    text = normalization.line(raw)
    if not text:
        raise errors.TextInvalid("required")
    if _MARKUP.search(text):
        raise errors.TextInvalid("markup")
    if not normalization.is_printable(text):
        raise errors.TextInvalid("unprintable")
    if len(text) > longest:
        raise errors.TextInvalid("too_long")
    return text


def postcode(raw: str, longest: int) -> str | None:
    text = normalization.compact(raw).strip()
    return text if re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z \-]*", text) and len(text) <= longest else None


_REGION_CODE = re.compile(r"([1-9][0-9]{5})([0-9]{3})?")


def region_codes(region: str | None, town: str | None = None) -> tuple[str | None, str | None]:
    """Six digits of GB/T 2260, and nine of a town in it; either may hold the town's.

    None for anything else: the text of the address is what counts.
    """
    first, second = (_REGION_CODE.fullmatch(raw or "") for raw in (region, town))
    whole = next((match for match in (second, first) if match and match[2]), None)
    shown = first or whole
    return shown and shown[1], whole and whole[0]


_QUALITY = re.compile(r"q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.I)
# Languages that people who read Chinese set: its macrolanguage, and its members by names of their own (ISO 639-3).
_CHINESE = {"zh", "zho", "chi", "cmn", "yue", "wuu", "nan", "hak", "gan", "hsn", "cdo", "cjy", "lzh"}


def language(accept: str) -> str:
    """Returns `en` or `zh-hans`, as an Accept-Language (RFC 9110, 12.5.4) prefers, else `zh-hans`."""
    weights: dict[str, float] = {}  # in the order of the header: of two that weigh the same it prefers the first
    for item in accept.lower()[:500].split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        quality = _QUALITY.fullmatch(parameters[0]) if parameters else None
        if parameters and not quality:
            continue
        primary = name.partition("-")[0]
        key = "zh" if primary in _CHINESE else primary
        weights[key] = max(weights.get(key, 0), float(quality[1]) if quality else 1)
    english, chinese = (weights.get(key, weights.get("*", 0)) for key in ("en", "zh"))
    named = [key for key in weights if key in ("en", "zh")]
    return "en" if english > chinese or (english and english == chinese and named[:1] == ["en"]) else "zh-hans"


def row_id(raw: object) -> int | None:
    """An id from JSON, a form or a path: a number, or up to 18 digits of text; None for anything else."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        return None
    text = str(raw) if isinstance(raw, str) or 0 <= raw < 10**18 else ""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


# ── Who calls ──
_DEVICE = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Client:
    """Where a request comes from.

    `network` is what limits count: an IPv4 address, or the /64 of an IPv6 one (R29).

    `device`: the random id that a browser got at its first sign-in; a fresh one, and not `known`, where none came.
    `user_agent` is cut to what a session keeps; WeChat names itself behind that, in `whole_agent`.
    """

    address: str
    network: str
    user_agent: str
    device: str = ""
    known: bool = False
    whole_agent: str = ""


def client(address: str, user_agent: str, cookie: str = "") -> Client:
    known = bool(_DEVICE.fullmatch(cookie))
    own = (user_agent[:200], cookie if known else secrets.token_urlsafe(16), known, user_agent[:1000])
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return Client("", "unknown", *own)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    network = str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))
    return Client(str(ip), network, *own)


# ── Social sign-in ──
@dataclass(frozen=True)
class SocialIdentity:
    """A provider's account: `openid` within one app, `unionid` over all apps of one operator."""

    provider: str
    app_id: str
    openid: str
    unionid: str | None = None
    nickname: str = ""

    def called(self, raw: object, longest: int) -> "SocialIdentity":
        """With what is left of a foreign nickname without markup and invisible characters; may be nothing."""
        text = unicodedata.normalize("NFC", raw) if isinstance(raw, str) else ""
        seen = "".join(char for char in text if unicodedata.category(char)[0] != "C" and char not in "<>")
        return replace(self, nickname=seen.strip()[:longest].strip())


def social_identity(provider: str, app_id: str, openid: object, unionid: object = None) -> SocialIdentity | None:
    """None for ids that are no ids: then the provider named nobody."""
    own, shared = _openid(openid), _openid(unionid)
    return SocialIdentity(provider, app_id, own, shared) if own else None


def _openid(raw: object) -> str | None:
    text = str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    return text if _OPENID.fullmatch(text) else None


def own_path(raw: str | None) -> str | None:
    """A path of this site; None for anything that could lead elsewhere (decisions.md 18)."""
    return raw if raw and len(raw) <= 500 and _OWN_PATH.fullmatch(raw) else None


_OPENID = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_OWN_PATH = re.compile(r"/(?![/\\])[!-~]*")  # ASCII without spaces; browsers take `/\` for `//`


# ── What people may see of them ──
def masked_mobile(text: str) -> str:
    """138****8000, +852****4567; of a receiver also 010-****1234 and 400****1234, without the extension."""
    area, dash, rest = text.partition("-")
    if dash and area.startswith("0"):
        return f"{area}-****{rest.partition('-')[0][-4:]}"
    begin = 4 if text.startswith("+") else 3
    if dash or (len(text) == 10 and text[:3] in ("400", "800")):
        return f"{area[:begin]}****{area[-4:]}"
    return f"{text[:begin]}****{text[-4:]}" if len(text) >= 11 else "****"


def masked_email(text: str) -> str:
    name, at, domain = text.partition("@")
    return f"{name[:1]}***@{domain}" if at else "***"


# What a name is that is no name but an invitation: sites, messengers, "add me".
_INVITATION = re.compile(
    r"www|https?|dotcom|telegram|whatsapp|we_?chat|wei_?xin|微|薇|威信|扣扣|企鹅|电报|加[qv]"
    r"|(?<![a-z])(?:com|net|org|cn|cc|xyz|top|vip|shop|site|qq|wx|vx|tg|tel)(?![a-z])"
)
_NAME_DIGITS, _NAME_WIDTH, _NAME_WIDE = 4, 20, 4  # 欧阳娜娜 is a name of four; a sentence is longer


def name_in_mail(name: str) -> str:
    """The name as a mail shows it: in full if it can be no more than a name, else masked.

    Its first and last character remain. Somebody who registers with another's e-mail chooses what its owner reads
    under the shop's brand.
    """
    if _shaped_like_mobile(casefold(name)):
        return masked_mobile(name)
    key = casefold(name)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in key)
    is_long = len(key) > _NAME_WIDTH or wide > _NAME_WIDE or sum(char.isdecimal() for char in key) > _NAME_DIGITS
    is_text = all(char.isalnum() or char == "_" or _mark(char) for char in key)
    if name and (is_long or not is_text or _INVITATION.search(key)):
        return f"{name[0]}***{name[-1]}"
    return name


def masked_network(network: str) -> str:
    """Enough to recognise one's own network by, not enough to find somebody."""
    if network.count(".") == 3:
        return ".".join([*network.split(".")[:2], "*", "*"])
    return ":".join(network.split(":")[:2]) + ":…" if ":" in network else ""


def wide_network(address: str) -> str:
    """The network of an address, wide enough to name no household: IPv4 /24, IPv6 /48."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
