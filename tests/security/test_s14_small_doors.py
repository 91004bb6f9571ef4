"""S14: six small doors, each with its kind."""

from datetime import timedelta

import pytest

from menpai import errors
from menpai.ephemeral import store
from menpai.rules import Limit
from tests.api.clients import App, a_code, newcomer, ok, proven, refused, registration, signed_in, terms
from tests.customers import PASSWORD, a_mobile, activation_code, ask_for_code, somebody, wrong

NEW = "another horse 8"
NONE = (Limit(0, timedelta(minutes=1)),)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


# ── Wrong codes over many numbers ──
def test_one_address_guesses_at_many_numbers_thirty_times_a_minute(http, mailbox, client_from):
    """Whatever the code is for: registration and sign-in are one count."""
    guesses, looked_at = [], 0
    for number in range(8):
        mobile, asking = a_mobile(), client_from(f"10.14.0.{number}")
        path = ("registrations", "sessions/by-code")[number % 2]
        code = a_code(asking, mailbox, mobile, path.partition("/")[0])
        guesses += [(path, {"mobile": mobile, "code": wrong(code), "password": PASSWORD})] * 4
    for path, guess in guesses:
        answer = http.post(f"/api/{path}", json=guess | {"terms_version": terms()})
        looked_at += answer.json()["code"] == "code_wrong"
    assert looked_at == 30
    refused(answer, 429, "too_many_requests")
    assert client_from("10.15.0.1").post(f"/api/{path}", json=guess).json()["code"] != "too_many_requests"


def test_the_owner_in_a_browser_of_their_own_is_not_held_up_by_the_address(http, mailbox, clock, set_rule):
    person = newcomer(http, mailbox)
    device = http.post("/user/login/", json={"username": person.mobile, "password": PASSWORD}).cookies["menpai_device"]
    clock.advance(61)
    right = {"mobile": person.mobile, "sms_code": ask_for_code(http, mailbox, person.mobile)}
    set_rule("GUESSES_PER_CLIENT", NONE)
    assert http.get("/user/sms/valid/", params=right).status_code == 429
    own = {"cookie": f"menpai_device={device}"}
    assert http.get("/user/sms/valid/", params=right, headers=own).status_code == 200


# ── A link that was used ──
def test_a_used_activation_link_detaches_no_proven_email(http, mailbox):
    person = newcomer(http, mailbox, email="wang@example.com")
    link = {"code": activation_code(mailbox, person.email)}
    ok(http.post("/api/activation", json=link), 204)
    refused(http.post("/api/activation/refuse", json=link), 410, "activation_gone")
    assert ok(person.get("/me"))["email_verified"]


def test_a_link_detaches_no_email_that_was_proven_in_another_way(http, mailbox, clock):
    person = newcomer(http, mailbox, email="wang@example.com", username="wang_xiaoming")
    link = {"code": activation_code(mailbox, person.email)}
    clock.advance(61)
    ok(person.post("/me/email/code", email=person.email, password=PASSWORD), 202)
    ok(person.put("/me/email", email=person.email, code=mailbox.last(person.email).code))
    refused(http.post("/api/activation/refuse", json=link), 410, "activation_gone")
    assert ok(person.get("/me"))["email_verified"]


# ── A repetition that comes too late ──
def test_a_repeated_registration_after_a_password_change_opens_no_session(http, mailbox):
    sent, key = registration(http, mailbox), {"idempotency-key": "lost answer"}
    person = App(http, ok(http.post("/api/registrations", json=sent, headers=key), 201))
    ok(http.post("/api/registrations", json=sent, headers=key), 201)  # the answer was lost
    ok(person.put("/me/password", old_password=PASSWORD, password=NEW, password2=NEW), 204)
    refused(http.post("/api/registrations", json=sent, headers=key), 401, "not_signed_in")


def test_nor_does_one_at_a_published_contract(http):
    sent = {"uname": "wang_1", "password": PASSWORD, "email": "wang@example.com", "phone": a_mobile()}

    def register():
        return http.post("/v1/users", json=sent).json()

    first = register()
    assert register()["code"] == 200  # the answer was lost
    change = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    changed = http.post("/v1/users/wang_1/password", json=change, headers={"authorization": first["token"]})
    assert changed.json()["code"] == 200
    assert register()["code"] == 10128


# ── A new network ──
def test_the_same_browser_and_system_in_a_new_network_are_told(http, client_from, mailbox):
    person = proven(http, mailbox)

    def told():
        return sum("新设备" in mail.subject for mail in mailbox.all(person.email))

    def sign_in(client):
        signed_in(client, person.email, **{"user-agent": CHROME})
        return told()

    assert [sign_in(http) for _ in range(2)] == [1, 1]
    assert [sign_in(client_from(f"203.0.113.{number}")) for number in (9, 77)] == [2, 2]
    assert sign_in(http) == 2  # known by now


# ── Somebody else's words under the shop's brand ──
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        *(("www_evil_com", "w***m"), ("evil_com", "e***m"), ("call_13800138000", "c***0"), ("wx_abc123", "w***3")),
        *(("加微信abc领红包", "加***包"), ("免费领取现金红包", "免***包"), ("hotline_400_123_4567", "h***7")),
        *(("ｗｗｗ_evil", "ｗ***l"), ("buy_cheap_watches_today_and_save", "b***e")),
        *(("wang_xiaoming", "wang_xiaoming"), ("王小明", "王小明"), ("欧阳娜娜", "欧阳娜娜"), ("Wang1990", "Wang1990")),
        *(("comet", "comet"), ("Александра", "Александра")),
    ],
)
def test_a_mail_repeats_a_name_only_if_it_can_be_no_more_than_a_name(http, mailbox, name, shown):
    person = somebody(http, uname=name)
    mail = mailbox.last(person.email)
    assert f"「{shown}」" in mail.text
    assert f"「{shown}」" in mail.html
    assert (name in mail.text) is (name == shown)
    assert (
        http.get("/v1/users/activation", params={"code": activation_code(mailbox, person.email)}).json()["code"] == 200
    )


def test_a_customer_without_a_name_is_called_by_a_masked_mobile(http, mailbox):
    person = newcomer(http, mailbox, email="wang@example.com")
    text = mailbox.last(person.email).text
    assert person.mobile not in text and f"「{person.mobile[:3]}****{person.mobile[-4:]}」" in text


# ── While the store is away ──
@pytest.mark.parametrize("setting", ["always", "auto"])
def test_a_captcha_that_everybody_needs_is_not_waived_while_the_store_is_away(http, monkeypatch, settings, setting):
    person = somebody(http)
    settings.MENPAI_CAPTCHA_BEFORE_LOGIN = setting

    def fails(*_arguments, **_named):
        raise errors.StoreUnavailable

    for verb in ("count", "take", "release"):
        monkeypatch.setattr(type(store()), verb, fails)
    for path in ("/v1/tokens", "/user/login/", "/api/sessions"):
        sent = {"username": person.name, "name": person.name, "password": PASSWORD}
        answer = http.post(path, json=sent)
        assert (answer.status_code == 503) is (setting == "always"), answer.text
        assert ("retry-after" in answer.headers) is (setting == "always")
