"""S4: the staff door counts attempts before it hashes, hashes in the pool, and can be bound to networks."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import argon2
import pytest
from django.contrib.auth import hashers
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.test import Client

from menpai import rules
from menpai.audit import events
from menpai.environment import networks
from menpai.rules import Limit
from tests.audit_trail import written
from tests.operators import STAFF, credentials, csrf, hire, signed_in, submit, text_of
from tests.test_command import menpai

ELSEWHERE = "203.0.113.9"
NEW = "Another-staff-password-2"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that hashed something."""
    threads: list[str] = []

    def noted(work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        threads.append(threading.current_thread().name)
        return work(*arguments, **named)

    verify = argon2.PasswordHasher.verify
    monkeypatch.setattr(argon2.PasswordHasher, "verify", lambda *arguments: noted(verify, *arguments))
    for home, name in ((argon2.low_level, "hash_secret"), (hashers, "pbkdf2")):
        monkeypatch.setattr(home, name, partial(noted, getattr(home, name)))
    return threads


def attempt(password: str, name: str = STAFF[0], address: str = "127.0.0.1", browser: Client | None = None) -> int:
    browser = browser or Client(REMOTE_ADDR=address, headers={"host": "127.0.0.1"})
    page = text_of(browser, "/admin/login/")
    return browser.post("/admin/login/", credentials(page, name, password), REMOTE_ADDR=address).status_code


def test_of_forty_wrong_passwords_from_one_client_five_are_compared(hashed: list[str]) -> None:
    hire()
    hashed.clear()
    answers = [attempt(f"wrong {number}") for number in range(40)]
    assert answers == [200] * 5 + [429] * 35
    assert len(hashed) == 5
    assert attempt(STAFF[1]) == 429, "nor is the right one"
    assert sum(row.details.get("times", 1) for row in written(events.LOGIN_BLOCKED)) == 36
    assert all(row.details["staff"] for row in written(events.LOGIN_BLOCKED))


def test_many_names_from_one_client_and_one_name_from_many_clients_are_counted(hashed: list[str]) -> None:
    hire()
    hashed.clear()
    names = [attempt("wrong", name=f"somebody{number}") for number in range(33)]
    assert names == [200] * 30 + [429] * 3
    clients = [attempt("wrong", address=f"203.0.113.{number}") for number in range(12)]
    assert clients == [200] * 10 + [429] * 2
    assert len(hashed) == 40


def test_a_stranger_locks_nobody_out_of_the_browser_that_they_use(staff: Client) -> None:
    for number in range(12):
        attempt("wrong", address=f"203.0.113.{number}")
    staff.post("/admin/logout/", csrf(text_of(staff, "/admin/")))
    assert attempt(STAFF[1], browser=staff) == 302
    assert attempt(STAFF[1], address=ELSEWHERE) == 429


def known_browsers(count: int) -> list[Client]:
    """Browsers that keep the cookie of a sign-in, and no session."""
    browsers = [signed_in() for _ in range(count)]
    for browser in browsers:
        browser.post("/admin/logout/", csrf(text_of(browser, "/admin/")))
    return browsers


def guesses(browsers: list[Client], each: int) -> int:
    """How many wrong passwords are compared from these browsers."""
    statuses = [attempt(f"wrong {number}", browser=browser) for browser in browsers for number in range(each)]
    return statuses.count(200)


def test_cookies_from_before_a_new_password_open_no_guesses() -> None:
    user, browsers = hire(), known_browsers(3)
    owner = signed_in()
    new = {"old_password": STAFF[1], "new_password1": NEW, "new_password2": NEW}
    assert submit(owner, "/admin/password_change/", **new).redirect_chain
    owner.post("/admin/logout/", csrf(text_of(owner, "/admin/")))
    assert guesses(browsers, 12) == 5
    user.refresh_from_db()
    assert user.check_password(NEW) and attempt(NEW, browser=owner) == 302, "where it was chosen it is known"


def test_a_cookie_is_known_for_as_long_as_it_says(clock: Any) -> None:
    hire()
    (browser,) = known_browsers(1)
    clock.advance(rules.DEVICE_LIFE.total_seconds() + 1)
    assert guesses([browser], 12) == 5


def test_all_known_browsers_together_have_a_ceiling(set_rule: Callable[[str, Any], None]) -> None:
    set_rule("STAFF_KNOWN_DEVICE_TRIES", (Limit(14, timedelta(days=1)),))
    hire()
    assert guesses(known_browsers(3), 10) == 14


def test_a_refusal_says_when_to_come_back(clock: Any) -> None:
    hire()
    for _ in range(5):
        attempt("wrong")
    browser = Client(headers={"host": "127.0.0.1"})
    answer = browser.post("/admin/login/", credentials(text_of(browser, "/admin/login/")))
    wait = int(answer.headers["retry-after"])
    assert 0 < wait <= 15 * 60
    assert "请在" in answer.content.decode() and "Try again in" in answer.content.decode()
    clock.advance(wait + 1)
    assert attempt(STAFF[1]) == 302


def test_passwords_are_argon2_in_the_pool_and_old_ones_become_so_at_the_next_sign_in(hashed: list[str]) -> None:
    user = hire()
    User.objects.filter(pk=user.pk).update(password=PBKDF2PasswordHasher().encode(STAFF[1], "salt", 1000))
    hashed.clear()
    signed_in()
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$")
    assert hashed and all(name.startswith("hash") for name in hashed)
    signed_in()


@pytest.mark.parametrize("name", [STAFF[0], "nobody"])
def test_a_wrong_password_costs_the_same_for_every_name(name: str, hashed: list[str]) -> None:
    old, new = hire(), User.objects.create_superuser("new", "", STAFF[1])
    User.objects.filter(pk=old.pk).update(password=PBKDF2PasswordHasher().encode(STAFF[1], "salt", 1000))
    hashed.clear()
    attempt("wrong", name)
    cost = len(hashed)
    hashed.clear()
    attempt("wrong", new.username)
    assert len(hashed) == cost == 2


def test_a_full_pool_is_a_429_and_costs_no_try(staff: Client, set_rule: Callable[[str, Any], None]) -> None:
    places = rules.HASH_QUEUE
    set_rule("HASH_QUEUE", 0)
    assert {attempt(STAFF[1]) for _ in range(20)} == {429}
    set_rule("HASH_QUEUE", places)
    assert attempt(STAFF[1]) == 302


# ── MENPAI_STAFF_NETWORKS ──
def test_only_the_networks_of_staff_reach_the_admin(settings: Any) -> None:
    hire()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MENPAI_STAFF_NETWORKS", "127.0.0.1, 2001:db8::/32")
        settings.MENPAI_STAFF_NETWORKS = networks("MENPAI_STAFF_NETWORKS")
    inside, outside = signed_in(), Client(REMOTE_ADDR=ELSEWHERE, headers={"host": "127.0.0.1"})
    for path in ("/admin/", "/admin/login/", "/admin/menpai/customer/", "/admin/jsi18n/", "/admin/nothing/"):
        answer = outside.get(path)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), path
        assert "MENPAI_STAFF_NETWORKS" in answer.content.decode()
        inside_too = inside.get(path, REMOTE_ADDR=ELSEWHERE)
        assert inside_too.status_code == 403, "a stolen cookie is worth nothing elsewhere"
    assert text_of(inside, "/admin/")
    assert outside.get("/admin/login/", REMOTE_ADDR="2001:db8::1").status_code == 200
    assert outside.get("/admin/login/", REMOTE_ADDR="nonsense").status_code == 403
    assert outside.get("/admin/login/", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 403
    settings.MENPAI_TRUSTED_PROXIES = 1
    assert outside.get("/admin/login/", headers={"x-forwarded-for": "127.0.0.1, 203.0.113.9"}).status_code == 403
    assert outside.get("/admin/login/", headers={"x-forwarded-for": "203.0.113.9, 127.0.0.1"}).status_code == 200
    assert Client(REMOTE_ADDR=ELSEWHERE).get("/livez").status_code == 200, "customers come from everywhere"
    assert written(events.ACCESS_REFUSED)


@pytest.mark.parametrize("value", ["10.0.0.0/99", "office", "10.0.0.1;10.0.0.2"])
def test_a_wrong_network_stops_the_start_in_clear_words(value: str) -> None:
    done = menpai("check", MENPAI_STAFF_NETWORKS=value)
    assert done.returncode == 1
    assert done.stderr.startswith("MENPAI_STAFF_NETWORKS:") and "203.0.113.0/24" in done.stderr
    assert "Traceback" not in done.stderr
