"""What is good once is good once (R06, T2): 64 clients show the same secret at the same moment, and one of them wins.

The mail code, the recovery ticket and the activation link have their stories in test_races.py; here are the others.
On SQLite one writer goes after the other: there the outcome is looked at, and no naive variant can be seen to fail.
"""

from collections import Counter
from dataclasses import dataclass, replace

import pytest
from django.db import transaction
from django.db.models import F

from menpai import errors, rules
from menpai.accounts import code_sign_in, contact_details, reauthentication, recovery, registration, social_links
from menpai.accounts.new_customer import SignUpOptions
from menpai.addresses import book as address_book
from menpai.addresses import record
from menpai.codes import one_time
from menpai.database import idempotency
from menpai.identifiers import Mobile, SocialIdentity, email
from menpai.models import Address, Customer, Session, SocialLink
from menpai.sessions import tokens
from menpai.sessions.tokens import Persistence
from menpai.social import oauth_state
from menpai.social.providers import locmem
from tests.concurrency import CLIENT, ConcurrentClients, insisting, outcomes
from tests.customers import PASSWORD, a_mobile, an_address, somebody, somebody_by_sms
from tests.naive import is_caught, naive_remember, naive_spend, promised

pytestmark = [pytest.mark.timeout(3600), pytest.mark.usefixtures("room_for_all")]
needs_racers = pytest.mark.production_only("SQLite lets one writer in at a time: a naive variant never fails there")
WRITERS = 8
DRAFT = record.parse(an_address())
REFUSED = {"CodeExpired", "CodeWrong", "SocialStateExpired", "SocialTicketExpired"}


@pytest.fixture
def times(proof, engine):
    """1,000 rounds of each with --proof; the rest of the time they take turns with everything else."""
    return 3 if engine == "embedded" else 1000 if proof else 10


def one_wins(clients, job):
    counts = outcomes(clients.rush(insisting(lambda _: job())))
    promised(counts["done"] == 1 and set(counts) <= {"done", *REFUSED}, counts)


# ── The stories: each prepares one secret and lets everybody at it ──
@dataclass
class Scene:
    """Customers who are there for the whole story: one with a name and a mailbox, one with a proven mobile."""

    clients: ConcurrentClients
    named: tokens.Caller
    at_home: tokens.Caller  # with the mobile
    mobile: Mobile


@pytest.fixture
def scene(http, mailbox, clients):
    person = somebody_by_sms(http, mailbox)
    named, at_home = (tokens.caller_by_token(one.token) for one in (somebody(http), person))
    return Scene(clients, named, at_home, Mobile(person.phone))


def a_registration_code(scene):
    mobile = Mobile(a_mobile())
    code = one_time.issue(rules.REGISTRATION, mobile)
    one_wins(scene.clients, lambda: registration.register(mobile, PASSWORD, None, code, CLIENT))
    assert Customer.objects.filter(mobile=mobile).count() == 1


def a_sign_in_code(scene):
    before = Session.objects.filter(customer__mobile=scene.mobile).count()
    code = one_time.issue(rules.SIGN_IN, scene.mobile)
    one_wins(
        scene.clients,
        lambda: code_sign_in.sign_in_or_register(
            scene.mobile, code, CLIENT, SignUpOptions(persistence=Persistence.TOKEN)
        ),
    )
    assert Session.objects.filter(customer__mobile=scene.mobile).count() == before + 1


def a_sign_in_code_of_a_newcomer(scene):
    mobile = Mobile(a_mobile())
    code = one_time.issue(rules.SIGN_IN, mobile)
    one_wins(
        scene.clients,
        lambda: code_sign_in.sign_in_or_register(
            mobile, code, CLIENT, SignUpOptions(persistence=Persistence.TOKEN, terms="1")
        ),
    )
    assert Session.objects.filter(customer__mobile=mobile).count() == 1


def a_recovery_code_by_sms(scene):
    owner = Customer.objects.get(mobile=scene.mobile, mobile_verified_at__isnull=False)
    made = one_time.issue_each(rules.RECOVERY_SMS, scene.mobile, [str(owner.pk)])
    one_wins(scene.clients, lambda: recovery.redeem_code(scene.mobile, made[str(owner.pk)], CLIENT))


def a_new_email_code(scene):
    new = email(f"new{a_mobile()}@example.com")
    code = one_time.issue(rules.NEW_EMAIL, scene.named.bound(new.key))
    one_wins(scene.clients, lambda: contact_details.set_email(scene.named, new, code))


def a_new_mobile_code(scene):
    new = Mobile(a_mobile())
    code = one_time.issue(rules.NEW_MOBILE, scene.named.bound(new))
    one_wins(scene.clients, lambda: contact_details.set_mobile(scene.named, new, code))


def a_step_up_code(scene):
    code = one_time.issue(rules.STEP_UP_SMS, scene.at_home.bound(scene.mobile))
    one_wins(scene.clients, lambda: reauthentication.prove_code(scene.at_home, "sms", code))


def a_social_state(scene):
    provider = locmem.StandIn("weibo")
    state = oauth_state.issue(provider, "", oauth_state.OAuthVisit())
    one_wins(scene.clients, lambda: oauth_state.spend(oauth_state.read(provider, "", state, None)))


def a_bind_ticket(scene):
    SocialLink.objects.all().delete()
    ticket = social_links.issue_ticket(SocialIdentity("weibo", "app", a_mobile()))

    def bind():
        looked = social_links.read_ticket(ticket)
        if looked is None:
            raise errors.SocialTicketExpired
        with transaction.atomic():
            looked.tie(Customer.objects.get(pk=scene.named.id))

    one_wins(scene.clients, bind)


CODES = [
    *(a_registration_code, a_sign_in_code, a_sign_in_code_of_a_newcomer),
    *(a_recovery_code_by_sms, a_new_email_code, a_new_mobile_code, a_step_up_code, a_social_state, a_bind_ticket),
]


def a_refresh_token(scene):
    """Parallel requests with one token are one browser with two tabs: one new pair for all, and the session lives."""
    person = tokens.person_of(Customer.objects.get(pk=scene.named.id))
    old = tokens.issue(person, CLIENT, Persistence.TOKEN).refresh
    pairs = Counter(map(str, scene.clients.rush(insisting(lambda _: tokens.refresh(old)[1].refresh))))
    promised(len(pairs) == 1, pairs)
    session = Session.objects.get(pk=tokens._opened(old)[0])
    assert (session.generation, session.ended_at) == (1, None)


def an_idempotency_key(scene):
    """A double submit (F17): one address, and everybody is answered with it."""
    Address.objects.filter(customer_id=scene.named.id).delete()
    key = idempotency.parse_key("addresses", str(scene.named.id), a_mobile(), b"{}")

    def add(_):
        return idempotency.run_once(
            key, lambda: address_book.add(scene.named.id, DRAFT, key), lambda _: address_book.list_for(scene.named.id)
        )

    books = scene.clients.rush(insisting(add))
    made = Address.objects.filter(customer_id=scene.named.id).count()
    promised(made == 1, f"{made} addresses")
    assert all(book == books[0] for book in books), Counter(map(str, books))


@pytest.mark.parametrize("story", [*CODES, a_refresh_token, an_idempotency_key])
def test_it_is_good_once(story, scene, times):
    for _ in range(times):
        story(scene)


# ── The same stories with a look before the write ──
def naive_renew(refresh):
    """The generation is compared, and then counted up, by two statements."""
    session_id, generation = tokens._opened(refresh)
    session = Session.objects.select_related("customer").get(pk=session_id)
    if generation == session.generation:
        Session.objects.filter(pk=session_id).update(generation=F("generation") + 1)
        session.refresh_from_db(fields=["generation"])
    elif generation != session.generation - 1:
        raise errors.NotSignedIn
    return tokens.person_of(session.customer), tokens.Credentials(Persistence.TOKEN, "", tokens._refresh_token(session))


def is_caught_in(scene, story):
    return is_caught(lambda clients: story(replace(scene, clients=clients)), scene.clients)


# A newcomer's naive double is caught by the unique mobile, and so by nobody here.
@pytest.mark.parametrize("story", [story for story in CODES if story is not a_sign_in_code_of_a_newcomer])
@needs_racers
def test_a_naive_spending_is_caught(story, scene, monkeypatch):
    monkeypatch.setattr(one_time, "spend", naive_spend)
    assert is_caught_in(scene, story)


@needs_racers
def test_a_naive_renewal_is_caught(scene, monkeypatch):
    monkeypatch.setattr(tokens, "refresh", naive_renew)
    assert is_caught_in(scene, a_refresh_token)


@needs_racers
def test_a_naive_memory_of_requests_is_caught(scene, monkeypatch):
    monkeypatch.setattr(idempotency, "record_request", naive_remember)
    assert is_caught_in(scene, an_idempotency_key)


# ── F18, T5 ──
def sixteen_registrations_at_the_door(http, clients):
    mobile = Mobile(a_mobile())
    made = one_time.issue_each(rules.REGISTRATION, mobile, [str(number) for number in range(16)])

    def register(number):
        sent = {"mobile": mobile, "password": PASSWORD, "sms_code": made[str(number)]}
        answer = http.post("/user/register/", json=sent)
        return answer.status_code, "" if answer.status_code == 201 else answer.json()

    counts = Counter(map(str, clients.rush(register)))
    assert Customer.objects.filter(mobile=mobile).count() == 1
    assert counts == {"(201, '')": 1, "(400, {'mobile': ['当前手机号码已经被注册!']})": 15}, counts


@needs_racers
def test_of_16_registrations_of_one_mobile_one_wins_and_15_are_told_so(http, proof):
    with ConcurrentClients(16) as clients:
        for _ in range(500 if proof else 10):
            sixteen_registrations_at_the_door(http, clients)
