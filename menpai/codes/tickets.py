"""Tickets: one-time secrets with a selector, so that several can live under one target.

Two spellings: `selector.secret`, and hexadecimal digits alone for providers that allow letters and digits only.
"""

import base64
from dataclasses import dataclass

from menpai import errors
from menpai.codes import one_time
from menpai.codes.one_time import Secret
from menpai.keys import ring
from menpai.rules import Purpose

_SELECTOR = 16  # hexadecimal digits
_LONGEST_SELECTOR = 32  # what is looked up of one that is malformed


@dataclass(frozen=True)
class Ticket:
    selector: str
    secret: str

    def __str__(self) -> str:
        return f"{self.selector}.{self.secret}"

    @property
    def hexadecimal(self) -> str:
        return self.selector + base64.urlsafe_b64decode(f"{self.secret}=").hex()


def parse(text: str) -> Ticket:
    """The ticket in `selector.secret`; one that is malformed is none that anybody has."""
    selector, _, secret = text.partition(".")
    return Ticket(selector[:_LONGEST_SELECTOR], secret)


def parse_hexadecimal(text: str) -> Ticket:
    """The ticket in hexadecimal digits; one that is malformed is none that anybody has."""
    try:
        secret = base64.urlsafe_b64encode(bytes.fromhex(text[_SELECTOR:])).decode().rstrip("=")
    except ValueError:
        secret = ""
    return Ticket(text[:_SELECTOR], secret)


def issue(purpose: Purpose, subject: str, target: str = "", secret_id: str | None = None) -> Ticket:
    """A new ticket that stands for `subject`; with `target` it is good together with that alone."""
    secret_id = secret_id or one_time.new_id()
    ticket = ticket_of(secret_id)
    one_time.issue_known(purpose, _target(target, ticket.selector), ticket.secret, subject, secret_id)
    return ticket


def ticket_of(secret_id: str) -> Ticket:
    """The ticket of a secret, made again for a repeat: an HMAC of its id under the pepper."""
    secret = base64.urlsafe_b64encode(bytes.fromhex(ring.keyed_hash("ticket", secret_id)))
    return Ticket(ring.keyed_hash("ticket's selector", secret_id)[:_SELECTOR], secret.decode().rstrip("="))


def check(purpose: Purpose, ticket: Ticket, target: str = "") -> Secret:
    """The secret behind a ticket, not spent yet. Raises TicketExpired, StoreUnavailable."""
    try:
        return one_time.check(purpose, _target(target, ticket.selector), ticket.secret)
    except (errors.CodeExpired, errors.CodeWrong) as refusal:
        raise errors.TicketExpired from refusal


def _target(target: str, selector: str) -> str:
    return f"{target}|{selector}" if target else selector
