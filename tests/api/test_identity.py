"""/api: changing the e-mail and the mobile: the password proves the old, a code proves the new, the old one is told."""

import pytest

from menpai import rules
from menpai.delivery import outbox
from menpai.models import Message
from tests.api.clients import Browser, Caller, a_code, by_code, newcomer, ok, refused, signed_in
from tests.customers import PASSWORD, a_mobile, somebody, wrong
from tests.rig.vendors.yuntongxun import Yuntongxun
from tests.smses import only_gateway

EMAIL = "new@example.com"


def asked(person, mailbox, kind, new, password=PASSWORD):
    """A code for a new mobile or e-mail."""
    ok(person.post(f"/me/{kind}/code", password=password, **{kind: new}), 202)
    return mailbox.last(new).code


def changed(person, mailbox, kind, new):
    code = asked(person, mailbox, kind, new)
    return ok(person.put(f"/me/{kind}", code=code, **{kind: new}))


@pytest.fixture(params=["email", "mobile"])
def kind(request):
    return request.param


@pytest.fixture
def new(kind):
    return EMAIL if kind == "email" else a_mobile()


# ── How it goes well ──
def test_a_new_email_is_proven_by_eight_digits(http, mailbox, named):
    said = ok(named.post("/me/email/code", email="New@Example.com", password=PASSWORD), 202)
    assert said == {"resend_after": 60, "expires_in": 600}
    code = mailbox.last("New@example.com").code
    assert len(code) == 8
    me = ok(named.put("/me/email", email="new@EXAMPLE.com", code=code))
    assert me == named.me | {"email": "New@example.com", "email_verified": True}
    assert signed_in(http, EMAIL).me["id"] == named.me["id"]
    answer = http.post("/api/sessions", json={"name": "wang@example.com", "password": PASSWORD})
    refused(answer, 401, "wrong_credentials")


def test_a_new_mobile_is_proven_by_the_digits_of_an_sms(http, mailbox, named):
    new = a_mobile()
    said = ok(named.post("/me/mobile/code", mobile=f"+86 {new}", password=PASSWORD), 202)
    assert said == {"resend_after": 60, "expires_in": 300}
    code = mailbox.last(new).code
    assert len(code) == rules.SMS_CODE_DIGITS
    me = ok(named.put("/me/mobile", mobile=new, code=f"{code[:3]} {code[3:]}"))
    assert me == ok(named.get("/me")) == named.get("/me").json() | {"mobile": new, "mobile_verified": True}
    assert signed_in(http, new).me["id"] == named.me["id"]
    answer = http.post("/api/sessions", json={"name": named.mobile, "password": PASSWORD})
    refused(answer, 401, "wrong_credentials")


def test_other_devices_are_signed_out_and_this_one_stays(http, mailbox, named, kind, new):
    other, browser = signed_in(http, named.mobile), Browser(http)
    ok(browser.sign_in(named.mobile), 201)
    changed(named, mailbox, kind, new)
    assert named.is_signed_in()
    assert not other.is_signed_in() and not browser.is_signed_in()


def test_a_browser_may_change_it_too(mailbox, browser, kind, new):
    assert changed(browser, mailbox, kind, new)[kind] == new
    assert browser.is_signed_in()


def test_a_mobile_that_was_given_up_is_free(http, mailbox, person, clock):
    changed(person, mailbox, "mobile", a_mobile())
    clock.advance(61)
    assert by_code(http, mailbox, person.mobile).me["id"] != person.me["id"]


def test_the_first_email_is_set_like_a_new_one_and_a_mobile_that_was_only_named_is_proven(http, mailbox, person):
    assert changed(person, mailbox, "email", EMAIL)["email"] == EMAIL
    dada = somebody(http)
    person = Caller(http, authorization=f"Bearer {dada.token}")
    me = changed(person, mailbox, "mobile", dada.phone)
    assert (me["mobile"], me["mobile_verified"]) == (dada.phone, True)


# ── The password ──
def test_a_wrong_password_sends_nothing(mailbox, person, kind, new):
    for password in ("wrong password", ""):
        answer = person.post(f"/me/{kind}/code", password=password, **{kind: new})
        refused(answer, 422, "password_wrong", "password")
    assert not mailbox.all(new)


def test_a_password_is_tried_five_times_in_fifteen_minutes_over_all_contracts(mailbox, person, clock, new, kind):
    for path, fields in (
        ("email", {"email": EMAIL}),
        ("mobile", {"mobile": a_mobile()}),
        ("email", {"email": "x@example.com"}),
        ("mobile", {"mobile": a_mobile()}),
    ):
        refused(person.post(f"/me/{path}/code", password="wrong password", **fields), 422, "password_wrong", "password")
    sent = {"old_password": "wrong password", "password": "another horse 8", "password2": "another horse 8"}
    refused(person.put("/me/password", **sent), 422, "old_password_wrong", "old_password")
    refused(person.post(f"/me/{kind}/code", password=PASSWORD, **{kind: new}), 422, "password_wrong", "password")
    clock.advance(15 * 60 + 1)
    person.take(person.renew().json())
    assert asked(person, mailbox, kind, new)


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [("email", {"email": "nobody"}, "email"), ("email", {"email": ""}, "email"), ("mobile", {"mobile": "1"}, "mobile")],
)
def test_what_is_no_email_and_no_mobile(person, path, sent, field):
    refused(person.post(f"/me/{path}/code", password=PASSWORD, **sent), 422, f"{field}_invalid", field)
    refused(person.put(f"/me/{path}", code="123456", **sent), 422, f"{field}_invalid", field)


def test_the_next_code_takes_a_minute(mailbox, person, clock, kind, new):
    asked(person, mailbox, kind, new)
    answer = person.post(f"/me/{kind}/code", password=PASSWORD, **{kind: new})
    refused(answer, 429, "too_soon")
    clock.advance(int(answer.headers["retry-after"]))
    assert asked(person, mailbox, kind, new)


# ── The code ──
def test_a_code_is_tried_five_times(mailbox, person, kind, new):
    code = asked(person, mailbox, kind, new)
    for _ in range(5):
        refused(person.put(f"/me/{kind}", code=wrong(code), **{kind: new}), 422, "code_wrong", "code")
    refused(person.put(f"/me/{kind}", code=code, **{kind: new}), 422, "code_gone", "code")
    assert ok(person.get("/me")) == person.me


def test_a_code_works_once_and_not_for_ever(mailbox, person, clock, kind, new):
    code = asked(person, mailbox, kind, new)
    ok(person.put(f"/me/{kind}", code=code, **{kind: new}))
    refused(person.put(f"/me/{kind}", code=code, **{kind: new}), 422, "code_gone", "code")
    clock.advance(61)
    other = "other@example.com" if kind == "email" else a_mobile()
    code = asked(person, mailbox, kind, other)
    clock.advance(601)
    person.take(person.renew().json())
    refused(person.put(f"/me/{kind}", code=code, **{kind: other}), 422, "code_gone", "code")


def test_a_code_is_for_what_it_was_sent_to_and_the_session_that_asked_for_it(http, mailbox, person, kind, new):
    code = asked(person, mailbox, kind, new)
    other = "other@example.com" if kind == "email" else a_mobile()
    refused(person.put(f"/me/{kind}", code=code, **{kind: other}), 422, "code_gone", "code")
    for somebody_else in (signed_in(http, person.mobile), newcomer(http, mailbox)):
        refused(somebody_else.put(f"/me/{kind}", code=code, **{kind: new}), 422, "code_gone", "code")
    person.take(person.renew().json())  # a renewed access is the same session
    ok(person.put(f"/me/{kind}", code=code, **{kind: new}))


def test_a_code_of_another_purpose_is_worthless(http, mailbox, person, clock):
    new = a_mobile()
    for purpose in ("registrations", "sessions"):
        code = a_code(http, mailbox, new, purpose)
        refused(person.put("/me/mobile", mobile=new, code=code), 422, "code_gone", "code")
        clock.advance(61)
    code = asked(person, mailbox, "mobile", new)
    sent = {"mobile": new, "code": code, "terms_version": "2026-11"}
    refused(http.post("/api/sessions/by-code", json=sent), 422, "code_wrong", "code")  # an older one waits there


# ── Taken ──
def test_what_another_has_proven_is_refused_at_the_last_step_only(http, mailbox, named, kind, clock):
    clock.advance(61)
    person = newcomer(http, mailbox)
    new = named.me[kind]
    code = asked(person, mailbox, kind, new)
    for _ in range(7):  # the code is not spent
        refused(person.put(f"/me/{kind}", code=code, **{kind: new}), 409, f"{kind}_taken", kind)
    assert ok(person.get("/me")) == person.me
    assert named.is_signed_in()


def test_a_mailbox_that_another_only_named_is_not_taken(http, mailbox, person):
    planted = newcomer(http, mailbox, email=EMAIL)
    changed(person, mailbox, "email", EMAIL)
    ok(planted.get("/me"))
    (link,) = [one.link for one in mailbox.all(EMAIL) if one.link]
    refused(planted.post("/activation", code=link.partition("code=")[2]), 410, "activation_gone")


# ── The old one is told ──
def test_the_old_mailbox_is_told_even_if_it_was_never_proven(http, mailbox, named):
    changed(named, mailbox, "email", EMAIL)
    notice = mailbox.last("wang@example.com")
    assert "邮箱" in notice.subject and notice.code is None
    assert EMAIL not in notice.text + notice.html
    assert [one.code is not None for one in mailbox.all(EMAIL)] == [True]
    person, new = newcomer(http, mailbox, email="old@example.com"), "newer@example.com"
    code = asked(person, mailbox, "email", new)
    refused(person.put("/me/email", email=new, code=wrong(code)), 422, "code_wrong", "code")
    ok(person.put("/me/email", email=new, code=code))
    assert "更换" in mailbox.last("old@example.com").subject
    person = newcomer(http, mailbox, email="own@example.com")  # who proves the one they have is told of no change
    changed(person, mailbox, "email", "own@example.com")
    assert [one.subject for one in mailbox.all("own@example.com") if "已更换" in one.subject] == []


def test_the_old_number_and_the_mailbox_are_told(mailbox, named):
    new = a_mobile()
    changed(named, mailbox, "mobile", new)
    notice = mailbox.last(named.mobile)
    assert "更换" in notice.text and notice.code is None and new not in notice.text
    assert "手机号" in mailbox.last(named.email).subject
    assert [one.code is not None for one in mailbox.all(new)] == [True]


def test_notices_speak_the_customers_language(mailbox, named):
    ok(named.patch("/me", language="en"))
    changed(named, mailbox, "mobile", a_mobile())
    assert mailbox.last(named.mobile).text.endswith("contact us immediately.")
    assert "mobile number was changed" in mailbox.last(named.email).subject


def test_a_refused_change_tells_nobody(http, mailbox, named, clock):
    clock.advance(61)
    person = newcomer(http, mailbox, email="old@example.com")
    code = asked(person, mailbox, "mobile", named.mobile)
    refused(person.put("/me/mobile", mobile=named.mobile, code=code), 409, "mobile_taken", "mobile")
    assert not Message.objects.filter(kind="mobile-changed").exists()


@pytest.fixture
def gateway(settings, monkeypatch):
    with only_gateway(Yuntongxun, monkeypatch, settings) as found:
        yield found


@pytest.mark.parametrize("template", ["", "7"])
def test_a_gateway_sends_a_notice_only_where_it_has_a_template(mailbox, named, gateway, monkeypatch, template):
    monkeypatch.setenv("MENPAI_YUNTONGXUN_NOTICE_TEMPLATE_ID", template)
    new = a_mobile()
    ok(named.post("/me/mobile/code", mobile=new, password=PASSWORD), 202)
    outbox.deliver_due()
    ((_, (code, _minutes)),) = [found for found in gateway.sent.values() if found[0] == new]
    ok(named.put("/me/mobile", mobile=new, code=code))
    outbox.deliver_due()
    notices = Message.objects.filter(kind="mobile-changed", channel="sms", recipient=named.mobile)
    assert notices.count() == (1 if template else 0)
    assert "手机号" in mailbox.last(named.email).subject
    assert not Message.objects.filter(kind="mobile-changed", channel="sms").exclude(state="accepted").exists()
