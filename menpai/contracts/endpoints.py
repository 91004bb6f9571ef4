"""How an endpoint of a published contract runs; the contract brings the shapes of its answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from menpai import errors
from menpai.contracts import origins, repeats, responses

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Shapes:
    """A contract's answers: to a view's result, a refusal, a dependency that is away, a fault."""

    answered: Callable[[Any], HttpResponse]
    refused: Callable[[errors.Refusal], HttpResponse]
    unavailable: Callable[[errors.Unavailable], HttpResponse]
    failed: Callable[[], HttpResponse]


def endpoint(
    shapes: Shapes, *, reads: bool = False, again: repeats.Again | None = None
) -> Callable[[Callable[..., Any]], View]:
    """A decorator: the view answers in these shapes, whatever it returns or raises.

    Only a view that `reads`, and neither sends nor changes anything, answers pages of unknown origins. `again` makes
    the first answer once more, for a repeat that would be refused or would have a second effect (repeats.py).
    """

    def decorate(view: Callable[..., Any]) -> View:
        @wraps(view)
        def run(request: HttpRequest, **path: str) -> HttpResponse:
            try:
                if not reads:
                    origins.require_known(request)
                answer = view(request, **path) if again is None else repeats.run(view, again, request, path)
                return shapes.answered(answer)
            except errors.Refusal as refusal:
                responses.audit_refusal(refusal)
                return shapes.refused(refusal)
            except Exception as error:  # noqa: BLE001  (the last resort: logged, answered in the contract's shape)
                return _fault(error, shapes)

        return run

    return decorate


def _fault(error: Exception, shapes: Shapes) -> HttpResponse:
    unavailable = responses.as_unavailable(error)
    if unavailable is None:
        responses.log_fault(error)
        return shapes.failed()
    responses.log_unavailable(error)
    return shapes.unavailable(unavailable)


def by_method(views: Mapping[str, View], not_allowed: Callable[[], HttpResponse]) -> View:
    """A URL's views by method; every other method, HEAD among them, is a 405 without side effects."""

    def run(request: HttpRequest, **path: str) -> HttpResponse:
        view = views.get(request.method or "")
        if view:
            return view(request, **path)
        response = not_allowed()
        response.headers["Allow"] = ", ".join(views)
        return response

    return run
