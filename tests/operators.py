"""Staff, for tests: an account, a browser that is signed in, and the CSRF token of a page."""

import re

from django.contrib.auth.models import User
from django.test import Client

STAFF = ("ops", "a long staff password")


def hire() -> User:
    return User.objects.create_superuser(STAFF[0], "ops@example.com", STAFF[1])


def signed_in() -> Client:
    """A browser in which staff have signed in through the form, with the CSRF check on."""
    browser = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    page = text_of(browser, "/admin/login/?next=/admin/")
    answer = browser.post("/admin/login/?next=/admin/", credentials(page))
    assert (answer.status_code, answer.headers["location"]) == (302, "/admin/")
    return browser


def credentials(page: str, name: str = STAFF[0], password: str = STAFF[1]) -> dict[str, str]:
    return {"username": name, "password": password, **csrf(page)}


def csrf(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return {"csrfmiddlewaretoken": found[1]}


def text_of(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()
