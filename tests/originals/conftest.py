"""A page in a browser, on an origin that MENPAI_CORS_ORIGINS names."""

import contextlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import browser  # noqa: F401  (a fixture)
from tests.rig.http_server import FakeServer, send
from tests.rig.service import Service

PAGE = Path(__file__).with_name("page.html").read_bytes()


class Shop(FakeServer):
    """A site on this machine with one page."""

    def receive(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        send(handler, 200, PAGE, {"content-type": "text/html"})

    @property
    def origin(self) -> str:
        return self.url.replace("127.0.0.1", "localhost")  # another site than the service's


class Original:
    """One page: `way` is how its scripts speak, `scheme` what stands before its token, `label` its Content-Type."""

    def __init__(self, page: Page, site: str, **speech: str) -> None:
        self.page, self.site, self.status = page, site, 0
        self.speech = {"way": "jquery", "scheme": "", "label": "application/json"} | speech

    def ask(self, method: str, path: str, **fields: Any) -> Any:
        """Returns the JSON that the page reads; `status` is that of the last answer."""
        request = self.speech | {"method": method, "url": self.site + path, "fields": fields or None}
        answer = self.page.evaluate("asked => ({jquery, axios})[asked.way](asked)", request)
        self.status = answer["status"]
        return answer["body"]

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, **fields: Any) -> Any:
        return self.ask("POST", path, **fields)

    @property
    def kept(self) -> dict[str, str]:
        stored: dict[str, str] = self.page.evaluate("({...localStorage})")
        return stored


@pytest.fixture(scope="package")
def origin() -> Iterator[str]:
    with Shop().running() as shop:
        yield shop.origin


@pytest.fixture(scope="package")
def site(service: Callable[..., Service], origin: str) -> Iterator[Service]:
    started = service("web", MENPAI_CORS_ORIGINS=origin, MENPAI_WORKERS="1")
    yield started
    started.stop()


@pytest.fixture
def visit(browser: Browser, site: Service, origin: str) -> Iterator[Callable[..., Original]]:  # noqa: F811
    """`visit()` opens a page; `at` is another service than `site`."""
    with contextlib.ExitStack() as stack:

        def opened(at: Service = site, **speech: str) -> Original:
            page = stack.enter_context(contextlib.closing(browser.new_context())).new_page()
            page.goto(origin)
            return Original(page, at.url, **speech)

        yield opened
