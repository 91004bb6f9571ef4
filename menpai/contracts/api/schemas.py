"""Schemas of the requests and responses of /api: shapes alone.

Use cases check the text and say what is wrong with it. Requests are validated; responses are plain records, which are
encoded as they are: mypy and tests/test_schema.py hold them to the document.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from menpai.accounts import activity

Language = Literal["zh-CN", "en"]
SessionKind = Literal["token", "cookie"]
ActivityKind = Literal[activity.KINDS]  # type: ignore[valid-type]  # read once, where they are mapped


class RequestBody(BaseModel):
    """Unknown fields are left alone, as in the two published contracts."""

    model_config = ConfigDict(extra="ignore")


# ── In ──
class Keeping(RequestBody):
    session: SessionKind = Field("token", description="`cookie`: a browser on our own origin; `token`: everybody else.")
    remember: StrictBool = Field(False, description="With `cookie`: it lasts beyond the browser's end.")


class MobileIn(RequestBody):
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


class AuthorizationIn(RequestBody):
    purpose: Literal["sign-in", "link", "step-up"] = Field(
        description="`link`: to the customer who is signed in; `step-up`: to confirm that it is they."
    )
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


class RefreshIn(RequestBody):
    refresh_token: StrictStr


class TargetIn(RequestBody):
    target: StrictStr = Field(description="Mobile or e-mail.")


class RecoveryCodeIn(TargetIn):
    code: StrictStr


class NewPasswordIn(TargetIn):
    password: StrictStr
    password2: StrictStr
    ticket: StrictStr | None = Field(None, description="From the cookie when it is not here.")


class ActivationIn(RequestBody):
    code: StrictStr


class LanguageIn(RequestBody):
    language: StrictStr


class PasswordChangeIn(RequestBody):
    old_password: StrictStr | None = Field(None, description="Not of a customer who has none yet.")
    password: StrictStr
    password2: StrictStr


class StepUpIn(RequestBody):
    password: StrictStr


class StepUpChannelIn(RequestBody):
    channel: Literal["sms", "email"]


class StepUpCodeIn(StepUpChannelIn):
    code: StrictStr


class NewEmailIn(RequestBody):
    email: StrictStr
    password: StrictStr | None = Field(None, description="Or step up before.")


class NewEmailCodeIn(RequestBody):
    email: StrictStr
    code: StrictStr


class NewMobileIn(RequestBody):
    mobile: StrictStr
    password: StrictStr | None = Field(None, description="Or step up before.")


class NewMobileCodeIn(RequestBody):
    mobile: StrictStr
    code: StrictStr


# ── Out ──
@dataclass(frozen=True)
class Me:
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


@dataclass(frozen=True)
class SignedIn:
    customer: Me
    registered: Annotated[bool, Field(description="Just now.")]
    activation_mail: Annotated[bool, Field(description="One is on its way.")]
    access_token: str | None
    refresh_token: str | None
    token_type: Literal["Bearer"] | None
    expires_in: Annotated[int | None, Field(description="Seconds, of the access token.")]


@dataclass(frozen=True)
class Authorization:
    url: str


@dataclass(frozen=True)
class Arrival:
    outcome: Literal["signed-in", "linked", "confirmed", "new"]
    session: Annotated[SignedIn | None, Field(description="With `signed-in`.")]
    ticket: Annotated[str | None, Field(description="With `new`: what to go on with.")]
    nickname: Annotated[str, Field(description="May be empty.")]
    next: str | None


@dataclass(frozen=True)
class Link:
    provider: str
    nickname: str
    linked_at: datetime
    removable: Annotated[bool, Field(description="There is another way to sign in.")]


@dataclass(frozen=True)
class Links:
    items: list[Link]
    available: Annotated[list[str], Field(description="Providers that could be linked now.")]


@dataclass(frozen=True)
class StepUpMethods:
    password: bool
    mobile: Annotated[str | None, Field(description="Only a verified one.")]
    email: Annotated[str | None, Field(description="Only a verified one.")]
    providers: list[str]


@dataclass(frozen=True)
class CodeSent:
    resend_after: Annotated[int, Field(description="Seconds.")]
    expires_in: Annotated[int, Field(description="Seconds.")]


@dataclass(frozen=True)
class Available:
    available: bool


@dataclass(frozen=True)
class Ticket:
    ticket: str
    expires_in: Annotated[int, Field(description="Seconds.")]


@dataclass(frozen=True)
class Device:
    id: UUID
    current: bool
    browser: str
    system: str
    network: str
    signed_in_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Devices:
    devices: list[Device]


@dataclass(frozen=True)
class Activity:
    id: int
    kind: ActivityKind
    at: datetime
    browser: Annotated[str, Field(description="Empty when it cannot be told.")]
    system: str
    network: Annotated[str, Field(description="Partly masked.")]
    times: Annotated[int, Field(description="More than 1: so often within a minute.")]
    current: Annotated[bool, Field(description="Done by the session that asks.")]


@dataclass(frozen=True)
class Activities:
    events: list[Activity]
    before: Annotated[int | None, Field(description="Ask for the page after this one with it; null: there is none.")]


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
