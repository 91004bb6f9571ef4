"""`/user/captcha/` of the luffy contract (luffy.md, ruling 5): GeeTest's words, and ours for pages that know them."""

import json

from django.http import HttpRequest, HttpResponse

from menpai import captcha, errors
from menpai.captcha import geetest_v3, geetest_v4, published
from menpai.captcha.challenges import Kind
from menpai.contracts import bearer, body, edge, puzzle
from menpai.contracts.user import Answer, cannot_say, endpoint

LOCAL: tuple[Kind, ...] = ("proof_of_work", "image")


def _failed(_field: str, text: str) -> Answer:
    # The page asks whether `status` is true.
    return {"status": False, "message": text}


@endpoint(_failed, cannot_say)
def show(request: HttpRequest) -> HttpResponse:
    """A string that holds JSON: the page parses twice. `?kind=image` for pages that cannot compute."""
    can: tuple[Kind, ...] = ("image",) if body.query(request).text("kind") == "image" else LOCAL
    said, local = published.offer(bearer.client(request), can)
    return edge.answer(json.dumps(said | {"local": puzzle.told(local)}))


@endpoint(_failed, cannot_say)
def check(request: HttpRequest) -> HttpResponse:
    fields, client = body.read(request), bearer.client(request)
    if sealed := fields.text("challenge"):
        captcha.answer(sealed, fields.text("answer") or "", client)
    else:
        names = (*geetest_v3.FIELDS, *geetest_v4.FIELDS)
        given = {name: text for name in names if (text := fields.text(name))}
        if not given:
            raise errors.CaptchaWrong
        published.answer(given, client)
    return edge.answer({"status": "success"})
