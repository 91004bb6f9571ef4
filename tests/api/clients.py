"""Who calls /api: an app that holds tokens, a browser that holds a cookie, a stranger who holds nothing."""

import re
from typing import Any

import httpx
from django.conf import settings

from tests.customers import PASSWORD, a_mobile

ORIGIN = "http://127.0.0.1:8000"
PROBLEM = "application/problem+json"


class Caller:
    """`headers` go with every request."""

    def __init__(self, http: httpx.Client, **headers: str) -> None:
        self.http, self.headers = http, headers

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> httpx.Response:
        return self.http.request(method, f"/api{path}", headers=self.headers | (headers or {}), **sent)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.send("GET", path, headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        return self.send("POST", path, headers, json=fields)

    def put(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        return self.send("PUT", path, headers, json=fields)

    def patch(self, path: str, **fields: Any) -> httpx.Response:
        return self.send("PATCH", path, json=fields)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.send("DELETE", path, headers)

    def is_signed_in(self) -> bool:
        return self.get("/me").status_code == 200


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
    """Keeps the session cookie, as a browser on our own origin does."""

    def __init__(self, http: httpx.Client, **headers: str) -> None:
        super().__init__(http, **({"origin": ORIGIN} | headers))
        self.cookie = ""

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> httpx.Response:
        name = "__Host-menpai" if settings.SECURE else "menpai_session"
        kept = {"cookie": f"{name}={self.cookie}"} if self.cookie else {}
        answer = super().send(method, path, kept | (headers or {}), **sent)
        for line in answer.headers.get_list("set-cookie"):
            if found := re.match(rf"{name}=\"?([^;\"]*)", line.strip()):
                self.cookie = found[1]
        return answer

    def sign_in(self, name: str, password: str = PASSWORD, **fields: Any) -> httpx.Response:
        return self.post("/sessions", name=name, password=password, session="cookie", **fields)


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["cache-control"] == "no-store"
    if status == 204:
        assert not answer.content
        return {}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: httpx.Response, status: int, code: str, field: str = "") -> dict[str, Any]:
    """A problem with this status and code, which names this field, if any."""
    assert answer.headers["content-type"] == PROBLEM, answer.text
    said: dict[str, Any] = answer.json()
    assert set(said) - {"purpose"} == {"type", "title", "status", "detail", "details", "code", "errors"}
    assert ("purpose" in said) is (code == "captcha_required")
    assert (answer.status_code, said["code"]) == (status, code), said
    assert (said["status"], said["type"]) == (status, f"/problems/{code}")
    assert said["title"] and said["detail"] in said["details"].values()
    assert [one["field"] for one in said["errors"]] == ([field] if field else [])
    waits = status in (429, 503)
    assert ("retry-after" in answer.headers) is waits
    assert not waits or int(answer.headers["retry-after"]) >= 1
    return said


def terms() -> str:
    found: str = settings.MENPAI_TERMS_VERSION
    return found


# ── Becoming a customer ──
def a_code(http: httpx.Client, mailbox: Any, mobile: str, purpose: str = "registrations") -> str:
    ok(http.post(f"/api/{purpose}/code", json={"mobile": mobile}), 202)
    code: str = mailbox.last(mobile).code
    return code


def registration(http: httpx.Client, mailbox: Any, **fields: Any) -> dict[str, Any]:
    """What somebody sends to register, with a good code."""
    mobile = fields.get("mobile") or a_mobile()
    sent = {"mobile": mobile, "password": PASSWORD, "terms_version": terms()} | fields
    return sent | {"code": fields.get("code") or a_code(http, mailbox, mobile)}


def newcomer(http: httpx.Client, mailbox: Any, **fields: Any) -> App:
    """Registered by mobile and password, signed in with tokens."""
    sent = registration(http, mailbox, **fields)
    return App(http, ok(http.post("/api/registrations", json=sent), 201))


def by_code(http: httpx.Client, mailbox: Any, mobile: str | None = None) -> App:
    """Signed in by SMS; a new mobile becomes a customer without a password."""
    mobile = mobile or a_mobile()
    sent = {"mobile": mobile, "code": a_code(http, mailbox, mobile, "sessions"), "terms_version": terms()}
    return App(http, ok(http.post("/api/sessions/by-code", json=sent), 201))


def signed_in(http: httpx.Client, name: str, password: str = PASSWORD, **headers: str) -> App:
    """Another device of this customer."""
    answer = http.post("/api/sessions", json={"name": name, "password": password}, headers=headers)
    return App(http, ok(answer, 201), **headers)
