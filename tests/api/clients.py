"""Who calls /api: an app that holds tokens, a browser that holds a cookie, and a Caller who holds nothing."""

import re
from typing import Any

import httpx
from django.conf import settings

from tests.customers import PASSWORD, Caller, a_mobile, activation_code, an_address_in_parts

ORIGIN = "http://127.0.0.1:8000"
PROBLEM = "application/problem+json"


class App(Caller):
    """`me` is what it was told of the customer when it signed in."""

    def __init__(self, http: httpx.Client, signed_in: dict[str, Any], **headers: str) -> None:
        super().__init__(http, **headers)
        self.take(signed_in)

    def take(self, signed_in: dict[str, Any]) -> None:
        self.me, self.access, self.refresh = (signed_in[n] for n in ("customer", "access_token", "refresh_token"))
        self.headers["authorization"] = f"Bearer {self.access}"

    @property
    def mobile(self) -> str:
        return str(self.me["mobile"])

    @property
    def email(self) -> str:
        return str(self.me["email"])

    def renew(self) -> httpx.Response:
        return self.http.post("/api/sessions/refresh", json={"refresh_token": self.refresh})


class Browser(Caller):
    """Keeps the session cookie, as a browser on our own origin does; `device`: the cookie that it is known by."""

    def __init__(self, http: httpx.Client, device: str = "", **headers: str) -> None:
        super().__init__(http, **({"origin": ORIGIN} | headers))
        self.cookie, self.device = "", device

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> httpx.Response:
        name = "__Host-menpai" if settings.SECURE else "menpai_session"
        cookies = [
            f"{key}={value}" for key, value in {"menpai_device": self.device, name: self.cookie}.items() if value
        ]
        kept = {"cookie": "; ".join(cookies)} if cookies else {}
        answer: httpx.Response = super().send(method, path, kept | (headers or {}), **sent)
        for line in answer.headers.get_list("set-cookie"):
            if cookie := re.match(rf"{name}=\"?([^;\"]*)", line.strip()):
                self.cookie = cookie[1]
        return answer

    def sign_in(self, name: str, password: str = PASSWORD, **fields: Any) -> Any:
        return self.post("/sessions", name=name, password=password, session="cookie", **fields)


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["cache-control"] == "no-store"
    if status == 204:
        assert not answer.content
        return {}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return dict(answer.json())


def refused(answer: httpx.Response, status: int, code: str, field: str = "") -> dict[str, Any]:
    """A problem with this status and code, which names this field, if any."""
    assert answer.headers["content-type"] == PROBLEM, answer.text
    problem: dict[str, Any] = answer.json()
    assert set(problem) - {"purpose"} == {"type", "title", "status", "detail", "details", "code", "errors"}
    assert ("purpose" in problem) is (code == "captcha_required")
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert (problem["status"], problem["type"]) == (status, f"/problems/{code}")
    assert problem["title"] and problem["detail"] in problem["details"].values()
    assert [error["field"] for error in problem["errors"]] == ([field] if field else [])
    waits = status in (429, 503)
    assert ("retry-after" in answer.headers) is waits
    assert not waits or int(answer.headers["retry-after"]) >= 1
    return problem


def terms() -> str:
    return str(settings.MENPAI_TERMS_VERSION)


# ── Becoming a customer ──
def a_code(http: httpx.Client, mailbox: Any, mobile: str, purpose: str = "registrations") -> str:
    ok(http.post(f"/api/{purpose}/code", json={"mobile": mobile}), 202)
    return str(mailbox.last(mobile).code)


def registration(http: httpx.Client, mailbox: Any, **fields: Any) -> dict[str, Any]:
    """What somebody sends to register, with a good code."""
    mobile = fields.get("mobile") or a_mobile()
    sent = {"mobile": mobile, "password": PASSWORD, "terms_version": terms()} | fields
    return sent | {"code": fields.get("code") or a_code(http, mailbox, mobile)}


def newcomer(http: httpx.Client, mailbox: Any, **fields: Any) -> App:
    """Registered by mobile and password, signed in with tokens."""
    sent = registration(http, mailbox, **fields)
    return App(http, ok(http.post("/api/registrations", json=sent), 201))


def proven(http: httpx.Client, mailbox: Any, **fields: Any) -> App:
    """Registered with a user name, a proven mobile and a proven e-mail, signed in with tokens."""
    person = newcomer(http, mailbox, **({"username": "wang_xiaoming", "email": "wang@example.com"} | fields))
    ok(person.post("/activation", code=activation_code(mailbox, person.email)), 204)
    return person


def by_code(http: httpx.Client, mailbox: Any, mobile: str | None = None) -> App:
    """Signed in by SMS; a new mobile becomes a customer without a password."""
    mobile = mobile or a_mobile()
    sent = {"mobile": mobile, "code": a_code(http, mailbox, mobile, "sessions"), "terms_version": terms()}
    return App(http, ok(http.post("/api/sessions/by-code", json=sent), 201))


def signed_in(http: httpx.Client, name: str, password: str = PASSWORD, **headers: str) -> App:
    """Another device of this customer."""
    answer = http.post("/api/sessions", json={"name": name, "password": password}, headers=headers)
    return App(http, ok(answer, 201), **headers)


# ── Addresses ──
def added(person: Caller, **fields: Any) -> Any:
    """The id of a new address."""
    return ok(person.post("/me/addresses", **an_address_in_parts(**fields)), 201)["changed"]
