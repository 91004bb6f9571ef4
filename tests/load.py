"""Many shoppers at once."""

import threading
import time
import traceback
from typing import Self

from django.db import connection

from tests.everywhere import client
from tests.invariants import broken
from tests.ledger import Account, differences
from tests.line import PATIENCE, Excuse, Fault, Line
from tests.rig.children import until
from tests.shoppers import Shopper


class Load:
    """So many shoppers, until the block ends; each finishes what it is doing."""

    def __init__(self, url: str, excuse: Excuse, shoppers: int = 8, *, forgets: bool = False) -> None:
        self._url, self._excuse, self._forgets = url, excuse, forgets
        self._over = threading.Event()
        self._shoppers: list[Shopper] = []
        self._faults: list[str] = []
        self._threads = [threading.Thread(target=self._shop, daemon=True) for _ in range(shoppers)]

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
                self._faults.append("a shopper did not come to an end")

    @property
    def acknowledged(self) -> int:
        return sum(shopper.done for shopper in self._shoppers)

    @property
    def interrupted(self) -> int:
        return sum(shopper.line.interruptions for shopper in self._shoppers)

    def goes_on(self, things: int) -> bool:
        """Wait until so many more things were acknowledged; False when something is wrong already."""
        wanted = self.acknowledged + things
        until(lambda: self.acknowledged >= wanted or self._faults, PATIENCE, "the shop goes on")
        return not self._faults

    def check(self) -> list[str]:
        """Everything that is wrong. For the time after the block: nobody is in the middle of anything."""
        connection.close()  # it may have been a killed server's
        return [*self._faults, *check(self._shoppers)]

    def _shop(self) -> None:
        with client(base_url=self._url, timeout=15) as http:
            shopper = Shopper(Line(http, self._excuse, forgets=self._forgets))
            self._shoppers.append(shopper)
            try:
                while not self._over.is_set():
                    shopper.does_something()
            except Fault as fault:
                self._faults.append(str(fault))
            except Exception:  # noqa: BLE001  (a thread's end would go unnoticed)
                self._faults.append(traceback.format_exc())
            finally:
                connection.close()


def check(shoppers: list[Shopper]) -> list[str]:
    """What these were told, compared with the database: they are all there were."""
    accounts: list[Account] = [account for shopper in shoppers for account in shopper.accounts]
    messages = {number for shopper in shoppers for number in shopper.messages}
    forgetful = any(shopper.line.forgets for shopper in shoppers)
    return [*differences(accounts, messages, forgetful=forgetful), *broken(shoppers=True)]
