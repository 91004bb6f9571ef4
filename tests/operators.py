"""Staff, for tests: an account, a browser that is signed in, and the CSRF token of a page."""

import base64
import re
import time
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from menpai.models import Customer
from menpai.staff import second_factor, totp

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
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    return {"csrfmiddlewaretoken": token[1]}


def submit(browser: Client, path: str, **fields: Any) -> Any:
    """Fills in the form of a page, and follows where it leads."""
    return browser.post(path, fields | csrf(text_of(browser, path)), follow=True)


def act(browser: Client, action: str, **who: Any) -> str:
    """Chooses one customer in the list and does something with them; the page that staff see then."""
    chosen = Customer.objects.get(**who).pk
    answer = submit(browser, "/admin/menpai/customer/", action=action, _selected_action=chosen, index=0)
    assert answer.status_code == 200
    return str(answer.content.decode())


def text_of(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


class Phone:
    """An authenticator app that has read the picture on a page."""

    def __init__(self, page: str) -> None:
        secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page)
        assert secret
        self._secret = base64.b32decode(secret[1])

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many steps later."""
        return totp.code_at(self._secret, int(time.time() // totp.STEP) + steps)


def after_password(name: str = STAFF[0], password: str = STAFF[1], **browser: str) -> Client:
    """A browser in which the right password was typed, and nothing else yet."""
    client = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"}, **browser)
    answer = client.post("/admin/login/", credentials(text_of(client, "/admin/login/"), name, password))
    assert (answer.status_code, answer.headers["location"]) == (302, "/admin/second-factor/")
    return client


def enrol(browser: Client, user: User) -> tuple[Phone, list[str]]:
    """Follows the link of an operator to the end; the phone, and the backup codes that were shown."""
    link = second_factor.new_link(user).partition("/admin/")[2]
    page = browser.get(f"/admin/{link}", follow=True).content.decode()
    phone = Phone(page)
    answer = browser.post("/admin/second-factor/enrol/", {"code": phone.code(), **csrf(page)})
    codes = re.findall(r"<li><code>([a-z0-9-]+)</code></li>", answer.content.decode())
    assert len(codes) == 10
    return phone, codes


def answer(browser: Client, code: str) -> int:
    """Types a code after the password; the answer's status."""
    page = text_of(browser, "/admin/second-factor/")
    return browser.post("/admin/second-factor/", {"code": code, **csrf(page)}).status_code
