"""S10: pages of other sites make a visitor's browser neither send nor change anything."""

import contextlib
import itertools
from http.server import BaseHTTPRequestHandler

import pytest

from menpai.models import Customer
from tests.contracts.endpoints import API, V1, all_endpoints
from tests.customers import a_mobile, somebody
from tests.e2e.conftest import browser  # noqa: F401  (a fixture)
from tests.no_limits import lift_limits, wandering
from tests.rig.http_server import FakeServer, send

SHOP, EVIL, OWN = "https://shop.example", "https://evil.example", "http://127.0.0.1:8000"
READS = {  # what any page may ask for; the answer is read by known pages only
    "GET /v1/users/{name}/address",
    "GET /user/mobile/{mobile}/",
    "GET /user/captcha/",
    "GET /user/login/",  # a page
}
ENDPOINTS = {str(one): one for one in all_endpoints()}
GUARDED = {name: one for name, one in ENDPOINTS.items() if name not in READS and not name.startswith("GET /api/")}


def said(site="", mode="", dest="", origin="", **more):
    """What a browser says of a request."""
    named = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest, "origin": origin}
    return {name: text for name, text in named.items() if text} | {
        name.replace("_", "-"): text for name, text in more.items()
    }


FOREIGN = [
    said("cross-site", "no-cors", "image"),
    said("same-origin", "no-cors", "image"),  # what a customer may write about somewhere on our own pages
    said("cross-site", "no-cors", "script"),
    said("cross-site", "cors", "image", SHOP),
    said("cross-site", "navigate", "document"),
    said("cross-site", "navigate", "document", SHOP),  # a form of a page that may ask by script
    said("cross-site", "navigate", "iframe"),
    said("same-origin", "navigate", "document"),
    said("none", "navigate", "document"),
    said("same-origin", "cors", "empty", sec_purpose="prefetch;prerender"),
    said(purpose="prefetch"),
    said(x_moz="prefetch"),
    said("cross-site", "cors", "empty", EVIL),
    said("same-site", "cors", "empty", "http://127.0.0.1:7000"),
    said("cross-site", "no-cors", "empty", EVIL),
    said("cross-site"),
    said("same-site", "cors", "empty"),
    said(origin=EVIL),  # browsers before fetch metadata, and plain HTTP
    said(origin=f"{SHOP}.evil.example"),
    said(origin="null"),
    said("cross-site", "cors", "empty", "null"),
    said(origin="http://rebound.example:8000", host="rebound.example:8000"),
]
KNOWN = [
    said("cross-site", "cors", "empty", SHOP),
    said("same-site", "cors", "empty", SHOP),
    said(origin=SHOP),
    said("same-origin", "cors", "empty"),
    said("same-origin", "cors", "empty", OWN),
    said("same-origin", "same-origin", "empty", "null"),
    said(origin=OWN),
    said(),
    said(referer=f"{OWN}/login"),
]


@pytest.fixture
def crowd(http, set_rule, settings):
    lift_limits(set_rule, settings)
    settings.CORS_ALLOWED_ORIGINS = [SHOP]
    return wandering(http)


def ask(http, endpoint, headers, person=None):
    sent = headers | (person.auth if person else {})
    sent |= {"content-type": "text/plain"} if headers.get("sec-fetch-mode") == "no-cors" and endpoint.fields else {}
    url = endpoint.url(person.name if person else "wang")
    return http.request(endpoint.method, url, json=endpoint.fields or None, headers=sent)


def is_refused(endpoint, answer):
    """403, in the contract's shape."""
    found = answer.json()
    assert answer.status_code == 403, (str(endpoint), answer.text)
    if endpoint.contract == API:
        return found["code"] == "cross_site"
    if endpoint.contract == V1:
        return found == {"code": 10100, "error": "无效参数", "reason": "Invalid parameters"}
    text = found.get("message") or found["non_field_errors"][0]
    return text == "请在本站页面上操作!" and found.get("status") in (None, "0", False)


@pytest.mark.parametrize("endpoint", GUARDED.values(), ids=GUARDED)
def test_no_foreign_page_has_anything_sent_or_changed(crowd, endpoint):
    person = somebody(crowd)
    for headers in FOREIGN:
        assert is_refused(endpoint, ask(crowd, endpoint, headers, person)), headers


@pytest.mark.parametrize("endpoint", GUARDED.values(), ids=GUARDED)
def test_known_pages_and_clients_that_are_no_browsers_pass(crowd, endpoint):
    assert [answer for headers in KNOWN if (answer := ask(crowd, endpoint, headers)).status_code == 403] == []


def test_what_only_reads_answers_everybody(crowd):
    reading = [one for name, one in ENDPOINTS.items() if name not in GUARDED]
    assert {str(one) for one in reading if one.contract != API} == READS
    for endpoint, headers in itertools.product(reading, FOREIGN[:-1]):
        assert ask(crowd, endpoint, headers).status_code != 403, (str(endpoint), headers)


def test_a_page_without_an_origin_passes_only_where_it_is_listed(crowd, settings):
    settings.CORS_ALLOWED_ORIGINS = ["null"]
    endpoint = GUARDED["POST /v1/users/sms/code"]
    assert ask(crowd, endpoint, said("cross-site", "cors", "empty", "null")).json()["code"] == 200


class Pages(FakeServer):
    """A site on this machine, whose only page is empty."""

    def receive(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        send(handler, 200, b"<!doctype html><title>x</title>", {"content-type": "text/html"})

    @property
    def origin(self) -> str:
        return self.url.replace("127.0.0.1", "localhost")  # another site than the service's


ATTACKS = """async ({site, mobiles, code}) => {
    const add = (name, fields) => new Promise(over => {
        document.body.append(Object.assign(document.createElement(name), {...fields, onload: over, onerror: over}))
    })
    const sms = mobile => `${site}/user/sms/${mobile}/`, send = `${site}/v1/users/sms/code`
    const [image, frame, ahead, script, simple, foreign, form] = mobiles
    await add('img', {src: sms(image)})
    await add('img', {src: `${site}/v1/users/activation?code=${code}`})
    await add('iframe', {src: sms(frame)})
    await add('link', {rel: 'prefetch', href: sms(ahead)})
    await add('script', {src: sms(script)})
    await fetch(send, {method: 'POST', mode: 'no-cors', body: JSON.stringify({phone: simple})})
    await fetch(sms(foreign)).catch(() => 0)
    const json = `<input name='{"phone": "${form}", "x": "' value='"}'>`
    const sender = `<form action="${send}" method="POST" enctype="text/plain">${json}</form>`
    await add('iframe', {srcdoc: `${sender}<script>document.forms[0].submit()</script>`})
}"""
ASK = "async ([method, url, body]) => (await fetch(url, {method, body})).json()"


def test_a_foreign_page_in_a_browser_does_nothing_and_the_shops_page_everything(
    browser,  # noqa: F811
    service,
    mailbox,
    http,
):
    with contextlib.ExitStack() as stack:
        evil, shop = (stack.enter_context(Pages().running()).origin for _ in range(2))
        site = service("web", MENPAI_CORS_ORIGINS=shop, MENPAI_WORKERS="1")
        stack.callback(site.stop)
        page = stack.enter_context(contextlib.closing(browser.new_page()))
        person, mobiles = somebody(http), [a_mobile() for _ in range(8)]
        code = mailbox.last(person.email).link.partition("code=")[2]
        asking = []
        page.on("request", lambda request: asking.append(request.url))
        page.goto(evil)
        page.evaluate(ATTACKS, {"site": site.url, "mobiles": mobiles, "code": code})
        page.wait_for_load_state("networkidle")  # the form
        page.goto(f"{site.url}/user/sms/{mobiles[7]}/")
        assert len([url for url in asking if url.startswith(site.url)]) == 9
        assert [mobile for mobile in mobiles if mailbox.all(mobile)] == []
        assert Customer.objects.get(username=person.name).email_verified_at is None
        page.goto(shop)
        asked = [
            page.evaluate(ASK, ["GET", f"{site.url}/user/sms/{mobiles[0]}/", None]),
            page.evaluate(ASK, ["POST", f"{site.url}/v1/users/sms/code", f'{{"phone": "{mobiles[1]}"}}']),
            page.evaluate(ASK, ["GET", f"{site.url}/v1/users/activation?code={code}", None]),
        ]
        assert [one.get("status") or one["code"] for one in asked] == ["1", 200, 200]
        assert mailbox.last(mobiles[0]) and mailbox.last(mobiles[1])
        assert Customer.objects.get(username=person.name).email_verified_at is not None
