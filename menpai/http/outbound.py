"""HTTP requests to other people's servers: bounded in time and size, and never redirected.

`Connections.send` is the only use of httpx. Its errors are a closed list (RequestFailed); their text is a category,
since the exceptions of httpx quote addresses, which hold accounts and keys. For that reason they are raised
`from None`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from menpai.http import signatures
from menpai.http.loopback import is_loopback

if TYPE_CHECKING:
    import ssl

    import httpx

_SERVICE_RESPONSE_BYTES = 4096


# ── Errors ──
class RequestFailed(Exception):
    """Base of the list. `detail` is a category: the name of an httpx exception, `http 500`, `endless`."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotConnected(RequestFailed):
    """No connection was made: the other side has received nothing."""


class BadUrl(RequestFailed):
    """The address is not one of HTTP; nothing was sent."""


class Interrupted(RequestFailed):
    """The request was under way: the other side may have received and carried it out."""


class Endless(Interrupted):
    """The response is longer, or takes longer, than the bounds allow."""

    def __init__(self) -> None:
        super().__init__("endless")


class BadStatus(RequestFailed):
    """The response has another status than the caller accepts (post_signed only)."""


# ── Requests ──
@dataclass(frozen=True)
class Bounds:
    """How long a request may take, its response included, and how many bytes that may have.

    `connect`: how much of the time connecting may take; all of it unless given.
    """

    time: timedelta
    size: int
    connect: timedelta | None = None


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str] | None = None
    query: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None
    body: bytes | None = None


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes


def is_success(status: int) -> bool:
    return 200 <= status < 300


class Connections:
    """The connections to one party.

    `keep`: connections are used again. One that the other side closes at the moment of its next use is a response that
    never comes, so requests that must not be repeated open a new one each.
    `compressed`: responses may be compressed, which lets a small response unpack into a large one.
    """

    def __init__(self, *, keep: bool = False, compressed: bool = True) -> None:
        import httpx  # a tenth of a second that a shop without outbound requests should not pay at start

        self._compressed = compressed
        self._client = httpx.Client(
            headers={"User-Agent": "menpai"} | ({} if compressed else {"Accept-Encoding": "identity"}),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20 if keep else 0),
            follow_redirects=False,
            trust_env=False,
            verify=_certificates(),
        )

    def send(self, request: Request, bounds: Bounds, reads: Callable[[int], bool] = is_success) -> Response:
        """The response to one request, never repeated; its body is left unread unless `reads(status)`.

        Raises NotConnected, BadUrl, Interrupted, Endless.
        """
        import httpx

        deadline = time.monotonic() + bounds.time.total_seconds()
        try:
            with self._client.stream(
                request.method,
                request.url,
                headers=request.headers,
                params=request.query,
                data=request.form,
                content=request.body,
                timeout=_timeout(bounds),
            ) as answer:
                body = self._read(answer, bounds.size, deadline) if reads(answer.status_code) else b""
                return Response(answer.status_code, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotConnected(type(error).__name__) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise BadUrl(type(error).__name__) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Interrupted(type(error).__name__) from None

    def _read(self, answer: "httpx.Response", size: int, deadline: float) -> bytes:
        parts: Iterator[bytes] = answer.iter_bytes() if self._compressed else answer.iter_raw()
        body = b""
        for part in parts:  # httpx bounds each wait, not their sum
            body += part
            if len(body) > size or time.monotonic() > deadline:
                raise Endless
        return body

    def close(self) -> None:
        """End every request that is under way: its next wait fails with Interrupted."""
        self._client.close()


def post_signed(url: str, content: dict[str, Any], message_id: str, within: timedelta) -> bytes:
    """The body of the response to one signed POST to a service of the shop. Raises RequestFailed."""
    body = msgspec.json.encode(content)
    headers = signatures.sign(body, message_id, signatures.shared_secrets())
    bounds = Bounds(within, _SERVICE_RESPONSE_BYTES)
    response = _to_services().send(Request("POST", url, headers=headers, body=body), bounds)
    if not is_success(response.status):
        raise BadStatus(f"http {response.status}")
    return response.body


# ── Addresses ──
def is_safe_url(url: str) -> bool:
    """True for addresses to which keys may be sent: https, or this host."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or is_loopback(parts.hostname))
    except ValueError:
        return False


def _timeout(bounds: Bounds) -> "httpx.Timeout":
    import httpx

    seconds = max(bounds.time.total_seconds(), 0.001)
    if bounds.connect is None:
        return httpx.Timeout(seconds)
    connect = bounds.connect.total_seconds()
    return httpx.Timeout(connect, read=seconds - connect)


@cache
def _to_services() -> Connections:
    return Connections()


@cache
def _certificates() -> "ssl.SSLContext":
    """Once for the process: loading the root certificates takes 30 ms."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
