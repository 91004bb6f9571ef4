"""GeeTest (极验), what both versions have in common: whether it is set up, and how it is asked.

It never decides alone: unreachable, slow or unclear is Unreachable, and then the local captchas take its place.
"""

import contextlib
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from menpai import errors, rules
from menpai.captcha.protocol import Unreachable
from menpai.ephemeral import store

if TYPE_CHECKING:
    import httpx

HOMES = {"3": "https://api.geetest.com", "4": "https://gcaptcha4.geetest.com"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONGEST_ANSWER = 64 * 1024
_REST = "captcha:geetest"


def problems() -> list[str]:
    """What is wrong with its settings; empty when it is set up, or not wanted."""
    if not settings.MENPAI_GEETEST_ID and not settings.MENPAI_GEETEST_KEY:
        return []
    found = [f"MENPAI_GEETEST_{name} is not set" for name in ("ID", "KEY") if not _own(name)]
    home = urlsplit(_home())
    if home.scheme != "https" and home.hostname not in LOOPBACK:
        found.append("MENPAI_GEETEST_BASE_URL must begin with https://")
    return found


def version() -> str:
    """`3` or `4`; empty when it is not set up."""
    return settings.MENPAI_GEETEST_VERSION if settings.MENPAI_GEETEST_ID and not problems() else ""


def rests() -> bool:
    """It did not answer a moment ago. Raises StoreUnavailable."""
    return store().paused([_REST])[0]


def ask(method: str, path: str, *, query: Mapping[str, str], form: Mapping[str, str] | None = None) -> dict[str, Any]:
    """One request; the object that it answers. Raises Unreachable, and leaves GeeTest alone for a while then."""
    try:
        found = msgspec.json.decode(_receive(method, path, query, form))
    except (Unreachable, msgspec.DecodeError):
        found = None
    if isinstance(found, dict):
        return found
    with contextlib.suppress(errors.StoreUnavailable):
        store().pause(_REST, rules.GATEWAY_PAUSE)
    raise Unreachable


def _receive(method: str, path: str, query: Mapping[str, str], form: Mapping[str, str] | None) -> bytes:
    import httpx

    seconds = rules.CAPTCHA_TIMEOUT.total_seconds()
    content, until = b"", time.monotonic() + seconds
    try:
        with _client().stream(method, _home() + path, params=query, data=form, timeout=seconds) as answer:
            if answer.status_code != 200:  # a redirect, too
                raise Unreachable
            for part in answer.iter_bytes():  # httpx bounds each wait, not their sum
                content += part
                if len(content) > LONGEST_ANSWER or time.monotonic() > until:
                    raise Unreachable
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Unreachable from None  # its text holds the address, which holds the id
    return content


def _home() -> str:
    return settings.MENPAI_GEETEST_BASE_URL or HOMES[settings.MENPAI_GEETEST_VERSION]


def _own(name: str) -> str:
    return str(getattr(settings, f"MENPAI_GEETEST_{name}"))


@cache
def _client() -> "httpx.Client":
    """One for the process: a new one per request would load the root certificates each time (30 ms)."""
    import httpx

    return httpx.Client(follow_redirects=False, trust_env=False)
