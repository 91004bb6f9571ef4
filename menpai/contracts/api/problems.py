"""Problems of /api: RFC 9457 details with a stable `code`, in the language of the request."""

from typing import Any, TypedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from menpai import errors, identifiers, rules
from menpai.contracts import responses
from menpai.contracts.api import problem_texts
from menpai.contracts.api.problem_texts import ProblemText

CONTENT_TYPE = "application/problem+json"


class Words(TypedDict):
    detail: str
    details: dict[str, str]


def refused(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    text = problem_texts.PROBLEMS[type(refusal)]
    wait = responses.retry_after_seconds(refusal) if isinstance(refusal, errors.ComeBackLater) else None
    if isinstance(refusal, errors.NoGateway):
        wait = int(rules.GATEWAY_PAUSE.total_seconds())
    if isinstance(refusal, errors.SocialAway):
        wait = int(rules.COME_BACK_AFTER.total_seconds())
    more = {"purpose": refusal.purpose} if isinstance(refusal, errors.CaptchaRequired) else {}
    return problem(request, text, _fields(request, refusal, text), wait, more)


def unavailable(request: HttpRequest) -> HttpResponse:
    return problem(
        request, problem_texts.PROBLEMS[errors.Unavailable], retry_after=int(rules.COME_BACK_AFTER.total_seconds())
    )


def unknown(request: HttpRequest, **_path: str) -> HttpResponse:
    return problem(request, problem_texts.UNKNOWN)


def problem(
    request: HttpRequest,
    text: ProblemText,
    fields: list[dict[str, Any]] | None = None,
    retry_after: int | None = None,
    more: dict[str, str] | None = None,
) -> HttpResponse:
    texts = _in_words(request, text.chinese, text.english)
    content: dict[str, object] = {"type": f"/problems/{text.code}", "title": texts["detail"].rstrip("。.")}
    content |= {"status": text.status, **texts, "code": text.code, "errors": fields or [], **(more or {})}
    response = responses.json_response(content, text.status, retry_after)
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Vary"] = "Accept-Language"
    return response


def language(request: HttpRequest) -> str:
    """`zh-hans` or `en`."""
    return identifiers.language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


def _fields(request: HttpRequest, refusal: errors.Refusal, text: ProblemText) -> list[dict[str, Any]]:
    if isinstance(refusal, errors.FieldsInvalid):
        return [
            _field(name, code, _in_words(request, *problem_texts.FIELDS[code])) for name, code in refusal.fields.items()
        ]
    if isinstance(refusal, errors.AddressFieldInvalid):
        names = (f"{refusal.field}_{refusal.reason}", refusal.reason, refusal.field)
        texts = next(problem_texts.FIELDS[name] for name in names if name in problem_texts.FIELDS)
        return [_field(refusal.field, text.code, _in_words(request, *texts))]
    return [_field(text.field, text.code, _in_words(request, text.chinese, text.english))] if text.field else []


def _field(name: str, code: str, texts: Words) -> dict[str, Any]:
    return {"field": name, "code": code, **texts}


def _in_words(request: HttpRequest, chinese: str, english: str) -> Words:
    numbers = {"shortest": settings.MENPAI_PASSWORD_MIN_LENGTH, "longest": rules.PASSWORD_MAX_LENGTH}
    numbers |= {"receiver": rules.RECEIVER_LENGTH, "address": rules.ADDRESS_LENGTH, "tag": rules.TAG_LENGTH}
    numbers["order"] = rules.ORDER_LENGTH
    details = {"zh-CN": chinese.format(**numbers), "en": english.format(**numbers)}
    return {"detail": details["en" if language(request) == "en" else "zh-CN"], "details": details}
