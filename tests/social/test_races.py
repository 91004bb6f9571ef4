"""What people race for here: one account of a provider, and the last way to sign in. See test_double_spend.py for what
is good once."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from menpai import errors
from menpai.accounts import social_links
from menpai.identifiers import SocialIdentity
from menpai.models import Customer, SocialLink
from menpai.sessions.tokens import Caller
from menpai.social import links as linked
from menpai.social import sign_in
from tests.concurrency import CLIENT, outcomes
from tests.naive import is_caught, promised

pytestmark = [
    pytest.mark.production_only("SQLite lets one writer in at a time: there is nothing to race for"),
    pytest.mark.timeout(600),
]
CLIENTS = 16
IDENTITY = SocialIdentity("weibo", "app", "wang", "union.wang")


@pytest.fixture
def times(proof):
    return 500 if proof else 20


@pytest.fixture
def customers():
    wanted = [Customer(username=f"c{number}", username_key=f"c{number}") for number in range(CLIENTS)]
    return Customer.objects.bulk_create(wanted)


# ── The stories ──
def one_account_has_one_customer(clients, customers):
    SocialLink.objects.all().delete()
    counts = outcomes(clients.rush(lambda number: sign_in._link(customers[number].pk, IDENTITY)))
    promised(counts == {"done": 1, "SocialTaken": CLIENTS - 1}, counts)
    assert SocialLink.objects.count() == 1


def the_last_of_two_ways_in_stays(clients, _customers):
    customer = Customer.objects.create(username="only", username_key="only")
    for provider in ("weibo", "qq"):
        identity = {"provider": provider, "app_id": "app", "openid": "o"}
        SocialLink.objects.create(customer=customer, **identity)
    me = Caller(customer.pk, None, customer.public_id, "only", "only", None, False, "zh-hans", timezone.now())
    counts = outcomes(clients.rush(lambda number: linked.unlink(me, ("weibo", "qq")[number % 2], CLIENT)))
    left = SocialLink.objects.filter(customer=customer).count()
    customer.delete()
    promised(left == 1, (left, counts))
    assert set(counts) == {"done", "LastWayIn"}, counts


# ── Naive variants ──
def look_before_the_link(customer_id, identity, notified=None):
    if social_links.owner_of(identity):
        raise errors.SocialTaken
    SocialLink.objects.create(
        customer_id=customer_id, provider=identity.provider, app_id=identity.app_id, openid=identity.openid
    )


def look_without_the_lock(caller, provider, _client):
    """The same questions, without the customer's row in hand."""
    with transaction.atomic():
        customer, links = Customer.objects.get(pk=caller.id), linked._live(caller.id)
        mine = next((link for link in links if link.provider == provider), None)
        if mine is None:
            return
        if not linked._has_another_way(customer, links, mine, ["weibo", "qq"]):
            raise errors.LastWayIn
        mine.delete()


NAIVE = {
    one_account_has_one_customer: (social_links, "link", look_before_the_link),
    the_last_of_two_ways_in_stays: (linked, "unlink", look_without_the_lock),
}


@pytest.fixture
def without_constraints():
    unique = [
        constraint for constraint in SocialLink._meta.constraints if constraint.name.startswith("one_customer_per")
    ]
    with connection.schema_editor() as editor:
        for rule in unique:
            editor.remove_constraint(SocialLink, rule)
    yield
    SocialLink.objects.all().delete()
    with connection.schema_editor() as editor:
        for rule in unique:
            editor.add_constraint(SocialLink, rule)


@pytest.mark.parametrize("story", NAIVE)
def test_of_16_at_once_as_many_succeed_as_may(story, clients, customers, times):
    for _ in range(times):
        story(clients, customers)


@pytest.mark.parametrize("story", NAIVE)
def test_a_naive_variant_is_caught(story, clients, customers, without_constraints, monkeypatch):
    monkeypatch.setattr(*NAIVE[story])
    assert is_caught(lambda clients: story(clients, customers), clients)
