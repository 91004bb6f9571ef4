"""/api: the Idempotency-Key. Whoever lost an answer asks again, and the thing is done once."""

from django.utils import timezone

from menpai.models import Address, Customer, RepeatableRequest, Session
from menpai.worker import retention
from tests.api.clients import App, Browser, a_code, newcomer, ok, refused, registration, signed_in, terms
from tests.concurrency import at_once
from tests.customers import a_mobile, an_address_in_parts

KEY = {"idempotency-key": "5f0c9c1e-4e1f-4f0e-9f57-2f1d8d1f2b11"}
DAY = 24 * 3600


def added(person, key=KEY, **fields):
    return person.post("/me/addresses", key, **an_address_in_parts(**fields))


# ── An address ──
def test_the_same_key_and_body_add_one_address_and_nothing_else_does(http, person):
    first = ok(added(person), 201)
    assert ok(added(person), 201) == ok(added(signed_in(http, person.mobile)), 201) == first  # another device
    assert Address.objects.count() == 1
    refused(added(person, receiver="小李"), 422, "idempotency_key_reused")
    assert Address.objects.count() == 1
    for key in ({"idempotency-key": "another"}, {}, {}):
        ok(added(person, key), 201)
    assert Address.objects.count() == 4


def test_another_customer_with_the_same_key_is_somebody_else(http, mailbox, person):
    other = newcomer(http, mailbox)
    ok(added(person), 201)
    ok(added(other, receiver="小李"), 201)
    assert Address.objects.values("customer").distinct().count() == 2


def test_a_refused_request_leaves_the_key_free(person, set_rule):
    refused(added(person, receiver=""), 422, "address_field_invalid", "receiver")
    set_rule("LIVE_ADDRESSES", 0)
    refused(added(person), 409, "address_book_full")
    set_rule("LIVE_ADDRESSES", 50)
    ok(added(person), 201)
    set_rule("LIVE_ADDRESSES", 1)
    ok(added(person), 201)  # done already: a full book is no objection


def test_a_retry_after_the_address_was_deleted_adds_none(person):
    first = ok(added(person), 201)
    ok(person.delete(f"/me/addresses/{first['changed']}"))
    assert ok(added(person), 201) == first | {"addresses": []}


def test_after_a_day_the_key_is_free_again(person, clock):
    ok(added(person), 201)
    clock.advance(DAY - 60)
    person = fresh(person)
    ok(added(person), 201)
    assert Address.objects.count() == 1
    clock.advance(120)
    retention.sweep()
    assert not RepeatableRequest.objects.exists()
    ok(added(fresh(person), receiver="小李"), 201)
    assert Address.objects.count() == 2


def fresh(person):
    return signed_in(person.http, person.mobile)


def test_any_printable_ascii_is_a_key_and_nothing_else(person):
    for key in ("", "x" * 101, "a\tb", "a\x7fb"):
        refused(added(person, {"idempotency-key": key}), 400, "bad_request")
    assert not Address.objects.exists()
    for key in ("x", "x" * 100, " ~!", "a b"):
        first = ok(added(person, {"idempotency-key": key}), 201)
        assert ok(added(person, {"idempotency-key": key}), 201) == first


def test_neither_the_key_nor_the_body_is_stored(person):
    ok(added(person), 201)
    (row,) = RepeatableRequest.objects.values()
    assert KEY["idempotency-key"] not in str(row) and "小王" not in str(row)


def test_other_operations_do_not_look_at_the_key(person):
    for _ in range(2):
        ok(person.put("/me/addresses/default", KEY, id=ok(added(person, {}), 201)["changed"]))
    assert not RepeatableRequest.objects.exists()


# ── A registration ──
def test_a_registration_asked_for_again_is_one_customer_signed_in_twice(http, mailbox):
    sent = registration(http, mailbox, username="wang_1", email="wang@example.com")
    said = [ok(http.post("/api/registrations", json=sent, headers=KEY), 201) for _ in range(3)]
    for one in said[1:]:
        assert (one["customer"], one["registered"], one["activation_mail"]) == (said[0]["customer"], True, True)
        assert App(http, one).is_signed_in()
    assert Customer.objects.count() == 1
    assert len([one for one in mailbox.all("wang@example.com") if one.link]) == 1


def test_a_retry_promises_no_mail_that_was_not_sent(http, mailbox):
    newcomer(http, mailbox, email="wang@example.com")  # a mail went there a moment ago
    sent = registration(http, mailbox, email="wang@example.com")
    said = [ok(http.post("/api/registrations", json=sent, headers=KEY), 201) for _ in range(2)]
    assert [one["activation_mail"] for one in said] == [False, False]


def test_a_refused_registration_leaves_the_key_free_and_one_that_was_made_does_not(http, mailbox):
    sent, other = registration(http, mailbox), registration(http, mailbox)
    answer = http.post("/api/registrations", json=sent | {"password": "short"}, headers=KEY)
    refused(answer, 422, "password_length", "password")
    ok(http.post("/api/registrations", json=sent, headers=KEY), 201)
    refused(http.post("/api/registrations", json=other, headers=KEY), 422, "idempotency_key_reused")
    ok(http.post("/api/registrations", json=other), 201)


def test_a_retry_lets_nobody_in_elsewhere_later_or_once_disabled(http, mailbox, clock, client_from):
    sent = registration(http, mailbox)
    ok(http.post("/api/registrations", json=sent, headers=KEY), 201)
    with client_from("10.0.0.2") as elsewhere:
        refused(elsewhere.post("/api/registrations", json=sent, headers=KEY), 422, "code_gone", "code")
    clock.advance(9 * 60)
    ok(http.post("/api/registrations", json=sent, headers=KEY), 201)
    Customer.objects.update(disabled_at=timezone.now())
    refused(http.post("/api/registrations", json=sent, headers=KEY), 401, "not_signed_in")
    Customer.objects.update(disabled_at=None)
    clock.advance(2 * 60)
    refused(http.post("/api/registrations", json=sent, headers=KEY), 422, "code_gone", "code")


# ── Signing in by code ──
def by_code(http, mailbox, mobile=None, **more):
    mobile = mobile or a_mobile()
    code = a_code(http, mailbox, mobile, "sessions")
    return {"mobile": mobile, "code": code, "terms_version": terms()} | more


def test_a_sign_in_by_code_asked_for_again_is_a_success(http, mailbox, person, clock):
    sent = by_code(http, mailbox)
    said = [ok(http.post("/api/sessions/by-code", json=sent, headers=KEY), 201) for _ in range(2)]
    assert [(one["customer"]["id"], one["registered"]) for one in said] == [(said[0]["customer"]["id"], True)] * 2
    assert Customer.objects.count() == 2 and App(http, said[1]).is_signed_in()
    clock.advance(61)
    sent, key = by_code(http, mailbox, person.mobile), {"idempotency-key": "a customer's"}
    said = [ok(http.post("/api/sessions/by-code", json=sent, headers=key), 201) for _ in range(2)]
    assert [(one["customer"]["id"], one["registered"]) for one in said] == [(person.me["id"], False)] * 2


def test_a_browser_that_lost_the_answer_gets_its_cookie_again(http, mailbox):
    browser, sent = Browser(http), by_code(http, mailbox, session="cookie")
    ok(browser.post("/sessions/by-code", KEY, **sent), 201)
    browser.cookie = ""
    ok(browser.post("/sessions/by-code", KEY, **sent), 201)
    assert browser.is_signed_in()


def test_terms_that_are_missing_leave_the_key_to_the_whole_body(http, mailbox):
    sent = by_code(http, mailbox)
    bare = sent | {"terms_version": None}
    refused(http.post("/api/sessions/by-code", json=bare, headers=KEY), 422, "terms_not_accepted", "terms_version")
    ok(http.post("/api/sessions/by-code", json=sent, headers=KEY), 201)


def test_one_key_may_serve_two_operations(http, mailbox, person):
    ok(added(person), 201)
    ok(http.post("/api/sessions/by-code", json=by_code(http, mailbox), headers=KEY), 201)
    ok(http.post("/api/registrations", json=registration(http, mailbox), headers=KEY), 201)
    assert RepeatableRequest.objects.count() == 3


def test_a_few_twins_on_one_writer_do_the_thing_once_too(person):
    assert len({ok(answer, 201)["changed"] for answer in at_once(*[lambda: added(person)] * 4)}) == 1
    assert (Address.objects.count(), Session.objects.count()) == (1, 1)
