"""Customers of the three contracts. (Read before Django is set up: it imports where it needs something.)"""

import pytest

from tests.customers import activation_code


@pytest.fixture
def code_for(http, mailbox):
    """A registration code, asked for at a contract."""

    from tests.contracts.clients import User

    def ask(mobile, contract=User):
        outcome = contract(http).ask_code(mobile)
        assert outcome.ok, outcome
        return mailbox.last(mobile).code

    return ask


@pytest.fixture
def newcomer(http, code_for):
    """Somebody who has just become a customer through `contract`; answers who it is and who they are there."""

    from tests.contracts.clients import Newcomer, User

    def join(contract, asked_at=User, **fields):
        new = Newcomer(**fields)
        outcome = contract(http).register(new, code_for(new.mobile, asked_at))
        assert outcome.ok, outcome
        return new, outcome.me

    return join


@pytest.fixture
def unproven(http, code_for):
    """A customer with a user name, a proven mobile, and an e-mail whose link waits in the mailbox."""
    from tests.contracts.clients import Api, Newcomer

    new = Newcomer()
    assert Api(http).register_named(new, code_for(new.mobile)).ok
    return new


@pytest.fixture
def link(mailbox, unproven):
    return activation_code(mailbox, unproven.email)


@pytest.fixture
def complete(http, unproven, link):
    """The same customer with a proven e-mail."""
    from tests.contracts.clients import V1

    assert V1(http).activate(link).ok
    return unproven


@pytest.fixture
def person(complete, clock):
    clock.advance(61)  # the minute between two messages
    return complete


@pytest.fixture
def tokens(http, person):
    """Signed in at every contract."""
    from tests.contracts.clients import CONTRACTS

    return [contract(http).sign_in(person.mobile).me for contract in CONTRACTS]


@pytest.fixture
def me(tokens):
    return tokens[0]
