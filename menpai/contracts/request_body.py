"""The fields that a client sent: JSON, whatever the Content-Type says, or a real form.

Refuses, before any rule is reached: more than rules.BODY_BYTES, anything but one object, a key twice, nesting deeper
than rules.BODY_DEPTH, NUL, lone surrogates, NaN. Field names are matched without regard to case (dada.md, security.md
H61).
"""

import codecs
import io
import json
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import BadRequest as DjangoBadRequest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from menpai import errors, rules


class Fields:
    """The fields of one request. A missing field and a null one are the same."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._found: dict[str, Any] = {}
        for name, value in values.items():
            folded = name.casefold()
            if folded in self._found:
                raise errors.BadRequest
            self._found[folded] = value

    def text(self, name: str, *aliases: str) -> str | None:
        """The text of the field under its name or an alias; None when it is missing.

        Raises BadRequest for anything but text, and for a name and an alias that contradict each other.
        """
        value = self.raw(name, *aliases)
        if value is not None and not isinstance(value, str):
            raise errors.BadRequest
        return value

    def digits(self, name: str, *aliases: str, length: int = 0) -> str | None:
        """As `text`, for a mobile or a code: a JSON integer counts as its digits, padded with zeros.

        A page that does `Number("012345")` sends 12345 (contract/README.md).
        """
        value = self.raw(name, *aliases)
        if type(value) is int and value >= 0:
            return str(value).zfill(length)
        return self.text(name, *aliases)

    def raw(self, name: str, *aliases: str) -> Any:
        values = [value for key in (name, *aliases) if (value := self._found.get(key)) is not None]
        if any(other != values[0] for other in values[1:]):
            raise errors.BadRequest
        return values[0] if values else None

    def items(self, name: str, *aliases: str) -> list[Any] | None:
        """An array; None when it is not there."""
        value = self.raw(name, *aliases)
        if value is not None and not isinstance(value, list):
            raise errors.BadRequest
        return value


def read(request: HttpRequest) -> Fields:
    """The fields of the body. Raises BodyTooLarge, BadRequest."""
    raw = read_raw(request)
    kind = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if raw.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        return Fields(json_object(raw))
    if kind == "application/x-www-form-urlencoded":
        return Fields(_form(raw))
    if kind == "multipart/form-data":
        return Fields(_multipart(request, raw))
    raise errors.BadRequest


def query(request: HttpRequest) -> Fields:
    """The query string's fields. Raises BadRequest."""
    try:
        raw = request.META.get("QUERY_STRING", "").encode("latin-1")  # as WSGI writes bytes
    except UnicodeEncodeError as error:
        raise errors.BadRequest from error
    return Fields(_form(raw))


def read_raw(request: HttpRequest, most: int = rules.BODY_BYTES) -> bytes:
    """At most so many bytes, whatever Content-Length says or does not say. Raises BodyTooLarge."""
    before: bytes | None = getattr(request, "menpai_body", None)
    if before is not None:
        return before
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdigit() and int(length) > most:
        raise errors.BodyTooLarge
    stream = request.META["wsgi.input"]
    raw: bytes = stream.read(int(length) if length.isdigit() else most + 1)
    if len(raw) > most:
        raise errors.BodyTooLarge
    request.menpai_body = raw  # type: ignore[attr-defined]  # ours: by it a repeat is known
    return raw


def json_object(raw: bytes) -> dict[str, Any]:
    """One JSON object of reasonable shape. Raises BadRequest."""
    try:
        parsed = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError, JSONDecodeError and too long numbers among them
        raise errors.BadRequest from error
    if not isinstance(parsed, dict) or len(parsed) > rules.BODY_FIELDS:
        raise errors.BadRequest
    _inspect(parsed, rules.BODY_DEPTH)
    return parsed


def _form(raw: bytes) -> dict[str, Any]:
    try:  # a client that encodes nothing, such as `curl -d receiver=小王`, sends UTF-8 as it is
        pairs = parse_qsl(
            raw.decode("utf-8"), keep_blank_values=True, max_num_fields=rules.BODY_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise errors.BadRequest from error
    return _checked(pairs)


def _multipart(request: HttpRequest, raw: bytes) -> dict[str, Any]:
    meta = {**request.META, "CONTENT_LENGTH": len(raw)}
    try:
        posted, _files = MultiPartParser(meta, io.BytesIO(raw), [], "utf-8").parse()
    except (MultiPartParserError, DjangoBadRequest, SuspiciousOperation, ValueError) as error:
        raise errors.BadRequest from error
    return _checked([(name, value) for name, values in posted.lists() for value in values])


def _checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = _once(pairs)
    _inspect(fields, rules.BODY_DEPTH)
    return fields


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise errors.BadRequest
    return fields


def _no_such_number(_name: str) -> None:
    raise errors.BadRequest


def _inspect(value: Any, depth: int) -> None:
    """Checks text and nesting. Raises BadRequest for invalid text and more than `depth` levels."""
    if isinstance(value, str):
        if "\x00" in value or not _encodable(value):
            raise errors.BadRequest
    elif isinstance(value, list | dict):
        if depth == 0:
            raise errors.BadRequest
        for inner in value if isinstance(value, list) else [*value, *value.values()]:
            _inspect(inner, depth - 1)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
