"""What no page may do while a test looks on, whatever the test is about."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request, Response

# Chromium writes every refusal of the API to the console; a refusal is a normal answer.
_REFUSED = re.compile(r"console: Failed to load resource: the server responded with a status of 4\d\d .* at \S+/api/")
# The development mailbox names no icon, so Chromium looks for one.
_ICON = re.compile(r"console: Failed to load resource: .* at \S+/favicon.ico$")


class Guard:
    """Hears console errors (a breach of the content policy is one), uncaught errors, requests to another host, 5xx."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._heard: list[str] = []
        self._expected: list[re.Pattern[str]] = [_REFUSED, _ICON]

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda problem: self._heard.append(f"page error: {problem.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def expect(self, *patterns: str) -> None:
        """Complaints of this test that are right: `console: …`, `page error: …`, `503: …`, `elsewhere: …`."""
        self._expected += [re.compile(pattern) for pattern in patterns]

    def complaints(self) -> list[str]:
        return [said for said in self._heard if not any(one.match(said) for one in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._heard.append(f"console: {message.text} at {message.location['url']}")

    def _request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("data", "blob", "about") and asked.netloc != urlsplit(self.url).netloc:
            self._heard.append(f"elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._heard.append(f"{response.status}: {response.request.method} {response.url}")


def keep(page: Page, place: str) -> None:
    """How the page looks now, as a picture and as text, in files that begin with `place`."""
    try:
        page.screenshot(path=f"{place}.png", full_page=True, timeout=5_000)
        with open(f"{place}.html", "w", encoding="utf-8") as file:
            file.write(f"<!-- {page.url} -->\n{page.content()}")
    except Error:  # a page that is closed or stuck has nothing to show
        return
