"""People who use the shop: they register, sign in and read their messages through the published contracts."""

import itertools
from dataclasses import dataclass
from typing import Any

import httpx

PASSWORD = "correct horse 9"
_serial = itertools.count(1)


class Caller:
    """Calls the contract at `root`; `headers` go with every request."""

    root = "/api"

    def __init__(self, http: httpx.Client, **headers: str) -> None:
        self.http, self.headers = http, headers

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> Any:
        return self.http.request(method, f"{self.root}{path}", headers=self.headers | (headers or {}), **sent)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> Any:
        return self.send("POST", path, headers, json=fields)

    def put(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> Any:
        return self.send("PUT", path, headers, json=fields)

    def patch(self, path: str, **fields: Any) -> Any:
        return self.send("PATCH", path, json=fields)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return self.send("DELETE", path, headers)

    def is_signed_in(self) -> bool:
        return bool(self.get("/me").status_code == 200)


def another_request() -> dict[str, int]:
    """A query that endpoints ignore: without it the same body, sent soon again, is a repeat (security.md S18)."""
    return {"_": next(_serial)}


@dataclass
class Person(Caller):
    """A customer of the published contracts: answers are the bodies of dada's."""

    http: httpx.Client
    name: str
    email: str
    phone: str
    token: str
    password: str = PASSWORD
    root = ""

    @property
    def auth(self) -> dict[str, str]:
        return {"authorization": self.token}

    headers = auth  # the token of the moment

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any) -> dict[str, Any]:
        return body(super().send(method, path, headers, params=another_request(), **sent))

    @property
    def book(self) -> str:
        return f"/v1/users/{self.name}/address"

    def addresses(self) -> list[dict[str, Any]]:
        return list(self.get(self.book)["addresslist"])

    def add_address(self, **fields: Any) -> list[dict[str, Any]]:
        return list(self.post(self.book, **an_address_v1(**fields))["addresslist"])

    def sign_in(self, password: str | None = None) -> dict[str, Any]:
        answer = body(self.http.post("/v1/tokens", json={"username": self.name, "password": password or self.password}))
        self.token = answer.get("token", self.token)
        return answer

    def is_signed_in(self) -> bool:
        return bool(self.get(self.book)["code"] == 200)


def an_address(**fields: Any) -> dict[str, Any]:
    """A postal address in one text, its fields named as in /api."""
    usual = {"receiver": "小王", "mobile": "18667018590", "address": "北京市东城区珠市口大街2楼", "postcode": "100062"}
    return usual | {"tag": "公司"} | fields


def an_address_v1(**fields: Any) -> dict[str, Any]:
    """The same, its fields named as in /v1."""
    usual = an_address()
    return {"receiver_phone": usual.pop("mobile")} | usual | fields


def an_address_in_parts(**fields: Any) -> dict[str, Any]:
    """The same with the second generation's four parts in place of the text, and no postcode."""
    kept = {name: text for name, text in an_address().items() if name not in ("address", "postcode")}
    return kept | {"province": "北京市", "city": "市辖区", "county": "东城区", "detail": "珠市口大街2楼"} | fields


def wrong(code: str) -> str:
    """Another code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def a_mobile() -> str:
    return f"139{next(_serial):08d}"


def somebody(http: httpx.Client, **fields: Any) -> Person:
    """A customer registered through dada, signed in, with nothing proven yet."""
    number = next(_serial)
    wanted = {
        "uname": f"wang_{number}",
        "password": PASSWORD,
        "email": f"wang{number}@example.com",
        "phone": a_mobile(),
    } | fields
    answer = body(http.post("/v1/users", json=wanted))
    assert answer["code"] == 200, answer
    return Person(http, wanted["uname"], wanted["email"], wanted["phone"], answer["token"], wanted["password"])


def somebody_by_sms(http: httpx.Client, mailbox: Any, mobile: str | None = None) -> Person:
    """A customer registered through luffy, with a proven mobile and no user name."""
    mobile = mobile or a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    answer = http.post("/user/register/", json={"mobile": mobile, "password": PASSWORD, "sms_code": code})
    assert answer.status_code == 201, answer.text
    return Person(http, mobile, "", mobile, answer.json()["token"])


def ask_for_code(http: httpx.Client, mailbox: Any, mobile: str) -> str:
    answer = http.get(f"/user/sms/{mobile}/")
    assert answer.status_code == 200, answer.text
    return str(mailbox.last(mobile).code)


def activate(http: httpx.Client, mailbox: Any, person: Person) -> str:
    """Clicks the link in the activation mail; answers its code."""
    code = activation_code(mailbox, person.email)
    assert body(http.get("/v1/users/activation", params={"code": code})) == {"code": 200, "data": "激活成功"}
    return code


def activation_code(mailbox: Any, email: str) -> str:
    return httpx.URL(mailbox.last(email).link).params["code"]


def recover(http: httpx.Client, mailbox: Any, target: str, new_password: str) -> dict[str, Any]:
    """All three steps; answers the third."""
    assert body(http.post("/v1/users/password/sms", json={"email": target}))["code"] == 200
    code = mailbox.last(target).code
    step2 = body(http.post("/v1/users/password/verification", json={"email": target, "code": code}))
    assert step2["code"] == 200, step2
    passwords = {"password1": new_password, "password2": new_password}
    return body(http.post("/v1/users/password/new", json={"email": target, "ticket": step2["ticket"]} | passwords))


def body(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer of the dada contract: HTTP 200 always."""
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return dict(answer.json())
