"""Many customers at once."""

import threading
import time
import traceback
from collections.abc import Callable
from typing import Self

from django.db import connection

from tests.expected_accounts import Account, differences
from tests.invariants import broken
from tests.load_customers import LoadCustomer
from tests.no_limits import client
from tests.outage_client import PATIENCE, Excuse, Fault, OutageClient
from tests.rig.children import until


class Load:
    """So many customers, until the block ends; each finishes what it is doing."""

    def __init__(self, url: str, excuse: Excuse, customers: int = 8, *, forgets: bool = False) -> None:
        self._url, self._excuse, self._forgets = url, excuse, forgets
        self._over = threading.Event()
        self._customers: list[LoadCustomer] = []
        self.faults: list[str] = []
        self._threads = [threading.Thread(target=self._shop, daemon=True) for _ in range(customers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        deadline = time.monotonic() + PATIENCE * 2
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self.faults.append("a customer did not come to an end")

    @property
    def acknowledged(self) -> int:
        return sum(customer.done for customer in self._customers)

    @property
    def interrupted(self) -> int:
        return sum(customer.line.interruptions for customer in self._customers)

    def goes_on(self, things: int) -> bool:
        """Wait until so many more things were acknowledged; False when something is wrong already."""
        wanted = self.acknowledged + things
        return self.until(lambda: self.acknowledged >= wanted)

    def until(self, condition: Callable[[], bool]) -> bool:
        """Wait until it holds; False when something is wrong already."""
        until(lambda: self.faults or condition(), PATIENCE, "the shop goes on")
        return not self.faults

    def check(self) -> list[str]:
        """Everything that is wrong. For the time after the block: nobody is in the middle of anything."""
        connection.close()  # it may have been a killed server's
        return [*self.faults, *check(self._customers)]

    def _shop(self) -> None:
        with client(base_url=self._url, timeout=15) as http:
            customer = LoadCustomer(OutageClient(http, self._excuse, forgets=self._forgets))
            self._customers.append(customer)
            try:
                while not self._over.is_set():
                    customer.does_something()
            except Fault as fault:
                self.faults.append(str(fault))
            except Exception:  # noqa: BLE001  (a thread's end would go unnoticed)
                self.faults.append(traceback.format_exc())
            finally:
                connection.close()


def check(customers: list[LoadCustomer]) -> list[str]:
    """What these were told, compared with the database: they are all there were."""
    accounts: list[Account] = [account for customer in customers for account in customer.accounts]
    messages = {number for customer in customers for number in customer.messages}
    forgetful = any(customer.line.forgets for customer in customers)
    return [*differences(accounts, messages, forgetful=forgetful), *broken(under_load=True)]
