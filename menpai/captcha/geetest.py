"""GeeTest (极验), what both versions have in common: its settings, and one request to it.

It never decides alone: unreachable, slow or unclear is Unreachable, and then the local captchas take its place.
"""

import contextlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from django.conf import settings

from menpai import errors, rules
from menpai.captcha.protocol import Unreachable
from menpai.ephemeral import store
from menpai.http import outbound
from menpai.http.outbound import Bounds, Connections, Request
from menpai.http.vendor_settings import VendorSettings

HOMES = {"3": "https://api.geetest.com", "4": "https://gcaptcha4.geetest.com"}
RESPONSE_BYTES = 64 * 1024
SETTINGS = VendorSettings("GEETEST", needed=("ID", "KEY"), optional={"BASE_URL": ""})
_PAUSE = "captcha:geetest"


def problems() -> list[str]:
    """Problems with its settings; none if it is set up, or not wanted."""
    return SETTINGS.problems() if any(SETTINGS[key] for key in SETTINGS.needed) else []


def version() -> str:
    """`3` or `4`; empty when it is not set up."""
    return settings.MENPAI_GEETEST_VERSION if SETTINGS["ID"] and not problems() else ""


def is_paused() -> bool:
    """True for a while after it did not answer. Raises StoreUnavailable."""
    return store().paused([_PAUSE])[0]


def send(method: str, path: str, *, query: Mapping[str, str], form: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The object that GeeTest answers to one request.

    Raises Unreachable, and pauses GeeTest for a while then.
    """
    home = SETTINGS["BASE_URL"] or HOMES[settings.MENPAI_GEETEST_VERSION]
    request = Request(method, f"{home}{path}", query=query, form=form)
    try:
        response = _connections().send(request, Bounds(rules.CAPTCHA_TIMEOUT, RESPONSE_BYTES), reads=_is_ok)
        answer = msgspec.json.decode(response.body)
    except (outbound.RequestFailed, msgspec.DecodeError):
        answer = None
    if isinstance(answer, dict):
        return answer
    with contextlib.suppress(errors.StoreUnavailable):
        store().pause(_PAUSE, rules.GATEWAY_PAUSE)
    raise Unreachable


def _is_ok(status: int) -> bool:
    return status == 200


@cache
def _connections() -> Connections:
    return Connections(keep=True)
