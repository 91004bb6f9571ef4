"""The three contracts as a client sees them: one class each, the same verbs, and one kind of outcome.

What a contract has no word for stands in LACKS, with the reason; the shared tests run at the contracts that have it.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx
import pytest
from django.conf import settings

from tests.contracts.outcomes import Me, Outcome, meant_by_api, meant_by_user, meant_by_v1
from tests.customers import PASSWORD, a_mobile, an_address, another_request

VERBS = frozenset(
    {
        *("ask_code", "register", "register_repeating", "register_named", "check_mobile", "sign_in", "is_signed_in"),
        *("ask_recovery", "redeem", "set_password", "activate", "change_password"),
        *("list_addresses", "add_address", "edit_address", "remove_address", "set_default"),
    }
)
_serial = itertools.count(1)


@dataclass
class Newcomer:
    """Everything that somebody could register with; each contract takes what it knows."""

    mobile: str = field(default_factory=a_mobile)
    name: str = field(default_factory=lambda: f"wudi_{next(_serial)}")
    email: str = ""
    password: str = PASSWORD
    repeated: str | None = None

    def __post_init__(self) -> None:
        self.email = self.email or f"{self.name.lower()}@example.com"


class ContractClient:
    LACKS: ClassVar[dict[str, str]] = {}

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    @classmethod
    def supports(cls, verb: str) -> bool:
        return verb not in cls.LACKS

    def outcome(self, answer: httpx.Response, names: Iterable[str] = (), **facts: Any) -> Outcome:
        told = (answer.status_code, answer.content, answer.headers.get("retry-after"))
        return Outcome(*told, tuple(answer.headers.get_list("set-cookie")), frozenset(names), facts)

    def post(self, path: str, me: Me | None = None, **fields: Any) -> Outcome:
        return self.read(self.http.post(path, json=fields, headers=me.auth if me else {}, params=another_request()))

    def read(self, answer: httpx.Response) -> Outcome:
        raise NotImplementedError


class V1(ContractClient):
    """dada, `/v1`."""

    LACKS = {
        "register_repeating": "the password is sent once",
        "check_mobile": "a taken mobile is told by the registration",
    }

    def read(self, answer: httpx.Response) -> Outcome:
        said = answer.json()
        if said["code"] != 200:
            return self.outcome(answer, meant_by_v1(said["code"], said["error"], answer.status_code))
        book = [line | {"mobile": line.pop("receiver_mobile")} for line in said.get("addresslist", [])]
        facts = {"token": said.get("token"), "name": said.get("username"), "ticket": said.get("ticket"), "book": book}
        return self.outcome(answer, **facts)

    def ask_code(self, mobile: str) -> Outcome:
        return self.post("/v1/users/sms/code", phone=mobile)

    def register(self, new: Newcomer, code: str) -> Outcome:
        who = {"uname": new.name, "email": new.email, "phone": new.mobile, "password": new.password}
        return self.post("/v1/users", **who, verify=code)

    register_named = register

    def sign_in(self, name: str, password: str = PASSWORD) -> Outcome:
        return self.post("/v1/tokens", username=name, password=password)

    def is_signed_in(self, me: Me) -> Outcome:
        return self.list_addresses(me)

    def ask_recovery(self, target: str) -> Outcome:
        return self.post("/v1/users/password/sms", email=target)

    def redeem(self, target: str, code: str) -> Outcome:
        return self.post("/v1/users/password/verification", email=target, code=code)

    def set_password(self, target: str, ticket: str, new: str) -> Outcome:
        return self.post("/v1/users/password/new", email=target, ticket=ticket, password1=new, password2=new)

    def activate(self, code: str) -> Outcome:
        return self.read(self.http.get("/v1/users/activation", params={"code": code}))

    def change_password(self, me: Me, old: str, new: str, repeated: str | None = None) -> Outcome:
        sent = {"oldpassword": old, "password1": new, "password2": new if repeated is None else repeated}
        return self.post(f"/v1/users/{me.name}/password", me, **sent)

    def list_addresses(self, me: Me) -> Outcome:
        return self.read(self.http.get(self._book(me), headers=me.auth))

    def add_address(self, me: Me, **fields: str) -> Outcome:
        return self.post(self._book(me), me, **self._sent(fields))

    def edit_address(self, me: Me, address_id: int, **fields: str) -> Outcome:
        path = f"{self._book(me)}/{address_id}"
        sent = self._sent(fields)
        return self.read(self.http.put(path, json=sent, headers=me.auth, params=another_request()))

    def remove_address(self, me: Me, address_id: int) -> Outcome:
        return self.read(self.http.delete(f"{self._book(me)}/{address_id}", headers=me.auth, params=another_request()))

    def set_default(self, me: Me, address_id: int) -> Outcome:
        return self.post(f"{self._book(me)}/default", me, id=address_id)

    def _book(self, me: Me) -> str:
        return f"/v1/users/{me.name}/address"

    def _sent(self, fields: dict[str, str]) -> dict[str, str]:
        fields = an_address(**fields)
        return {("receiver_mobile" if name == "mobile" else name): text for name, text in fields.items()}


class User(ContractClient):
    """luffy, `/user`: registration and sign-in."""

    LACKS = {
        "register_named": "a customer of this contract is a mobile",
        **dict.fromkeys(("ask_recovery", "redeem", "set_password"), "no recovery in this contract"),
        "activate": "no e-mail in this contract",
        "change_password": "the published page of it goes to /v1",
        "is_signed_in": "nothing here asks for the token",
        **dict.fromkeys(
            ("list_addresses", "add_address", "edit_address", "remove_address", "set_default"),
            "no address book in this contract",
        ),
    }

    def read(self, answer: httpx.Response) -> Outcome:
        said = answer.json()
        if answer.status_code < 300:
            return self.outcome(answer, token=said.get("token"), name=said.get("username"))
        if "result" in said:
            return self.outcome(answer, meant_by_user(None, said["result"], answer.status_code))
        name, (text,) = next(iter(said.items()))
        return self.outcome(answer, meant_by_user(name, text, answer.status_code))

    def ask_code(self, mobile: str) -> Outcome:
        return self.read(self.http.get(f"/user/sms/{mobile}/"))

    def check_mobile(self, mobile: str) -> Outcome:
        return self.read(self.http.get(f"/user/mobile/{mobile}/"))

    def register(self, new: Newcomer, code: str) -> Outcome:
        repeated = {} if new.repeated is None else {"password2": new.repeated}
        return self.post("/user/register/", mobile=new.mobile, password=new.password, sms_code=code, **repeated)

    register_repeating = register

    def sign_in(self, name: str, password: str = PASSWORD) -> Outcome:
        return self.post("/user/login/", username=name, password=password)


class Api(ContractClient):
    """The modern one, `/api`."""

    def read(self, answer: httpx.Response) -> Outcome:
        if answer.status_code >= 300:
            return self.outcome(answer, meant_by_api(answer.json()["code"], answer.status_code))
        said = answer.json() if answer.content else {}
        if said.get("available") is False:
            return self.outcome(answer, {"MobileTaken"})
        lines = [dict(line) for line in said.get("addresses", [])]
        for line in lines:
            for name in ("region_code", "town", "town_code", "extension", "warnings"):
                del line[name]  # the older contracts have no such field
        facts = {"token": said.get("access_token"), "ticket": said.get("ticket"), "book": lines}
        return self.outcome(answer, name=said.get("customer", {}).get("name"), **facts)

    def ask_code(self, mobile: str) -> Outcome:
        return self.post("/api/registrations/code", mobile=mobile)

    def check_mobile(self, mobile: str) -> Outcome:
        return self.post("/api/registrations/check", mobile=mobile)

    def register(self, new: Newcomer, code: str) -> Outcome:
        """A mobile and a password; `register_named` has the rest."""
        sent = {"mobile": new.mobile, "password": new.password, "password2": new.repeated, "code": code}
        return self.post("/api/registrations", **sent, terms_version=settings.MENPAI_TERMS_VERSION)

    register_repeating = register

    def register_named(self, new: Newcomer, code: str) -> Outcome:
        sent = {"mobile": new.mobile, "password": new.password, "username": new.name, "email": new.email, "code": code}
        return self.post("/api/registrations", **sent, terms_version=settings.MENPAI_TERMS_VERSION)

    def sign_in(self, name: str, password: str = PASSWORD) -> Outcome:
        return self.post("/api/sessions", name=name, password=password)

    def is_signed_in(self, me: Me) -> Outcome:
        return self.read(self.http.get("/api/me", headers=me.auth))

    def ask_recovery(self, target: str) -> Outcome:
        return self.post("/api/recovery/code", target=target)

    def redeem(self, target: str, code: str) -> Outcome:
        return self.post("/api/recovery/ticket", target=target, code=code)

    def set_password(self, target: str, ticket: str, new: str) -> Outcome:
        return self.post("/api/recovery/password", target=target, ticket=ticket, password=new, password2=new)

    def activate(self, code: str) -> Outcome:
        return self.post("/api/activation", code=code)

    def change_password(self, me: Me, old: str, new: str, repeated: str | None = None) -> Outcome:
        sent = {"old_password": old, "password": new, "password2": new if repeated is None else repeated}
        return self.read(self.http.put("/api/me/password", json=sent, headers=me.auth))

    def list_addresses(self, me: Me) -> Outcome:
        return self.read(self.http.get("/api/me/addresses", headers=me.auth))

    def add_address(self, me: Me, **fields: str) -> Outcome:
        return self.post("/api/me/addresses", me, **an_address(**fields))

    def edit_address(self, me: Me, address_id: int, **fields: str) -> Outcome:
        path = f"/api/me/addresses/{address_id}"
        return self.read(self.http.put(path, json=an_address(**fields), headers=me.auth))

    def remove_address(self, me: Me, address_id: int) -> Outcome:
        return self.read(self.http.delete(f"/api/me/addresses/{address_id}", headers=me.auth))

    def set_default(self, me: Me, address_id: int) -> Outcome:
        return self.read(self.http.put("/api/me/addresses/default", json={"id": address_id}, headers=me.auth))


CONTRACTS: tuple[type[ContractClient], ...] = (V1, User, Api)
SESSIONS = (V1, Api)  # those that can be asked whether somebody is signed in


def at(*verbs: str) -> pytest.MarkDecorator:
    """Run the test at every contract that has these verbs."""
    assert set(verbs) <= VERBS
    return pytest.mark.parametrize("kind", _with(verbs), ids=lambda kind: kind.__name__)


def across(first: str, second: str) -> pytest.MarkDecorator:
    """Run the test at every pair of contracts: one verb at the first, the other at the second."""
    assert {first, second} <= VERBS
    pairs = list(itertools.product(_with([first]), _with([second])))
    return pytest.mark.parametrize("kinds", pairs, ids=lambda pair: f"{pair[0].__name__}-{pair[1].__name__}")


def living(http: httpx.Client, tokens: list[Me]) -> list[bool]:
    """Whether each of them is still signed in, wherever that can be asked."""
    return [contract(http).is_signed_in(one).ok for contract in SESSIONS for one in tokens]


def opens(http: httpx.Client, new: Newcomer, password: str) -> list[bool]:
    return [contract(http).sign_in(new.name, password).ok for contract in CONTRACTS]


def _with(verbs: Iterable[str]) -> list[type[ContractClient]]:
    return [contract for contract in CONTRACTS if all(contract.supports(verb) for verb in verbs)]
