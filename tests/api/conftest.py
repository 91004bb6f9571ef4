"""Customers of /api."""

import pytest
from argon2 import PasswordHasher

from tests.api.clients import Browser, Caller, newcomer, ok
from tests.customers import activation_code

WIDE = 64


@pytest.fixture
def stranger(http):
    """Whoever holds nothing."""
    return Caller(http)


@pytest.fixture
def person(http, mailbox):
    """A customer with a proven mobile, signed in with an app."""
    return newcomer(http, mailbox)


@pytest.fixture
def named(http, mailbox):
    """A customer with a user name, a proven mobile and a proven e-mail."""
    found = newcomer(http, mailbox, username="wang_xiaoming", email="Wang@example.com")
    ok(found.post("/activation", code=activation_code(mailbox, found.email)), 204)
    return found


@pytest.fixture
def browser(http, person):
    """The person's browser, signed in."""
    found = Browser(http)
    ok(found.sign_in(person.mobile), 201)
    return found


@pytest.fixture
def room_for_all(monkeypatch, set_rule):
    """64 cheap hashes at once, for races that are about something else."""
    from menpai.passwords import hashing  # Django is set up by now

    monkeypatch.setattr(hashing, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    set_rule("HASH_QUEUE", WIDE * 4)


@pytest.fixture
def rounds(few_rounds):
    """How often a race is run here: each of its requests goes in by HTTP."""
    return few_rounds
