"""/api: what 64 requests at once race for by HTTP. The same stories catch naive ways, which look and then write."""

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import httpx
import pytest
from django.db.models import F, QuerySet

from menpai import rules
from menpai.addresses import book as address_book
from menpai.addresses import snapshots
from menpai.codes import one_time
from menpai.database import idempotency
from menpai.models import Address, Customer, Message, RepeatableRequest, Session, Snapshot
from menpai.sessions import tokens
from tests.api.clients import App, Caller, added, newcomer, ok, refused, signed_in, terms
from tests.concurrency import ConcurrentClients
from tests.customers import PASSWORD, a_mobile, an_address_in_parts
from tests.naive import is_caught, naive_remember, naive_spend, naive_store, promised

pytestmark = [
    pytest.mark.production_only("SQLite lets one writer in at a time"),
    pytest.mark.slow("each request of a race goes in by HTTP"),
    pytest.mark.usefixtures("room_for_all"),
]
KEY = {"idempotency-key": "5f0c9c1e-4e1f-4f0e-9f57-2f1d8d1f2b11"}
_serial = count(1)


@dataclass
class Scene:
    """Two customers who are there for the whole story."""

    http: httpx.Client
    clients: ConcurrentClients
    person: App
    other: App
    set_rule: Any


@pytest.fixture
def scene(http, mailbox, clients, set_rule):
    return Scene(http, clients, newcomer(http, mailbox), newcomer(http, mailbox), set_rule)


# ── The stories ──
def a_book_keeps_one_default(scene):
    """Restoring, setting the default, deleting and adding at once."""
    Address.objects.all().delete()
    person, ids, gone = scene.person, *([added(scene.person) for _ in range(4)] for _ in range(2))
    for number in gone:
        ok(person.delete(f"/me/addresses/{number}"))

    def meddle(number):
        if number % 4 == 0:
            return person.post(f"/me/addresses/{gone[number // 4 % 4]}/restore", is_default=number % 8 == 0)
        if number % 4 == 1:
            return person.put("/me/addresses/default", id=ids[number // 4 % 4])
        if number % 4 == 2:
            return person.delete(f"/me/addresses/{ids[number // 4 % 4]}")
        return person.post("/me/addresses", **an_address_in_parts())

    statuses = {answer.status_code for answer in scene.clients.rush(meddle)}
    defaults = Address.objects.filter(deleted_at__isnull=True, is_default=True).count()
    promised(defaults == 1 and statuses <= {200, 201, 404}, (defaults, statuses))


def a_book_holds_no_more_than_its_limit(scene):
    """Restoring and adding at once."""
    Address.objects.all().delete()
    scene.set_rule("LIVE_ADDRESSES", 5)
    gone = added(scene.person)
    ok(scene.person.delete(f"/me/addresses/{gone}"))

    def fill(number):
        if number % 2:
            return scene.person.post(f"/me/addresses/{gone}/restore")
        return scene.person.post("/me/addresses", **an_address_in_parts())

    statuses = {answer.status_code for answer in scene.clients.rush(fill)}
    assert statuses <= {200, 201, 404, 409}
    assert Address.objects.filter(deleted_at__isnull=True).count() == 5


def requests_with_one_key_add_one_address(scene):
    Address.objects.all().delete()
    RepeatableRequest.objects.all().delete()
    answers = scene.clients.rush(lambda _: scene.person.post("/me/addresses", KEY, **an_address_in_parts()))
    changed = {ok(answer, 201)["changed"] for answer in answers}
    promised((len(changed), Address.objects.count()) == (1, 1), changed)


def requests_with_one_key_take_one_snapshot(scene):
    Snapshot.objects.all().delete()
    scene.set_rule("SNAPSHOTS_PER_CUSTOMER", ())
    path = f"/me/addresses/{added(scene.person)}/snapshots"
    answers = scene.clients.rush(lambda _: scene.person.post(path, KEY, order="A-1"))
    ids = {ok(answer, 201)["id"] for answer in answers}
    promised((len(ids), Snapshot.objects.count()) == (1, 1), ids)


def registrations_with_one_key_make_one_customer(scene):
    number = next(_serial)
    fields = {"password": PASSWORD, "username": f"wang_{number}", "email": f"wang{number}@example.com"}
    twins_become_one_customer(scene, "/registrations", rules.REGISTRATION, **fields)


def sign_ins_by_code_with_one_key_make_one_customer(scene):
    twins_become_one_customer(scene, "/sessions/by-code", rules.SIGN_IN)


def twins_become_one_customer(scene, path, purpose, **fields):
    sent = {"mobile": a_mobile(), "terms_version": terms()} | fields
    sent["code"] = one_time.issue(purpose, sent["mobile"])
    answers = scene.clients.rush(lambda _: Caller(scene.http).post(path, KEY, **sent))
    bodies = [ok(answer, 201) for answer in answers]
    (customer,) = Customer.objects.filter(mobile=sent["mobile"])
    assert {(body["customer"]["id"], body["registered"]) for body in bodies} == {(str(customer.public_id), True)}
    mails = Message.objects.filter(kind="activation-link", customer=customer).count()
    assert {body["activation_mail"] for body in bodies} == {mails == 1}
    RepeatableRequest.objects.all().delete()


def one_new_mobile_goes_to_one_of_two_customers(scene):
    new, both = a_mobile(), (scene.person, scene.other)
    sessions = [Session.objects.get(customer__public_id=person.me["id"]).pk.hex for person in both]
    codes = [one_time.issue(rules.NEW_MOBILE, f"{session}|{new}") for session in sessions]
    notices = Message.objects.filter(kind="mobile-changed", channel="sms")
    before = notices.count()
    answers = scene.clients.rush(lambda n: both[n % 2].put("/me/mobile", mobile=new, code=codes[n % 2]))
    done = [answer for answer in answers if answer.status_code == 200]
    effects = (len(done), Customer.objects.filter(mobile=new).count(), notices.count() - before)
    promised(effects == (1, 1, 1), effects)
    refusals = {answer.json()["code"] for answer in answers if answer not in done}
    assert refusals <= {"mobile_taken", "code_gone", "code_wrong"}, refusals


def one_refresh_token_gives_one_generation(scene):
    person = signed_in(scene.http, scene.person.mobile)
    answers = scene.clients.rush(lambda _: person.renew())
    statuses = {answer.status_code for answer in answers}
    pairs = {answer.json().get("refresh_token") for answer in answers}
    promised(statuses == {200} and len(pairs) == 1, (statuses, len(pairs)))
    session = Session.objects.order_by("-created_at", "-pk")[0]
    assert (session.generation, session.ended_at) == (1, None)


def one_code_makes_one_customer_and_one_session(scene):
    assert one_code_opens_one_session(scene, a_mobile())["registered"] is True


def one_code_of_a_customer_opens_one_session(scene):
    assert one_code_opens_one_session(scene, scene.person.mobile)["registered"] is False


def one_code_opens_one_session(scene, mobile):
    sent = {"mobile": mobile, "code": one_time.issue(rules.SIGN_IN, mobile), "terms_version": terms()}
    before = Session.objects.count()
    answers = scene.clients.rush(lambda _: Caller(scene.http).post("/sessions/by-code", **sent))
    made = [answer for answer in answers if answer.status_code == 201]
    sessions = Session.objects.count() - before
    promised((len(made), sessions) == (1, 1), (len(made), sessions))
    assert Customer.objects.filter(mobile=mobile).count() == 1
    for answer in answers:
        if answer is not made[0]:
            refused(answer, 422, answer.json()["code"], "code")
    return made[0].json()


# ── Naive variants ──
def count_up(session, now):
    Session.objects.filter(pk=session.pk).update(generation=F("generation") + 1, renewed_at=now)
    session.refresh_from_db()


class NoLock:
    def __call__(self, _customer_id):
        return []

    def statement(self, _customer_id):
        return "SELECT 1", []


NAIVE = {
    a_book_keeps_one_default: [(address_book, "lock_owner", NoLock())],
    requests_with_one_key_add_one_address: [(idempotency, "record_request", naive_remember)],
    requests_with_one_key_take_one_snapshot: [(snapshots, "_store", naive_store)],
    one_new_mobile_goes_to_one_of_two_customers: [(one_time, "spend", naive_spend)],
    one_refresh_token_gives_one_generation: [
        (tokens, "_next_generation", count_up),
        (QuerySet, "select_for_update", lambda self, **_options: self),
    ],
    one_code_of_a_customer_opens_one_session: [(one_time, "spend", naive_spend)],
}
STORIES = [
    *(*NAIVE, a_book_holds_no_more_than_its_limit, registrations_with_one_key_make_one_customer),
    *(sign_ins_by_code_with_one_key_make_one_customer, one_code_makes_one_customer_and_one_session),
]


@pytest.mark.parametrize("story", STORIES)
def test_of_64_at_once_as_many_succeed_as_may(story, scene, few_rounds):
    for _ in range(few_rounds):
        story(scene)


@pytest.mark.parametrize("story", NAIVE)
def test_a_naive_variant_is_caught(story, scene, monkeypatch):
    for patch in NAIVE[story]:
        monkeypatch.setattr(*patch)
    assert is_caught(lambda clients: story(replace(scene, clients=clients)), scene.clients)
