"""A gateway's request to its vendor: one POST, its response, codes and ids made safe to keep.

Raises the exceptions of outcomes.py, and nothing else.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import TypeVar
from urllib.parse import quote

import msgspec

from menpai import rules
from menpai.delivery import outcomes
from menpai.http import outbound
from menpai.http.outbound import Bounds, Connections, Request, Response

T = TypeVar("T")
RESPONSE_BYTES = 64 * 1024
LONGEST_REFERENCE = 128  # characters that the database keeps of a vendor's id
_BUSY = (408, 425, 429)
_FROM_PROXY = (502, 504)


def post(url: str, headers: Mapping[str, str], body: bytes, statuses: Collection[int] = (200,)) -> Response:
    """The response to one POST, never repeated.

    Its status is one of `statuses`, whose bodies explain themselves; any other status raises here.
    """
    bounds = Bounds(rules.ANSWER_TIMEOUT, RESPONSE_BYTES, connect=rules.CONNECT_TIMEOUT)
    request = Request("POST", url, headers=headers, body=body)
    try:
        response = _connections().send(request, bounds, reads=statuses.__contains__)
    except outbound.NotConnected as error:
        raise outcomes.Retry(error.detail) from None
    except outbound.BadUrl as error:
        raise outcomes.Misconfigured(error.detail) from None
    except outbound.RequestFailed as error:
        raise outcomes.Unanswered(error.detail) from None
    if response.status not in statuses:
        raise _classify_status(response.status)
    return response


def parse(response: Response, shape: type[T]) -> T:
    """The JSON of a response. One that cannot be read is judged by its status."""
    try:
        return msgspec.json.decode(response.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if outbound.is_success(response.status):
            raise outcomes.Unanswered("unreadable") from None
        raise outcomes.Misconfigured(f"http {response.status}") from None


def classify(raw_code: object, meanings: Mapping[type[outcomes.NotAccepted], Iterable[str]]) -> outcomes.NotAccepted:
    """The refusal that a vendor's code stands for: the first that matches.

    A pattern that ends with * is a prefix.

    Unknown codes are Retry, so that one strange message does not pause the gateway for everybody.
    """
    code = safe_code(raw_code)
    for refusal, patterns in meanings.items():
        if any(code == pattern or (pattern.endswith("*") and code.startswith(pattern[:-1])) for pattern in patterns):
            return refusal(code)
    return outcomes.Retry(code)


def safe_code(raw: object) -> str:
    """A vendor's code, fit for a log and a page; `?` for a sentence or anything that holds a phone number."""
    text = str(raw)
    return text if re.fullmatch(r"[-A-Za-z0-9][A-Za-z0-9_.:-]{0,79}", text) and not re.search("[0-9]{9}", text) else "?"


def safe_reference(raw: object) -> str:
    """The vendor's id of a message, as the database keeps it; blank when it is not an id."""
    text = str(raw) if isinstance(raw, str | int) else ""
    return text if re.fullmatch(f"[!-~]{{1,{LONGEST_REFERENCE}}}", text) else ""


def escape(text: str) -> str:
    """RFC 3986, as signatures want it: %20 for a space, ~ as it is."""
    return quote(text, safe="~")


def sorted_query(params: Mapping[str, str]) -> str:
    """The query string, sorted by name: the order in which it is signed."""
    return "&".join(f"{escape(name)}={escape(value)}" for name, value in sorted(params.items()))


def _classify_status(status: int) -> outcomes.NotAccepted:
    if status in _FROM_PROXY:  # a proxy got no answer, or a bad one: the vendor may have taken the message
        return outcomes.Unanswered(f"http {status}")
    if status >= 500 or status in _BUSY:
        return outcomes.Retry(f"http {status}")
    return outcomes.Misconfigured(f"http {status}")  # redirects too: keys are not taken elsewhere


@cache
def _connections() -> Connections:
    return Connections(compressed=False)
