"""The answer of the parser."""

from dataclasses import dataclass

from menpai.addresses.checks import AddressWarning

FIELDS = (
    *("receiver", "mobile", "extension", "second_number", "province", "city", "county", "town", "detail", "postcode"),
    "tag",
)


@dataclass(frozen=True)
class Span:
    """A part of the text.

    `field` is one of FIELDS, `rest`, or `dropped`: labels, courtesy, identity numbers.
    """

    field: str
    start: int
    end: int


@dataclass(frozen=True)
class Candidate:
    region_code: str
    province: str
    city: str
    county: str


@dataclass(frozen=True)
class Parsed:
    """`fields` has all of FIELDS, empty where the text has none; `sure` (0 … 1) those that it has."""

    fields: dict[str, str]
    region_code: str | None
    spans: list[Span]
    sure: dict[str, float]
    candidates: list[Candidate]
    warnings: list[AddressWarning]
    rest: str
