"""What two requests can race for is decided by one statement, one script or one constraint.

Each story is told twice: the product's way holds for every round, and a deliberately naive way (look, then write) is
caught by the very same check. 64 clients with a connection each.
"""

import contextlib
import dataclasses
import itertools
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from menpai import errors, rules
from menpai.accounts import activation, lookup, recovery, registration
from menpai.addresses import book as address_book
from menpai.addresses import record
from menpai.codes import one_time, send_limits
from menpai.ephemeral import store
from menpai.identifiers import Client, Mobile, email
from menpai.models import Address, Customer, Message
from tests.concurrency import CLIENT, ConcurrentClients, outcomes
from tests.customers import PASSWORD, a_mobile, an_address, somebody, wrong
from tests.naive import is_caught, naive_spend, promised

pytestmark = [
    pytest.mark.production_only("SQLite lets one writer in at a time: there is nothing to race for"),
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("room_for_all"),
]
WIDE = 64
DRAFT = record.parse(an_address())
MANY_LOOKS = dataclasses.replace(rules.RECOVERY_TICKET, tries=WIDE)  # the race is about those who got through
KINDS_OF_CODE = itertools.cycle([purpose for purpose in rules.PURPOSES if purpose.digits])


@pytest.fixture(autouse=True)
def many_looks(set_rule):
    set_rule("RECOVERY_TICKET", MANY_LOOKS)


# ── The stories ──
def one_code_is_redeemed_once(http, clients):
    person = somebody(http)
    target = email(person.email)
    customer = Customer.objects.get(username=person.name)
    code = one_time.issue(rules.RECOVERY_MAIL, target.key, str(customer.pk))
    counts = outcomes(clients.rush(lambda _: recovery.redeem_code(target, code, CLIENT)))
    promised(counts["done"] == 1, counts)
    assert counts["CodeExpired"] + counts["CodeWrong"] == WIDE - 1, counts


def one_ticket_sets_one_password(http, clients):
    person = somebody(http)
    target = email(person.email)
    customer = Customer.objects.get(username=person.name)
    ticket = one_time.issue(MANY_LOOKS, f"{target.key}|sel", str(customer.pk))

    def reset(number):
        new = f"brand new horse {number}"
        recovery.set_new_password(target, f"sel.{ticket}", recovery.NewPassword(new, new), CLIENT)

    counts = outcomes(clients.rush(reset))
    promised(counts["done"] == 1, counts)
    assert counts["TicketExpired"] == WIDE - 1, counts


def one_activation_happens_once(http, clients):
    link = activation._issue(Customer.objects.get(username=somebody(http).name))
    spend, spent = one_time.spend, []

    def counted(secret, hold):
        owner = spend(secret, hold)
        spent.append(secret.id)
        return owner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_time, "spend", counted)
        counts = outcomes(clients.rush(lambda _: activation.activate(link)))
    promised(len(spent) == 1, len(spent))
    assert counts == {"done": WIDE}, counts  # the same code again is a success (dada.md ruling 2)


def one_mobile_belongs_to_one_customer(_http, clients):
    mobile = Mobile(a_mobile())
    codes = one_time.issue_each(rules.REGISTRATION, mobile, [str(number) for number in range(WIDE)])

    def register(number):
        return registration.register(mobile, PASSWORD, None, codes[str(number)], CLIENT)

    counts = outcomes(clients.rush(register))
    promised(Customer.objects.filter(mobile=mobile).count() == 1, counts)
    assert counts == {"done": 1, "MobileTaken": WIDE - 1}, counts


def a_book_keeps_exactly_one_default(http, clients):
    """Setting the default, deleting and adding at once."""
    customer = Customer.objects.get(username=somebody(http).name)
    for _ in range(4):
        address_book.add(customer.pk, DRAFT)
    ids = [address.id for address in address_book.list_for(customer.pk)]

    def meddle(number):
        verb = (address_book.set_default, address_book.remove)[number % 3 == 1]
        if number % 3 == 2:
            return address_book.add(customer.pk, DRAFT)
        return verb(customer.pk, ids[number // 3 % len(ids)])

    counts = outcomes(clients.rush(meddle))
    live = Address.objects.filter(customer_id=customer.pk, deleted_at__isnull=True)
    defaults = live.filter(is_default=True).count()
    promised(defaults == 1 and set(counts) <= {"done", "AddressUnknown"}, (defaults, counts))


def parallel_sends_make_one_sms(_http, clients):
    store()._redis.flushdb()
    mobile = Mobile(a_mobile())
    senders = [Client("127.0.0.1", f"10.0.{number}.1", "") for number in range(clients.size)]
    counts = outcomes(clients.rush(lambda number: registration.request_code(mobile, senders[number])))
    made = Message.objects.filter(recipient=mobile).count()
    promised((counts["done"], made) == (1, 1), (counts, made))
    assert counts == {"done": 1, "TargetTooSoon": clients.size - 1}, counts


def five_wrong_guesses_are_evaluated(_http, clients):
    """T3, for every kind of code in turn."""
    purpose, target = next(KINDS_OF_CODE), a_mobile()
    code = one_time.issue(purpose, target)
    counts = outcomes(clients.rush(lambda _: one_time.check(purpose, target, wrong(code))))
    promised(counts == {"CodeWrong": purpose.tries, "CodeExpired": WIDE - purpose.tries}, counts)


# ── Naive variants ──
insert_customer = lookup.insert_customer


def look_before_the_insert(customer):
    if Customer.objects.filter(mobile=customer.mobile).exists():
        raise errors.MobileTaken
    insert_customer(customer)


@contextlib.contextmanager
def no_lock(customer_id):
    """Without it two changes may wait for each other; PostgreSQL ends one, which nobody hears of."""
    with contextlib.suppress(OperationalError), transaction.atomic():
        yield Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)


def look_before_the_sms(target, _client, **_known):
    redis, key = store()._redis, f"naive:{target}"
    if redis.get(key):
        raise errors.TargetTooSoon(rules.RESEND_AFTER)
    redis.set(key, 1)


def look_before_the_count(purpose, target, _guess):
    redis, key = store()._redis, f"naive:tries:{target}"
    tries = int(redis.get(key) or 0)
    if tries >= purpose.tries:
        raise errors.CodeExpired
    redis.set(key, tries + 1)
    raise errors.CodeWrong


def naive_spend_unheld(secret, _hold):
    """The owner's row is read without its lock and without the mark of the credentials, each of which would do."""
    naive_spend(secret)
    return Customer.objects.get(pk=int(secret.subject))


NAIVE = {
    one_code_is_redeemed_once: (one_time, "spend", naive_spend),
    one_ticket_sets_one_password: (one_time, "spend", naive_spend_unheld),
    one_activation_happens_once: (one_time, "spend", naive_spend),
    one_mobile_belongs_to_one_customer: (lookup, "insert_customer", look_before_the_insert),
    a_book_keeps_exactly_one_default: (address_book, "_locked", no_lock),
    parallel_sends_make_one_sms: (send_limits, "count_sms", look_before_the_sms),
    five_wrong_guesses_are_evaluated: (one_time, "check", look_before_the_count),
}


@pytest.fixture
def no_unique_mobile(story):
    """The table without its constraint, where the story is about that."""
    if story is not one_mobile_belongs_to_one_customer:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'one_owner_per_verified_mobile'")
        definition = cursor.fetchone()[0]
        cursor.execute("DROP INDEX one_owner_per_verified_mobile")
        yield
        cursor.execute("TRUNCATE menpai_customer CASCADE")
        cursor.execute(definition)


@pytest.mark.parametrize("story", NAIVE)
def test_of_64_at_once_as_many_succeed_as_may(story, http, clients, rounds):
    for _ in range(rounds):
        story(http, clients)


@pytest.mark.parametrize("story", NAIVE)
def test_a_naive_variant_is_caught(story, http, clients, no_unique_mobile, monkeypatch):
    monkeypatch.setattr(*NAIVE[story])
    assert is_caught(lambda clients: story(http, clients), clients)


@pytest.fixture
def patient_store(set_rule):
    """200 threads of one process wait for their turn longer than a request would wait for the store."""
    set_rule("STORE_TIMEOUT", timedelta(seconds=30))
    store.cache_clear()
    yield
    store.cache_clear()


def test_200_parallel_sends_make_one_sms(http, few_rounds, patient_store):
    with ConcurrentClients(200) as clients:
        for _ in range(few_rounds):
            parallel_sends_make_one_sms(http, clients)
