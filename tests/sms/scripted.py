"""SMS gateways that behave as told, in this process: what phones received is in their ledger.

Vendors' own protocols are tested elsewhere; here it is about what is done with their answers. `register` puts them
beside the shipped ones, so that everything above a gateway is the product's own.
"""

import itertools
import threading
from collections import Counter

import msgspec

from menpai.delivery import outcomes
from menpai.delivery.sms import vendors
from menpai.delivery.sms.gateway import BadReceipt, Receipt, Sms

# What each mood says, and whether a phone gets the SMS all the same.
NO = {
    "busy": outcomes.Retry,
    "wrong keys": outcomes.Misconfigured,
    "limited": outcomes.RateLimited,
    "bad number": outcomes.BadRecipient,
    "bad text": outcomes.Refused,
}
SILENT = {"silent, sent": True, "silent, lost": False}
KILLED = {"killed before": False, "killed after": True}
MOODS = ("accept", *NO, *SILENT, *KILLED)


class Killed(BaseException):
    """As `kill -9` looks from inside: nothing more is done, not even an `except Exception`."""


class Scripted:
    acknowledgement = ("text/plain", "OK")

    def __init__(self, name: str, *, idempotent: bool = False, regions: str = "CN HK") -> None:
        self.name, self.idempotent, self.regions = name, idempotent, regions.split()
        self.mood = "accept"
        self.moods: list[str] = []  # of the next requests, one each
        self.asked: list[Sms] = []
        self.phones: Counter[str] = Counter()  # our reference → how many SMS of it a phone received
        self.references: dict[str, str] = {}  # our reference → the vendor's of it
        self.silence: type[outcomes.NotAccepted] = outcomes.Unanswered  # what it is taken for
        self.before_answering = lambda reference: None
        self._serial = itertools.count(1)
        self._lock = threading.Lock()

    def problems(self) -> list[str]:
        return []

    def carries(self, kind: str, region: str) -> bool:
        return region in self.regions

    def send(self, sms: Sms) -> str:
        with self._lock:
            self.asked.append(sms)
            mood = self.moods.pop(0) if self.moods else self.mood
        if mood in NO:
            raise NO[mood](mood)
        if mood == "accept" or SILENT.get(mood) or KILLED.get(mood):
            reference = self._sent(sms.reference.hex)
        if mood in KILLED:
            raise Killed
        if mood in SILENT:
            raise self.silence(mood)
        self.before_answering(reference)
        return reference

    def _sent(self, ours: str) -> str:
        with self._lock:
            if not (self.idempotent and ours in self.references):
                self.phones[ours] += 1
                self.references[ours] = f"{self.name}-{next(self._serial)}"
            return self.references[ours]

    def receipts(self, callback) -> list[Receipt]:
        try:
            pairs = msgspec.json.decode(callback.body, type=list[tuple[str, str]])
        except msgspec.DecodeError as error:
            raise BadReceipt from error
        if callback.headers.get("x-signature") == "forged":
            raise BadReceipt
        return [Receipt(reference, outcome, "UNDELIV" if outcome == "failed" else "") for reference, outcome in pairs]


def register(monkeypatch, *gateways: Scripted) -> None:
    known, shipped = {gateway.name: gateway for gateway in gateways}, vendors.find_gateway
    monkeypatch.setattr(vendors, "find_gateway", lambda name: known.get(name) or shipped(name))
