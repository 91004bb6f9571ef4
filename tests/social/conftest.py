"""Somebody who goes to a provider. (Read before Django is set up: it imports where it needs something.)"""

import pytest


@pytest.fixture
def visitor(http):
    from tests.social.clients import Visitor

    return Visitor(http)


@pytest.fixture
def person(http, mailbox):
    from tests.api.clients import newcomer

    return newcomer(http, mailbox)
