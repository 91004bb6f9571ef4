"""Social sign-in at /api, with the development provider in the vendors' place."""

import pytest

from menpai import rules
from menpai.audit import events
from menpai.models import Customer, Message, Session, SocialLink
from tests.api.clients import Caller, a_code, by_code, newcomer, ok, refused, terms
from tests.audit_trail import written
from tests.customers import PASSWORD, a_mobile
from tests.social.clients import Visitor, arrive, come_back, leave, ticket

PROVIDERS = ("weibo", "wechat", "qq", "alipay")


def registered(http, mailbox, visitor, person="wang", provider="weibo", **fields):
    mobile = fields.pop("mobile", None) or a_mobile()
    sent = {"ticket": ticket(visitor, person, provider), "mobile": mobile, "terms_version": terms()} | fields
    code = a_code(http, mailbox, mobile, "sessions")
    return visitor.post("/social/registrations", code=code, session="cookie", **sent)


def linked(http, visitor, person, **who):
    sent = {"ticket": ticket(visitor, **who), "name": person.mobile, "password": PASSWORD}
    return visitor.post("/social/links", session="cookie", **sent)


# ── There and back ──
@pytest.mark.parametrize("provider", PROVIDERS)
def test_somebody_new_becomes_a_customer_and_is_signed_in_from_then_on(http, mailbox, visitor, provider):
    first = ok(registered(http, mailbox, visitor, provider=provider), 201)
    assert first["registered"] and visitor.is_signed_in()
    again = Visitor(http)
    arrived = arrive(again, provider=provider)
    assert (arrived["outcome"], arrived["ticket"], arrived["nickname"]) == ("signed-in", None, "小王")
    assert arrived["session"]["customer"]["id"] == first["customer"]["id"]
    assert again.is_signed_in()


def test_a_mobile_that_somebody_has_proven_is_linked_and_signed_in(http, mailbox, visitor, clock):
    before = by_code(http, mailbox)
    clock.advance(61)
    session = ok(registered(http, mailbox, visitor, mobile=before.mobile, terms_version=None), 201)
    assert (session["registered"], session["customer"]["id"]) == (False, before.me["id"])


def test_a_new_mobile_needs_the_terms_and_code_and_ticket_stay_good(http, mailbox, visitor):
    mobile, good = a_mobile(), ticket(visitor)
    sent = {"ticket": good, "mobile": mobile, "code": a_code(http, mailbox, mobile, "sessions"), "session": "cookie"}
    refused(visitor.post("/social/registrations", **sent), 422, "terms_not_accepted", "terms_version")
    ok(visitor.post("/social/registrations", **sent, terms_version=terms()), 201)


def test_a_customer_links_by_password(http, visitor, person):
    assert ok(linked(http, visitor, person), 201)["customer"]["id"] == person.me["id"]
    assert arrive(Visitor(http))["session"]["customer"]["id"] == person.me["id"]


def test_an_app_without_cookies_goes_by_the_state_alone(http, person):
    app = Caller(http)
    good = ticket(app)
    session = ok(app.post("/social/links", ticket=good, name=person.mobile, password=PASSWORD), 201)
    assert session["access_token"] and arrive(app)["session"]["access_token"]


def test_where_to_go_on_comes_back_if_it_is_here(visitor):
    assert arrive(visitor, next="/account/addresses?a=1")["next"] == "/account/addresses?a=1"
    for elsewhere in ("//evil.example", "/\\evil.example", "https://evil.example", "", "/a b", "/\n"):
        assert arrive(visitor, next=elsewhere)["next"] is None


# ── The way there is bound (R65) ──
def test_a_state_is_good_once_for_ten_minutes_and_for_its_provider(visitor, clock):
    state = leave(visitor)
    ok(come_back(visitor, state))
    late = leave(visitor)
    for other in (state, "", "0", "g" * 102, "0" * 102, "é" * 50, "0" * 200):
        refused(come_back(visitor, other), 409, "social_state")
    refused(come_back(visitor, leave(visitor, "qq"), provider="weibo"), 409, "social_state")
    clock.advance(rules.SOCIAL_STATE_LIFE.total_seconds() + 1)
    refused(come_back(visitor, late), 409, "social_state")


def test_another_browser_does_not_come_back_with_it_nor_does_a_foreign_page(http, visitor):
    """Login CSRF: an attacker sets out without a browser, and lures the victim back with it."""
    refused(come_back(visitor, leave(Caller(http))), 409, "social_state")
    state = leave(visitor)
    refused(come_back(Visitor(http, "B" * 22), state), 409, "social_state")
    refused(come_back(Caller(http), state), 409, "social_state")
    refused(come_back(visitor, state, headers={"origin": "https://evil.example"}), 403, "cross_site")
    ok(come_back(visitor, state))  # who set out still can


def test_a_first_visit_gets_the_cookie_that_it_comes_back_with(http):
    answer = http.post(
        "/api/social/weibo/authorization", json={"purpose": "sign-in"}, headers={"origin": "http://127.0.0.1:8000"}
    )
    cookie = answer.headers["set-cookie"].strip()
    assert cookie.startswith("menpai_device=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_an_unknown_provider_and_an_unknown_code_are_told(visitor, settings):
    refused(come_back(visitor, leave(visitor), code="made up"), 422, "social_refused")
    settings.MENPAI_SOCIAL_PROVIDERS = ["qq"]
    for name in ("weibo", "baidu"):
        refused(visitor.post(f"/social/{name}/authorization", purpose="sign-in"), 404, "provider_unknown")
        refused(visitor.post(f"/social/{name}/callback", code="1", state="1"), 404, "provider_unknown")


def test_one_address_sets_out_so_often_and_no_more(visitor):
    for _ in range(rules.SOCIAL_PER_CLIENT[0].many):
        leave(visitor)
    refused(visitor.post("/social/weibo/authorization", purpose="sign-in"), 429, "too_many_requests")


# ── Linking while signed in ──
@pytest.fixture
def at_home(http, visitor, person):
    ok(visitor.sign_in(person.mobile), 201)
    return visitor


def test_linking_while_signed_in_and_once_more(at_home):
    for _ in range(2):
        assert arrive(at_home, purpose="link") == {
            "outcome": "linked",
            "nickname": "小王",
            **dict.fromkeys(("session", "ticket", "next")),
        }
    links = ok(at_home.get("/me/social"))
    assert links["available"] == ["wechat", "qq", "alipay"]
    (link,) = links["items"]
    assert (link["provider"], link["nickname"], link["removable"]) == ("weibo", "小王", True)
    assert SocialLink.objects.count() == 1


def test_a_link_is_for_the_customer_who_set_out_signed_in(http, mailbox, at_home):
    refused(Visitor(http).post("/social/weibo/authorization", purpose="link"), 401, "not_signed_in")
    refused(come_back(Visitor(http), leave(at_home, purpose="link")), 409, "social_state")
    state = leave(at_home, purpose="link")
    ok(at_home.sign_in(newcomer(http, mailbox).mobile), 201)  # another customer in the same browser
    refused(come_back(at_home, state), 409, "social_state")
    assert not SocialLink.objects.exists()


def test_an_account_has_one_customer_and_a_customer_one_account_of_each_kind(http, mailbox, visitor, at_home):
    arrive(at_home, purpose="link")
    refused(come_back(at_home, leave(at_home, purpose="link"), "li"), 409, "provider_taken")
    other = Visitor(http)
    ok(other.sign_in(newcomer(http, mailbox).mobile), 201)
    refused(come_back(other, leave(other, purpose="link")), 409, "social_taken")
    assert SocialLink.objects.count() == 1


def test_an_operators_two_apps_are_one_person(http, visitor, person):
    """WeChat's website and official account: two openids, one unionid."""
    customer = Customer.objects.get(public_id=person.me["id"])
    SocialLink.objects.create(customer=customer, provider="wechat", app_id="mp", openid="o1", unionid="union.wang")
    assert arrive(visitor, provider="wechat")["session"]["customer"]["id"] == person.me["id"]
    assert arrive(visitor, provider="qq")["outcome"] == "new"


def test_whoever_forges_or_repeats_stands_in_the_audit_trail(http, visitor, person):
    """Nothing is changed, and staff can see it."""
    state, app = leave(visitor), Caller(http)
    ok(come_back(visitor, state))
    refused(come_back(visitor, state), 409, "social_state")
    refused(come_back(visitor, "0" * 80), 409, "social_state")
    refused(app.post("/social/links", ticket="made.up", name=person.mobile, password=PASSWORD), 409, "social_ticket")
    purposes = [row.details["purpose"] for row in written() if row.event in (events.CODE_GONE, events.CODE_FAILED)]
    assert sorted(set(purposes)) == ["social-state", "social-ticket"]
    assert not SocialLink.objects.exists()


# ── The ticket ──
def test_a_ticket_is_good_once_and_for_ten_minutes(http, visitor, person, clock):
    good = ticket(visitor)
    sent = {"name": person.mobile, "password": PASSWORD}
    answer = visitor.post("/social/links", ticket=good, **sent | {"password": "wrong horse 1"})
    refused(answer, 401, "wrong_credentials")  # costs the ticket nothing
    ok(visitor.post("/social/links", ticket=good, **sent), 201)
    SocialLink.objects.all().delete()
    refused(visitor.post("/social/links", ticket=good, **sent), 409, "social_ticket")
    good = ticket(visitor)
    clock.advance(rules.SOCIAL_TICKET_LIFE.total_seconds() + 1)
    refused(visitor.post("/social/links", ticket=good, **sent), 409, "social_ticket")


@pytest.mark.parametrize("made_up", [False, True])
def test_wrong_passwords_count_here_and_at_the_sign_in_together(http, person, made_up):
    """No way around passwords/attempts.py, and a bad ticket is no quiet way to try passwords."""
    app = Caller(http)
    sent = {"ticket": "made.up" if made_up else ticket(app), "name": person.mobile}
    for _ in range(rules.LOGIN_FAILURES_PER_PAIR[0].many):
        answer = app.post("/social/links", **sent, password=PASSWORD if made_up else "wrong horse 1")
        assert not made_up or refused(answer, 409, "social_ticket")
    refused(app.post("/social/links", **sent, password=PASSWORD), 429, "captcha_required")
    refused(app.post("/sessions", name=person.mobile, password=PASSWORD), 429, "captcha_required")


def test_a_bad_ticket_registers_nobody(http, mailbox, visitor):
    mobile = a_mobile()
    code = a_code(http, mailbox, mobile, "sessions")
    sent = {"mobile": mobile, "code": code, "terms_version": terms()}
    refused(visitor.post("/social/registrations", ticket="made.up", **sent), 409, "social_ticket")
    assert not Customer.objects.exists()
    ok(visitor.post("/sessions/by-code", **sent), 201)  # the code is still good


# ── Whoever may not come in ──
def test_a_disabled_customer_does_not_come_in_by_a_link(http, visitor, person):
    ok(linked(http, visitor, person), 201)
    Customer.objects.update(disabled_at="2026-01-01T00:00Z")
    sessions = Session.objects.count()
    refused(come_back(visitor, leave(visitor)), 403, "account_disabled")
    assert Session.objects.count() == sessions


# ── Taking it back ──
def test_unlinking(http, visitor, person):
    ok(linked(http, visitor, person), 201)
    ok(visitor.delete("/me/social/weibo"), 204)
    ok(visitor.delete("/me/social/weibo"), 204)  # a retry
    assert ok(visitor.get("/me/social"))["items"] == []
    assert arrive(Visitor(http))["outcome"] == "new"


def test_the_last_way_in_stays_and_a_provider_that_is_switched_off_is_none(http, visitor, person, settings):
    ok(linked(http, visitor, person), 201)
    Customer.objects.update(password="", mobile_verified_at=None, username="only", username_key="only")
    assert [link["removable"] for link in ok(visitor.get("/me/social"))["items"]] == [False]
    refused(visitor.delete("/me/social/weibo"), 409, "last_way_in")
    arrive(visitor, purpose="link", provider="qq", person="li")
    settings.MENPAI_SOCIAL_PROVIDERS = ["weibo"]
    refused(visitor.delete("/me/social/weibo"), 409, "last_way_in")
    settings.MENPAI_SOCIAL_PROVIDERS = ["weibo", "qq"]
    ok(visitor.delete("/me/social/weibo"), 204)
    refused(visitor.delete("/me/social/qq"), 409, "last_way_in")


def test_the_customer_is_told_by_mail_and_sees_it_in_the_recent_activity(http, mailbox, visitor, person):
    Customer.objects.update(email="w@example.com", email_key="w@example.com", email_verified_at="2026-01-01T00:00Z")
    ok(linked(http, visitor, person), 201)
    assert "微博" in mailbox.last("w@example.com").text
    ok(visitor.delete("/me/social/weibo"), 204)
    assert mailbox.last("w@example.com").subject.endswith("您的账号解除了微博绑定")
    kinds = [event["kind"] for event in ok(visitor.get("/me/activity"))["events"]]
    assert kinds[0] == "social_unlinked" and "social_linked" in kinds
    assert Message.objects.filter(kind="social-linked").count() == 1
