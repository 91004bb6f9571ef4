"""S10: pages of other sites make a visitor's browser neither send nor change anything.

A real browser tries it in originals/test_foreign_pages.py.
"""

import itertools

import pytest

from tests.contracts.endpoints import API, V1, all_endpoints
from tests.customers import somebody
from tests.no_limits import lift_limits, wandering

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
    problem = answer.json()
    assert answer.status_code == 403, (str(endpoint), answer.text)
    if endpoint.contract == API:
        return problem["code"] == "cross_site"
    if endpoint.contract == V1:
        return problem == {"code": 10100, "error": "无效参数", "reason": "Invalid parameters"}
    text = problem.get("message") or problem["non_field_errors"][0]
    return text == "请在本站页面上操作!" and problem.get("status") in (None, "0", False)


@pytest.mark.parametrize("endpoint", GUARDED.values(), ids=GUARDED)
def test_no_foreign_page_has_anything_sent_or_changed(crowd, endpoint):
    person = somebody(crowd)
    for headers in FOREIGN:
        assert is_refused(endpoint, ask(crowd, endpoint, headers, person)), headers


@pytest.mark.parametrize("endpoint", GUARDED.values(), ids=GUARDED)
def test_known_pages_and_clients_that_are_no_browsers_pass(crowd, endpoint):
    assert [answer for headers in KNOWN if (answer := ask(crowd, endpoint, headers)).status_code == 403] == []


def test_what_only_reads_answers_everybody(crowd):
    reading = [endpoint for name, endpoint in ENDPOINTS.items() if name not in GUARDED]
    assert {str(endpoint) for endpoint in reading if endpoint.contract != API} == READS
    for endpoint, headers in itertools.product(reading, FOREIGN[:-1]):
        assert ask(crowd, endpoint, headers).status_code != 403, (str(endpoint), headers)


def test_a_page_without_an_origin_passes_only_where_it_is_listed(crowd, settings):
    settings.CORS_ALLOWED_ORIGINS = ["null"]
    endpoint = GUARDED["POST /v1/users/sms/code"]
    assert ask(crowd, endpoint, said("cross-site", "cors", "empty", "null")).json()["code"] == 200
