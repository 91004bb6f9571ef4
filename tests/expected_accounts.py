"""What people were told, and what the database says of it afterwards.

An account holds only what was acknowledged, or what was asked for without an answer and then looked up: so at the end
the database must say exactly this, neither less nor more.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from menpai.delivery import message_kinds
from menpai.models import Address, Customer, Message, Session, SpentSecret
from menpai.passwords import password as password_password

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
    changes_proven: int = 0  # those of them that came when the mailbox was proven already
    recoveries: int = 0


def differences(accounts: list[Account], messages: set[int], *, forgetful: bool = False) -> list[str]:
    """What was acknowledged and is not there, or is there and was never asked for.

    `forgetful`: the store was away at times, and a notice to a mailbox that nobody has proven may be missing.
    """
    found = [*_customers(accounts, forgetful), *_books(accounts), *_sessions(accounts), *_secrets(accounts)]
    lost = messages - set(Message.objects.values_list("pk", flat=True))
    return found + [f"message {number}: accepted, and not there" for number in lost]


def _customers(accounts: list[Account], forgetful: bool) -> list[str]:
    rows = Customer.objects.in_bulk()
    strangers = set(rows) - {account.id for account in accounts}
    found = [f"customer {number}: nobody was told about it" for number in strangers]
    told = Message.objects.filter(kind=message_kinds.PASSWORD_CHANGED.id)
    notices = Counter(told.values_list("customer_id", flat=True))
    for account in accounts:
        row = rows.get(account.id)
        if row is None:
            found.append(f"customer {account.id}: registered, and not there")
            continue
        if row.name != account.name or row.email != account.email:
            found.append(f"customer {account.id}: another name or mailbox than at registration")
        if not password_password.matches(account.password, row.password):
            found.append(f"customer {account.id}: the password does not work")
        if bool(row.email_verified_at) != account.mail_proven:
            found.append(f"customer {account.id}: mail proven should be {account.mail_proven}")
        at_least = account.changes_proven if forgetful else account.changes
        if account.email and not at_least <= notices[account.id] <= account.changes:
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
