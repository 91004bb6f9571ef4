"""S15: a session of staff ends after 15 minutes without use, and after a working day (R74)."""

from typing import Any

from django.test import Client

from menpai import rules

MINUTE = 60


def is_signed_in(staff: Client) -> bool:
    return staff.get("/admin/").status_code == 200


def test_a_session_ends_after_fifteen_minutes_without_use(clock: Any, staff: Client) -> None:
    for _ in range(3):
        clock.advance(14 * MINUTE)
        assert is_signed_in(staff)
    clock.advance(15 * MINUTE + 1)
    assert not is_signed_in(staff)
    clock.step_back(15 * MINUTE)
    assert not is_signed_in(staff), "what ended stays ended"


def test_a_session_ends_after_a_working_day_however_it_is_used(clock: Any, staff: Client) -> None:
    for _ in range(8 * 6):
        assert is_signed_in(staff)
        clock.advance(10 * MINUTE)
    clock.advance(MINUTE)
    assert not is_signed_in(staff)


def test_the_cookie_itself_lives_no_longer(staff: Client) -> None:
    staff.get("/admin/")
    assert staff.cookies["menpai_staff"]["max-age"] == rules.STAFF_IDLE.total_seconds() == 15 * MINUTE
