"""A mail when somebody signs in on a device that was not used before."""

import pytest

from tests.api.clients import ORIGIN, a_code, newcomer, ok, proven
from tests.customers import PASSWORD, somebody

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
NEWER = CHROME.replace("140", "141")
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)
SUBJECTS = ("您的账号在新设备上登录", "New device signed in to your account")


@pytest.fixture
def person(http, mailbox):
    """Registered with something that has no browser, with a proven mailbox."""
    return proven(http, mailbox)


def sign_in(http, person, agent="", **fields):
    sent = {"name": person.email, "password": PASSWORD} | fields
    return ok(http.post("/api/sessions", json=sent, headers={"user-agent": agent}), 201)


def notices(mailbox, email):
    return [mail for mail in mailbox.all(email) if any(subject in mail.subject for subject in SUBJECTS)]


def test_a_device_that_was_not_used_before_is_told_once(http, mailbox, person):
    for agent in (CHROME, NEWER, IPHONE, CHROME):
        sign_in(http, person, agent)
    chrome, iphone = notices(mailbox, person.email)
    assert "Chrome · Windows（网络 127.0.*.*）" in chrome.text
    assert "Safari · iPhone" in iphone.text
    assert "忘记密码" in chrome.text
    assert "wang_xiaoming" in chrome.text


def test_without_a_browser_the_network_decides(http, client_from, mailbox, person):
    sign_in(http, person, "")
    assert notices(mailbox, person.email) == []
    sign_in(client_from("203.0.113.9"), person, "")
    sign_in(client_from("203.0.113.77"), person, "curl/8")
    (mail,) = notices(mailbox, person.email)
    assert "未知浏览器 · 未知系统（网络 203.0.*.*）" in mail.text


def test_signing_in_by_code_is_told_too(http, mailbox, person, clock):
    clock.advance(61)
    sent = {"mobile": person.mobile, "code": a_code(http, mailbox, person.mobile, "sessions")}
    ok(http.post("/api/sessions/by-code", json=sent, headers={"user-agent": CHROME}), 201)
    assert len(notices(mailbox, person.email)) == 1


def test_in_english(http, mailbox, person):
    ok(person.patch("/me", language="en"))
    sign_in(http, person, IPHONE)
    (mail,) = notices(mailbox, person.email)
    assert "Safari · iPhone (network 127.0.*.*)" in mail.text
    assert "Forgot your password" in mail.text


def test_not_told_the_device_that_registered_a_refusal_and_a_mailbox_that_nobody_has_proven(http, mailbox, person):
    sign_in(http, person, "python-httpx/0.28")
    http.post("/api/sessions", json={"name": person.email, "password": "x"}, headers={"user-agent": CHROME})
    assert notices(mailbox, person.email) == []
    person = somebody(http)
    http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD}, headers={"user-agent": CHROME})
    assert notices(mailbox, person.email) == []


def test_a_program_that_calls_itself_everything_sends_five_mails_a_day(http, mailbox, person, clock):
    systems = ("Windows", "Android", "iPad", "iPhone", "Linux", "Macintosh", "HarmonyOS")
    for system in systems:
        sign_in(http, person, f"Firefox/1.0 ({system})")
    assert len(notices(mailbox, person.email)) == 5
    clock.advance(86_401)
    sign_in(http, person, "OPR/1.0 (Linux)")
    assert len(notices(mailbox, person.email)) == 6


def in_a_browser(http, name, agent, cookie=""):
    """Answers the cookie that the browser is known by."""
    sent = {"name": name, "password": PASSWORD, "session": "cookie"}
    headers = {"user-agent": agent, "origin": ORIGIN, "cookie": cookie}
    answer = http.post("/api/sessions", json=sent, headers=headers)
    ok(answer, 201)
    return next(line for line in answer.headers.get_list("set-cookie") if "device=" in line).partition(";")[0]


def test_a_browser_that_was_here_before_is_known_whatever_it_calls_itself(http, mailbox, person):
    cookie = in_a_browser(http, person.email, CHROME)
    in_a_browser(http, person.email, IPHONE, cookie)
    assert len(notices(mailbox, person.email)) == 1
    in_a_browser(http, person.email, "Firefox/1.0 (Linux)")
    assert len(notices(mailbox, person.email)) == 2
    cookie = in_a_browser(http, newcomer(http, mailbox).mobile, "OPR/1.0 (Linux)")  # known for another customer
    in_a_browser(http, person.email, "OPR/1.0 (Linux)", cookie)
    assert len(notices(mailbox, person.email)) == 3
