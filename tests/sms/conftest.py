from types import SimpleNamespace

import pytest


@pytest.fixture
def vendors(monkeypatch, settings):
    """`east` does not know a repeated request; `west` does. Both report. Their order is this one."""
    from tests import invariants
    from tests.sms.scripted import Scripted, register

    found = SimpleNamespace(east=Scripted("east"), west=Scripted("west", idempotent=True))
    register(monkeypatch, found.east, found.west)
    settings.MENPAI_SMS_GATEWAYS = ["east", "west"]
    yield found
    assert invariants.broken() == []


@pytest.fixture
def east(vendors):
    return vendors.east


@pytest.fixture
def west(vendors):
    return vendors.west


@pytest.fixture
def message(vendors):
    from tests.sms.steps import a_code

    return a_code()


@pytest.fixture
def sms(database):
    """`sms(state="delivered", after=3.2)`: one of this fate, as rows; answers the handing-over."""
    from tests.sms.steps import an_sms

    return an_sms
