"""Pasted addresses: their fields, and what is in doubt. Texts are neither kept nor logged."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StrictStr

from menpai import rules
from menpai.addresses import checks, parsing
from menpai.addresses.parsing import limits, result
from menpai.contracts.api import schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation

router = Router(tags=["addresses"])
PastedText = Annotated[StrictStr, Field(max_length=rules.PASTED_LENGTH)]


class PastedIn(schemas.RequestBody):
    text: PastedText = Field(min_length=1)


class PastedTextsIn(schemas.RequestBody):
    texts: list[PastedText] = Field(max_length=rules.PASTED_TEXTS)


class ParsedFields(Schema):
    # Empty where the text has none. (A docstring would stand in the OpenAPI document.)
    receiver: str
    mobile: str = Field(description="As the address book takes it.")
    extension: str
    second_number: str
    province: str
    city: str
    county: str
    town: str
    detail: str
    postcode: str
    tag: str


class ParsedAddress(Schema):
    fields: ParsedFields
    region_code: str | None = Field(description="Of the deepest region; null where it is open.")
    spans: list[result.Span] = Field(description="In the order of the text, in code points.")
    sure: dict[str, float] = Field(description="Of the fields that the text has, from 0 to 1.")
    candidates: list[result.Candidate] = Field(description="Up to five regions that fit, where it is open.")
    warnings: list[checks.AddressWarning]
    rest: str = Field(description="The words that no rule took: show them.")


class ParsedAddresses(Schema):
    results: list[ParsedAddress] = Field(description="In the order of the texts.")


@operation(router, "POST", "/addresses/parse", (200, ParsedAddress))
def parse_address(request: HttpRequest, body: PastedIn) -> result.Parsed:
    """Receiver, number, region and detail of a pasted text. Nothing is kept of it."""
    limits.count(signed_in(request).session_id)
    return parsing.parse(body.text)


@operation(router, "POST", "/addresses/parse/batch", (200, ParsedAddresses), body_bytes=rules.BATCH_BYTES)
def parse_addresses(request: HttpRequest, body: PastedTextsIn) -> dict[str, list[result.Parsed]]:
    """The same for up to a hundred texts, for importers."""
    limits.count_batch(signed_in(request).session_id)
    return {"results": [parsing.parse(text) for text in body.texts]}
