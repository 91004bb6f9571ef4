"""/api: signed snapshots of addresses, which orders keep."""

import base64
import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError

from menpai import rules
from menpai.addresses import regions
from menpai.models import AuditEvent, Customer, Snapshot
from menpai.worker import retention
from tests.api.clients import added, newcomer, ok, refused, signed_in
from tests.concurrency import at_once
from tests.customers import an_address_in_parts
from tests.snapshots import claims_of, is_genuine

KEY = {"idempotency-key": "order-A-1"}


@pytest.fixture
def own(person):
    return added(person)


def take(person, address_id, headers=None, order="A-1"):
    return person.post(f"/me/addresses/{address_id}/snapshots", headers, order=order)


def key_set(http):
    answer = http.get("/.well-known/snapshots/jwks.json")
    assert answer.headers["content-type"] == "application/jwk-set+json"
    return answer.json()


# ── Taking one ──
def test_a_snapshot_holds_the_address_signed_for_this_order(http, person, own):
    snapshot = ok(take(person, own), 201)
    claims = claims_of(snapshot["jws"])
    assert is_genuine(snapshot["jws"], key_set(http))
    assert list(claims) == ["iss", "aud", "jti", "iat", "sub", "order", "v", "edition", "address"]
    assert (claims["v"], claims["edition"]) == (1, regions.EDITION)
    assert (claims["jti"], claims["sub"], claims["order"]) == (snapshot["id"], person.me["id"], "A-1")
    (entry,) = ok(person.get("/me/addresses"))["addresses"]
    assert claims["address"] == snapshot["address"]
    assert set(entry) - set(snapshot["address"]) <= {"id", "is_default", "warnings"}
    assert snapshot["address"].items() <= entry.items()
    assert len(snapshot["jws"]) < 1000


def test_a_browser_takes_one_and_a_stranger_does_not(browser, stranger, own):
    ok(take(browser, own), 201)
    refused(take(stranger, own), 401, "not_signed_in")


def test_an_order_number_is_plain_text_of_64_characters(person, own):
    for order in ("A-1", "订单 2026/7", "x" * 64):
        assert claims_of(ok(take(person, own, order=order), 201)["jws"])["order"] == order
    for order in ("", " ", "x" * 65, "<b>", "A\u20281", "a\x07b", " A", "A\u200b1"):
        refused(take(person, own, order=order), 422, "order_invalid", "order")
    for body in ({}, {"order": 7}, {"order": None}):
        refused(person.post(f"/me/addresses/{own}/snapshots", **body), 422, "invalid_request", "order")
    assert Snapshot.objects.count() == 3


def test_a_foreign_a_deleted_and_an_unknown_address_are_one_answer(http, mailbox, person, own):
    other = newcomer(http, mailbox)
    gone = added(person)
    ok(person.delete(f"/me/addresses/{gone}"))
    for caller, address_id in ((other, own), (person, gone), (person, 0), (person, 10**30)):
        refused(take(caller, address_id, KEY), 404, "address_unknown")
    assert not Snapshot.objects.exists()


def test_a_customer_takes_as_many_as_the_limit_allows_and_repeats_do_not_count(person, own, set_rule):
    set_rule("SNAPSHOTS_PER_CUSTOMER", (rules.Limit(2, timedelta(minutes=1)),))
    first = ok(take(person, own, KEY), 201)
    ok(take(person, own), 201)
    refused(take(person, own), 429, "too_many_requests")
    assert ok(take(person, own, KEY), 201) == first


# ── Repeats ──
def test_a_repeat_answers_the_same_whatever_became_of_the_address(http, person, own):
    first = ok(take(person, own, KEY), 201)
    ok(person.put(f"/me/addresses/{own}", **an_address_in_parts(receiver="小李")))
    assert ok(take(person, own, KEY), 201) == first
    ok(person.delete(f"/me/addresses/{own}"))
    assert ok(take(signed_in(http, person.mobile), own, KEY), 201) == first
    assert Snapshot.objects.count() == 1


def test_a_key_is_of_one_order_one_address_and_one_customer(http, mailbox, person, own):
    ok(take(person, own, KEY), 201)
    refused(take(person, own, KEY, "A-2"), 422, "idempotency_key_reused")
    refused(take(person, added(person), KEY), 422, "idempotency_key_reused")
    other = newcomer(http, mailbox)
    ok(take(other, added(other), KEY), 201)
    refused(take(person, own, {"idempotency-key": ""}), 400, "bad_request")
    assert Snapshot.objects.count() == 2
    for _ in range(2):
        ok(take(person, own), 201)
    assert Snapshot.objects.count() == 4


def test_twins_at_once_get_one_snapshot(person, own):
    answers = at_once(*[lambda: take(person, own, KEY)] * 8)
    assert len({ok(answer, 201)["jws"] for answer in answers}) == 1
    assert (Snapshot.objects.count(), AuditEvent.objects.filter(details__what="snapshot").count()) == (1, 1)


# ── What is kept ──
def test_the_row_is_a_hash_and_the_payload_sealed_for_some_days(person, own, clock):
    snapshot = ok(take(person, own, KEY), 201)
    ok(take(person, own, order="A-2"), 201)
    for row in Snapshot.objects.values():
        assert not any(text in str(row) for text in ("小王", "珠市口", "18667018590", snapshot["jws"].split(".")[1]))
    kept, bare = Snapshot.objects.order_by("order")
    assert kept.sealed and not bare.sealed  # without a key nothing is repeated
    clock.advance(rules.SNAPSHOT_SEALED.total_seconds() + 60)
    retention.sweep()
    kept.refresh_from_db()
    assert (kept.sealed, kept.request, kept.body) == ("", None, "")
    payload = snapshot["jws"].split(".")[1]
    assert kept.digest == hashlib.sha256(decoded(payload)).hexdigest()


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_after_those_days_the_key_is_free_and_after_the_orders_the_row_goes(person, own, clock):
    first = ok(take(person, own, KEY), 201)
    clock.advance(rules.SNAPSHOT_SEALED.total_seconds() + 60)
    retention.sweep()
    again = signed_in(person.http, person.mobile)
    assert ok(take(again, own, KEY), 201)["id"] != first["id"]
    clock.advance(rules.ORDERS_KEPT.total_seconds() - rules.SNAPSHOT_SEALED.total_seconds())
    retention.sweep()
    assert [str(pk) for pk in Snapshot.objects.values_list("pk", flat=True)] != [first["id"]]
    assert Snapshot.objects.count() == 1


def test_an_erased_account_leaves_no_address_and_the_shops_copy_still_verifies(http, person, own):
    snapshot = ok(take(person, own, KEY), 201)
    with pytest.raises(IntegrityError):
        Snapshot.objects.update(customer=None)  # no way of erasing can forget the payload
    Customer.objects.all().delete()
    (row,) = Snapshot.objects.all()
    assert (row.customer_id, row.sealed, row.order) == (None, "", "A-1")
    assert is_genuine(snapshot["jws"], key_set(http))


def test_the_audit_trail_tells_of_it_without_the_order_and_the_address(person, own):
    snapshot = ok(take(person, own), 201)
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.details) == ("sensitive_create", {"what": "snapshot", "id": snapshot["id"]})
