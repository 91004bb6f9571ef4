"""Clocks that differ and jump (F20): what ends, ends by the store's and the database's word, and stays ended."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from menpai import errors, rules
from menpai.codes import one_time
from tests.contracts.clients import Api
from tests.customers import a_mobile, somebody

HOUR = timedelta(hours=1)


def at(span):
    """A worker whose clock is that far off."""
    return time_machine.travel(datetime.now(UTC) + span, tick=True)


own_clock = pytest.mark.production_only("the SQL store's clock is the application's own")


@own_clock
def test_a_code_lives_by_the_stores_clock_whatever_the_workers_say():
    mobile = a_mobile()
    with at(-HOUR):
        code = one_time.issue(rules.REGISTRATION, mobile)
    with at(HOUR):
        assert one_time.check(rules.REGISTRATION, mobile, code).purpose is rules.REGISTRATION


@own_clock
def test_a_step_back_revives_no_code(clock):
    mobile = a_mobile()
    code = one_time.issue(rules.REGISTRATION, mobile)
    clock.advance(rules.SMS_CODE_LIFE.total_seconds() + 1)
    with pytest.raises(errors.CodeExpired):
        one_time.check(rules.REGISTRATION, mobile, code)
    clock.step_back(HOUR.total_seconds())
    with pytest.raises(errors.CodeExpired):
        one_time.check(rules.REGISTRATION, mobile, code)


def test_a_token_of_a_worker_that_is_30_s_ahead_is_good_at_once(http):
    with at(rules.TOKEN_LEEWAY - timedelta(seconds=2)):
        person = somebody(http)
    assert person.is_signed_in()


def test_a_session_that_was_ended_stays_ended_when_the_clock_steps_back(http):
    person = somebody(http)
    fields = {"oldpassword": person.password, "password1": "another horse 8", "password2": "another horse 8"}
    assert person.post(f"/v1/users/{person.name}/password", **fields)["code"] == 200
    with at(-HOUR):
        assert not person.is_signed_in()


def test_an_access_token_lives_half_a_minute_longer_and_no_more(http, clock):
    """Clocks differ: the leeway (R50) is for the token alone; the session behind it lives on."""
    api = Api(http)
    me = api.sign_in(somebody(http).name).me
    clock.advance((rules.ACCESS_LIFE + rules.TOKEN_LEEWAY).total_seconds() - 5)
    assert api.is_signed_in(me).ok
    clock.advance(10)
    assert api.is_signed_in(me).says("NotSignedIn")
