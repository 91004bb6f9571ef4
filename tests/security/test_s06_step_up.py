"""S6: adding, changing or removing a way to sign in asks who it is, by password, by code or by the same provider.

A sign-in by one of them counts for ten minutes, in its own session. What a stolen session linked all the same is set
aside by the next new password, and customers hear of it on a channel that they have.
"""

from collections.abc import Callable

import pytest

from menpai.models import Session, SocialLink
from tests.api.clients import App, Caller, a_code, by_code, newcomer, ok, refused, signed_in
from tests.customers import PASSWORD, a_mobile, activation_code, somebody
from tests.social.clients import arrive, come_back, leave

NEW = "another horse 8"


def later(app: App, clock) -> App:
    """The same session, more than ten minutes after the sign-in."""
    clock.advance(601)
    app.take(ok(app.renew()))
    return app


@pytest.fixture
def owner(http, mailbox, clock):
    """With a password, a proven mobile, a proven e-mail and a linked account."""
    app = newcomer(http, mailbox, username="wang_1", email="wang@example.com")
    ok(app.post("/activation", code=activation_code(mailbox, app.email)), 204)
    arrive(app, purpose="link")
    return app


@pytest.fixture
def stolen(owner, clock):
    """The token of that session, which a thief holds too."""
    return later(owner, clock)


# ── What is asked for ──
CHANGES: dict[str, Callable[[Caller], object]] = {
    "link": lambda app: app.post("/social/qq/authorization", purpose="link"),
    "unlink": lambda app: app.delete("/me/social/weibo"),
    "e-mail": lambda app: app.post("/me/email/code", email="thief@example.com"),
    "mobile": lambda app: app.post("/me/mobile/code", mobile="13900009999"),
    "device": lambda app: app.delete(f"/me/sessions/{Session.objects.order_by('-pk')[0].pk}"),
    "devices": lambda app: app.delete("/me/sessions"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_stolen_token_alone_changes_no_way_to_sign_in(http, stolen, mailbox, change):
    other = signed_in(http, "wang_1")
    refused(CHANGES[change](stolen), 403, "step_up_required")
    assert SocialLink.objects.filter(set_aside_at=None).count() == 1 and other.is_signed_in()
    assert not mailbox.all("thief@example.com") and not mailbox.all("13900009999")


def test_nor_does_it_set_a_first_password(http, mailbox, clock):
    thief, new = later(by_code(http, mailbox), clock), {"password": NEW, "password2": NEW}
    refused(thief.put("/me/password", **new), 403, "step_up_required")
    assert ok(thief.get("/me"))["has_password"] is False


def by_password(app, mailbox, clock):
    ok(app.post("/me/step-up", password=PASSWORD), 204)


def by_sms(app, mailbox, clock):
    ok(app.post("/me/step-up/code", channel="sms"), 202)
    ok(app.put("/me/step-up/code", channel="sms", code=mailbox.last(app.mobile).code), 204)


def by_mail(app, mailbox, clock):
    ok(app.post("/me/step-up/code", channel="email"), 202)
    ok(app.put("/me/step-up/code", channel="email", code=mailbox.last(app.email).code), 204)


def by_provider(app, mailbox, clock):
    assert arrive(app, purpose="step-up")["outcome"] == "confirmed"


@pytest.mark.parametrize("confirm", [by_password, by_sms, by_mail, by_provider])
def test_whoever_confirms_who_they_are_may_for_ten_minutes(http, stolen, mailbox, clock, confirm):
    clock.advance(61)
    confirm(stolen, mailbox, clock)
    ok(CHANGES["link"](stolen))
    refused(CHANGES["link"](later(stolen, clock)), 403, "step_up_required")


def test_a_customer_without_a_password_sets_the_first_one_and_stays_signed_in_everywhere(http, mailbox, clock):
    person = by_code(http, mailbox)
    clock.advance(61)
    other = by_code(http, mailbox, person.mobile)
    later(person, clock)
    by_sms(person, mailbox, clock)
    ok(person.put("/me/password", password=PASSWORD, password2=PASSWORD), 204)
    assert signed_in(http, person.mobile).me["has_password"] is True
    refused(person.put("/me/password", password=NEW, password2=NEW), 422, "old_password_wrong", "old_password")
    assert ok(other.renew())["access_token"]


@pytest.mark.parametrize("how", ["password", "code", "provider"])
def test_a_sign_in_counts_as_having_said_it(http, owner, mailbox, clock, how):
    clock.advance(61)
    sign_in = {
        "password": lambda: signed_in(http, "wang_1"),
        "code": lambda: by_code(http, mailbox, owner.mobile),
        "provider": lambda: App(http, arrive(Caller(http))["session"]),
    }
    ok(CHANGES["link"](sign_in[how]()))


# ── Whose it is ──
def test_one_session_confirms_nothing_for_another(http, stolen, mailbox, clock):
    clock.advance(61)
    elsewhere = signed_in(http, "wang_1")
    by_password(elsewhere, mailbox, clock)
    refused(CHANGES["link"](stolen), 403, "step_up_required")
    ok(elsewhere.post("/me/step-up/code", channel="sms"), 202)
    code = mailbox.last(stolen.mobile).code
    refused(stolen.put("/me/step-up/code", channel="sms", code=code), 422, "code_gone", "code")


def test_neither_a_wrong_password_nor_another_code_nor_another_account_confirms(http, stolen, mailbox, clock):
    clock.advance(61)
    refused(stolen.post("/me/step-up", password="wrong horse 1"), 422, "password_wrong", "password")
    code = a_code(http, mailbox, stolen.mobile, "sessions")
    refused(stolen.put("/me/step-up/code", channel="sms", code=code), 422, "code_gone", "code")
    refused(come_back(stolen, leave(stolen, purpose="step-up"), "li"), 403, "step_up_required")
    refused(CHANGES["link"](stolen), 403, "step_up_required")


def test_a_code_goes_to_proven_channels_alone(http, mailbox, clock):
    person = newcomer(http, mailbox, email="wang@example.com")
    refused(person.post("/me/step-up/code", channel="email"), 409, "channel_not_verified")
    methods = {"password": True, "mobile": person.mobile, "email": None, "providers": []}
    assert ok(person.get("/me/step-up")) == methods


def test_a_code_confirms_once(stolen, mailbox, clock):
    clock.advance(61)
    by_sms(stolen, mailbox, clock)
    code = mailbox.last(stolen.mobile).code
    refused(stolen.put("/me/step-up/code", channel="sms", code=code), 422, "code_gone", "code")


# ── What was linked with a stolen session ──
def change(http, mailbox, person):
    sent = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    answer = http.post("/v1/users/wang_1/password", json=sent, headers={"authorization": person.access}).json()
    assert answer["code"] == 200


def recover_by_sms(http, mailbox, person):
    recover(http, mailbox, person.mobile)


def recover(http, mailbox, target):
    ok(http.post("/api/recovery/code", json={"target": target}), 202)
    sent = {"target": target, "code": mailbox.last(target).code}
    sent["ticket"] = ok(http.post("/api/recovery/ticket", json=sent))["ticket"]
    ok(http.post("/api/recovery/password", json=sent | {"password": NEW, "password2": NEW}), 204)


@pytest.mark.parametrize("end", [change, recover_by_sms])
def test_a_new_password_sets_aside_what_was_linked_since_the_last_sign_in(http, mailbox, clock, owner, end):
    clock.advance(61)
    victim = signed_in(http, "wang_1")  # the owner's own link is older than this
    arrive(victim, "thief", "qq", purpose="link")  # …and the thief's, by the stolen token, younger
    end(http, mailbox, victim)
    assert arrive(Caller(http), "thief", "qq")["outcome"] == "new"
    assert arrive(Caller(http), "wang", "weibo")["outcome"] == "signed-in"
    back = signed_in(http, "wang_1", NEW)
    assert arrive(back, "thief", "qq", purpose="link")["outcome"] == "linked"  # whoever has the account has it back


def test_who_registers_by_a_provider_keeps_it_with_the_first_password(http, mailbox, clock):
    app, mobile = Caller(http), a_mobile()
    sent = {"ticket": arrive(app)["ticket"], "mobile": mobile, "terms_version": "2026-11"}
    sent["code"] = a_code(http, mailbox, mobile, "sessions")
    ok(app.post("/social/registrations", **sent), 201)
    clock.advance(61)
    person = by_code(http, mailbox, mobile)
    clock.advance(61)
    recover(http, mailbox, person.mobile)
    assert arrive(Caller(http))["outcome"] == "signed-in"


# ── Who hears of it ──
def test_a_customer_with_a_mobile_alone_hears_of_it_by_sms(http, mailbox):
    person, heard = newcomer(http, mailbox), []
    for change in (
        lambda: arrive(person, purpose="link"),
        lambda: person.delete("/me/social/weibo"),
        lambda: person.put("/me/password", old_password=PASSWORD, password=NEW, password2=NEW),
    ):
        change()
        heard.append(sum("登录方式" in sms.text for sms in mailbox.all(person.mobile)))
    assert heard == [1, 2, 3]


def add_email(person, mailbox, email):
    ok(person.post("/me/email/code", email=email), 202)
    ok(person.put("/me/email", email=email, code=mailbox.last(email).code))


def activate(person, mailbox, email):
    ok(person.post("/activation", code=activation_code(mailbox, email)), 204)


@pytest.mark.parametrize(("typed", "prove"), [(None, add_email), ("typed@example.com", activate)])
def test_a_proven_mobile_hears_of_an_added_mailbox_and_of_the_recovery_by_it(http, mailbox, clock, typed, prove):
    person = newcomer(http, mailbox, username="wang_1", email=typed)
    email, before = typed or "thief@example.com", len(mailbox.all(person.mobile))
    prove(person, mailbox, email)
    clock.advance(61)
    assert len(mailbox.all(person.mobile)) == before + 1 and "登录方式" in mailbox.last(person.mobile).text
    recover(http, mailbox, email)
    assert len(mailbox.all(person.mobile)) == before + 2 and "登录方式" in mailbox.last(person.mobile).text


def test_a_proven_mailbox_hears_of_an_added_mobile_and_of_the_recovery_by_it(http, mailbox, clock):
    person = somebody(http)
    app = signed_in(http, person.name)
    activate(app, mailbox, person.email)
    mobile, heard = a_mobile(), len(mailbox.all(person.email))
    ok(app.post("/me/mobile/code", mobile=mobile), 202)
    ok(app.put("/me/mobile", mobile=mobile, code=mailbox.last(mobile).code))
    assert len(mailbox.all(person.email)) == heard + 1
    clock.advance(61)
    recover(http, mailbox, mobile)
    assert len(mailbox.all(person.email)) == heard + 2


def test_both_proven_channels_hear_of_every_change(http, mailbox, owner):
    for change in (
        lambda: owner.delete("/me/social/weibo"),
        lambda: arrive(owner, "wang", "qq", purpose="link"),
        lambda: owner.put("/me/password", old_password=PASSWORD, password=NEW, password2=NEW),
        lambda: add_email(owner, mailbox, "new@example.com"),
    ):
        before = [len(mailbox.all(to)) for to in (owner.mobile, owner.email)]
        change()
        assert [len(mailbox.all(to)) for to in (owner.mobile, owner.email)] == [many + 1 for many in before]


def test_a_proven_mobile_hears_of_a_link_though_the_typed_mailbox_was_mailed_enough(http, mailbox):
    person = newcomer(http, mailbox, email="typed@example.com")
    ok(person.put("/me/password", old_password=PASSWORD, password=NEW, password2=NEW), 204)
    before = len(mailbox.all(person.mobile))
    arrive(person, purpose="link")
    assert len(mailbox.all(person.mobile)) == before + 1


def test_a_proven_mobile_hears_of_it_before_a_mailbox_that_was_only_typed(http, mailbox):
    person = newcomer(http, mailbox, email="typed@example.com")
    before = len(mailbox.all("typed@example.com"))
    ok(person.put("/me/password", old_password=PASSWORD, password=NEW, password2=NEW), 204)
    assert "登录方式" in mailbox.last(person.mobile).text
    assert len(mailbox.all("typed@example.com")) == before
