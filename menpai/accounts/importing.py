"""Customers of another system, with the password hashes that they have there (docs/importing.md).

Row by row: read, checked like a registration, then written in batches. Doing it again changes nothing. Reasons name
lines and fields, never what stands in them.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from menpai import audit, errors, identifiers
from menpai.audit import events
from menpai.models import Customer
from menpai.passwords import foreign_hashes, hashing

FIELDS = ("username", "mobile", "mobile_verified", "email", "email_verified", "password")
BATCH = 500
YES, NO = ("1", "true", "yes", "y", "是"), ("", "0", "false", "no", "n", "否")


class BadRow(ValueError):
    """Why a row is refused; quotes nothing of it."""


@dataclass
class Row:
    line: int
    customer: Customer
    hash: foreign_hashes.Fast | foreign_hashes.Strong | None

    def names(self) -> Iterator[tuple[str, str]]:
        """The names, mobiles and e-mails that no other customer may have."""
        customer = self.customer
        if customer.username_key:
            yield "username", customer.username_key
        if customer.mobile and customer.mobile_verified_at:
            yield "mobile", customer.mobile
        if customer.email_key and customer.email_verified_at:
            yield "email", customer.email_key


@dataclass
class Report:
    read: int = 0
    imported: int = 0
    there_already: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)  # line, reason
    hashes: Counter[str] = field(default_factory=Counter)  # by scheme


Read = tuple[int, Mapping[str, Any] | str]  # a line, and what stands there, or why it cannot be read


def run(rows: Iterable[Read], *, dry: bool, progress: Callable[[Report], None]) -> Report:
    """Each batch is a transaction of its own: what is stopped goes on where it was when it is run again."""
    report, left = Report(), iter(rows)
    seen: dict[tuple[str, str], int] = {}  # the line where each name stood first
    with ThreadPoolExecutor(os.cpu_count() or 1) as hashers:
        while batch := list(islice(left, BATCH)):
            report.read += len(batch)
            fresh = list(_new_ones(_once(_parsed(batch, report), seen, report), report))
            if not dry:
                for row, stored in zip(fresh, hashers.map(_stored, [row.hash for row in fresh]), strict=True):
                    row.customer.password = stored
            _write(fresh, report, dry=dry)
            progress(report)
    report.refused.sort()
    return report


def _mobile(raw: str) -> identifiers.Mobile:
    return identifiers.mobile(raw, settings.MENPAI_MOBILE_REGIONS)


def parsed(line: int, fields: Mapping[str, Any], now: datetime) -> Row:
    """A customer from one row of the file. Raises BadRow."""
    if fields.keys() - set(FIELDS):
        raise BadRow("a field that there is not")
    values = {name: str(fields.get(name) or "").strip() for name in FIELDS}
    username = _checked("username", identifiers.username, values["username"])
    mobile = _checked("mobile", _mobile, values["mobile"])
    email = _checked("email", identifiers.email, values["email"])
    proven = {name: _is_yes(name, values[name]) for name in ("mobile_verified", "email_verified")}
    if not username and not (mobile and proven["mobile_verified"]):
        raise BadRow("neither a username nor a verified mobile")
    try:
        password_hash = foreign_hashes.parsed(values["password"])
    except foreign_hashes.Unknown as error:
        raise BadRow(f"password: {error}") from error
    customer = Customer(
        username=username,
        username_key=identifiers.username_key(username) if username else None,
        mobile=mobile,
        mobile_verified_at=now if mobile and proven["mobile_verified"] else None,
        email=email.address if email else None,
        email_key=email.key if email else None,
        email_verified_at=now if email and proven["email_verified"] else None,
    )
    return Row(line, customer, password_hash)


def _checked(name: str, check: Callable[[str], Any], text: str) -> Any:
    try:
        return check(text) if text else None
    except errors.Refusal as refusal:
        raise BadRow(f"{name}: malformed or reserved") from refusal


def _is_yes(name: str, text: str) -> bool:
    if text.lower() not in (*YES, *NO):
        raise BadRow(f"{name}: write 1 or 0")
    return text.lower() in YES


def _parsed(batch: Iterable[Read], report: Report) -> Iterator[Row]:
    now = timezone.now()
    for line, fields in batch:
        try:
            if isinstance(fields, str):
                raise BadRow(fields)
            yield parsed(line, fields, now)
        except BadRow as error:
            report.refused.append((line, str(error)))


def _once(rows: Iterable[Row], seen: dict[tuple[str, str], int], report: Report) -> Iterator[Row]:
    for row in rows:
        twice = [(name, seen[name, key]) for name, key in row.names() if (name, key) in seen]
        if twice:
            report.refused.append((row.line, f"{twice[0][0]}: as in line {twice[0][1]}"))
            continue
        seen.update(dict.fromkeys(row.names(), row.line))
        yield row


def _new_ones(rows: Iterable[Row], report: Report) -> Iterator[Row]:
    """Those that are not in the database; those that are, with other things, are somebody else."""
    rows = list(rows)
    taken = _taken(rows)
    for row in rows:
        holders = [(name, taken[name, key]) for name, key in row.names() if (name, key) in taken]
        if not holders:
            yield row
        elif all(_is_same(row.customer, holder) for _, holder in holders):
            report.there_already += 1
        else:
            report.refused.append((row.line, f"{holders[0][0]}: another customer has it"))


def _taken(rows: list[Row]) -> dict[tuple[str, str], Customer]:
    keys: dict[str, list[str]] = {"username": [], "mobile": [], "email": []}
    for row in rows:
        for name, key in row.names():
            keys[name].append(key)
    held = Customer.objects.filter(
        Q(username_key__in=keys["username"])
        | Q(mobile__in=keys["mobile"], mobile_verified_at__isnull=False)
        | Q(email_key__in=keys["email"], email_verified_at__isnull=False)
    )
    return {key: customer for customer in held for key in Row(0, customer, None).names()}


def _is_same(imported: Customer, held: Customer) -> bool:
    return all(getattr(imported, name) == getattr(held, name) for name in ("username_key", "mobile", "email_key"))


def _stored(password_hash: foreign_hashes.Fast | foreign_hashes.Strong | None) -> str:
    if isinstance(password_hash, foreign_hashes.Fast):
        return hashing.wrapped(password_hash)
    return password_hash.stored if password_hash else ""


def _write(rows: list[Row], report: Report, *, dry: bool) -> None:
    written = rows if dry else list(_created(rows, report))
    report.imported += len(written)
    report.hashes.update(_scheme(row.hash) for row in written)


def _created(rows: list[Row], report: Report) -> Iterator[Row]:
    if not rows:
        return
    try:
        with transaction.atomic():
            Customer.objects.bulk_create([row.customer for row in rows])
            audit.record(events.ADMIN_ACTION, what="import", first=rows[0].customer.pk, many=len(rows))
        yield from rows
    except IntegrityError:
        # Somebody registered meanwhile: one by one, to tell who.
        for row in rows:
            try:
                with transaction.atomic():
                    row.customer.pk = None
                    row.customer.save(force_insert=True)
                    audit.record(events.ADMIN_ACTION, what="import", first=row.customer.pk, many=1)
                yield row
            except IntegrityError:
                report.refused.append((row.line, "somebody has registered with it just now"))


def _scheme(password_hash: foreign_hashes.Fast | foreign_hashes.Strong | None) -> str:
    if password_hash is None:
        return "no password"
    if isinstance(password_hash, foreign_hashes.Fast):
        return password_hash.prefix.partition(",")[0]
    return password_hash.stored.partition("$")[0]
