"""What everything shares that talks to a vendor: settings of its own, and one POST, short, bounded and discreet.

Knows nothing of SMS. `from None` throughout: httpx's exceptions hold addresses, and those hold accounts and keys.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from menpai import environment, rules
from menpai.delivery import outcomes

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONGEST_ANSWER = 64 * 1024
LONGEST_REFERENCE = 128  # characters that the database keeps of a vendor's id
_BUSY = (408, 425, 429)
_FROM_BETWEEN = (502, 504)


@dataclass(frozen=True)
class Settings:
    """MENPAI_<VENDOR>_<KEY>, read when it is asked for. `needed` have no default; a key that is neither is a fault."""

    vendor: str
    needed: tuple[str, ...]
    optional: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        default = "" if key in self.needed else self.optional[key]
        return environment.text(self.variable(key), default)

    def variable(self, key: str) -> str:
        return f"MENPAI_{self.vendor}_{key}"

    def defaults(self) -> dict[str, str]:
        """Every variable that is read, with what holds when it is not set."""
        return {self.variable(key): self.optional.get(key, "") for key in (*self.needed, *self.optional)}

    def problems(self) -> list[str]:
        """What is missing; and keys do not travel in clear."""
        found = [f"{self.variable(key)} is not set" for key in self.needed if not self[key]]
        for key in (*self.needed, *self.optional):
            if key.endswith("URL") and self[key] and not _is_safe(self[key]):
                found.append(f"{self.variable(key)} must begin with https://")
        return found


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


def post(url: str, headers: Mapping[str, str], body: bytes, told: Iterable[int] = (200,)) -> Answer:
    """One POST, never a second. `told` are the statuses whose body says what it means; any other is refused here.

    Raises the exceptions of outcomes.py.
    """
    import httpx

    content, until = b"", time.monotonic() + rules.ANSWER_TIMEOUT.total_seconds()
    try:
        with _client().stream("POST", url, headers=headers, content=body, timeout=_patience()) as answer:
            if answer.status_code not in told:
                raise _refused(answer.status_code)
            for chunk in answer.iter_raw():  # not unpacked: a small answer may become a very large one
                content += chunk
                if len(content) > LONGEST_ANSWER or time.monotonic() > until:
                    raise outcomes.Unanswered("endless")
            return Answer(answer.status_code, content)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as no:
        raise outcomes.Retry(type(no).__name__) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as no:
        raise outcomes.Misconfigured(type(no).__name__) from None
    except httpx.HTTPError as no:  # the request had left when this happened
        raise outcomes.Unanswered(type(no).__name__) from None


def understood(answer: Answer, shape: type[T]) -> T:
    """The JSON of an answer. One that cannot be read says at least whether the request was taken: its status."""
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if answer.status < 300:
            raise outcomes.Unanswered("unreadable") from None
        raise outcomes.Misconfigured(f"http {answer.status}") from None


def meaning(told: object, meanings: Mapping[type[outcomes.NotAccepted], Iterable[str]]) -> outcomes.NotAccepted:
    """What a vendor's code means, by the first that fits; one that ends with * fits all that begin so.

    Unknown codes are Retry: one strange message must not make the gateway rest for everybody.
    """
    detail = code(told)
    for kind, codes in meanings.items():
        if any(detail == one or (one.endswith("*") and detail.startswith(one[:-1])) for one in codes):
            return kind(detail)
    return outcomes.Retry(detail)


def code(raw: object) -> str:
    """A vendor's code, fit for a log and a page; a sentence or a number to call is neither."""
    text = str(raw)
    return text if re.fullmatch(r"[-A-Za-z0-9][A-Za-z0-9_.:-]{0,79}", text) and not re.search("[0-9]{9}", text) else "?"


def reference(raw: object) -> str:
    """The vendor's id of something, as the database keeps it; blank when it is none."""
    text = str(raw) if isinstance(raw, str | int) else ""
    return text if re.fullmatch(f"[!-~]{{1,{LONGEST_REFERENCE}}}", text) else ""


def escaped(text: str) -> str:
    """RFC 3986, as signatures want it: %20 for a space, ~ as it is."""
    return quote(text, safe="~")


def query(params: Mapping[str, str]) -> str:
    """Sorted by name, which is the order that signatures are made in."""
    return "&".join(f"{escaped(name)}={escaped(value)}" for name, value in sorted(params.items()))


def _refused(status: int) -> outcomes.NotAccepted:
    if status in _FROM_BETWEEN:  # somebody in between heard nothing, or nonsense: the vendor may have taken it
        return outcomes.Unanswered(f"http {status}")
    if status >= 500 or status in _BUSY:
        return outcomes.Retry(f"http {status}")
    return outcomes.Misconfigured(f"http {status}")  # redirects too: keys are not taken elsewhere


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in LOOPBACK)
    except ValueError:
        return False


def _patience() -> "httpx.Timeout":
    import httpx

    connect = rules.CONNECT_TIMEOUT.total_seconds()
    return httpx.Timeout(connect, read=rules.ANSWER_TIMEOUT.total_seconds() - connect)


@cache
def _client() -> "httpx.Client":
    """One for the process: a new one per request would load the root certificates each time (30 ms).

    Connections are not kept: one that the vendor closes at the moment of its next use is an answer that never comes.
    """
    import httpx

    return httpx.Client(
        headers={"User-Agent": "menpai", "Accept-Encoding": "identity"},
        limits=httpx.Limits(max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=False,
    )
