"""Requests from us to somebody else's server: bounded as a whole, in time and size, and discreet about addresses."""

import time
from datetime import timedelta
from typing import Any

import msgspec

from menpai.http import signatures

LONGEST_ANSWER = 4096  # bytes


class RequestFailed(Exception):
    """No answer, or none that says yes. The text is a category: addresses may hold secrets."""


def post_signed(url: str, content: dict[str, Any], message_id: str, within: timedelta) -> bytes:
    """One signed POST; what was answered. Raises RequestFailed."""
    import httpx  # a tenth of a second that a shop without hooks should not pay at start

    body, seconds = msgspec.json.encode(content), within.total_seconds()
    signed = signatures.headers(body, message_id, signatures.shared_secrets())
    deadline, received = time.monotonic() + seconds, b""
    try:
        with httpx.stream("POST", url, content=body, headers=signed, timeout=seconds) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():  # httpx bounds each wait, not their sum
                received += part
                if time.monotonic() > deadline or len(received) > LONGEST_ANSWER:
                    raise RequestFailed("too slow or too long")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise RequestFailed(type(error).__name__) from None
    return received
