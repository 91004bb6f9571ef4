"""S1: a client never speaks for the proxy. Through real proxies, configured by the samples that we ship.

The client calls from 127.0.0.2 and the proxies from 127.0.0.1, so that each is known by its address.
"""

import contextlib
import json
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.http import HttpRequest

from menpai.contracts import request_context
from menpai.delivery.sms import receipts
from menpai.models import Session
from tests.audit_trail import written
from tests.customers import PASSWORD, Person, a_mobile, somebody
from tests.operators import credentials
from tests.rig.proxies import RealProxy
from tests.rig.service import Service

pytestmark = pytest.mark.once("proxies and headers know no engine")

US, LIE = "127.0.0.2", "203.0.113.9"
TRUSTED = {  # everywhere the lie would be worth something
    "MENPAI_TRUSTED_PROXIES": "1",
    "MENPAI_STAFF_NETWORKS": "203.0.113.0/24",
    "MENPAI_SMS_RECEIPT_NETWORKS": "203.0.113.0/24",
    "MENPAI_RULE_SESSIONS_PER_CUSTOMER": "1000",
}
LIES = {
    "underscores": [f"X_Forwarded_For: {LIE}"],
    "half of them": [f"X-Forwarded-For: {LIE}", f"X_Forwarded-For: {LIE}", f"X-Forwarded_For: {LIE}"],
    "capitals": [f"X_FORWARDED_FOR: {LIE}", f"x_forwarded_for: {LIE}"],
    "before and after": [f"X_Forwarded_For: {LIE}", f"X-Forwarded-For: {LIE}", f"X_Forwarded_For: {LIE}"],
    "the true name": [f"X-Forwarded-For: {LIE}"],
    "twice": [f"X-Forwarded-For: {LIE}", f"X-Forwarded-For: {LIE}"],
    "a list": [f"X-Forwarded-For: {LIE}, {LIE} , {LIE}"],
    "an open quote": [f'X-Forwarded-For: "{LIE}'],
    "a comma at the end": [f"X-Forwarded-For: {LIE},"],
    "outside ASCII": [f"X-Forwarded-For: {LIE}, \u00e9"],
    "outside ASCII twice": [f"X-Forwarded-For: {LIE}", "X-Forwarded-For: \u00e9", f"X_Forwarded_For: {LIE}"],
    "nothing": ["X-Forwarded-For:"],
    "hop by hop": [f"X-Forwarded-For: {LIE}", f"X_Forwarded_For: {LIE}", "Connection: X-Forwarded-For"],
    "other names": [f"Forwarded: for={LIE}", f"X-Real-IP: {LIE}", f"X.Forwarded.For: {LIE}", f"Remote_Addr: {LIE}"],
    "names of clouds": [f"True-Client-IP: {LIE}", f"CF-Connecting-IP: {LIE}", f"X-Client-IP: {LIE}"],
}
BROKEN = {
    "folded": [f"X-A: b\r\n\tX-Forwarded-For: {LIE}", f"X_Forwarded_For: {LIE}\r\n , {LIE}"],
    "a blank before the colon": [f"X-Forwarded-For : {LIE}"],
    "a bare carriage return": [f"X-A: b\rX-Forwarded-For: {LIE}"],
    "a bare line feed": [f"X-A: b\nX-Forwarded-For: {LIE}"],
    "a NUL": [f"X-Forwarded-For\0: {LIE}"],
}


@pytest.fixture(scope="module")
def web(service: Callable[..., Service]) -> Iterator[Service]:
    started = service("web", MENPAI_WORKERS="1", **TRUSTED)
    yield started
    started.stop()


@pytest.fixture(scope="module", params=["caddy", "nginx", "haproxy"])
def proxy(request: pytest.FixtureRequest, web: Service) -> Iterator[int]:
    with RealProxy(request.param, web.port) as started:
        yield started.port


@pytest.fixture
def person(http: httpx.Client) -> Person:
    registered = somebody(http)
    Session.objects.all().delete()
    return registered


def send(port: int, method: str, path: str, headers: list[str], content: str = "") -> str:
    """Sends exactly these header lines from our own address, and returns all that came back."""
    usual = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
    request = "\r\n".join([*usual, *headers, "Connection: close", "", content]).encode("latin-1")
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=15, source_address=(US, 0)) as line:
        line.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            while chunk := line.recv(65536):
                answer += chunk
    return answer.decode()


def status(answer: str) -> int:
    return int(answer.split(" ")[1])


def sign_in(port: int, headers: list[str], name: str, path: str = "/v1/tokens") -> str:
    return send(port, "POST", path, headers, json.dumps({"username": name, "password": PASSWORD}))


def is_signed_in(answer: str) -> bool:
    return '"code":200' in answer.replace(" ", "")


def networks_seen() -> set[str]:
    """The networks in the sessions, which are forgotten."""
    networks = set(Session.objects.values_list("network", flat=True))
    Session.objects.all().delete()
    return networks


# ── Through Caddy, nginx and HAProxy ──
def test_a_client_does_not_choose_its_address(proxy: int, person: Person) -> None:
    for name, lies in LIES.items():
        assert is_signed_in(sign_in(proxy, lies, person.name)), name
        assert networks_seen() == {US}, name
        assert status(send(proxy, "GET", "/admin/login/", lies)) == 403, name
        assert status(send(proxy, "POST", receipts_path(), lies, "[]")) == 404, name
    assert {event.network for event in written()} == {"127.0.0.0/24"}


def test_broken_headers_do_not_help_either(proxy: int, person: Person) -> None:
    for name, lies in BROKEN.items():
        answer = sign_in(proxy, lies, person.name)
        assert networks_seen() == ({US} if is_signed_in(answer) else set()), (name, answer)


def test_the_limits_by_address_cannot_be_escaped(proxy: int) -> None:
    def texts(number: int, lies: list[str]) -> bool:
        return status(send(proxy, "GET", f"/user/sms/{a_mobile()}/", lies)) == 429

    def guess(number: int, lies: list[str]) -> bool:
        return "\r\nretry-after:" in sign_in(proxy, lies, f"nobody{number}", "/user/login/").lower()

    assert refused_at(texts, 15) == 10
    assert refused_at(guess, 40) == 30


def refused_at(call: Callable[[int, list[str]], bool], most: int) -> int | None:
    """The number of the first call that is refused; each pretends to come from elsewhere."""
    for number in range(most):
        lie = f"198.51.{number}.7"
        if call(number, [f"X_Forwarded_For: {lie}", f"X-Forwarded-For: {lie}", f"X_Forwarded_For: {lie}"]):
            return number
    return None


def receipts_path() -> str:
    return f"/receipts/aliyun/{receipts.secrets('aliyun')[0]}"


# ── What the proxy itself says ──
def test_the_proxys_own_word_is_believed(web: Service, person: Person) -> None:
    """The other tests of this file would pass as well if nobody ever were."""
    words = [f"X-Forwarded-For: {US}", f"X-Forwarded-For: {LIE}", f"X_Forwarded_For: {US}"]
    sign_in(web.port, words, person.name)
    assert networks_seen() == {LIE}
    assert status(send(web.port, "GET", "/admin/login/", words)) == 200
    assert status(send(web.port, "POST", receipts_path(), words, "[]")) == 200


def test_without_the_proxys_word_nobody_has_its_address(web: Service, person: Person) -> None:
    """Some proxies can be talked into leaving out their own header, by `Connection: X-Forwarded-For`."""
    sign_in(web.port, [f"X_Forwarded_For: {LIE}"], person.name)
    assert networks_seen() == {"unknown"}


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1\t", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ('"192.0.2.1:4711"', "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ('" [2001:DB8::1]:4711 "', "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:4711", "192.0.2.1"),
        *((text, "") for text in ("", "unknown", "_hidden", "192.0.2", "192.0.2.1:", "[192.0.2.1", "for=192.0.2.1")),
        *((text, "") for text in ("192.0.2.1 192.0.2.2", "192.0.2.1;", "192.0.2.1:1:1", "\u0661.0.2.1", "fe80::1%1")),
    ],
)
def test_an_entry_is_read_with_port_brackets_quotes_and_blanks(entry: str, address: str, settings: Any) -> None:
    for proxies, header in ((1, f"203.0.113.9, {entry}"), (2, f"203.0.113.9,{entry},127.0.0.1")):
        settings.MENPAI_TRUSTED_PROXIES = proxies
        client = request_context.client(forwarded(header))
        assert (client.address, client.network == "unknown") == (address, not address)


def forwarded(header: str) -> HttpRequest:
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": header}
    return request


def test_an_entry_that_cannot_be_read_is_warned_of_once_a_minute_and_not_quoted(
    settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MENPAI_TRUSTED_PROXIES = 1
    monkeypatch.setattr(request_context, "_warned_at", -1e9)
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            request_context.client(forwarded(f"somebody-{number}"))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "somebody" not in caplog.text


# ── Other names ──
WORD = f"X-Forwarded-For: {LIE}"  # the proxy's


@pytest.mark.parametrize(
    ("lies", "expected"),
    [
        (["Content-Type: text/plain", "Content_Type: application/json"], 415),
        (["Content-Type: application/json", "Content_Type: text/plain"], 401),
        (["Content-Type: application/json", "Content_Length: 2", "Transfer_Encoding: chunked"], 401),
    ],
)
def test_no_name_with_underscores_passes_for_another(web: Service, lies: list[str], expected: int) -> None:
    body = json.dumps({"name": "nobody", "password": PASSWORD, "session": "token"})
    assert status(send(web.port, "POST", "/api/sessions", [WORD, *lies], body)) == expected


def test_a_page_of_another_site_does_not_pass_for_our_own(web: Service) -> None:
    body = json.dumps({"name": "nobody", "password": PASSWORD})
    names = ["X-A: b", "Sec_Fetch_Site: same-origin", "Sec-Fetch-Site: cross-site", "X-B: c"]
    for order in (names, names[::-1]):
        headers = [WORD, "Content-Type: application/json", *order]
        assert status(send(web.port, "POST", "/api/sessions", headers, body)) == 403


@pytest.mark.parametrize("name", ["X-Forwarded-Proto", "X_Forwarded_Proto", "X-Forwarded-Ssl"])
def test_a_client_does_not_choose_its_scheme(web: Service, name: str) -> None:
    """Django compares the origin of a form with it; ours is that of the public URL."""
    with httpx.Client(base_url=web.url, headers={"x-forwarded-for": LIE, name: "https"}) as browser:
        form = credentials(browser.get("/admin/login/").text, "nobody")
        for origin, expected in (("http", 200), ("https", 403)):
            headers = {"origin": f"{origin}://localhost", "host": "localhost"}
            assert browser.post("/admin/login/", data=form, headers=headers).status_code == expected


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X_Forwarded_Host", "X-Host", "Forwarded", "X-Forwarded-Port"])
def test_a_client_does_not_choose_our_name(web: Service, name: str) -> None:
    answer = send(web.port, "GET", "/admin/", [WORD, f"{name}: evil.example"])
    assert status(answer) == 302
    assert "evil" not in answer
