"""Earning a pass: a challenge, and its answer. Who needs one is told so by a 429 `captcha_required`."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from menpai import captcha, errors, rules
from menpai.captcha import image
from menpai.contracts import captcha_challenges, request_context
from menpai.contracts.api import problems, schemas
from menpai.contracts.api.ninja import Binary, operation

router = Router(tags=["captcha"])
ONE = "/captcha/challenges/{challenge}"


@operation(
    router, "POST", "/captcha/challenges", (201, schemas.CaptchaChallenge), errors.ClientTooFast, signed_in=False
)
def ask_for_captcha(request: HttpRequest, body: schemas.CaptchaIn) -> schemas.CaptchaChallenge:
    """Of a kind that the client can show, or an image where none of them will do."""
    offer = captcha.create_challenge((body.purpose,), request_context.client(request), tuple(body.kinds))
    return schemas.CaptchaChallenge(**captcha_challenges.describe(offer))


@operation(
    router,
    "POST",
    "/captcha/passes",
    (201, schemas.CaptchaPass),
    errors.CaptchaWrong,
    errors.CaptchaExpired,
    signed_in=False,
)
def answer_captcha(request: HttpRequest, body: schemas.CaptchaAnswerIn) -> schemas.CaptchaPass:
    """Right: the next request for this purpose from this network and browser goes through. A challenge takes one
    answer; after a wrong one ask for another."""
    purposes = captcha.check_answer(body.challenge, body.answer, request_context.client(request))
    return schemas.CaptchaPass(purpose=purposes[0], expires_in=int(rules.CAPTCHA_PASS_LIFE.total_seconds()))


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
