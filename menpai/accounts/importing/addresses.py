"""Addresses of imported customers, found by user name or mobile (docs/importing.md).

Row by row: read, checked like an address that is typed, then written in batches. Doing it again changes nothing: an
address with the same receiver, number and text is there already, deleted or not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from menpai import audit, rules
from menpai.accounts.importing import address_rows
from menpai.accounts.importing.address_rows import Row
from menpai.accounts.importing.columns import Record
from menpai.accounts.importing.earlier_rows import EarlierRows
from menpai.accounts.importing.reasons import BadRow
from menpai.accounts.importing.report import Listener, Problem, Report
from menpai.addresses import record
from menpai.audit import events
from menpai.models import Address, Customer

BATCH = 500


@dataclass
class _Book:
    """A customer's addresses, as far as they decide about rows."""

    keys: set[tuple[str, str, str]] = field(default_factory=set)
    live: int = 0


def run(records: Iterable[Record], listener: Listener, *, dry: bool) -> Report:
    """Imports, or with `dry` only checks, every row.

    Each batch is a transaction of its own: what is stopped goes on where it was when it is run again.
    """
    report, remaining = Report(), iter(records)
    planned: Counter[int] = Counter()  # of a dry run, which the database does not know
    with closing(EarlierRows()) as earlier:
        while batch := list(islice(remaining, BATCH)):
            problems: list[Problem] = []
            rows = list(_parsed(batch, problems))
            with transaction.atomic():
                owned = list(_owned(rows, problems))
                books = _books({customer_id for customer_id, _ in owned})
                accepted = list(_accepted(owned, books, planned, earlier, problems))
                fresh = [(customer_id, row) for customer_id, row, is_new in accepted if is_new]
                if dry:
                    planned.update(customer_id for customer_id, _ in fresh)
                elif fresh:
                    _write(fresh, books)
            report.imported += len(fresh)
            report.there_already += len(accepted) - len(fresh)
            report.read, report.line = report.read + len(batch), batch[-1].line
            report.tell(listener, problems, [(row.record, row.left_out) for _, row, _ in accepted if row.left_out])
    return report


def _parsed(batch: Iterable[Record], problems: list[Problem]) -> Iterator[Row]:
    for row in batch:
        try:
            yield address_rows.parse(row)
        except BadRow as problem:
            problems.append((row, problem))


def _owned(rows: list[Row], problems: list[Problem]) -> Iterator[tuple[int, Row]]:
    """The rows whose customer is known, with the customer's id; locks these customers."""
    by_username, by_mobile = _customers(rows)
    for row in rows:
        holders = [by_username.get(row.username_key)] if row.username_key else []
        holders += [by_mobile[row.mobile]] if row.mobile and row.mobile in by_mobile else []
        if not holders or holders[0] is None:
            problems.append((row.record, BadRow("", "没有这位顾客", "there is no such customer")))
        elif len(set(holders)) > 1:
            zh, en = "用户名和手机号属于不同的顾客", "username and mobile belong to different customers"
            problems.append((row.record, BadRow("mobile", zh, en)))
        else:
            yield holders[0], row


def _customers(rows: list[Row]) -> tuple[dict[str, int], dict[str, int]]:
    """Customers by user name and by proven mobile."""
    usernames = [row.username_key for row in rows if row.username_key]
    is_proven = Q(mobile__in=[row.mobile for row in rows if row.mobile], mobile_verified_at__isnull=False)
    locked = Customer.objects.select_for_update(no_key=True).filter(Q(username_key__in=usernames) | is_proven)
    held = list(locked.order_by("pk").values_list("pk", "username_key", "mobile", "mobile_verified_at"))
    by_username = {username: pk for pk, username, _, _ in held if username}
    return by_username, {mobile: pk for pk, _, mobile, verified_at in held if mobile and verified_at}


def _books(customer_ids: set[int]) -> dict[int, _Book]:
    books = {customer_id: _Book() for customer_id in customer_ids}
    rows = Address.objects.filter(customer_id__in=customer_ids)
    for customer_id, deleted_at, *key in rows.values_list("customer_id", "deleted_at", "receiver", "mobile", "address"):
        books[customer_id].keys.add((key[0], key[1], key[2]))
        books[customer_id].live += deleted_at is None
    return books


def _accepted(
    owned: list[tuple[int, Row]],
    books: dict[int, _Book],
    planned: Counter[int],
    earlier: EarlierRows,
    problems: list[Problem],
) -> Iterator[tuple[int, Row, bool]]:
    """Rows, and whether each is new."""
    added: Counter[int] = Counter()
    for customer_id, row in owned:
        book, name = books[customer_id], repr((customer_id, row.key))
        if line := earlier.line("address", name):
            problems.append((row.record, BadRow("", f"与第 {line} 行相同", f"as in line {line}")))
            continue
        is_new = row.key not in book.keys
        if is_new and book.live + planned[customer_id] + added[customer_id] >= rules.LIVE_ADDRESSES:
            problems.append((row.record, BadRow("", "地址簿已满", "the address book is full")))
            continue
        added[customer_id] += is_new
        earlier.add([("address", name)], row.record.line)
        yield customer_id, row, is_new


def _write(fresh: list[tuple[int, Row]], books: dict[int, _Book]) -> None:
    """A customer's first address becomes the default, and so does the last that says so."""
    chosen = {customer_id: row for customer_id, row in fresh if row.is_default}
    Address.objects.filter(customer_id__in=chosen, is_default=True).update(is_default=False)
    first: dict[int, Row] = {}
    for customer_id, row in fresh:
        if not books[customer_id].live:
            first.setdefault(customer_id, row)
    defaults = first | chosen
    now = timezone.now()
    created = Address.objects.bulk_create(
        Address(
            customer_id=customer_id,
            is_default=defaults.get(customer_id) is row,
            created_at=now,
            used_at=now,
            **{"postcode": ""} | record.to_columns(row.draft),
        )
        for customer_id, row in fresh
    )
    audit.record(events.ADMIN_ACTION, what="import_addresses", first=created[0].pk, many=len(created))
