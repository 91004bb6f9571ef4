"""What people were told, and what the database says of it afterwards.

An account holds only what was acknowledged, or what was asked for without an answer and then looked up: so at the end
the database must say exactly this, neither less nor more.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from menpai import password
from menpai.delivery import texts
from menpai.models import Address, Customer, Message, Session, SpentSecret

Book = dict[int, dict[str, Any]]
# As the contract names it → our column.
FIELDS = {
    "receiver": "receiver",
    "receiver_mobile": "mobile",
    "address": "address",
    "tag": "tag",
    "postcode": "postcode",
    "is_default": "is_default",
}


@dataclass
class Account:
    id: int
    name: str  # what it signs in with: a user name or a mobile
    email: str | None
    password: str
    token: str = ""
    book: Book = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    aside: set[int] = field(default_factory=set)
    living: set[str] = field(default_factory=set)  # ids of sessions
    ended: set[str] = field(default_factory=set)
    mail_proven: bool = False
    changes: int = 0  # of the password, recoveries among them
    recoveries: int = 0


# What must hold whatever happened: each statement finds what breaks its sentence.
INVARIANTS = {
    "customers with live addresses have one default among them": """
        SELECT customer_id FROM menpai_address WHERE deleted_at IS NULL
        GROUP BY customer_id HAVING count(*) FILTER (WHERE is_default) <> 1""",
    "customers have a password": """
        SELECT id FROM menpai_customer WHERE password NOT LIKE '%$argon2id$%'""",
    "disabled customers have no living session": """
        SELECT s.id FROM menpai_session s JOIN menpai_customer c ON c.id = s.customer_id
        WHERE c.disabled_at IS NOT NULL AND s.ended_at IS NULL""",
    "no session outlives a change of the password": """
        SELECT s.id FROM menpai_session s JOIN menpai_message m ON m.customer_id = s.customer_id
        WHERE m.kind = 'password-changed' AND s.ended_at IS NULL AND s.created_at < m.created_at""",
    "a registration with a name has its activation mail": """
        SELECT id FROM menpai_customer c WHERE username IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM menpai_message m WHERE m.customer_id = c.id AND m.kind = 'activation-link')""",
    "a message has its cause": """
        SELECT id FROM menpai_message WHERE customer_id IS NULL AND kind <> 'registration-code'""",
    "a proven mobile has one spent code, and a spent code its customer": """
        SELECT proven, spent FROM
        (SELECT count(*) AS proven FROM menpai_customer WHERE mobile_verified_at IS NOT NULL) customers,
        (SELECT count(*) AS spent FROM menpai_spentsecret WHERE purpose = 'registration') secrets
        WHERE proven <> spent""",
}


def broken() -> list[str]:
    """Each invariant that does not hold, with the first few rows that break it."""
    found = []
    with connection.cursor() as cursor:
        for sentence, statement in INVARIANTS.items():
            cursor.execute(statement)
            if rows := cursor.fetchmany(3):
                found.append(f"not so: {sentence}: {rows}")
    return found


def differences(accounts: list[Account], messages: set[int]) -> list[str]:
    """What was acknowledged and is not there, or is there and was never asked for."""
    found = [*_customers(accounts), *_books(accounts), *_sessions(accounts), *_secrets(accounts)]
    lost = messages - set(Message.objects.values_list("pk", flat=True))
    return found + [f"message {number}: accepted, and not there" for number in lost]


def _customers(accounts: list[Account]) -> list[str]:
    rows = Customer.objects.in_bulk()
    strangers = set(rows) - {account.id for account in accounts}
    found = [f"customer {number}: nobody was told about it" for number in strangers]
    notices = Counter(Message.objects.filter(kind=texts.PASSWORD_CHANGED).values_list("customer_id", flat=True))
    for account in accounts:
        row = rows.get(account.id)
        if row is None:
            found.append(f"customer {account.id}: registered, and not there")
            continue
        if row.name != account.name or row.email != account.email:
            found.append(f"customer {account.id}: another name or mailbox than at registration")
        if not password.matches(account.password, row.password):
            found.append(f"customer {account.id}: the password does not work")
        if bool(row.email_verified_at) != account.mail_proven:
            found.append(f"customer {account.id}: mail proven should be {account.mail_proven}")
        if account.email and notices[account.id] != account.changes:
            found.append(f"customer {account.id}: {account.changes} changes, {notices[account.id]} notices")
    return found


def _books(accounts: list[Account]) -> list[str]:
    books: dict[int, Book] = defaultdict(dict)
    deleted: set[int] = set()
    aside: set[int] = set()
    for row in Address.objects.all():
        if row.deleted_at is None:
            books[row.customer_id][row.pk] = {name: getattr(row, column) for name, column in FIELDS.items()}
        else:
            (aside if row.set_aside_at else deleted).add(row.pk)
    found = []
    for account in accounts:
        if books[account.id] != account.book:
            found.append(f"customer {account.id}: the book is {books[account.id]}, told was {account.book}")
        if missing := account.deleted - deleted:
            found.append(f"customer {account.id}: deleted, and not so: {missing}")
        if missing := account.aside - aside:
            found.append(f"customer {account.id}: set aside, and not so: {missing}")
    return found


def _sessions(accounts: list[Account]) -> list[str]:
    ends = {str(number): ended for number, ended in Session.objects.values_list("pk", "ended_at")}
    found = []
    for account in accounts:
        for number in account.living | account.ended:
            if number not in ends:
                found.append(f"customer {account.id}: signed in, and the session is not there")
            elif bool(ends[number]) != (number in account.ended):
                found.append(f"customer {account.id}: a session that should be {number in account.ended=}")
    return found


def _secrets(accounts: list[Account]) -> list[str]:
    spent = SpentSecret.objects.filter(purpose="recovery-ticket").count()
    recoveries = sum(account.recoveries for account in accounts)
    return [] if spent == recoveries else [f"{recoveries} recoveries, {spent} tickets spent"]
