"""The same callback opened twice in one browser: in two tabs, or by its back button."""

import threading
from datetime import timedelta

import pytest

from menpai.audit import events
from menpai.models import Customer, Session, SocialLink
from tests.api.clients import Caller, newcomer, ok, refused
from tests.audit_trail import written
from tests.concurrency import at_once
from tests.contracts.test_v1_weibo import leave as leave_v1
from tests.contracts.test_v1_weibo import weibo  # noqa: F401  (a fixture)
from tests.customers import body
from tests.social.clients import Visitor, arrive, come_back, leave


@pytest.fixture
def owner(http, visitor, person):
    """A customer with a link, who is signed in nowhere else than in a browser of their own."""
    ok(visitor.sign_in(person.mobile), 201)
    arrive(visitor, purpose="link")
    return person


@pytest.fixture
def tab(http):
    return Visitor(http, "T" * 22)


def test_the_second_tab_finds_the_session_of_the_first(tab, owner):
    state = leave(tab, next="/account/devices")
    first = ok(come_back(tab, state))
    cookie, sessions = tab.cookie, Session.objects.count()
    answer = come_back(tab, state)
    assert ok(answer) == first and first["session"]["customer"]["id"] == owner.me["id"]
    assert (first["outcome"], first["next"]) == ("signed-in", "/account/devices")
    assert "set-cookie" not in answer.headers and tab.cookie == cookie
    assert Session.objects.count() == sessions and tab.is_signed_in()


def test_without_the_session_of_that_browser_a_state_is_spent(http, tab, owner):
    state = leave(tab)
    ok(come_back(tab, state))
    signed_out, elsewhere = Visitor(http, "T" * 22), Visitor(http)
    ok(elsewhere.sign_in(owner.mobile), 201)  # the same customer, another browser
    for stranger in (signed_out, elsewhere, Caller(http)):
        refused(come_back(stranger, state), 409, "social_state")
    refused(come_back(tab, state, session="token"), 409, "social_state")
    assert events.CODE_GONE in [row.event for row in written()]


def test_another_customers_session_stays_and_is_told_nothing(http, mailbox, tab, owner):
    state = leave(tab)
    ok(come_back(tab, state))
    other = newcomer(http, mailbox)
    ok(tab.sign_in(other.mobile), 201)
    refused(come_back(tab, state), 409, "social_state")
    assert ok(tab.get("/me"))["id"] == other.me["id"]


@pytest.mark.parametrize("purpose", ["link", "step-up"])
def test_linking_and_stepping_up_are_told_again_and_done_once(tab, owner, purpose):
    ok(tab.sign_in(owner.mobile), 201)
    state = leave(tab, purpose=purpose)
    first = ok(come_back(tab, state))
    before = list(Session.objects.order_by("pk").values()), SocialLink.objects.count()
    assert ok(come_back(tab, state)) == first
    assert (list(Session.objects.order_by("pk").values()), SocialLink.objects.count()) == before


def test_what_was_undone_since_is_not_told_again(tab, owner, clock):
    ok(tab.sign_in(owner.mobile), 201)
    link, step_up = leave(tab, purpose="link"), leave(tab, purpose="step-up")
    ok(come_back(tab, step_up))
    ok(come_back(tab, link))
    Session.objects.update(authenticated_at="2026-01-01T00:00Z")
    refused(come_back(tab, step_up), 403, "step_up_required")
    SocialLink.objects.all().delete()
    refused(come_back(tab, link), 409, "social_state")


def test_a_visit_that_failed_opens_nothing_the_second_time(tab, owner, set_rule):
    set_rule("SOCIAL_TIMEOUT", timedelta(milliseconds=100))
    set_rule("SOCIAL_PROFILE_TIMEOUT", timedelta())
    ok(tab.sign_in(owner.mobile), 201)
    state = leave(tab)
    refused(come_back(tab, state, code="made up"), 422, "social_refused")
    refused(come_back(tab, state), 409, "social_state")


def test_v1_answers_both_of_two_tabs_at_once(http, mailbox, weibo, monkeypatch):  # noqa: F811
    """The second arrives while Weibo is still asked for the first, which is held until then."""
    customer = Customer.objects.get(public_id=newcomer(http, mailbox).me["id"])
    SocialLink.objects.create(customer=customer, provider="weibo", app_id=weibo.ID, openid=weibo.openid_of("wang"))
    one_is_over, answer = threading.Event(), weibo.answer

    def held(*request):
        one_is_over.wait(0.5)
        return answer(*request)

    monkeypatch.setattr(weibo, "answer", held)
    query = weibo.consent(leave_v1(http), "wang")

    def open_tab():
        try:
            return body(http.get("/v1/users/weibo/users", params=query))["code"]
        finally:
            one_is_over.set()

    assert at_once(open_tab, open_tab) == [200, 200]
    assert Session.objects.filter(customer=customer, kind="contract").count() == 1
