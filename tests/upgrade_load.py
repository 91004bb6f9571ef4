"""Customers who go on while versions come and go. They read nothing but answers: the schema may be of any version."""

import itertools
import random
import traceback
from collections.abc import Callable

import httpx

from tests import no_limits
from tests.api.clients import ok, signed_in
from tests.customers import PASSWORD, somebody
from tests.load import Load

FULL_BOOK = 5
PAUSE = 0.2  # seconds between two things; a version that is starting needs the processor too
_serial = itertools.count(1)
Choose = Callable[[], httpx.Client]


class UpgradeCustomer:
    """One customer, whose every request goes to any of the versions that serve; remembers what was acknowledged."""

    def __init__(self, choose: Choose) -> None:
        self._choose, self.done = choose, 0
        self.person = somebody(choose())
        self.app = signed_in(choose(), self.person.name)
        self.book: dict[int, str] = {}

    def does_something(self) -> None:
        self.person.http = self.app.http = self._choose()
        random.choice([self.add_address, self.add_address, self.sign_in, self.ask_for_code, self.renew])()
        self.person.http = self._choose()
        self.looks()
        self.done += 1

    def add_address(self) -> None:
        if len(self.book) >= FULL_BOOK:
            oldest = min(self.book)
            assert self.person.delete(f"{self.person.book}/{oldest}")["code"] == 200
            del self.book[oldest]
        receiver = f"小王{next(_serial)}"
        found = {one["id"]: one["receiver"] for one in self.person.add_address(receiver=receiver)}
        (added,) = set(found) - set(self.book)
        self.book[added] = receiver

    def sign_in(self) -> None:
        assert self.person.sign_in()["code"] == 200
        fields = {"username": self.person.name, "password": PASSWORD}
        assert self.person.http.post("/user/login/", json=fields).status_code == 200

    def ask_for_code(self) -> None:
        answer = self.person.http.get(f"/user/sms/137{next(_serial):08d}/")
        assert answer.status_code == 200, (answer.status_code, answer.text)

    def renew(self) -> None:
        self.app.take(ok(self.app.renew()))
        assert self.app.is_signed_in()

    def looks(self) -> None:
        assert {one["id"]: one["receiver"] for one in self.person.addresses()} == self.book


class UpgradeLoad(Load):
    """So many customers until the block ends; `go_to` says which versions they meet from now on."""

    def __init__(self, *urls: str, customers: int) -> None:
        super().__init__(urls[0], "none", customers)
        self._clients: dict[str, httpx.Client] = {}
        self._open(urls)
        self._present: list[UpgradeCustomer] = []

    def go_to(self, *urls: str) -> None:
        """Returns when nobody waits for an answer of another one."""
        self._open(urls)
        before = {customer: customer.done for customer in self._present}
        self.until(lambda: all(customer.done > done + 1 for customer, done in before.items()))

    def _open(self, urls: tuple[str, ...]) -> None:
        for url in urls:
            if url not in self._clients:
                self._clients[url] = no_limits.client(base_url=url, timeout=15)
        self._urls = urls

    @property
    def acknowledged(self) -> int:
        return sum(customer.done for customer in self._present)

    def check(self) -> list[str]:
        """Everything that was refused, failed or was lost. For the time after the block, once."""
        for customer in self._present:
            self._watched(customer.looks)
        for http in self._clients.values():
            http.close()
        return self.faults

    def _shop(self) -> None:
        def go_on() -> None:
            customer = UpgradeCustomer(self._choose)
            self._present.append(customer)
            while not self._over.wait(PAUSE):
                customer.does_something()

        self._watched(go_on)

    def _choose(self) -> httpx.Client:
        return self._clients[random.choice(self._urls)]

    def _watched(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001  (a thread's end would go unnoticed)
            self.faults.append(traceback.format_exc())
