"""What every SMS gateway is, and what it is given. The vendors are in sms/, one a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from menpai import identifiers


@dataclass(frozen=True)
class Sms:
    """One SMS, as every gateway gets it; each writes number, signature and template as its vendor wants them."""

    mobile: str  # E.164: +8613800138000
    kind: str  # which message: rendering.py
    language: str
    signature: str  # the brand, without brackets
    body: str  # the text, without the signature
    variables: Mapping[str, str]  # `code` and `minutes`, or `at`
    reference: UUID  # ours

    @property
    def region(self) -> str:
        """ISO 3166 of the number's plan: CN, HK…; blank for one that belongs to no country."""
        return identifiers.region(self.mobile)


@dataclass(frozen=True)
class Callback:
    """What a vendor sent to the address of its receipts; `url` is the whole address, as the vendor knows it."""

    url: str
    headers: Mapping[str, str]  # lower-case names
    body: bytes


@dataclass(frozen=True)
class Receipt:
    """What became of one SMS. `detail` is the vendor's code, never its text."""

    vendor_reference: str
    outcome: Literal["delivered", "failed"]
    detail: str = ""
    at: datetime | None = None


Reasons = Mapping[str, tuple[str, str]]  # a vendor's code, or a pattern with * and ?, → Chinese and English


class BadReceipt(Exception):
    """A callback that cannot be read, or whose signature is wrong."""


class Gateway(Protocol):
    """A module with these names is a gateway."""

    @property
    def name(self) -> str: ...

    @property
    def idempotent(self) -> bool:
        """Whether a second `send` with the same reference is known not to make a second SMS."""

    def problems(self) -> list[str]:
        """What is missing before it can work; empty when nothing is."""

    def carries(self, kind: str, region: str) -> bool:
        """Whether it has a template for this kind of message, and reaches that region."""

    def send(self, sms: Sms) -> str:
        """Hand one SMS over; answers the vendor's id. Raises the exceptions of outcomes.py, and nothing else."""


class Reporting(Gateway, Protocol):
    """A gateway whose vendor tells what became of an SMS."""

    def receipts(self, callback: Callback) -> list[Receipt]:
        """What a callback says; what is not an end ("sent") is left out. Raises BadReceipt."""

    @property
    def acknowledgement(self) -> tuple[str, str]:
        """What the vendor wants to hear: content type and body."""
