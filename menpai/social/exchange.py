"""How a provider is asked: bounded as a whole, in time and size, whatever comes back or does not.

The asking happens on a few threads of its own. So the time holds for names that do not resolve and for headers that
drip, too; and a provider that hangs takes no thread from everybody else's requests.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from menpai import errors, rules

if TYPE_CHECKING:
    import ssl

    import httpx

_T = TypeVar("_T")
_places = threading.BoundedSemaphore(rules.SOCIAL_AT_ONCE)
_NOT_NOW = (408, 425, 429)


class Connection:
    """To one provider, for one exchange."""

    def __init__(self, client: "httpx.Client", until: float) -> None:
        self._client, self._until = client, until

    def get(self, url: str, query: Mapping[str, str]) -> bytes:
        return self._ask("GET", url, query, None)

    def post(self, url: str, form: Mapping[str, str]) -> bytes:
        return self._ask("POST", url, None, form)

    def _ask(self, method: str, url: str, query: Mapping[str, str] | None, form: Mapping[str, str] | None) -> bytes:
        """`from None` throughout: httpx's exceptions hold the address, and that may hold the secret."""
        import httpx

        content, patience = b"", max(self._until - time.monotonic(), 0.001)
        try:
            with self._client.stream(method, url, params=query, data=form, timeout=patience) as answer:
                if answer.status_code >= 500 or answer.status_code in _NOT_NOW or answer.is_redirect:
                    raise errors.SocialAway(f"http {answer.status_code}")
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > rules.SOCIAL_ANSWER_BYTES or time.monotonic() > self._until:
                        raise errors.SocialAway("endless")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as no:
            raise errors.SocialAway(type(no).__name__) from None
        return content


def run_exchange(work: Callable[[Connection], _T], limit: timedelta | None = None) -> _T:
    """What `work` answers, within rules.SOCIAL_TIMEOUT. Raises SocialAway, and what `work` raises."""
    import httpx

    if not _places.acquire(blocking=False):
        raise errors.SocialAway("busy")
    seconds = (limit or rules.SOCIAL_TIMEOUT).total_seconds()
    client = httpx.Client(verify=_certificates(), follow_redirects=False, trust_env=False)

    def run() -> _T:
        try:
            return work(Connection(client, time.monotonic() + seconds))
        finally:
            client.close()
            _places.release()

    waiting = _threads().submit(run)
    try:
        return waiting.result(timeout=seconds)
    except TimeoutError:
        client.close()  # whatever the thread waits for ends with its next look
        raise errors.SocialAway("slow") from None


def run_optional(work: Callable[[Connection], dict[str, Any]]) -> dict[str, Any]:
    """What nothing depends on: empty when it does not come quickly."""
    try:
        return run_exchange(work, rules.SOCIAL_PROFILE_TIMEOUT)
    except errors.SocialRefused:
        return {}


def read_object(content: bytes) -> dict[str, Any]:
    """JSON, whatever the content type says. Raises SocialAway: an error page of a proxy, perhaps."""
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict):
        raise errors.SocialAway("unreadable")
    return found


def code_of(said: object) -> str:
    """A provider's error code, fit for a log: a few digits or words, never its text."""
    text = str(said) if isinstance(said, int | str) else ""
    return text if len(text) <= 40 and text.replace("-", "").replace(".", "").replace("_", "").isalnum() else "?"


@cache
def _certificates() -> "ssl.SSLContext":
    """Once for the process: loading the root certificates takes 30 ms."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(rules.SOCIAL_AT_ONCE, thread_name_prefix="social")
