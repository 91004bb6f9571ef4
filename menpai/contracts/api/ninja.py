"""django-ninja as /api uses it: a check before the body, problems, a complete OpenAPI document."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial, wraps
from http import HTTPStatus
from itertools import chain
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation as NinjaOperation
from ninja.parser import Parser
from ninja.schema import NinjaGenerateJsonSchema
from ninja.security.base import AuthBase

from menpai import errors, rules
from menpai.contracts import origins, request_body, request_context, responses
from menpai.contracts.api import auth, problem_texts, problems, schemas
from menpai.sessions.tokens import SessionSelect

Operation = Callable[..., Any]
JSON = "application/json; charset=utf-8"
REASONS = {  # pydantic's → ours
    **dict.fromkeys(("missing", "string_too_short"), "required"),
    "string_too_long": "too_long",
    "too_long": "too_many",
}
_longer_bodies: dict[str, int] = {}  # path → bytes, of operations that take more than rules.BODY_BYTES
REF = "#/components/schemas/{model}"
COUNTED = (errors.ComeBackLater, errors.NoGateway, errors.SocialAway, errors.Unavailable)
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1–100 printable ASCII characters. The same key and body again is done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[ -~]+$"},
}


class SessionAuth(AuthBase):
    """`request.auth` is the tokens.Caller; `select` reads its session and more (tokens.py)."""

    def __init__(self, select: SessionSelect | None = None) -> None:
        super().__init__()
        self.select = select

    def __call__(self, request: HttpRequest) -> Any:
        return auth.caller(request, self.select)


class Bearer(SessionAuth):
    openapi_type, openapi_scheme = "http", "bearer"


class Cookie(SessionAuth):
    openapi_type, openapi_in, openapi_name = "apiKey", "cookie", "menpai_session"


@dataclass(frozen=True)
class Binary:
    """An answer that is no JSON."""

    content_type: str


def operation(
    router: Router,
    method: str,
    path: str,
    answer: "tuple[int, Any] | Binary",
    *refusals: type[Exception],
    signed_in: bool = True,
    select: SessionSelect | None = None,
    repeatable: bool = False,
    has_etag: bool = False,
    body_bytes: int = rules.BODY_BYTES,
) -> Callable[[Operation], Operation]:
    """Registers a view: its method, path, status and schema, and the refusals of its own.

    Refusals that every operation can answer with are added; `has_etag`: the view answers 304 as well. `select` reads
    the caller's session, and in the same round trip the `rows` of the caller.
    """
    declared = [*refusals, errors.Unavailable, errors.BodyTooLarge, errors.NotJson]
    if method != "GET":
        # Every change is counted (sessions/changes.py).
        declared += [errors.CrossSite, errors.BadRequest, errors.FieldsInvalid, errors.ClientTooFast]
    if signed_in:
        declared.append(errors.NotSignedIn)
    if repeatable:
        declared.append(errors.IdempotencyKeyReused)
    extra: dict[str, Any] = {"responses": _documented(declared)}
    if isinstance(answer, Binary):
        status, schema = 200, None
        extra["responses"][status] = {"description": "OK", "content": {answer.content_type: {}}}
    else:
        status, schema = answer
    if repeatable:
        extra["parameters"] = [KEY_HEADER]
    if body_bytes != rules.BODY_BYTES:
        _longer_bodies[path.lstrip("/")] = body_bytes
    if has_etag:
        extra["responses"][304] = {"description": "Not Modified: `If-None-Match` has the ETag of this answer."}
    return router.api_operation(
        [method],
        path,
        # Either is enough: the first looks at both, the second is there for the document.
        auth=[Bearer(select), Cookie()] if signed_in else None,
        response={status: schema},
        openapi_extra=extra,
    )


def _documented(refusals: list[type[Exception]]) -> dict[int, Any]:
    """status → response object, which names the codes."""
    by_status: dict[int, list[type[Exception]]] = {}
    for refusal in chain.from_iterable(map(_family, refusals)):
        by_status.setdefault(problem_texts.PROBLEMS[refusal].status, []).append(refusal)
    return {status: _response(status, by_status[status]) for status in sorted(by_status)}


def _family(refusal: type[Exception]) -> list[type[Exception]]:
    """The refusal, or where it has no words of its own those below it."""
    return [refusal] if refusal in problem_texts.PROBLEMS else refusal.__subclasses__()


def _response(status: int, refusals: list[type[Exception]]) -> dict[str, Any]:
    codes = ", ".join(
        f"`{code}`" for code in dict.fromkeys(problem_texts.PROBLEMS[refusal].code for refusal in refusals)
    )
    response: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}: {codes}",
        "content": {problems.CONTENT_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}},
    }
    if all(issubclass(refusal, COUNTED) for refusal in refusals):
        seconds = {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 1}}
        response["headers"] = {"Retry-After": seconds}
    return response


class _Gate(Parser):
    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return request_body.json_object(request.body)


class Api(NinjaAPI):
    def __init__(self, **options: Any) -> None:
        super().__init__(parser=_Gate(), docs_decorator=_documented_page, **options)
        self.add_exception_handler(errors.Refusal, _refused)
        self.add_exception_handler(ValidationError, _invalid)
        self.add_exception_handler(HttpError, _unreadable)
        self.add_exception_handler(Exception, _failed)

    def _get_urls(self) -> list[Any]:
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                for one in view.operations:
                    one.run = partial(_run, one)  # type: ignore[method-assign]
        patterns = super()._get_urls()[:-1]  # without the root, which answers nothing
        for pattern in patterns:
            most = _longer_bodies.get(str(pattern.pattern), rules.BODY_BYTES)
            pattern.callback = _at_the_gate(pattern.callback, most)
        return patterns

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        return "/api/"

    def get_openapi_schema(self, **_options: Any) -> Any:
        return self._document

    @cached_property
    def _document(self) -> Any:
        document = super().get_openapi_schema(path_prefix="api/")
        made = schemas.Problem.model_json_schema(ref_template=REF, schema_generator=NinjaGenerateJsonSchema)
        document["components"]["schemas"] |= made.pop("$defs") | {"Problem": made}
        return document

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)


def _run(operation: NinjaOperation, request: HttpRequest, **path: Any) -> HttpResponse:
    """An operation's answer, encoded as the view returned it.

    django-ninja would first validate it, copy it and look for what we do not use.
    """
    try:
        for check in operation.auth_callbacks[:1]:
            request.auth = check(request)  # type: ignore[attr-defined]  # where ninja would put it
        response = HttpResponse(content_type=JSON)
        values = operation._get_values(request, path, response)
        answer = operation.view_func(request, **values)
        if isinstance(answer, HttpResponse):
            return answer
        response.status_code = next(iter(operation.response_models))
        if answer is not None:
            response.content = msgspec.json.encode(answer, enc_hook=vars)
        return response
    except Exception as error:  # noqa: BLE001  (each has its handler)
        refused: HttpResponse = operation.api.on_exception(request, error)
        return refused


def _at_the_gate(view: Any, most: int) -> Callable[..., HttpResponse]:
    """The checks before anything else.

    Known pages alone may change something, at most so many bytes are read, and a body is JSON (decisions.md 17).
    """

    @wraps(view)
    def run(request: HttpRequest, *arguments: Any, **path: Any) -> HttpResponse:
        try:
            if request.method not in request_context.SAFE_METHODS:
                origins.require_known(request)
            request._body = request_body.read_raw(request, most)  # what Django's own `body` looks at first
            if request._body and not _is_json(request):
                raise errors.NotJson
        except errors.Refusal as refusal:
            return problems.refused(request, refusal)
        response: HttpResponse = view(request, *arguments, **path)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            problem = problems.problem(request, problem_texts.METHOD)
            problem.headers["Allow"] = ", ".join(sorted(response.headers["Allow"].split(", ")))
            return problem
        return response

    run.csrf_exempt = True  # type: ignore[attr-defined]  # auth.py looks at the origin
    return run


def _documented_page(view: Any) -> Any:
    """The docs page: its files come with django-ninja, and from us; they write styles."""

    @require_safe  # ninja would answer to anything
    @wraps(view)
    def run(request: HttpRequest, *arguments: Any, **path: Any) -> HttpResponse:
        response: HttpResponse = view(request, *arguments, **path)
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return response

    return run


def _is_json(request: HttpRequest) -> bool:
    kind: str = request.META.get("CONTENT_TYPE", "")
    return kind.partition(";")[0].strip().lower() == "application/json"


# ── What is not an answer ──
def _refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    responses.audit_refusal(refusal)
    response = problems.refused(request, refusal)
    if isinstance(refusal, errors.NotSignedIn) and auth.by_cookie(request):
        auth.drop_cookie(response)  # it opens nothing any more
    return response


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    if any(problem["loc"] == ("body", "body") for problem in error.errors):  # there is no body
        return problems.refused(request, errors.BadRequest())
    reasons: dict[str, str] = {}
    for problem in error.errors:
        place = [str(part) for part in problem["loc"][2:]] or [str(problem["loc"][-1])]
        reasons.setdefault(".".join(place), REASONS.get(problem["type"], "wrong_type"))
    return problems.refused(request, errors.FieldsInvalid(reasons))


def _unreadable(request: HttpRequest, _no: Any) -> HttpResponse:
    """ninja's word for a body that the gate refused."""
    return problems.refused(request, errors.BadRequest())


def _failed(request: HttpRequest, fault: Any) -> HttpResponse:
    if responses.as_unavailable(fault):
        responses.log_unavailable(fault)
        return problems.unavailable(request)
    responses.log_fault(fault)
    return problems.problem(request, problem_texts.UNFORESEEN)
