"""What leaves a row, and that no row holds what somebody could be found by."""

import json

import pytest
from django.db import connection, transaction

from menpai import audit, rules
from menpai.audit import events
from menpai.models import Address, AuditEvent, Customer, Session
from tests import audit_trail
from tests.api.clients import a_code, newcomer, ok, refused, terms
from tests.customers import (
    PASSWORD,
    a_mobile,
    activate,
    activation_code,
    an_address_v1,
    ask_for_code,
    recover,
    somebody,
    somebody_by_sms,
    wrong,
)

FIREFOX = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}
NEW = "another horse 8"


def told(event):
    """The details of every such row."""
    return [row.details for row in audit_trail.written(event)]


def kinds(after=0):
    return [row.event for row in audit_trail.written()[after:]]


def test_registering_and_signing_in(http, mailbox):
    person = somebody(http)
    (registered,) = audit_trail.written(events.REGISTERED)
    customer = Customer.objects.get(username=person.name)
    assert (registered.customer_id, registered.details) == (customer.pk, {"by": "name"})
    http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD}, headers=FIREFOX)
    (row,) = audit_trail.written(events.LOGIN)
    assert (row.customer_id, row.details, row.succeeded) == (customer.pk, {"how": "password"}, True)
    assert (row.network, row.browser, row.system) == ("127.0.0.0/24", "Firefox", "Windows")
    assert row.session_id == Session.objects.order_by("-pk")[0].pk


def test_signing_in_by_code(http, mailbox, clock):
    mobile = a_mobile()
    for how in (events.REGISTERED, events.LOGIN):
        sent = {"mobile": mobile, "code": a_code(http, mailbox, mobile, "sessions"), "terms_version": terms()}
        ok(http.post("/api/sessions/by-code", json=sent), 201)
        assert len(audit_trail.written(how)) == 1
        clock.advance(61)
    assert told(events.LOGIN) == [{"how": "code"}]


def test_a_wrong_password_of_somebody_known_and_of_nobody(http):
    person = somebody(http)
    customer = Customer.objects.get(username=person.name)
    for name in (person.name, "nobody_knows_me", "??"):
        http.post("/v1/tokens", json={"username": name, "password": "wrong"})
    known, unknown, shapeless = audit_trail.written(events.LOGIN_FAILED)
    assert (known.customer_id, known.succeeded) == (customer.pk, False)
    assert (unknown.customer_id, unknown.subject) == (None, audit.subject("nobody_knows_me"))
    assert (shapeless.customer_id, shapeless.subject) == (None, audit.subject("??"))


def test_a_sign_in_that_is_held_up(http):
    person = somebody(http)
    for _ in range(7):
        http.post("/v1/tokens", json={"username": person.name, "password": "wrong"})
    (held,) = audit_trail.written(events.LOGIN_BLOCKED)
    assert held.customer_id == Customer.objects.get().pk
    assert sum(row.details.get("times", 1) for row in audit_trail.written(events.LOGIN_FAILED)) == 5


def test_the_oldest_session_that_has_to_go(http):
    person = somebody(http)
    for _ in range(rules.SESSIONS_PER_CUSTOMER):
        person.http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD})
    assert told(events.SESSION_ENDED) == [{"how": "surplus", "many": 1}]


def test_codes_that_were_sent_and_guessed(http, mailbox):
    mobile = a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    (sent,) = audit_trail.written(events.CODE_SENT)
    assert sent.details == {"kind": "registration-code", "channel": "sms"}
    assert sent.subject == audit.subject(mobile)
    for _ in range(6):
        http.get("/user/sms/valid/", params={"mobile": mobile, "sms_code": wrong(code)})
    # A busy machine takes longer than the window in which refusals become one row.
    (*_, failed), (gone,) = audit_trail.written(events.CODE_FAILED), audit_trail.written(events.CODE_GONE)
    assert failed.details["purpose"] == "registration"
    assert sum(row.details.get("times", 1) for row in audit_trail.written(events.CODE_FAILED)) == 5
    assert gone.details == {"purpose": "registration"}
    assert failed.subject == gone.subject == sent.subject
    http.get(f"/user/sms/{mobile}/")
    assert told(events.THROTTLED) == [{"what": "TargetTooSoon"}]


def test_a_decoy_leaves_the_row_that_a_real_one_leaves(http, mailbox, clock):
    person = somebody(http)
    activate(http, mailbox, person)
    clock.advance(61)
    before = len(audit_trail.written())
    for target in (person.email, "nobody@example.com"):
        http.post("/v1/users/password/sms", json={"email": target})
    assert kinds(before) == [events.CODE_SENT] * 2
    assert told(events.CODE_SENT)[-2:] == [{"kind": "recovery-code", "channel": "email"}] * 2


def test_passwords(http, mailbox, clock):
    person = somebody(http)
    activate(http, mailbox, person)
    path = f"/v1/users/{person.name}/password"
    person.post(path, oldpassword="wrong", password1=NEW, password2=NEW)
    person.post(path, oldpassword=PASSWORD, password1=NEW, password2=NEW)
    clock.advance(61)
    assert recover(http, mailbox, person.email, "staple battery 7")["code"] == 200
    assert len(audit_trail.written(events.PASSWORD_CHANGE_FAILED)) == 1
    assert told(events.PASSWORD_CHANGED) == [{"how": "change"}, {"how": "recovery"}]
    changed, recovered = audit_trail.written(events.PASSWORD_CHANGED)
    assert changed.session_id is not None
    assert recovered.session_id is None


def test_proving_and_refusing_an_email(http, mailbox):
    activate(http, mailbox, somebody(http))
    other = somebody(http)
    code = activation_code(mailbox, other.email)
    ok(http.post("/api/activation/refuse", json={"code": code}), 204)
    assert told(events.USER_UPDATED) == [{"what": "email_verified"}, {"what": "email_refused"}]


def test_changing_email_and_mobile(http, mailbox):
    person = newcomer(http, mailbox)
    new = a_mobile()
    for kind, target in (("email", "new@example.com"), ("mobile", new)):
        ok(person.post(f"/me/{kind}/code", **{kind: target, "password": PASSWORD}), 202)
        ok(person.put(f"/me/{kind}", **{kind: target, "code": mailbox.last(target).code}))
    assert told(events.USER_UPDATED) == [{"what": "email", "ended": 0}, {"what": "mobile", "ended": 0}]


def test_ending_sessions(http, mailbox):
    person = newcomer(http, mailbox)
    for _ in range(3):
        http.post("/api/sessions", json={"name": person.mobile, "password": PASSWORD})
    other = str(Session.objects.order_by("-pk")[0].pk)
    ok(person.delete(f"/me/sessions/{other}"), 204)
    ok(person.delete("/me/sessions"), 204)
    ok(person.delete("/me/sessions"), 204)
    ok(person.delete("/sessions/current"), 204)
    ended = other.replace("-", "")
    assert told(events.SESSION_ENDED) == [
        {"how": "device", "ended": ended},
        {"how": "others", "many": 2},
        {"how": "sign_out"},
    ]


def test_a_used_refresh_token(http, mailbox, clock):
    person = newcomer(http, mailbox)
    ok(person.renew())
    clock.advance(11)
    refused(person.renew(), 401, "not_signed_in")
    (row,) = audit_trail.written(events.TOKEN_REUSED)
    assert row.customer_id and row.session_id == Session.objects.get().pk


def test_the_address_book(http):
    person = somebody(http)
    first = person.add_address()[0]["id"]
    second = person.add_address()[0]["id"]
    before = len(audit_trail.written())
    person.addresses()
    assert kinds(before) == []
    person.put(f"{person.book}/{first}", **an_address_v1(receiver="老王"))
    person.post(f"{person.book}/default", id=second)
    person.delete(f"{person.book}/{first}")
    assert kinds(before) == [events.UPDATED, events.UPDATED, events.DELETED]
    assert [row.details["id"] for row in audit_trail.written()[before:]] == [first, second, first]


def test_no_row_holds_what_somebody_could_be_found_by(http, mailbox, clock):
    person, by_sms = somebody(http), somebody_by_sms(http, mailbox)
    activate(http, mailbox, person)
    person.add_address()
    person.sign_in("wrong")
    http.post("/v1/tokens", json={"username": "unknown@example.com", "password": "wrong"})
    clock.advance(61)
    recover(http, mailbox, person.email, NEW)
    everything = json.dumps(list(AuditEvent.objects.values()), default=str, ensure_ascii=False)
    for secret in (person.name, person.email, person.phone, by_sms.phone, "unknown", "小王", "珠市口", "127.0.0.1"):
        assert secret not in everything, secret


# ── F21 ──
@pytest.fixture
def no_room(engine):
    """The audit trail cannot be written to."""
    with connection.cursor() as cursor:
        if engine == "production":
            cursor.execute(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;"
                "CREATE TRIGGER no_room BEFORE INSERT ON menpai_auditevent EXECUTE FUNCTION no_room()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER no_room BEFORE INSERT ON menpai_auditevent BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION no_room CASCADE" if engine == "production" else "DROP TRIGGER no_room")


def test_what_cannot_be_recorded_is_not_done(http, mailbox, request):
    """F21: sensitive actions are refused; reading goes on, and so do refusals."""
    person = somebody(http)
    person.add_address()
    before = (Customer.objects.count(), Address.objects.count(), Session.objects.count())
    request.getfixturevalue("no_room")
    path = f"/v1/users/{person.name}/password"
    change = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    sign_in = {"username": person.name, "password": PASSWORD}
    assert http.post("/v1/tokens", json=sign_in).status_code in (500, 503)
    assert http.post(path, json=change, headers=person.auth).status_code in (500, 503)
    assert http.post(person.book, json=an_address_v1(receiver="老王"), headers=person.auth).status_code in (500, 503)
    assert http.delete("/api/sessions/current", headers=person.auth).status_code in (401, 500, 503)
    assert (Customer.objects.count(), Address.objects.count(), Session.objects.count()) == before
    assert len(person.addresses()) == 1
    assert http.post("/v1/tokens", json=sign_in | {"password": "x"}).json()["code"] == 10104


def test_a_row_goes_with_what_it_tells(http):
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record(events.LOGIN, 1)
        raise RuntimeError
    assert audit_trail.written() == []
