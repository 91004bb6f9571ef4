"""What one version made for customers and another must honour: tokens, sessions, codes, tickets, links, books."""

from typing import Any

import httpx

from tests.api.clients import Browser, newcomer, ok
from tests.conftest import Mailbox
from tests.customers import (
    PASSWORD,
    Person,
    a_mobile,
    activation_code,
    an_address_in_parts,
    ask_for_code,
    body,
    somebody,
    somebody_by_sms,
)

KEY = {"idempotency-key": "5f0c9c1e-4e1f-4f0e-9f57-2f1d8d1f2b11"}
NEW_FIELDS = ("extension", "town", "town_code", "warnings")  # of an address, unknown to the version before
NEW_PASSWORD = "another horse 9"


class CustomerState:
    """Customers of every contract, made at `http`. `are_used` takes what is good once; `still_hold` can be repeated."""

    def __init__(self, http: httpx.Client, mailbox: Mailbox) -> None:
        self.named = somebody(http)
        self.link = activation_code(mailbox, self.named.email)
        self.by_sms = somebody_by_sms(http, mailbox)
        self.books = [person.add_address() for person in (self.named, self.by_sms)]
        self.app = newcomer(http, mailbox)
        self.address = self._add_address()
        self.browser = Browser(http)
        ok(self.browser.sign_in(self.app.mobile), 201)
        self.mobile = a_mobile()
        self.code = ask_for_code(http, mailbox, self.mobile)
        self.has_ticket, self.has_code = (somebody_by_sms(http, mailbox) for _ in range(2))
        self.ticket = _ticket(http, self.has_ticket, _recovery_code(http, mailbox, self.has_ticket))
        self.recovery_code = _recovery_code(http, mailbox, self.has_code)

    def are_used(self, http: httpx.Client) -> None:
        """Code, link, ticket and recovery code are good at `http`, and only once."""
        fields = {"mobile": self.mobile, "password": PASSWORD, "sms_code": self.code}
        assert http.post("/user/register/", json=fields).status_code == 201
        assert http.post("/user/register/", json=fields).status_code == 400
        assert body(http.get("/v1/users/activation", params={"code": self.link}))["code"] == 200
        _set_password(http, self.has_ticket, self.ticket)
        _set_password(http, self.has_code, _ticket(http, self.has_code, self.recovery_code))

    def still_hold(self, http: httpx.Client) -> None:
        """Tokens, cookie, passwords, books and the answer to a repeated request are the same at `http`."""
        for person, book in zip((self.named, self.by_sms), self.books, strict=True):
            person.http = http
            assert person.addresses() == book
            assert person.sign_in()["code"] == 200
        self.app.http = self.browser.http = http
        assert self.app.is_signed_in()
        self.app.take(ok(self.app.renew()))
        assert self.app.is_signed_in()
        assert self._add_address() == self.address
        assert self.browser.is_signed_in()

    def _add_address(self) -> dict[str, Any]:
        """The answer to each repeat, in the fields that both versions have."""
        answer: dict[str, Any] = ok(self.app.post("/me/addresses", KEY, **an_address_in_parts()), 201)
        for row in answer["addresses"]:
            for name in NEW_FIELDS:
                row.pop(name, None)
        return answer

    def were_used(self, http: httpx.Client) -> None:
        """What `are_used` did at one version holds at the other."""
        for name, password in ((self.mobile, PASSWORD), *((p.name, NEW_PASSWORD) for p in self._recovered)):
            assert http.post("/user/login/", json={"username": name, "password": password}).status_code == 200
        fields = {"mobile": self.mobile, "password": PASSWORD, "sms_code": self.code}
        assert http.post("/user/register/", json=fields).status_code == 400

    @property
    def _recovered(self) -> list[Person]:
        return [self.has_ticket, self.has_code]


def _recovery_code(http: httpx.Client, mailbox: Mailbox, person: Person) -> str:
    assert body(http.post("/v1/users/password/sms", json={"email": person.name}))["code"] == 200
    return str(mailbox.last(person.name).code)


def _ticket(http: httpx.Client, person: Person, code: str) -> str:
    found = body(http.post("/v1/users/password/verification", json={"email": person.name, "code": code}))
    assert found["code"] == 200, found
    return str(found["ticket"])


def _set_password(http: httpx.Client, person: Person, ticket: str) -> None:
    fields: dict[str, Any] = {"email": person.name, "ticket": ticket}
    fields |= {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert body(http.post("/v1/users/password/new", json=fields))["code"] == 200
    assert body(http.post("/v1/users/password/new", json=fields))["code"] == 10106
