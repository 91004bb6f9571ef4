"""Answers of the modern API: RFC 9457 problem details with a stable `code`."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from menpai import errors, rules
from menpai.contracts import edge

View = Callable[..., HttpResponse]

# refusal → (status, code, title in Chinese, title in English)
PROBLEMS: dict[type[Exception], tuple[int, str, str, str]] = {
    errors.BadRequest: (400, "bad_request", "请求无法理解", "The request cannot be understood"),
    errors.BodyTooLarge: (413, "body_too_large", "请求内容过大", "The request is too large"),
    errors.NotSignedIn: (401, "not_signed_in", "请先登录", "Please sign in"),
    errors.EmailInvalid: (409, "nothing_to_activate", "没有待激活的邮箱", "There is no e-mail to activate"),
    errors.ActivationMalformed: (400, "activation_malformed", "激活链接有误", "The activation link is malformed"),
    errors.ActivationGone: (410, "activation_gone", "激活链接已失效", "The activation link is no longer valid"),
    errors.TargetTooSoon: (429, "too_soon", "请稍后再试", "Please try again later"),
    errors.ClientTooFast: (429, "too_many_requests", "请求过于频繁", "Too many requests"),
    errors.Unavailable: (503, "unavailable", "服务暂时不可用", "The service is unavailable for a moment"),
}
UNFORESEEN = (500, "fault", "服务器出错", "Something went wrong")
UNKNOWN = (404, "unknown_path", "接口不存在", "There is no such address")
METHOD = (405, "method_not_allowed", "不支持的请求方法", "This method is not supported here")


def endpoint(view: View) -> View:
    @wraps(view)
    def run(request: HttpRequest, **path: str) -> HttpResponse:
        try:
            return view(request, **path)
        except errors.Refusal as no:
            wait = edge.seconds(no) if isinstance(no, errors.ComeBackLater) else None
            return problem(request, PROBLEMS[type(no)], wait)
        except Exception as fault:  # noqa: BLE001  (the last resort: logged, answered in the contract's shape)
            if edge.as_unavailable(fault):
                edge.log_unavailable(fault)
                return problem(request, PROBLEMS[errors.Unavailable], int(rules.COME_BACK_AFTER.total_seconds()))
            edge.log_fault(fault)
            return problem(request, UNFORESEEN)

    return run


def on(**views: View) -> View:
    def run(request: HttpRequest, **path: str) -> HttpResponse:
        view = views.get(request.method or "")
        if view:
            return view(request, **path)
        response = problem(request, METHOD)
        response.headers["Allow"] = ", ".join(views)
        return response

    return run


def unknown(request: HttpRequest, **_path: str) -> HttpResponse:
    return problem(request, UNKNOWN)


def problem(request: HttpRequest, what: tuple[int, str, str, str], retry_after: int | None = None) -> HttpResponse:
    status, code, chinese, english = what
    title = english if request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower().startswith("en") else chinese
    content = {"type": f"/problems/{code}", "title": title, "status": status, "detail": title, "code": code}
    response = edge.answer(content, status, retry_after)
    response.headers["Content-Type"] = "application/problem+json"
    return response
