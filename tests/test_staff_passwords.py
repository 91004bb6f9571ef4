"""Passwords of staff: our list in every profile; with `mlps` three kinds of characters and a new one every 90 days."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from menpai import rules
from menpai.models import StaffPassword
from menpai.staff import second_factor
from tests.customers import body, somebody
from tests.operators import STAFF, credentials, csrf, enrol, hire, submit, text_of

NEW = "Another-staff-password-2"
DAYS = 86400


@pytest.fixture
def mlps(settings: Any) -> None:
    settings.MENPAI_PASSWORD_PROFILE = "mlps"


def is_good(password: str, user: User | None = None) -> bool:
    try:
        validate_password(password, user)
    except ValidationError:
        return False
    return True


def sign_in(password: str = STAFF[1]) -> Client:
    browser = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    page = text_of(browser, "/admin/login/?next=/admin/")
    answer = browser.post("/admin/login/?next=/admin/", credentials(page, password=password))
    assert answer.status_code == 302
    if answer.headers["location"] == "/admin/second-factor/":  # with `mlps`; a new phone each time
        user = User.objects.get()
        second_factor.delete(user.pk)
        enrol(browser, user)
    return browser


def is_changed(browser: Client, old: str, new: str) -> bool:
    sent = {"old_password": old, "new_password1": new, "new_password2": new}
    return bool(submit(browser, "/admin/password_change/", **sent).redirect_chain)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        *(("juvahdemiblop", False), ("Juvahdemiblop", False), ("juvahdemiblop7", False), ("JUVAH-DEMI", False)),
        *(("Juvahdemi7", True), ("juvah-demi7", True), ("Juvah-demi", True), ("密码JuvahX7", True), ("Ju-7", False)),
    ],
)
def test_mlps_wants_three_of_four_kinds(mlps: None, password: str, good: bool) -> None:
    assert is_good(password) == good


def test_common_ones_are_refused_and_only_mlps_wants_more_and_says_so(settings: Any) -> None:
    for common in ("woaini1314", "zhangwei123", "password1", "19870512", "abcdefghijk"):
        assert not is_good(common)
    assert is_good("juvah demi blop")
    assert is_good("juvahdemiblop")
    assert "3 种" not in "".join(password_validators_help_texts())
    settings.MENPAI_PASSWORD_PROFILE = "mlps"
    assert "大写字母、小写字母、数字、其他字符中的至少 3 种" in "".join(password_validators_help_texts())


def test_customers_are_asked_for_no_more(mlps: None, http: Any, clock: Any) -> None:
    person = somebody(http, password="juvahdemiblop")
    clock.advance(400 * DAYS)
    assert person.sign_in()["code"] == 200
    assert body(http.get(person.book, headers=person.auth))["code"] == 200


def test_after_ninety_days_staff_choose_a_new_one_before_anything_else(mlps: None, clock: Any) -> None:
    hire()
    clock.advance(rules.STAFF_PASSWORD_LIFE.total_seconds() - 60)
    assert "账户中心" in text_of(sign_in(), "/admin/")
    clock.advance(120)
    browser = sign_in()
    for path in ("/admin/", "/admin/menpai/customer/", "/admin/auth/user/add/"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, "/admin/password_change/"), path
    refused = browser.post(
        "/admin/menpai/customer/", {"action": "disable", **csrf(text_of(browser, "/admin/password_change/"))}
    )
    assert refused.headers["location"] == "/admin/password_change/"
    assert not is_changed(browser, STAFF[1], STAFF[1])  # the form again: not the same one
    assert is_changed(browser, STAFF[1], NEW)
    assert "账户中心" in text_of(browser, "/admin/")
    clock.advance(rules.STAFF_PASSWORD_LIFE.total_seconds())
    assert sign_in(NEW).get("/admin/").status_code == 302


def test_who_has_to_change_can_still_leave_and_other_profiles_ask_nobody(settings: Any, clock: Any) -> None:
    hire()
    clock.advance(rules.STAFF_PASSWORD_LIFE.total_seconds() + 1000 * DAYS)
    assert "账户中心" in text_of(sign_in(), "/admin/")
    settings.MENPAI_PASSWORD_PROFILE = "mlps"
    browser = sign_in()
    token = csrf(text_of(browser, "/admin/password_change/"))
    assert browser.post("/admin/logout/", token).status_code == 200
    assert browser.get("/admin/").headers["location"].startswith("/admin/login/")


def test_the_time_is_kept_in_every_profile_and_however_it_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    user = hire()
    assert is_changed(sign_in(), STAFF[1], NEW)
    first = StaffPassword.objects.get(pk=user.pk).changed_at
    monkeypatch.setattr("getpass.getpass", lambda prompt: "Yet-another-password-3")
    call_command("changepassword", STAFF[0], verbosity=0)
    assert StaffPassword.objects.get(pk=user.pk).changed_at > first
