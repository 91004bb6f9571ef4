"""/api: where a customer is signed in, and signing out from afar."""

import uuid
from datetime import datetime

import pytest

from tests.api.clients import Browser, newcomer, ok, refused, signed_in
from tests.customers import PASSWORD

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = "Mozilla/5.0 (Linux; Android 15; PKM110) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0"
AGENTS = [
    (WINDOWS, "Chrome", "Windows"),
    (f"{WINDOWS} Edg/142.0.0.0", "Edge", "Windows"),
    (f"{WINDOWS} QQBrowser/13.5", "QQ 浏览器", "Windows"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
    (f"{MAC} Version/26.0 Safari/605.1.15", "Safari", "macOS"),
    (f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
    (f"{IPHONE} CriOS/142.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
    (f"{IPHONE} Mobile/15E148 MicroMessenger/8.0.54(0x18003632) NetType/WIFI", "微信", "iPhone"),
    (f"{ANDROID} Mobile Safari/537.36 XWEB/1300 MicroMessenger/8.0.56", "微信", "Android"),
    (f"{ANDROID} Mobile Safari/537.36 AlipayClient/10.6.88", "支付宝", "Android"),
    (f"{ANDROID} HuaweiBrowser/16.0 Mobile Safari/537.36", "华为浏览器", "Android"),
    (f"{ANDROID} MQQBrowser/15.5 Mobile Safari/537.36 QQ/9.1.25", "QQ", "Android"),
    ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 ArkWeb/4.1 Mobile", "Chrome", "HarmonyOS"),
    ("python-httpx/0.28", "", ""),
    ("", "", ""),
]


def devices(person):
    return ok(person.get("/me/sessions"))["devices"]


def test_this_device_comes_first_then_by_when_they_were_last_seen(http, person, clock):
    others = []
    for _ in range(3):
        clock.advance(60)
        others.append(signed_in(http, person.mobile))
    shown = devices(person)
    assert [one["current"] for one in shown] == [True, False, False, False]
    seen = [one["last_seen_at"] for one in shown[1:]]
    assert seen == sorted(seen, reverse=True)
    assert devices(others[0])[0]["id"] != shown[0]["id"]


@pytest.mark.parametrize(("agent", "browser", "system"), AGENTS, ids=[f"{one[1]}-{one[2]}" for one in AGENTS])
def test_a_device_is_told_as_people_call_it(http, person, agent, browser, system):
    signed_in(http, person.mobile, **{"user-agent": agent})
    shown = devices(person)[1]
    assert (shown["browser"], shown["system"]) == (browser, system)
    assert set(shown) == {
        *("id", "current", "browser", "system", "network", "signed_in_at", "last_seen_at", "expires_at"),
    }


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.*.*"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:…"),
        ("::ffff:203.0.113.77", "203.0.*.*"),
        ("unix", ""),
    ],
)
def test_the_network_is_partly_masked(client_from, http, person, address, network):
    with client_from(address) as elsewhere:
        signed_in(elsewhere, person.mobile)
    assert devices(person)[1]["network"] == network


def test_times_are_told_with_their_zone(person, clock):
    clock.advance(3600)
    ok(person.renew())
    person.take(person.renew().json())
    clock.advance(30)
    shown = devices(person)[0]
    moments = [datetime.fromisoformat(shown[name]) for name in ("signed_in_at", "last_seen_at", "expires_at")]
    assert all(one.tzinfo for one in moments)
    assert 3590 < (moments[1] - moments[0]).total_seconds() < 3660
    assert moments[2] > moments[1]


def test_one_device_is_signed_out_from_another(http, person):
    other, third = signed_in(http, person.mobile), signed_in(http, person.mobile)
    device = devices(other)[0]["id"]
    ok(person.delete(f"/me/sessions/{device}"), 204)
    refused(other.get("/me"), 401, "not_signed_in")
    refused(other.renew(), 401, "not_signed_in")
    assert third.is_signed_in() and person.is_signed_in()
    assert len(devices(person)) == 2
    refused(person.delete(f"/me/sessions/{device}"), 404, "device_unknown")
    ok(person.delete(f"/me/sessions/{devices(person)[0]['id']}"), 204)  # it may sign itself out
    refused(person.get("/me"), 401, "not_signed_in")


def test_all_but_this_one_are_signed_out(http, person):
    others = [signed_in(http, person.mobile) for _ in range(2)]
    browser = Browser(http)
    ok(browser.sign_in(person.mobile), 201)
    ok(browser.delete("/me/sessions"), 204)
    assert browser.is_signed_in()
    assert not any(other.is_signed_in() for other in (*others, person))
    assert [one["current"] for one in devices(browser)] == [True]
    ok(browser.delete("/me/sessions"), 204)


def test_a_foreign_device_is_as_unknown_as_any_and_what_is_no_id_is_no_path(http, mailbox, person):
    other = newcomer(http, mailbox)
    foreign = person.delete(f"/me/sessions/{devices(other)[0]['id']}")
    unknown = person.delete(f"/me/sessions/{uuid.uuid4()}")
    refused(foreign, 404, "device_unknown")
    assert foreign.content == unknown.content
    assert other.is_signed_in()
    for device in ("x", "1", "0" * 32, "00000000-0000-0000-0000-00000000000", "%00"):
        refused(person.delete(f"/me/sessions/{device}"), 404, "unknown_path")


def test_a_session_that_is_over_is_not_listed(http, person, clock):
    browser = Browser(http)
    ok(browser.sign_in(person.mobile), 201)
    clock.advance(24 * 3600 + 60)
    person.take(person.renew().json())
    assert [one["current"] for one in devices(person)] == [True]


def test_sessions_of_the_published_contracts_are_devices_too(http, person):
    token = http.post("/v1/tokens", json={"username": person.mobile, "password": PASSWORD}).json()["token"]
    assert len(devices(person)) == 2
    ok(person.delete("/me/sessions"), 204)
    answer = http.get(f"/v1/users/{person.mobile}/address", headers={"authorization": token})
    assert answer.json()["code"] == 10101
