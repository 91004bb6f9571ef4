"""Customers of /api."""

import pytest

from tests.api.clients import Browser, Caller, newcomer, ok, proven


@pytest.fixture
def stranger(http):
    """Somebody who holds nothing."""
    return Caller(http)


@pytest.fixture
def person(http, mailbox):
    """A customer with a proven mobile, signed in with an app."""
    return newcomer(http, mailbox)


@pytest.fixture
def named(http, mailbox):
    """A customer with a user name, a proven mobile and a proven e-mail."""
    return proven(http, mailbox, email="Wang@example.com")


@pytest.fixture
def browser(http, person):
    """The person's browser, signed in."""
    signed_in = Browser(http)
    ok(signed_in.sign_in(person.mobile), 201)
    return signed_in
