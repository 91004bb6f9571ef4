"""What people race for here: one account of a provider, and the last way to sign in. See test_double_spend.py for what
is good once."""

import pytest
from django.db import connection, transaction

from menpai import errors
from menpai.accounts import social_links
from menpai.identifiers import Client, SocialIdentity
from menpai.models import Customer, SocialLink
from menpai.sessions.tokens import Caller
from menpai.social import links as linked
from menpai.social import sign_in
from tests.concurrency import outcomes
from tests.naive import is_caught, promised

pytestmark = [
    pytest.mark.production_only("SQLite lets one writer in at a time: there is nothing to race for"),
    pytest.mark.timeout(600),
]
CLIENT = Client("127.0.0.1", "127.0.0.1", "race")
CLIENTS = 16
IDENTITY = SocialIdentity("weibo", "app", "wang", "union.wang")


@pytest.fixture
def times(proof):
    return 500 if proof else 20


@pytest.fixture
def customers():
    wanted = [Customer(username=f"c{number}", username_key=f"c{number}") for number in range(CLIENTS)]
    return Customer.objects.bulk_create(wanted)


# ── One account, many who want it ──
def one_account_has_one_customer(clients, customers):
    SocialLink.objects.all().delete()
    found = outcomes(clients.rush(lambda number: sign_in._link(customers[number].pk, IDENTITY)))
    promised(found == {"done": 1, "SocialTaken": CLIENTS - 1}, found)
    assert SocialLink.objects.count() == 1


def test_of_16_who_link_one_account_one_has_it(clients, customers, times):
    for _ in range(times):
        one_account_has_one_customer(clients, customers)


def naive_link(customer_id, identity, notified=None):
    """Look whether it is taken, then write that it is."""
    if social_links.owner_of(identity):
        raise errors.SocialTaken
    SocialLink.objects.create(
        customer_id=customer_id, provider=identity.provider, app_id=identity.app_id, openid=identity.openid
    )


@pytest.fixture
def without_constraints():
    own = [one for one in SocialLink._meta.constraints if one.name.startswith("one_customer_per")]
    with connection.schema_editor() as editor:
        for one in own:
            editor.remove_constraint(SocialLink, one)
    yield
    SocialLink.objects.all().delete()
    with connection.schema_editor() as editor:
        for one in own:
            editor.add_constraint(SocialLink, one)


def test_a_look_before_the_write_is_caught(clients, customers, times, monkeypatch, without_constraints):
    monkeypatch.setattr(social_links, "link", naive_link)
    assert is_caught(lambda clients: one_account_has_one_customer(clients, customers), clients, times)


# ── Two links, nothing else: one of them stays ──
def the_last_way_in_stays(clients):
    customer = Customer.objects.create(username="only", username_key="only")
    for provider in ("weibo", "qq"):
        identity = {"provider": provider, "app_id": "app", "openid": "o"}
        SocialLink.objects.create(customer=customer, **identity)
    me = Caller(customer.pk, None, customer.public_id, "only", "only", None, False, "zh-hans")
    found = outcomes(clients.rush(lambda number: linked.unlink(me, ("weibo", "qq")[number % 2], CLIENT)))
    left = SocialLink.objects.filter(customer=customer).count()
    Customer.objects.all().delete()
    promised(left == 1, (left, found))
    assert set(found) == {"done", "LastWayIn"}, found


def test_parallel_removals_never_take_the_last_way_in(clients, times):
    for _ in range(times):
        the_last_way_in_stays(clients)


def naive_unlink(caller, provider, _client):
    """The same questions, without the customer's row in hand."""
    with transaction.atomic():
        customer, links = Customer.objects.get(pk=caller.id), linked._live(caller.id)
        mine = next((one for one in links if one.provider == provider), None)
        if mine is None:
            return
        if not linked._has_another_way(customer, links, mine, ["weibo", "qq"]):
            raise errors.LastWayIn
        mine.delete()


def test_a_removal_without_the_lock_is_caught(clients, times, monkeypatch):
    monkeypatch.setattr(linked, "unlink", naive_unlink)
    assert is_caught(the_last_way_in_stays, clients, times)
