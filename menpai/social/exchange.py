"""Requests to sign-in providers: an exchange is bounded as a whole, in time and size.

Each runs on one of a few threads of its own. So the time limit covers slow name resolution and slowly sent headers too,
and a provider that hangs holds no thread that other requests need.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

import msgspec

from menpai import errors, rules
from menpai.http import outbound
from menpai.http.outbound import Bounds, Connections, Request

_T = TypeVar("_T")
_places = threading.BoundedSemaphore(rules.SOCIAL_AT_ONCE)
_LOOK_EVERY = 0.05  # seconds
_BUSY = (408, 425, 429)


class Connection:
    """To one provider, for one exchange."""

    def __init__(self, connections: Connections, deadline: float) -> None:
        self._connections, self._deadline = connections, deadline

    def get(self, url: str, query: Mapping[str, str]) -> bytes:
        """The body of the response. Raises SocialAway."""
        return self._send(Request("GET", url, query=query))

    def post(self, url: str, form: Mapping[str, str]) -> bytes:
        """The body of the response. Raises SocialAway."""
        return self._send(Request("POST", url, form=form))

    def _send(self, request: Request) -> bytes:
        bounds = Bounds(timedelta(seconds=self._deadline - time.monotonic()), rules.SOCIAL_ANSWER_BYTES)
        try:
            response = self._connections.send(request, bounds, reads=_is_from_provider)
        except outbound.RequestFailed as error:
            raise errors.SocialAway(error.detail) from None
        if not _is_from_provider(response.status):
            raise errors.SocialAway(f"http {response.status}")
        return response.body


def run_exchange(work: Callable[[Connection], _T], limit: timedelta | None = None) -> _T:
    """The result of `work`, within rules.SOCIAL_TIMEOUT. Raises SocialAway, and what `work` raises."""
    if not _places.acquire(blocking=False):
        raise errors.SocialAway("busy")
    seconds = (limit or rules.SOCIAL_TIMEOUT).total_seconds()
    connections = Connections(keep=True)

    def run() -> _T:
        try:
            return work(Connection(connections, time.monotonic() + seconds))
        finally:
            connections.close()
            _places.release()

    waiting = _threads().submit(run)
    try:
        return waiting.result(timeout=seconds)
    except TimeoutError:
        connections.close()  # the thread's next wait fails, which ends it
        raise errors.SocialAway("slow") from None


def run_optional(work: Callable[[Connection], dict[str, Any]]) -> dict[str, Any]:
    """The result of work that nothing depends on: empty when it does not come quickly."""
    try:
        return run_exchange(work, rules.SOCIAL_PROFILE_TIMEOUT)
    except errors.SocialRefused:
        return {}


def wait_for(look: Callable[[], _T | None], seconds: float) -> _T | None:
    """The result of another request's exchange: what `look` returns within so many seconds.

    Waiting requests take the places of exchanges: both together hold no thread that other requests need.
    """
    result, deadline = look(), time.monotonic() + seconds
    if result is not None or seconds <= 0 or not _places.acquire(blocking=False):
        return result
    try:
        while result is None and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY)
            result = look()
        return result
    finally:
        _places.release()


def read_object(content: bytes) -> dict[str, Any]:
    """The JSON object in a response of any content type.

    Raises SocialAway: it may be the error page of a proxy.
    """
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = None
    if not isinstance(answer, dict):
        raise errors.SocialAway("unreadable")
    return answer


def code_of(raw: object) -> str:
    """A provider's error code, fit for a log: a few digits or words, never its text."""
    text = str(raw) if isinstance(raw, int | str) else ""
    return text if len(text) <= 40 and text.replace("-", "").replace(".", "").replace("_", "").isalnum() else "?"


def _is_from_provider(status: int) -> bool:
    """False for overload, failures and redirects, whose bodies need not be the provider's."""
    return status < 500 and status not in _BUSY and not 300 <= status < 400


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(rules.SOCIAL_AT_ONCE, thread_name_prefix="social")
