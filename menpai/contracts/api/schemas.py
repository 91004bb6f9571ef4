"""Schemas of the requests and responses of /api: shapes alone.

Use cases check the text and say what is wrong with it.
"""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from menpai.accounts import activity
from menpai.addresses.record import Address
from menpai.captcha.challenges import ChallengePurpose, Kind


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number  # 7.0 is an integer in JSON


Language = Literal["zh-CN", "en"]
SessionKind = Literal["token", "cookie"]
ActivityKind = Literal[activity.KINDS]  # type: ignore[valid-type]  # read once, where they are mapped
RowId = Annotated[StrictInt, Field(ge=0, lt=2**63), BeforeValidator(_whole)]
PathId = Annotated[int, Field(ge=0)]


class _In(Schema):
    """Unknown fields are left alone, as in the two published contracts."""

    model_config = ConfigDict(extra="ignore")


# ── In ──
class Keeping(_In):
    session: SessionKind = Field("token", description="`cookie`: a browser on our own origin; `token`: everybody else.")
    remember: StrictBool = Field(False, description="With `cookie`: it lasts beyond the browser's end.")


class MobileIn(_In):
    mobile: StrictStr


class RegistrationIn(Keeping):
    mobile: StrictStr
    code: StrictStr
    password: StrictStr
    password2: StrictStr | None = None
    username: StrictStr | None = None
    email: StrictStr | None = None
    terms_version: StrictStr | None = Field(None, description="The version that the customer has accepted.")


class SignInIn(Keeping):
    name: StrictStr = Field(description="User name, mobile or e-mail.")
    password: StrictStr


class SignInByCodeIn(Keeping):
    mobile: StrictStr
    code: StrictStr
    terms_version: StrictStr | None = Field(None, description="Needed when the number is new.")


class AuthorizationIn(_In):
    purpose: Literal["sign-in", "link"] = Field(description="`link`: to the customer who is signed in.")
    next: StrictStr | None = Field(None, description="A path of this site to go on to; comes back with the callback.")


class ReturnIn(Keeping):
    code: StrictStr = Field(max_length=1000)
    state: StrictStr = Field(max_length=200)


class SocialRegistrationIn(Keeping):
    ticket: StrictStr
    mobile: StrictStr
    code: StrictStr
    terms_version: StrictStr | None = Field(None, description="Needed when the number is new.")


class SocialLinkIn(SignInIn):
    ticket: StrictStr


class RefreshIn(_In):
    refresh_token: StrictStr


class TargetIn(_In):
    target: StrictStr = Field(description="Mobile or e-mail.")


class RecoveryCodeIn(TargetIn):
    code: StrictStr


class NewPasswordIn(TargetIn):
    password: StrictStr
    password2: StrictStr
    ticket: StrictStr | None = Field(None, description="From the cookie when it is not here.")


class ActivationIn(_In):
    code: StrictStr


class LanguageIn(_In):
    language: StrictStr


class PasswordChangeIn(_In):
    old_password: StrictStr
    password: StrictStr
    password2: StrictStr


class NewEmailIn(_In):
    email: StrictStr
    password: StrictStr


class NewEmailCodeIn(_In):
    email: StrictStr
    code: StrictStr


class NewMobileIn(_In):
    mobile: StrictStr
    password: StrictStr


class NewMobileCodeIn(_In):
    mobile: StrictStr
    code: StrictStr


class AddressIn(_In):
    """Either `address`, one text, or `province` … `detail`, which are joined."""

    receiver: StrictStr
    mobile: StrictStr
    tag: StrictStr
    address: StrictStr | None = None
    province: StrictStr | None = None
    city: StrictStr | None = None
    county: StrictStr | None = None
    detail: StrictStr | None = None
    region_code: StrictStr | None = Field(None, description="GB/T 2260, six digits.")
    postcode: StrictStr | None = None


class RestoreIn(_In):
    is_default: StrictBool = False


class DefaultIn(_In):
    id: RowId


class CaptchaIn(_In):
    purpose: ChallengePurpose
    kinds: list[Kind] = Field(
        ["proof_of_work", "image"],
        max_length=len(get_args(Kind)),
        description="What the client can show or compute; the server chooses.",
    )


class CaptchaAnswerIn(_In):
    challenge: StrictStr
    answer: StrictStr | dict[str, StrictStr] = Field(
        description="The digits; ALTCHA's payload; or the fields that GeeTest's script hands over."
    )


# ── Out ──
class Me(Schema):
    id: UUID
    name: str
    username: str | None
    mobile: str | None
    mobile_verified: bool
    email: str | None
    email_verified: bool
    has_password: bool
    language: Language
    created_at: datetime
    terms_version: str | None


class SignedIn(Schema):
    customer: Me
    registered: bool = Field(description="Just now.")
    activation_mail: bool = Field(description="One is on its way.")
    access_token: str | None
    refresh_token: str | None
    token_type: Literal["Bearer"] | None
    expires_in: int | None = Field(description="Seconds, of the access token.")


class Authorization(Schema):
    url: str


class Arrival(Schema):
    outcome: Literal["signed-in", "linked", "new"]
    session: SignedIn | None = Field(description="With `signed-in`.")
    ticket: str | None = Field(description="With `new`: what to go on with.")
    nickname: str = Field(description="May be empty.")
    next: str | None


class Link(Schema):
    provider: str
    nickname: str
    linked_at: datetime
    removable: bool = Field(description="There is another way to sign in.")


class Links(Schema):
    items: list[Link]
    available: list[str] = Field(description="Providers that could be linked now.")


class CodeSent(Schema):
    resend_after: int = Field(description="Seconds.")
    expires_in: int = Field(description="Seconds.")


class Available(Schema):
    available: bool


class Ticket(Schema):
    ticket: str
    expires_in: int = Field(description="Seconds.")


class Book(Schema):
    addresses: list[Address] = Field(description="The default first, then newest first.")
    limit: int
    changed: int | None = Field(description="The address that was added, changed or restored.")


class Addresses(Schema):
    addresses: list[Address]


class Device(Schema):
    id: UUID
    current: bool
    browser: str
    system: str
    network: str
    signed_in_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class Devices(Schema):
    devices: list[Device]


class AltchaParameters(Schema):
    """The spelling is ALTCHA's."""

    algorithm: str
    cost: int
    keyLength: int
    keyPrefix: str
    nonce: str
    salt: str
    expiresAt: int


class Altcha(Schema):
    parameters: AltchaParameters
    signature: str


class CaptchaChallenge(Schema):
    kind: Kind
    challenge: str
    expires_in: int = Field(description="Seconds.")
    altcha: Altcha | None = Field(description="With `proof_of_work`: a challenge in ALTCHA's format, version 2.")
    picture: str | None = Field(description="With `image`: the path of a PNG.")
    sound: str | None = Field(description="With `image`: the path of a WAV with the same digits.")
    digits: int | None = Field(description="With `image`: how many.")
    geetest: dict[str, str | int | bool] | None = Field(description="With GeeTest: what its script is started with.")


class CaptchaPass(Schema):
    purpose: ChallengePurpose
    expires_in: int = Field(description="Seconds.")


class Activity(Schema):
    id: int
    kind: ActivityKind
    at: datetime
    browser: str = Field(description="Empty when it cannot be told.")
    system: str
    network: str = Field(description="Partly masked.")
    times: int = Field(description="More than 1: so often within a minute.")
    current: bool = Field(description="Done by the session that asks.")


class Activities(Schema):
    events: list[Activity]
    before: int | None = Field(description="Ask for the page after this one with it; null: there is none.")


class Words(Schema):
    """`detail` in every language, for a page whose reader changes to another."""

    zh_CN: str = Field(alias="zh-CN")
    en: str


class FieldProblem(Schema):
    field: str
    code: str
    detail: str
    details: Words


class Problem(Schema):
    """RFC 9457. `code` stays the same in every language and version."""

    type: str
    title: str
    status: int
    detail: str
    details: Words
    code: str
    errors: list[FieldProblem]
    purpose: str = Field("", description="With `captcha_required`: what the pass must be for.")
