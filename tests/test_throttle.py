"""Guessing passwords: slow for strangers, unnoticed by the owner, and without a word about who exists (R25–R35)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from menpai import errors, rules
from menpai.accounts import login
from menpai.ephemeral import local, store
from menpai.models import Customer
from menpai.passwords import attempts
from tests.concurrency import ConcurrentClients
from tests.customers import PASSWORD, somebody
from tests.limited import from_address, tried


@pytest.fixture(autouse=True)
def captcha_is_never_asked(settings):
    """What a captcha changes is in test_captcha_when.py; here a full window is a refusal."""
    settings.MENPAI_CAPTCHA_BEFORE_LOGIN = "never"


@pytest.fixture
def person(http):
    return somebody(http)


def test_five_failures_of_one_address_at_one_account(person, clock):
    here = from_address(1)
    outcomes = [tried(person.name, f"wrong {number}", here) for number in range(6)]
    assert outcomes == ["WrongCredentials"] * 5 + ["ClientTooFast"]
    assert tried(person.name, PASSWORD, here) == "ClientTooFast"
    assert tried(person.name, PASSWORD, from_address(2)) == "in"
    clock.advance(15 * 60)
    assert tried(person.name, PASSWORD, here) == "in"


@pytest.mark.parametrize("exists", [True, False])
def test_every_spelling_is_one_account_and_nobody_is_told_which_exists(exists, person):
    """R25, R40."""
    if exists:
        names = [person.name, person.name.upper(), person.phone, f"+86 {person.phone}", person.email]
        Customer.objects.update(mobile_verified_at=timezone.now(), email_verified_at=timezone.now())
    else:
        names = ["nobody_x", "NOBODY_X", "Nobody_x", "ｎｏｂｏｄｙ_ｘ", " nobody_x "]
    outcomes = [tried(names[number % 5], "wrong", from_address(number)) for number in range(11)]
    assert outcomes == ["WrongCredentials"] * 10 + ["ClientTooFast"]


def cookie_of(http, person):
    """What a browser is known by in which this customer has signed in."""
    sent = {"username": person.name, "password": PASSWORD}
    return http.post("/user/login/", json=sent).cookies["menpai_device"]


def test_a_stranger_does_not_lock_the_owner_out(http, person):
    """R26: what others do elsewhere does not concern a browser in which the customer was before."""
    cookie = cookie_of(http, person)
    for number in range(20):
        tried(person.name, "wrong", from_address(number))
    assert tried(person.name, PASSWORD, from_address(100)) == "ClientTooFast"
    assert tried(person.name, PASSWORD, from_address(100, cookie)) == "in"


def test_a_browser_is_known_to_its_own_customer_only_and_may_not_guess_for_ever_either(http, person):
    own, other = cookie_of(http, person), cookie_of(http, somebody(http))
    outcomes = [tried(person.name, "wrong", from_address(1, other)) for _ in range(6)]
    assert outcomes == ["WrongCredentials"] * 5 + ["ClientTooFast"]
    outcomes = [tried(person.name, "wrong", from_address(number + 2, own)) for number in range(11)]
    assert outcomes == ["WrongCredentials"] * 10 + ["ClientTooFast"]


def test_one_address_tries_thirty_times_in_all(http):
    names = [somebody(http).name for _ in range(8)]
    outcomes = [tried(names[number % 8], "wrong", from_address(1)) for number in range(31)]
    assert outcomes == ["WrongCredentials"] * 30 + ["ClientTooFast"]


def test_a_success_takes_back_its_own_count_and_no_other(person):
    """R28, R35: an office full of people signing in is no attack, and signing in once excuses nothing."""
    here = from_address(1)
    assert [tried(person.name, PASSWORD, here) for _ in range(12)] == ["in"] * 12
    for _ in range(4):
        assert tried(person.name, "wrong", here) == "WrongCredentials"
    assert tried(person.name, PASSWORD, here) == "in"
    outcomes = [tried(person.name, "wrong", here) for _ in range(2)]
    assert outcomes == ["WrongCredentials", "ClientTooFast"]


def test_how_many_accounts_one_address_tries(monkeypatch, clock):
    """One password for many people: each account fails once, and the sum is what tells."""
    loose = rules.Limit(1000, rules.LOGIN_FAILURES_PER_CLIENT[0].span)
    monkeypatch.setattr(rules, "LOGIN_FAILURES_PER_CLIENT", (loose,))
    many = rules.LOGIN_ACCOUNTS_PER_CLIENT[0].many
    here = from_address(1)
    for number in range(many):
        attempts.begin(None, f"customer_{number}", here)
    attempts.begin(None, "customer_1", here)  # one of those again
    with pytest.raises(errors.ClientTooFast) as refused:
        attempts.begin(None, "one_more", here)
    assert refused.value.retry_after > timedelta(hours=23)


def test_64_at_once_are_counted_before_they_are_looked_at(person, engine, monkeypatch):
    """R32."""
    looked_at = []
    monkeypatch.setattr(login.password, "matches", lambda *_: looked_at.append(1))
    with ConcurrentClients(64 if engine == "production" else 16) as people:
        people.rush(lambda _: tried(person.name, "wrong", from_address(1)))
    assert len(looked_at) == 5


def test_what_was_never_looked_at_does_not_count(person, monkeypatch):
    def busy(*_):
        raise errors.Busy(timedelta(seconds=1))

    with monkeypatch.context() as patch:
        patch.setattr(login.password, "matches", busy)
        assert {tried(person.name, PASSWORD, from_address(1)) for _ in range(20)} == {"Busy"}
    assert tried(person.name, PASSWORD, from_address(1)) == "in"


# ── While the store is away ──
@pytest.fixture
def away(monkeypatch):
    def fails(*_arguments):
        raise errors.StoreUnavailable

    local.windows.cache_clear()
    for verb in ("count", "release"):
        monkeypatch.setattr(type(store()), verb, fails)
    yield
    local.windows.cache_clear()


def test_without_the_store_people_get_in_and_guesses_are_still_few(person, away):
    """R31: a fifth of each limit, counted by each worker."""
    assert [tried(person.name, PASSWORD, from_address(1)) for _ in range(10)] == ["in"] * 10
    outcomes = [tried(person.name, "wrong", from_address(1)) for _ in range(2)]
    assert outcomes == ["WrongCredentials", "ClientTooFast"]
    outcomes = [tried(person.name, "wrong", from_address(number)) for number in range(2, 5)]
    assert outcomes == ["WrongCredentials", "ClientTooFast", "ClientTooFast"]


def test_the_counts_of_a_worker_do_not_grow_without_end(away, monkeypatch):
    monkeypatch.setattr(local, "MOST_KEYS", 20)
    for number in range(100):
        attempts.begin(None, f"customer_{number}", from_address(number))
    assert len(local.windows()._events) <= 20


# ── Sessions ──
def test_the_oldest_session_ends_when_there_are_too_many(person):
    """R55."""
    statuses = []
    for token in [person.sign_in()["token"] for _ in range(rules.SESSIONS_PER_CUSTOMER + 2)]:
        person.token = token
        statuses.append(person.get(person.book)["code"])
    assert statuses == [10101] * 2 + [200] * rules.SESSIONS_PER_CUSTOMER
