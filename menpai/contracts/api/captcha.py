"""Earning a pass: a challenge, and its answer. Who needs one is told so by a 429 `captcha_required`."""

from dataclasses import dataclass
from typing import Annotated, get_args

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, StrictStr

from menpai import captcha, errors, rules
from menpai.captcha import image
from menpai.captcha.challenges import ChallengePurpose, Kind
from menpai.contracts import captcha_challenges, request_context
from menpai.contracts.api import problems, schemas
from menpai.contracts.api.ninja import Binary, operation

router = Router(tags=["captcha"])
ONE = "/captcha/challenges/{challenge}"


class CaptchaIn(schemas.RequestBody):
    purpose: ChallengePurpose
    kinds: list[Kind] = Field(
        ["proof_of_work", "image"],
        max_length=len(get_args(Kind)),
        description="What the client can show or compute; the server chooses.",
    )


class CaptchaAnswerIn(schemas.RequestBody):
    challenge: StrictStr
    answer: StrictStr | dict[str, StrictStr] = Field(
        description="The digits; ALTCHA's payload; or the fields that GeeTest's script hands over."
    )


@dataclass(frozen=True)
class AltchaParameters:
    """The spelling is ALTCHA's."""

    algorithm: str
    cost: int
    keyLength: int
    keyPrefix: str
    nonce: str
    salt: str
    expiresAt: int


@dataclass(frozen=True)
class Altcha:
    parameters: AltchaParameters
    signature: str


@dataclass(frozen=True)
class CaptchaChallenge:
    kind: Kind
    challenge: str
    expires_in: Annotated[int, Field(description="Seconds.")]
    altcha: Annotated[
        Altcha | None, Field(description="With `proof_of_work`: a challenge in ALTCHA's format, version 2.")
    ]
    picture: Annotated[str | None, Field(description="With `image`: the path of a PNG.")]
    sound: Annotated[str | None, Field(description="With `image`: the path of a WAV with the same digits.")]
    digits: Annotated[int | None, Field(description="With `image`: how many.")]
    geetest: Annotated[
        dict[str, str | int | bool] | None, Field(description="With GeeTest: what its script is started with.")
    ]


@dataclass(frozen=True)
class CaptchaPass:
    purpose: ChallengePurpose
    expires_in: Annotated[int, Field(description="Seconds.")]


@operation(router, "POST", "/captcha/challenges", (201, CaptchaChallenge), errors.ClientTooFast, signed_in=False)
def ask_for_captcha(request: HttpRequest, body: CaptchaIn) -> CaptchaChallenge:
    """Of a kind that the client can show, or an image where none of them will do."""
    offer = captcha.create_challenge((body.purpose,), request_context.client(request), tuple(body.kinds))
    return CaptchaChallenge(**captcha_challenges.describe(offer))


@operation(
    router,
    "POST",
    "/captcha/passes",
    (201, CaptchaPass),
    errors.CaptchaWrong,
    errors.CaptchaExpired,
    signed_in=False,
)
def answer_captcha(request: HttpRequest, body: CaptchaAnswerIn) -> CaptchaPass:
    """A right answer lets the next request for its purpose through, from this network and browser.

    A challenge takes one answer; after a wrong one ask for another.
    """
    purposes = captcha.check_answer(body.challenge, body.answer, request_context.client(request))
    return CaptchaPass(purpose=purposes[0], expires_in=int(rules.CAPTCHA_PASS_LIFE.total_seconds()))


@operation(
    router,
    "GET",
    f"{ONE}/picture",
    Binary("image/png"),
    errors.CaptchaExpired,
    errors.ClientTooFast,
    signed_in=False,
)
def get_captcha_picture(request: HttpRequest, challenge: str) -> HttpResponse:
    """Drawn anew each time, some times."""
    return HttpResponse(image.draw_picture(challenge), content_type="image/png")


@operation(
    router,
    "GET",
    f"{ONE}/sound",
    Binary("audio/wav"),
    errors.CaptchaExpired,
    errors.ClientTooFast,
    signed_in=False,
)
def get_captcha_sound(request: HttpRequest, challenge: str) -> HttpResponse:
    """The digits of the picture, spoken in the language of the request."""
    response = HttpResponse(image.speak_digits(challenge, problems.language(request)), content_type="audio/wav")
    response.headers["Vary"] = "Accept-Language"
    return response
