"""`/user/captcha/` of the luffy contract (ruling 5): GeeTest's fields, and ours for newer pages."""

import json

from django.http import HttpRequest, HttpResponse

from menpai import captcha, errors
from menpai.captcha import geetest_v3, geetest_v4, user_contract
from menpai.captcha.challenges import Kind
from menpai.contracts import captcha_challenges, request_body, request_context, responses
from menpai.contracts.user.views import Answer, cannot_say, endpoint

LOCAL: tuple[Kind, ...] = ("proof_of_work", "image")


def _failed(_field: str, text: str) -> Answer:
    # The page asks whether `status` is true.
    return {"status": False, "message": text}


@endpoint(_failed, cannot_say, reads=True)
def show(request: HttpRequest) -> HttpResponse:
    """A string that holds JSON: the page parses twice. `?kind=image` for pages that cannot compute."""
    can: tuple[Kind, ...] = ("image",) if request_body.query(request).text("kind") == "image" else LOCAL
    offer, local = user_contract.create_offer(request_context.client(request), can)
    return responses.json_response(json.dumps(offer | {"local": captcha_challenges.describe(local)}))


@endpoint(_failed, cannot_say)
def check(request: HttpRequest) -> HttpResponse:
    fields, client = request_body.read(request), request_context.client(request)
    if sealed := fields.text("challenge"):
        captcha.check_answer(sealed, fields.text("answer") or "", client)
    else:
        names = (*geetest_v3.FIELDS, *geetest_v4.FIELDS)
        texts = {name: text for name in names if (text := fields.text(name))}
        if not texts:
            raise errors.CaptchaWrong
        user_contract.check_answer(texts, client)
    return responses.json_response({"status": "success"})
