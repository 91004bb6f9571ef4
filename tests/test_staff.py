"""Staff sign in: with sessions of their own, which no customer can have and no contract pays for."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as StaffSession
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client

from tests.customers import PASSWORD, somebody
from tests.operators import STAFF, credentials, hire, signed_in, submit, text_of


def test_createsuperuser_makes_an_account_that_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", STAFF[1])
    call_command("createsuperuser", interactive=False, username=STAFF[0], email="ops@example.com", verbosity=0)
    assert "账户中心" in text_of(signed_in(), "/admin/")


def test_the_session_is_a_row_and_in_redis_where_there_is_one(staff: Client, engine: str) -> None:
    key = staff.cookies["menpai_staff"].value
    assert StaffSession.objects.filter(session_key=key).exists()
    if engine == "production":
        assert caches["session"].get(f"django.contrib.sessions.cached_db{key}")["_auth_user_id"]


def test_staff_sign_in_over_http(service: Callable[..., Any]) -> None:
    hire()
    url = service("web", MENPAI_WORKERS="2").url
    with httpx.Client(base_url=url, follow_redirects=True) as browser:
        page = browser.get("/admin/")
        assert page.url.path == "/admin/login/"
        answer = browser.post(str(page.url), data=credentials(page.text), headers={"origin": url})
        assert answer.url.path == "/admin/"
        # Whichever worker answers: the session is not in one of them.
        assert all("账户中心" in browser.get("/admin/", headers={"connection": "close"}).text for _ in range(8))


@pytest.mark.production_only("Redis")
def test_staff_stay_signed_in_when_redis_goes_away(staff: Client, settings: Any) -> None:
    nobody_listens = "redis://127.0.0.1:1/1"
    settings.CACHES = {name: {**cache, "LOCATION": nobody_listens} for name, cache in settings.CACHES.items()}
    assert caches["session"].get("anything") is None
    assert "站点管理" in text_of(staff, "/admin/")
    newcomer = Client()
    newcomer.post("/admin/login/?next=/admin/", {"username": STAFF[0], "password": STAFF[1]})
    assert "站点管理" in text_of(newcomer, "/admin/")


def test_the_cookie_is_for_the_admin_only_and_no_script_reads_it(staff: Client) -> None:
    cookie = staff.cookies["menpai_staff"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Lax")


def test_a_form_without_the_csrf_token_is_refused(staff: Client) -> None:
    assert staff.post("/admin/logout/").status_code == 403
    assert "站点管理" in text_of(staff, "/admin/")


def test_no_customer_can_sign_in_here(http: httpx.Client) -> None:
    person = somebody(http)
    browser = Client()
    page = browser.get("/admin/login/").content.decode()
    assert browser.post("/admin/login/", credentials(page, person.name, PASSWORD)).status_code == 200
    assert "menpai_staff" not in browser.cookies
    assert browser.get("/admin/", headers={"authorization": person.token}).status_code == 302


def test_a_password_that_is_too_simple_is_refused_for_staff(staff: Client) -> None:
    form = {"username": "weak", "password1": "12345678", "password2": "12345678", "usable_password": "true"}
    assert submit(staff, "/admin/auth/user/add/", **form).redirect_chain == []
    assert not User.objects.filter(username="weak").exists()


def test_staff_pages_are_not_kept_not_framed_and_load_nothing_from_elsewhere(staff: Client) -> None:
    headers = staff.get("/admin/menpai/customer/").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    # `no-referrer` would make browsers send `Origin: null` with forms, which the CSRF check refuses.
    assert headers["referrer-policy"] == "same-origin"


def test_outside_the_admin_there_is_no_staff_session(staff: Client, statements: Callable[[], Any]) -> None:
    with statements() as sql:
        answer = staff.get("/")
    assert len(sql) == 0
    assert "set-cookie" not in answer.headers
