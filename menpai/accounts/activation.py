"""Proving an e-mail by a link, whose page has two buttons: activate, and "that was not me".

The code has the published shape, base64url of `<random>/<user name>`; the random part names the customer and holds 256
bits from the system's generator. The user name is there for people to read and is not trusted.
"""

import base64
import binascii
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.codes import credential_mark, one_time, send_limits
from menpai.delivery import messages
from menpai.identifiers import Client, normalization
from menpai.models import Customer
from menpai.sessions import tokens

_SELECTOR = 32  # hexadecimal digits of the customer's public id
_LONGEST = 400


@dataclass(frozen=True)
class ActivationMail:
    """An activation mail with its code. `owner` has proven the mailbox already, and is told instead (S8)."""

    customer: Customer
    code: str
    owner: Customer | None

    def send(self) -> None:
        """Queues the mail: one INSERT, in the transaction that stores the customer if there is one."""
        messages.send_activation_link(self.customer, self.code, self.owner)


def prepare(customer: Customer, client: Client) -> ActivationMail | None:
    """The activation mail of a new customer; None when this mailbox was sent enough for now.

    Call it outside any transaction: the code is in the store before the row that sends it exists.
    """
    assert customer.email_key is not None
    try:
        send_limits.count_mail("activation", customer.email_key, client)
    except errors.ComeBackLater:
        return None
    return _mail(customer)


def send_again(customer_id: int, client: Client) -> None:
    """A new mail; the older link dies. Raises NothingToActivate, TargetTooSoon, ClientTooFast."""
    customer = Customer.objects.get(pk=customer_id)
    if customer.email_key is None or customer.email_verified_at:
        raise errors.NothingToActivate
    send_limits.count_mail("activation", customer.email_key, client)
    _mail(customer).send()


def activate(code: str) -> None:
    """Marks the e-mail as proven; sessions and password stay.

    The same code again, within its life, is a success. Raises ActivationMalformed, ActivationExpired.
    """
    customer, secret = _opened(code)
    if customer.email_verified_at:
        return
    try:
        with transaction.atomic():
            rows = Customer.objects.filter(pk=customer.pk)
            locked = one_time.spend(secret, rows.select_for_update(no_key=True).get)
            waiting = rows.filter(email_key=secret.subject, email_verified_at__isnull=True)
            if not waiting.update(email_verified_at=timezone.now()):
                raise errors.CodeExpired  # "not me" came in between
            audit.record(events.USER_UPDATED, customer.pk, what="email_verified")
            messages.send_email_changed(locked, if_unproven=False)
    except IntegrityError as clash:  # somebody else has proven this mailbox in the meantime
        raise errors.ActivationExpired from clash
    except errors.CodeExpired as spent:
        # Spent by a second click of the same person, or by "not me".
        if not Customer.objects.filter(pk=customer.pk, email_key=secret.subject, email_verified_at__isnull=False):
            raise errors.ActivationExpired from spent


def refuse(code: str) -> None:
    """Takes the e-mail off the account and ends its sessions: "that was not me".

    An e-mail that is proven by now stays. Raises ActivationMalformed, ActivationExpired.
    """
    customer, secret = _opened(code)
    with transaction.atomic():
        waiting = Customer.objects.filter(pk=customer.pk, email_key=secret.subject, email_verified_at__isnull=True)
        if not waiting.update(email=None, email_key=None):
            raise errors.ActivationExpired
        tokens.end_all(customer.pk)
        audit.record(events.USER_UPDATED, customer.pk, what="email_refused")


def _mail(customer: Customer) -> ActivationMail:
    owner = Customer.objects.filter(email_key=customer.email_key, email_verified_at__isnull=False).first()
    return ActivationMail(customer, _issue(customer), owner)


def _issue(customer: Customer) -> str:
    assert customer.email_key is not None
    mark = credential_mark.mark_of(customer, outlives_password=True)
    secret_id = one_time.new_id(mark)
    secret = one_time.issue(rules.ACTIVATION, customer.public_id.hex, customer.email_key, secret_id)
    readable = f"{customer.public_id.hex}{secret}/{customer.name}"
    return base64.urlsafe_b64encode(readable.encode()).rstrip(b"=").decode()


def _opened(code: str) -> tuple[Customer, one_time.Secret]:
    """The customer and the living secret that a code names, if the e-mail is still the same.

    Raises ActivationMalformed, ActivationExpired.
    """
    public_id, random = _parsed(code)
    try:
        secret = one_time.check(rules.ACTIVATION, public_id.hex, random)
    except (errors.CodeExpired, errors.CodeWrong) as refusal:
        raise errors.ActivationExpired from refusal
    customer = Customer.objects.filter(public_id=public_id, email_key=secret.subject, disabled_at__isnull=True).first()
    if customer is None or not credential_mark.is_current(secret.mark, customer, outlives_password=True):
        raise errors.ActivationExpired
    return customer, secret


def _parsed(code: str) -> tuple[uuid.UUID, str]:
    stripped = normalization.link_code(code) if len(code) <= _LONGEST * 2 else ""
    if not stripped or len(stripped) > _LONGEST:
        raise errors.ActivationMalformed
    try:
        readable = base64.b64decode(stripped + "=" * (-len(stripped) % 4), altchars=b"-_", validate=True).decode()
        random, slash, name = readable.partition("/")
        if not (slash and name and len(random) > _SELECTOR):
            raise errors.ActivationMalformed
        return uuid.UUID(hex=random[:_SELECTOR]), random[_SELECTOR:]
    except (binascii.Error, ValueError) as error:
        raise errors.ActivationMalformed from error
