"""The interface of an SMS gateway, and the data that it takes and returns.

The gateways are in vendors/.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from menpai import identifiers


@dataclass(frozen=True)
class Sms:
    """One SMS, as every gateway gets it.

    Each gateway converts number, signature and template for its vendor.
    """

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
    """A request to the address of a vendor's receipts; `url` is the whole address, as the vendor has it."""

    url: str
    headers: Mapping[str, str]  # lower-case names
    body: bytes


@dataclass(frozen=True)
class Receipt:
    """The result of one SMS. `detail` is the vendor's code, never its text."""

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
        """True if a second `send` with the same reference is known not to send a second SMS."""

    def problems(self) -> list[str]:
        """The settings that are missing or wrong; empty if it can work."""

    def carries(self, kind: str, region: str) -> bool:
        """True if it has a template for this kind of message and serves that region."""

    def send(self, sms: Sms) -> str:
        """Hand one SMS over; returns the vendor's id. Raises the exceptions of outcomes.py, and nothing else."""


class Reporting(Gateway, Protocol):
    """A gateway whose vendor sends receipts."""

    def receipts(self, callback: Callback) -> list[Receipt]:
        """The receipts in a callback, without states that are not final ("sent"). Raises BadReceipt."""

    @property
    def acknowledgement(self) -> tuple[str, str]:
        """The response that the vendor expects: content type and body."""
