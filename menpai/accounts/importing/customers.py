"""Customers of another system, with the password hashes that they have there (docs/importing.md).

Row by row: read, checked like a registration, then written in batches. Doing it again changes nothing.
"""

import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from menpai import audit, errors, identifiers
from menpai.accounts.importing import cells
from menpai.accounts.importing.columns import Record
from menpai.accounts.importing.earlier_rows import EarlierRows
from menpai.accounts.importing.reasons import BadRow
from menpai.accounts.importing.report import Listener, Problem, Report
from menpai.audit import events
from menpai.models import Customer
from menpai.passwords import foreign_hashes, hashing

BATCH = 500
_MAINLAND_WITHOUT_PLUS = re.compile(r"86(1[3-9][0-9]{9})")
_NOT_PROVEN = ("没有用户名，也没有已验证的手机号", "neither a username nor a verified mobile")


@dataclass
class Row:
    record: Record
    customer: Customer
    hash: foreign_hashes.Fast | foreign_hashes.Strong | None
    left_out: BadRow | None = None  # why the user name is

    def names(self) -> Iterator[tuple[str, str]]:
        """The names, mobiles and e-mails that no other customer may have."""
        customer = self.customer
        if customer.username_key:
            yield "username", customer.username_key
        if customer.mobile and customer.mobile_verified_at:
            yield "mobile", customer.mobile
        if customer.email_key and customer.email_verified_at:
            yield "email", customer.email_key


def run(records: Iterable[Record], listener: Listener, *, dry: bool) -> Report:
    """Imports, or with `dry` only checks, every row.

    Each batch is a transaction of its own: what is stopped goes on where it was when it is run again.
    """
    report, remaining = Report(), iter(records)
    with ThreadPoolExecutor(os.cpu_count() or 1) as hashers, closing(EarlierRows()) as earlier:
        while batch := list(islice(remaining, BATCH)):
            problems: list[Problem] = []
            rows = list(_acceptable(list(_parsed(batch, problems)), earlier, problems))
            fresh = [row for row, is_new in rows if is_new]
            if not dry:
                for row, stored in zip(fresh, hashers.map(_stored, [row.hash for row in fresh]), strict=True):
                    row.customer.password = stored
            written = fresh if dry else list(_created(fresh, problems))
            report.hashes.update(_scheme(row.hash) for row in written)
            report.there_already += len(rows) - len(fresh)
            report.imported += len(written)
            report.read, report.line = report.read + len(batch), batch[-1].line
            report.tell(listener, problems, [(row.record, row.left_out) for row, _ in rows if row.left_out])
    return report


def parsed(record: Record, now: datetime) -> Row:
    """A customer from one row of the file. Raises BadRow."""
    if record.problem:
        raise record.problem
    values = record.fields
    username, left_out = _username(values.get("username"))
    mobile = parse_mobile(values.get("mobile"))
    email = _email(values.get("email"))
    is_mobile_verified = cells.is_yes("mobile_verified", values.get("mobile_verified"))
    is_email_verified = cells.is_yes("email_verified", values.get("email_verified"))
    if not username and not (mobile and is_mobile_verified):
        zh, en = _NOT_PROVEN
        raise BadRow("username", f"{left_out.zh}；{zh}", f"{left_out.en}; {en}") if left_out else BadRow("", zh, en)
    try:
        password_hash = foreign_hashes.parsed(cells.text("password", values.get("password")))
    except foreign_hashes.Unknown as error:
        raise BadRow("password", error.zh, error.en) from error
    customer = Customer(
        username=username,
        username_key=identifiers.username_key(username) if username else None,
        mobile=mobile,
        mobile_verified_at=now if mobile and is_mobile_verified else None,
        email=email.address if email else None,
        email_key=email.key if email else None,
        email_verified_at=now if email and is_email_verified else None,
    )
    return Row(record, customer, password_hash, left_out)


def _username(value: object) -> tuple[identifiers.Username | None, BadRow | None]:
    """The user name, or why there is none; a customer can do without."""
    try:
        text = cells.text("username", value)
        return (identifiers.username(text) if text else None), None
    except BadRow as problem:
        return None, problem
    except errors.UsernameInvalid:
        if "@" in text or "＠" in text:
            return None, BadRow("username", "用户名是邮箱", "the user name is an e-mail")
        try:
            parse_mobile(text)
        except BadRow:
            return None, BadRow("username", "用户名不符合规则或是保留名", "the user name is malformed or reserved")
        return None, BadRow("username", "用户名是手机号", "the user name is a mobile")


def parse_mobile(value: object) -> identifiers.Mobile | None:
    """The mobile in a cell; None for an empty one. Raises BadRow."""
    text = cells.text("mobile", value)
    if match := _MAINLAND_WITHOUT_PLUS.fullmatch(text):
        text = match[1]  # +86… as a number
    try:
        return identifiers.mobile(text, settings.MENPAI_MOBILE_REGIONS) if text else None
    except errors.MobileInvalid as refusal:
        if "*" in text:
            zh, en = "手机号被打了星号，请导出完整号码", "the mobile is masked by asterisks; export it whole"
            raise BadRow("mobile", zh, en) from refusal
        raise BadRow("mobile", "不是可注册的手机号", "malformed, or no mobile that may register") from refusal


def _email(value: object) -> identifiers.Email | None:
    text = cells.text("email", value)
    try:
        return identifiers.email(text) if text else None
    except errors.EmailInvalid as refusal:
        raise BadRow("email", "不是邮箱地址", "malformed") from refusal


def _parsed(batch: Iterable[Record], problems: list[Problem]) -> Iterator[Row]:
    now = timezone.now()
    for record in batch:
        try:
            yield parsed(record, now)
        except BadRow as problem:
            problems.append((record, problem))


def _acceptable(rows: list[Row], earlier: EarlierRows, problems: list[Problem]) -> Iterator[tuple[Row, bool]]:
    """Rows, and whether each is new; those in the database with other things are somebody else."""
    taken = _taken(rows)
    for row in rows:
        twins = [(name, line) for name, key in row.names() if (line := earlier.line(name, key))]
        holders = [(name, taken[name, key]) for name, key in row.names() if (name, key) in taken]
        if twins:
            name, line = twins[0]
            problems.append((row.record, BadRow(name, f"与第 {line} 行相同", f"as in line {line}")))
        elif holders and not all(_is_same(row.customer, holder) for _, holder in holders):
            zh = "另一位顾客已占用，或他后来改过资料"
            en = "another customer has it, or this one has changed since"
            problems.append((row.record, BadRow(holders[0][0], zh, en)))
        else:
            earlier.add(row.names(), row.record.line)
            yield row, not holders


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
    return {key: customer for customer in held for key in Row(Record(0), customer, None).names()}


def _is_same(imported: Customer, held: Customer) -> bool:
    return all(getattr(imported, name) == getattr(held, name) for name in ("username_key", "mobile", "email_key"))


def _stored(password_hash: foreign_hashes.Fast | foreign_hashes.Strong | None) -> str:
    if isinstance(password_hash, foreign_hashes.Fast):
        return hashing.wrapped(password_hash)
    return password_hash.stored if password_hash else ""


def _created(rows: list[Row], problems: list[Problem]) -> Iterator[Row]:
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
                problems.append(
                    (row.record, BadRow("", "刚刚有人用它注册", "somebody has registered with it just now"))
                )


def _scheme(password_hash: foreign_hashes.Fast | foreign_hashes.Strong | None) -> str:
    if password_hash is None:
        return "no password"
    if isinstance(password_hash, foreign_hashes.Fast):
        return password_hash.prefix.partition(",")[0]
    return password_hash.stored.partition("$")[0]
