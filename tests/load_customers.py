"""Customers who do everything that a customer can, over HTTP, and remember what they were told.

An answer that never came, or an honest 503, leaves open whether the thing happened. The customer then looks, and
accepts either; an answer that fits neither is a fault. So is one that the outage does not excuse (outage_client.py).
"""

import itertools
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import jwt
from django.db import DatabaseError, InterfaceError, connection

from menpai.delivery import message_kinds, outbox
from menpai.models import Message
from tests.expected_accounts import FIELDS, Account, Book
from tests.outage_client import PATIENCE, Answer, Fault, Interrupted, OutageClient, demand

T = TypeVar("T")
FULL_BOOK = 6
NO_SUCH_ADDRESS = 10**17
_serial = itertools.count(1)

# What is done how often.
MIX = {
    "add_address": 22,
    "edit_address": 16,
    "delete_address": 10,
    "set_default": 18,
    "read_book": 8,
    "sign_in": 8,
    "register_named": 4,
    "register_by_sms": 5,
    "activate": 3,
    "change_password": 4,
    "recover": 4,
}


class LoadCustomer:
    """Does one thing after the other, each to its end: afterwards it knows of each whether it happened."""

    def __init__(self, line: OutageClient) -> None:
        self.line = line
        self.accounts: list[Account] = []
        self.messages: set[int] = set()  # ids of those that were accepted
        self.done = 0

    def does_something(self) -> None:
        kind = random.choices(list(MIX), list(MIX.values()))[0] if self.accounts else "register_named"
        if kind.startswith("register"):
            getattr(self, kind)()
        else:
            getattr(self, kind)(random.choice(self.accounts))
        self.done += 1

    # ── Becoming a customer ──
    def register_named(self) -> Account:
        number = next(_serial)
        name, email, password = f"wang_{number}", f"wang{number}@example.com", f"correct horse {number}"
        fields = {"uname": name, "email": email, "phone": f"138{number:08d}", "password": password}
        answer = self.line.until_answered("POST", "/v1/users", fields)
        return self._welcome(answer, name, email, password, came_late=answer.body.get("code") == 10128)

    def register_by_sms(self) -> Account | None:
        mobile, password = f"139{next(_serial):08d}", f"correct horse {next(_serial)}"
        sent = self.line.until_answered("GET", f"/user/sms/{mobile}/")
        demand(sent.status == 200, "asks for a code by SMS", sent)
        code = self._newest(message_kinds.REGISTRATION_CODE.id, recipient=mobile)["code"]
        fields = {"mobile": mobile, "password": password, "sms_code": code}
        # The same code again: a failure of ours costs nobody the code.
        answer = self.line.until_answered("POST", "/user/register/", fields)
        came_late = answer.status == 400 and set(answer.body) <= {"sms_code", "mobile"}
        if came_late and self.line.forgets and not self._is_customer(mobile, password):
            return None
        return self._welcome(answer, mobile, None, password, came_late)

    def _is_customer(self, name: str, password: str) -> bool:
        answer = self.line.until_answered("POST", "/v1/tokens", {"username": name, "password": password})
        return "token" in answer.body

    def _welcome(self, answer: Answer, name: str, email: str | None, password: str, came_late: bool) -> Account:
        if answer.repeated and came_late:
            answer = self.line.until_answered("POST", "/v1/tokens", {"username": name, "password": password})
        demand(answer.status < 300 and "token" in answer.body, f"registers as {name}", answer)
        account = Account(_claims(answer.body["token"])["id"], name, email, password)
        self._note_session(account, answer)
        self.accounts.append(account)
        return account

    def activate(self, account: Account) -> None:
        if account.email is None:
            return
        code = self._newest(message_kinds.ACTIVATION_LINK.id, customer_id=account.id)["code"]
        answer = self.line.until_answered("GET", f"/v1/users/activation?code={code}")
        if self.line.forgets and answer.body.get("code") == 10112:
            return
        demand(answer.body.get("code") == 200, "clicks the link", answer)
        account.mail_proven = True

    # ── Signing in, and passwords ──
    def sign_in(self, account: Account) -> None:
        path = random.choice(["/v1/tokens", "/user/login/"])
        answer = self.line.until_answered("POST", path, {"username": account.name, "password": account.password})
        demand("token" in answer.body, f"signs in as {account.name}", answer)
        self._note_session(account, answer)

    def change_password(self, account: Account) -> None:
        new = f"brand new horse {next(_serial)}"
        fields = {"oldpassword": account.password, "password1": new, "password2": new}
        self._sets_password(account, new, f"/v1/users/{account.name}/password", fields)

    def recover(self, account: Account) -> None:
        target = {"email": account.email or account.name}
        asked = self.line.until_answered("POST", "/v1/users/password/sms", target)
        demand(asked.body.get("code") == 200, "asks for a recovery code", asked)
        found = self._newest(message_kinds.RECOVERY_CODE.id, customer_id=account.id)
        code = found["code"] if "code" in found else found["codes"][0][1]
        answer = self.line.until_answered("POST", "/v1/users/password/verification", target | {"code": code})
        if (answer.repeated or self.line.forgets) and answer.body.get("code") in (10106, 10132):
            return  # the code was taken and the ticket lost on the way: they ask for another code some time
        demand(answer.body.get("code") == 200, "redeems the recovery code", answer)
        new = f"recovered horse {next(_serial)}"
        fields = target | {"ticket": answer.body["ticket"], "password1": new, "password2": new}
        if self._sets_password(account, new, "/v1/users/password/new", fields):
            account.recoveries += 1
            if account.email and not account.mail_proven:
                account.mail_proven = True
                account.aside |= set(account.book)
                account.book = {}

    def _sets_password(self, account: Account, new: str, path: str, fields: dict[str, Any]) -> bool:
        try:
            answer = self.line.ask("POST", path, fields, account.token)
            if self.line.forgets and "ticket" in fields and answer.body.get("code") == 10106:
                return False
            demand(answer.body.get("code") == 200, f"sets a password at {path}", answer)
        except Interrupted:
            if not self._works(account, new):
                return False
        account.password, account.changes = new, account.changes + 1
        account.changes_proven += account.mail_proven
        account.ended |= account.living
        account.living.clear()
        self.sign_in(account)
        return True

    def _works(self, account: Account, new: str) -> bool:
        """Whether the new password is the password; the old one is, if not."""
        # A change that was committing while the first was tried holds the row that the second waits for.
        for password in (new, account.password, new):
            answer = self.line.until_answered("POST", "/v1/tokens", {"username": account.name, "password": password})
            if answer.body.get("code") == 200:
                return password == new
            demand(answer.body.get("code") == 10104, "signs in with one of two passwords", answer)
        raise Fault(f"{account.name}: neither the old nor the new password works")

    # ── The address book ──
    def read_book(self, account: Account) -> None:
        answer = self.line.until_answered("GET", _book(account), token=account.token)
        demand(_entries(answer) == account.book, f"reads the book that was {account.book}", answer)

    def add_address(self, account: Account) -> None:
        if len(account.book) >= FULL_BOOK:
            self.delete_address(account)
            return
        fields = _an_address()
        self._writes(account, "POST", _book(account), fields, lambda after: _added(account.book, fields, after))

    def edit_address(self, account: Account) -> None:
        if number := _any(account):
            fields = _an_address()
            wanted = account.book | {number: fields | {"is_default": account.book[number]["is_default"]}}
            self._writes(account, "PUT", f"{_book(account)}/{number}", fields, lambda after: after == wanted)

    def set_default(self, account: Account) -> None:
        if number := _any(account):
            wanted = {one: entry | {"is_default": one == number} for one, entry in account.book.items()}
            self._writes(account, "POST", _default(account), {"id": number}, lambda after: after == wanted)

    def delete_address(self, account: Account) -> None:
        if number := _any(account):
            before = account.book
            self._writes(
                account, "DELETE", f"{_book(account)}/{number}", None, lambda after: _removed(before, number, after)
            )
            if number not in account.book:
                account.deleted.add(number)

    def _writes(
        self, account: Account, method: str, path: str, fields: dict[str, Any] | None, fits: Callable[[Book], bool]
    ) -> None:
        try:
            answer = self.line.ask(method, path, fields, account.token)
        except Interrupted:
            # What is still being committed holds the customer's row; this waits for it and changes nothing.
            refused = self.line.until_answered("POST", _default(account), {"id": NO_SUCH_ADDRESS}, account.token)
            demand(refused.body.get("code") == 10114, "sets a default that does not exist", refused)
            answer = self.line.until_answered("GET", _book(account), token=account.token)
            if _entries(answer) == account.book:
                return
        after = _entries(answer)
        demand(fits(after), f"{method} {path} {fields} on {account.book}", answer)
        account.book = after

    def _note_session(self, account: Account, answer: Answer) -> None:
        account.token = answer.body["token"]
        account.living.add(_claims(account.token)["sid"])

    def _newest(self, kind: str, **whose: Any) -> dict[str, Any]:
        """What fills the newest message of this kind, read from its row as the worker would."""
        message = _from_database(lambda: Message.objects.filter(kind=kind, **whose).order_by("pk").last())
        if message is None:
            raise Fault(f"{kind} for {whose}: accepted, and no message is there")
        self.messages.add(message.pk)
        found = outbox.open_params(message)
        assert found is not None
        return found


def _claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def _from_database(look: Callable[[], T]) -> T:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return look()
        except (DatabaseError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


# ── Books ──
def _book(account: Account) -> str:
    return f"/v1/users/{account.name}/address"


def _default(account: Account) -> str:
    return f"{_book(account)}/default"


def _any(account: Account) -> int | None:
    return random.choice(list(account.book)) if account.book else None


def _an_address() -> dict[str, Any]:
    number = next(_serial)
    return {
        "receiver": f"小王{number % 10**6}",
        "receiver_mobile": f"137{number:08d}",
        "address": f"北京市东城区珠市口大街{number}号",
        "tag": "公司",
        "postcode": "100062",
    }


def _entries(answer: Answer) -> Book:
    demand(answer.body.get("code") == 200, "asks for the book", answer)
    return {one["id"]: {name: one[name] for name in FIELDS} for one in answer.body["addresslist"]}


def _added(before: Book, fields: dict[str, Any], after: Book) -> bool:
    new = set(after) - set(before)
    return len(new) == 1 and after == before | {new.pop(): fields | {"is_default": not before}}


def _removed(before: Book, number: int, after: Book) -> bool:
    rest = {one: entry for one, entry in before.items() if one != number}
    if not rest or not before[number]["is_default"]:
        return after == rest
    # The default went: any one of the others takes its place.
    return any(after == {one: entry | {"is_default": one == heir} for one, entry in rest.items()} for heir in rest)
