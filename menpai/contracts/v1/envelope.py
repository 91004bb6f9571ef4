"""The envelope of `/v1`: HTTP 200 for every business outcome; `code` is the outcome (dada.md)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from menpai import errors, rules
from menpai.accounts import login
from menpai.contracts import endpoints, repeats, responses
from menpai.contracts.endpoints import View
from menpai.contracts.v1 import codes

Answer = dict[str, Any]


def endpoint(
    away: int = 10104,
    *,
    reads: bool = False,
    again: repeats.Again | None = None,
    refused: Callable[[errors.Refusal], HttpResponse] | None = None,
) -> Callable[[Callable[..., Answer | HttpResponse]], View]:
    """The envelope around a view's answer.

    `away` is the code for a database that is not there, `refused` words the refusals in place of the usual function,
    `reads` and `again` as in endpoints.endpoint.
    """

    def unavailable(error: errors.Unavailable) -> HttpResponse:
        code = 10105 if isinstance(error, errors.StoreUnavailable) else away
        return _refusal(code, codes.TEXTS[code], 503, int(rules.COME_BACK_AFTER.total_seconds()))

    return endpoints.endpoint(
        endpoints.Shapes(_answered, refused or _refused, unavailable, _failed), reads=reads, again=again
    )


def on(**views: View) -> View:
    """A URL's views by method."""
    return endpoints.by_method(views, lambda: _refusal(10100, codes.TEXTS[10100], 405))


def unknown(_request: HttpRequest, **_path: str) -> HttpResponse:
    return _refusal(10100, codes.TEXTS[10100], 404)


def welcome(signed_in: login.SignInResult) -> Answer:
    person = signed_in.person
    return {"username": person.name, "token": signed_in.token, "email_verified": person.email_verified}


def _answered(answer: Answer | HttpResponse) -> HttpResponse:
    return answer if isinstance(answer, HttpResponse) else responses.json_response({"code": 200, **answer})


def _refused(refusal: errors.Refusal) -> HttpResponse:
    code = codes.code_of(refusal)
    if isinstance(refusal, errors.NotSignedIn):
        code = settings.MENPAI_DADA_LOGIN_REQUIRED_CODE
    wait = responses.retry_after_seconds(refusal) if isinstance(refusal, errors.ComeBackLater) else None
    return _refusal(code, codes.texts_of(refusal), codes.status_of(refusal), wait)


def refused_sign_in(refusal: errors.Refusal) -> HttpResponse:
    """As any refusal; too many tries are the outcome of a sign-in that failed, with the wait in words."""
    if not responses.is_throttled_sign_in(refusal):
        return _refused(refusal)
    zh, en = (text.format(wait) for text, wait in zip(codes.WAIT, responses.wait_in_words(refusal), strict=True))
    return _refusal(10104, (zh, en), retry_after=responses.retry_after_seconds(refusal))


def _failed() -> HttpResponse:
    return _refusal(10104, codes.TEXTS[10104], 500)


def _refusal(code: int, texts: tuple[str, str], status: int = 200, retry_after: int | None = None) -> HttpResponse:
    return responses.json_response({"code": code, "error": texts[0], "reason": texts[1]}, status, retry_after)
