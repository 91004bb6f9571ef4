"""What a list of the staff admin costs a browser, in bytes on the wire."""

from typing import Any

from playwright.sync_api import Browser, Page

from tests.operators import STAFF, hire
from tests.rig.service import Service

FIRST = 1_000_000  # fonts and symbols are 740,000 of it, which nothing makes smaller
NEXT = 80_000  # the page itself


class Wire:
    """What arrives at a page: headers and bodies as they travel; nothing for what the browser has."""

    def __init__(self, page: Page) -> None:
        self._urls: dict[str, str] = {}
        self.weights: dict[str, int] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._begin)
        session.on("Network.loadingFinished", self._end)
        session.send("Network.enable")

    def _begin(self, event: dict[str, Any]) -> None:
        self._urls[event["requestId"]] = event["response"]["url"]

    def _end(self, event: dict[str, Any]) -> None:
        if url := self._urls.get(event["requestId"]):
            self.weights[url] = self.weights.get(url, 0) + int(event["encodedDataLength"])

    def weigh(self, page: Page, path: str) -> int:
        self.weights.clear()
        page.goto(path, wait_until="networkidle")
        return sum(self.weights.values())


def test_a_list_is_light_and_the_next_one_brings_itself_alone(browser: Browser, site: Service) -> None:
    hire()
    with browser.new_context(base_url=site.url) as context:
        page = context.new_page()
        page.goto("/admin/login/?next=/admin/menpai/customer/")
        page.fill("[name=username]", STAFF[0])
        page.fill("[name=password]", STAFF[1])
        page.click("[type=submit]")
        page.wait_for_url("**/customer/")
        signed_in = context.storage_state()
    with browser.new_context(base_url=site.url, storage_state=signed_in) as context:  # with an empty cache
        page = context.new_page()
        wire = Wire(page)
        first = wire.weigh(page, "/admin/menpai/customer/")
        heaviest = sorted(wire.weights.items(), key=lambda item: -item[1])[:5]
        assert 200_000 < first < FIRST, heaviest
        assert wire.weigh(page, "/admin/menpai/message/") < NEXT, wire.weights
        assert [url for url in wire.weights if "/static/" in url and wire.weights[url]] == []
