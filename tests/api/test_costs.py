"""/api: what each operation costs, pinned: SQL statements (BEGIN, COMMIT, ROLLBACK aside) and round trips to the store.

Every signed-in request begins with one statement, the session with its customer. Whoever signs in reads who they are.
"""

import pytest

from menpai.models import Session, SocialLink
from tests.api.clients import Browser, a_code, newcomer, ok, registration, signed_in, terms
from tests.customers import PASSWORD, a_mobile, activation_code, an_address_in_parts, wrong
from tests.social.clients import arrive, come_back, leave, ticket

NEW = "another horse 8"


@pytest.fixture
def own(person):
    """The id of the first of two addresses."""
    ids = [person.post("/me/addresses", **an_address_in_parts()).json()["changed"] for _ in range(2)]
    return ids[0]


# ── Strangers ──
def test_what_nobody_is_let_in_with_and_what_cannot_be_read_cost_nothing(cost, stranger, person):
    assert cost(lambda: stranger.get("/me")) == (0, [])
    assert cost(lambda: stranger.get("/me", authorization="Bearer x")) == (0, [])
    assert cost(lambda: stranger.get("/me", cookie="menpai_session=x")) == (0, [])
    assert cost(lambda: stranger.post("/sessions/refresh", refresh_token="x")) == (0, [])
    assert cost(lambda: stranger.post("/activation", code="x")) == (0, [])
    assert cost(lambda: stranger.post("/registrations", mobile=1)) == (0, [])
    assert cost(lambda: stranger.post("/sessions", name="x", password="x", session="cookie")) == (0, [])


def test_asking_for_a_code_and_checking_a_mobile(cost, stranger):
    mobile = a_mobile()
    # the message; audit
    assert cost(lambda: stranger.post("/registrations/code", mobile=mobile)) == (2, ["count"])
    assert cost(lambda: stranger.post("/registrations/code", mobile=mobile)) == (0, ["count"])
    # whose number is it, for the mark of the code; message, audit
    assert cost(lambda: stranger.post("/sessions/code", mobile=a_mobile())) == (3, ["count"])
    assert cost(lambda: stranger.post("/registrations/check", mobile=a_mobile())) == (1, ["count"])


def test_registering(cost, stranger, http, mailbox):
    sent = registration(http, mailbox)
    assert cost(lambda: stranger.post("/registrations", **sent | {"code": wrong(sent["code"])})) == (0, ["guess"])
    # the code is spent; customer; session; audit; me
    assert cost(lambda: stranger.post("/registrations", **sent)) == (5, ["guess", "drop", "release"])
    sent = registration(http, mailbox, username="wang_1", email="wang@example.com")
    # taken? (name); whose e-mail?; the code is spent; customer; session; audit; message, audit; me
    assert cost(lambda: stranger.post("/registrations", **sent)) == (9, ["guess", "count", "put", "drop", "release"])


def test_registering_with_a_key_and_once_more(cost, stranger, http, mailbox):
    sent, key = registration(http, mailbox), {"idempotency-key": "x"}
    # done before?; the code is spent; customer; what was done; session; audit; me
    assert cost(lambda: stranger.post("/registrations", key, **sent)) == (7, ["guess", "drop", "release"])
    # done before; customer; session; one too many?; audit; me
    assert cost(lambda: stranger.post("/registrations", key, **sent)) == (6, [])


# ── Signing in ──
def test_signing_in(cost, http, person):
    sent = {"name": person.mobile, "password": PASSWORD}
    # who; a known device?; lock; session; one too many?; audit; me
    assert cost(lambda: http.post("/api/sessions", json=sent)) == (7, ["count", "release"])
    assert cost(lambda: http.post("/api/sessions", json=sent | {"password": "wrong"})) == (1, ["count"])
    browser = Browser(http)
    assert cost(lambda: browser.sign_in(person.mobile)) == (7, ["count", "release"])
    # and: was this browser here before?; the session before: looked at, ended, audit
    assert cost(lambda: browser.sign_in(person.mobile)) == (10, ["count", "release"])


def test_signing_in_by_code(cost, stranger, http, mailbox, person, clock):
    clock.advance(61)
    sent = {"mobile": person.mobile, "code": a_code(http, mailbox, person.mobile, "sessions")}
    # who; a known device?; the code is spent; lock; session; one too many?; audit; me
    assert cost(lambda: stranger.post("/sessions/by-code", **sent)) == (8, ["guess", "drop", "release"])


def test_becoming_a_customer_by_code(cost, stranger, http, mailbox):
    mobile = a_mobile()
    sent = {"mobile": mobile, "code": a_code(http, mailbox, mobile, "sessions")}
    assert cost(lambda: stranger.post("/sessions/by-code", **sent)) == (1, ["guess"])  # who: the terms are missing
    sent["terms_version"] = terms()
    # who; the code is spent; customer; session; audit; me
    assert cost(lambda: stranger.post("/sessions/by-code", **sent)) == (6, ["guess", "drop", "release"])


def test_refreshing_and_signing_out(cost, http, person, clock):
    other = signed_in(http, person.mobile)
    assert cost(lambda: other.delete("/sessions/current")) == (3, [])  # session; ended; audit
    assert cost(person.renew) == (3, [])  # session with customer, locked; the next generation; me
    assert cost(person.renew) == (2, [])  # a retry changes nothing
    clock.advance(11)
    assert cost(person.renew) == (3, [])  # a reuse ends it; audit
    assert cost(person.renew) == (1, [])


# ── Me ──
def test_looking_at_me_and_changing_the_language(cost, person, browser, clock):
    assert cost(lambda: person.get("/me")) == (1, [])  # session with customer
    assert cost(lambda: browser.get("/me")) == (1, [])
    assert cost(lambda: person.patch("/me", language="en")) == (3, [])
    assert cost(lambda: person.patch("/me", language="x")) == (1, [])
    clock.advance(601)
    assert cost(lambda: browser.get("/me")) == (2, [])  # and when it was last seen, every ten minutes
    assert cost(lambda: browser.get("/me")) == (1, [])


def test_changing_the_password(cost, named):
    sent = {"old_password": PASSWORD, "password": NEW, "password2": NEW}
    assert cost(lambda: named.put("/me/password", **sent | {"old_password": "x"})) == (2, ["count"])
    # session; customer; lock; password; sessions; the last sign-in, links since then; two notices; audit
    assert cost(lambda: named.put("/me/password", **sent)) == (10, ["count"])


def test_changing_the_email_and_the_mobile(cost, named, mailbox):
    ask = {"email": "new@example.com", "password": PASSWORD}
    # session; customer, for the password; customer; message, audit
    assert cost(lambda: named.post("/me/email/code", **ask)) == (5, ["count", "count"])
    sent = {"email": "new@example.com", "code": mailbox.last("new@example.com").code}
    # session; customer; the code is spent; lock; two notices; e-mail; the other sessions; audit; me
    assert cost(lambda: named.put("/me/email", **sent)) == (10, ["guess", "drop"])
    ask = {"mobile": a_mobile(), "password": PASSWORD}
    assert cost(lambda: named.post("/me/mobile/code", **ask)) == (5, ["count", "count"])
    sent = {"mobile": ask["mobile"], "code": mailbox.last(ask["mobile"]).code}
    # as the e-mail
    assert cost(lambda: named.put("/me/mobile", **sent)) == (10, ["guess", "drop", "release"])


# ── Recovery, activation ──
def test_recovering(cost, stranger, named, mailbox, clock):
    clock.advance(61)
    target = {"target": named.email}
    assert cost(lambda: stranger.post("/recovery/code", **target)) == (3, ["count", "put"])  # who; message, audit
    sent = target | {"code": mailbox.last(named.email).code}
    answers = []
    ticket = lambda: answers.append(stranger.post("/recovery/ticket", **sent)) or answers[0]  # noqa: E731
    assert cost(ticket) == (2, ["guess", "put", "drop"])  # the code is spent; lock
    sent = target | {"ticket": answers[0].json()["ticket"], "password": NEW, "password2": NEW}
    # customer; the ticket is spent; lock; password; sessions; the last sign-in, links; devices; two notices; audit
    assert cost(lambda: stranger.post("/recovery/password", **sent)) == (11, ["guess", "drop"])


def test_activating(cost, stranger, http, mailbox, clock):
    person = newcomer(http, mailbox, email="wang@example.com")
    clock.advance(61)
    # session; customer; whose e-mail?; message, audit
    assert cost(lambda: person.post("/activation/resend")) == (5, ["count", "put"])
    code = activation_code(mailbox, person.email)
    # customer; the code is spent; lock; e-mail; audit; the notice to the proven mobile
    assert cost(lambda: stranger.post("/activation", code=code)) == (6, ["guess"])
    assert cost(lambda: stranger.post("/activation", code=code)) == (1, ["guess"])
    assert cost(lambda: stranger.post("/activation/refuse", code=code)) == (2, ["guess"])  # it is proven by now
    newcomer(http, mailbox, email="li@example.com")
    code = activation_code(mailbox, "li@example.com")
    # customer; e-mail; sessions; audit
    assert cost(lambda: stranger.post("/activation/refuse", code=code)) == (4, ["guess"])


# ── Devices ──
def test_devices(cost, http, person):
    signed_in(http, person.mobile)
    other = str(Session.objects.order_by("-pk")[0].pk)
    assert cost(lambda: person.get("/me/sessions")) == (2, [])
    assert cost(lambda: person.get("/me/activity")) == (2, [])
    assert cost(lambda: person.delete(f"/me/sessions/{other}")) == (3, [])  # session; ended; audit
    assert cost(lambda: person.delete("/me/sessions")) == (2, [])  # there is no other


# ── Addresses ──
def test_reading_the_book(cost, person, own):
    assert cost(lambda: person.get("/me/addresses")) == (1, [])  # session with customer and book
    assert cost(lambda: person.get("/me/addresses/default")) == (1, [])
    assert cost(lambda: person.get("/me/addresses/set-aside")) == (2, [])


def test_adding_an_address(cost, person, own):
    key = {"idempotency-key": "x"}
    # session; lock; how many and a default; insert; audit; book
    assert cost(lambda: person.post("/me/addresses", **an_address_in_parts())) == (6, [])
    # …done before?; what was done
    assert cost(lambda: person.post("/me/addresses", key, **an_address_in_parts())) == (8, [])
    # session; done before; book
    assert cost(lambda: person.post("/me/addresses", key, **an_address_in_parts())) == (3, [])
    assert cost(lambda: person.post("/me/addresses", **an_address_in_parts(tag=""))) == (1, [])


def test_changing_the_book(cost, person, own):
    # session; lock; as it was; update; audit; book
    assert cost(lambda: person.put(f"/me/addresses/{own}", **an_address_in_parts())) == (6, [])
    assert cost(lambda: person.put("/me/addresses/0", **an_address_in_parts())) == (3, [])
    # session; lock; delete; the heir; its default; audit; book
    assert cost(lambda: person.delete(f"/me/addresses/{own}")) == (7, [])
    # session; lock; how many and a default; is it there?; the default before; restore; audit; book
    assert cost(lambda: person.post(f"/me/addresses/{own}/restore", is_default=True)) == (8, [])
    # session; lock; clear; set; audit; book
    assert cost(lambda: person.put("/me/addresses/default", id=own + 1)) == (6, [])


def test_taking_a_snapshot(cost, person, own):
    key = {"idempotency-key": "x"}
    take = lambda headers=None, order="A-1": person.post(f"/me/addresses/{own}/snapshots", headers, order=order)  # noqa: E731
    # session; book; insert; audit
    assert cost(take) == (4, [])
    # …done before?
    assert cost(lambda: take(key)) == (5, [])
    # session; done before
    assert cost(lambda: take(key)) == (2, [])
    assert cost(lambda: take(order="")) == (1, [])


# ── Other providers ──
@pytest.fixture
def linked(person):
    """The person, with a link."""
    arrive(person, purpose="link")
    assert SocialLink.objects.count() == 1
    return person


def test_setting_out_and_coming_back_as_somebody_new(cost, stranger):
    assert cost(lambda: leave(stranger)) == (0, ["count", "put"])
    state = leave(stranger)
    # the state is spent; whose is it?; the outcome
    assert cost(lambda: come_back(stranger, state)) == (3, ["guess", "put"])


def test_signing_in_by_a_provider(cost, stranger, linked):
    state = leave(stranger)
    # the state is spent; whose is it?; a known device?; lock; still theirs?; the outcome; session; one too many?;
    # audit; me
    assert cost(lambda: come_back(stranger, state)) == (10, ["guess"])


def test_linking_while_signed_in(cost, person):
    assert cost(lambda: leave(person, purpose="link")) == (2, ["count", "put"])  # session; customer, for the mark
    state = leave(person, purpose="link")
    # session; the state is spent; lock; whose is it?; whom to tell; lock; link; audit; notice; the outcome
    assert cost(lambda: come_back(person, state)) == (10, ["guess"])


def test_linking_by_password(cost, stranger, person):
    sent = {"ticket": ticket(stranger), "name": person.mobile, "password": PASSWORD}
    # who; whom to tell; a known device?; lock; customer; the ticket is spent; link; audit; session; one too many?;
    # audit; me; notice
    many, trips = cost(lambda: stranger.post("/social/links", **sent))
    assert (many, sorted(trips)) == (13, sorted(["count", "guess", "drop", "release"]))


def test_becoming_a_customer_by_a_provider(cost, http, mailbox, stranger):
    mobile = a_mobile()
    sent = {"ticket": ticket(stranger), "mobile": mobile, "terms_version": terms()}
    sent |= {"code": a_code(http, mailbox, mobile, "sessions")}
    # who; the code is spent; customer; session; audit; the ticket is spent; link; audit; me
    many, trips = cost(lambda: ok(stranger.post("/social/registrations", **sent), 201))
    assert (many, sorted(trips)) == (9, sorted(["guess", "guess", "drop", "drop", "release"]))


def test_reading_the_links_and_unlinking(cost, linked):
    assert cost(lambda: linked.get("/me/social")) == (3, [])  # session; me; links
    # session; whom to tell; lock; links; delete; audit; notice
    assert cost(lambda: linked.delete("/me/social/weibo")) == (7, [])
