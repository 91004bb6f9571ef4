"""What goes wrong between a page and the server, made to happen."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from playwright.sync_api import Route

from tests.e2e.walker import Walker, later
from tests.store_clock import age_redis

NO_ANSWER = "console: Failed to load resource: net::"  # what Chromium writes about it
AWAY = ("503: ", "console: Failed to load resource: the server responded with a status of 503")


def much_later(seconds: float) -> None:
    """As if so many seconds had passed for every code, ticket and limit."""
    from django.db.models import F

    from menpai.models import EphemeralSecret

    if settings.MENPAI_REDIS_URL:
        age_redis(settings.MENPAI_REDIS_URL, seconds)
        return
    EphemeralSecret.objects.update(expires_at=F("expires_at") - seconds, tries_until=F("tries_until") - seconds)
    later(seconds)


@contextmanager
def unreachable(walker: Walker, path: str = "/api/") -> Iterator[None]:
    """No connection for what begins with `path`."""
    walker.guard.expect(NO_ANSWER)
    with _routed(walker, path, lambda route: route.abort("connectionrefused")):
        yield


@contextmanager
def away(walker: Walker, path: str = "/api/") -> Iterator[None]:
    """The answer of a proxy whose server is gone."""
    walker.guard.expect(*AWAY)
    with _routed(walker, path, lambda route: route.fulfill(status=503, content_type="text/html", body="<h1>503</h1>")):
        yield


@dataclass(frozen=True)
class Failure:
    happens: Callable[..., AbstractContextManager[None]]
    words: str  # the text that the page has for it


FAILURES = (Failure(unreachable, "offline"), Failure(away, "fault"))


def fails_then_works(walker: Walker, failure: Failure, button: str, **kept: str) -> None:
    """Presses the button during the failure and again after it; what was typed into the fields has stayed."""
    with failure.happens(walker):
        walker.press(button).alerts(failure.words)
    for key, value in kept.items():
        walker.holds(key, value)
    walker.press(button)


@contextmanager
def answer_lost(walker: Walker, path: str) -> Iterator[list[int]]:
    """The server does what it is asked, and its answer never arrives; gives the statuses that were lost."""
    walker.guard.expect(NO_ANSWER)
    statuses: list[int] = []
    before = walker.context.cookies()

    def lose(route: Route) -> None:
        statuses.append(route.fetch(headers=route.request.all_headers()).status)
        # The cookie that came with it is lost as well.
        walker.context.clear_cookies()
        walker.context.add_cookies(before)  # type: ignore[arg-type]  # what it gives it takes
        route.abort("connectionreset")

    with _routed(walker, path, lose):
        yield statuses


def loses_the_answer(walker: Walker, button: str, path: str, status: int) -> None:
    """Presses the button; the server does as it is asked, and its answer of this status does not arrive."""
    with answer_lost(walker, path) as statuses:
        walker.press(button).alerts("offline")
    assert statuses == [status]


class Held:
    """Requests that are on their way for as long as the test wants."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def __len__(self) -> int:
        return len(self.routes)

    def go(self) -> None:
        while self.routes:
            self.routes.pop(0).continue_()


@contextmanager
def slow(walker: Walker, path: str) -> Iterator[Held]:
    """`held.go()` lets them through."""
    held = Held()
    with _routed(walker, path, lambda route: held.routes.append(route)):
        yield held


@contextmanager
def _routed(walker: Walker, path: str, handler: Callable[[Route], Any]) -> Iterator[None]:
    pattern = f"{walker.guard.url}{path}**"
    walker.page.route(pattern, handler)
    yield
    walker.page.unroute(pattern)
