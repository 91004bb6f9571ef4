"""People who go to a provider and come back, through /api."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from menpai.social import providers
from menpai.social.providers import locmem
from tests.api.clients import Browser, Caller, ok

DEVICE = "A" * 22


class Visitor(Browser):
    """A browser that was here before."""

    def __init__(self, http: httpx.Client, device: str = DEVICE) -> None:
        super().__init__(http, device)


def leave(caller: Caller, provider: str = "weibo", purpose: str = "sign-in", **fields: Any) -> str:
    """Sets out for a provider; answers the state."""
    url = ok(caller.post(f"/social/{provider}/authorization", purpose=purpose, **fields))["url"]
    return parse_qs(urlsplit(url).query)["state"][0]


def come_back(
    caller: Caller, state: str, person: str = "wang", provider: str = "weibo", **fields: Any
) -> httpx.Response:
    """…as this person, whom the development provider plays."""
    code = locmem.grant(person, provider, providers.redirect_uri(provider))
    kind = "cookie" if isinstance(caller, Browser) else "token"
    return caller.post(f"/social/{provider}/callback", **({"code": code, "state": state, "session": kind} | fields))


def arrive(caller: Caller, person: str = "wang", provider: str = "weibo", **fields: Any) -> dict[str, Any]:
    """There and back."""
    return ok(come_back(caller, leave(caller, provider, **fields), person, provider))


def ticket(caller: Caller, person: str = "wang", provider: str = "weibo") -> str:
    """For somebody whom nobody here knows."""
    arrival = arrive(caller, person, provider)
    assert (arrival["outcome"], arrival["session"]) == ("new", None)
    return str(arrival["ticket"])
