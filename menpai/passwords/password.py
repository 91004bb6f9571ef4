"""A customer's password: checked, hashed, compared, changed, and what replacing one means."""

import hmac
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from menpai import audit, errors
from menpai.audit import events
from menpai.codes import send_limits
from menpai.database import repeats
from menpai.delivery import messages
from menpai.models import AuditEvent, Customer, SocialLink
from menpai.passwords import hashing, policy
from menpai.passwords.hash_queue import in_turn
from menpai.sessions import known_devices, tokens


@dataclass(frozen=True)
class AcceptedPassword:
    """A new password that the policy has accepted."""

    raw: str = field(repr=False)

    def hash(self) -> str:
        """The hash to store. Raises Busy."""
        return hash_in_turn(self.raw)


def check(raw: str, *personal: str | None) -> AcceptedPassword:
    """The password, if the policy for new ones accepts it.

    `personal`: the customer's name, mobile and e-mail.

    Raises PasswordMissing, PasswordLength, PasswordWeak.
    """
    policy.check(raw, *personal)
    return AcceptedPassword(raw)


def check_for(customer: Customer, raw: str, repeated: str | None) -> AcceptedPassword:
    """The new password of this customer, if it was typed twice alike.

    Raises as `check`, and PasswordRepeatMissing, PasswordsDiffer.
    """
    accepted = check(raw, customer.username, customer.mobile, customer.email_key)
    if not repeated:
        raise errors.PasswordRepeatMissing
    if not are_equal(raw, repeated):
        raise errors.PasswordsDiffer
    return accepted


def hash_in_turn(raw: str) -> str:
    """The hash to store for a password. Raises Busy."""
    return in_turn(hashing.hash_password, raw)


def matches(raw: str, stored: str | None) -> bool:
    """True if the password is the stored one. Raises Busy.

    Costs the same without a customer (`stored` is None) and whatever was typed.
    """
    too_long = policy.is_too_long(raw)
    return in_turn(hashing.verify, "" if too_long else raw, stored) and not too_long


def wants_rehash(stored: str) -> bool:
    """Made with other parameters or another pepper than today's, or by another system."""
    return hashing.is_outdated(stored)


def change(customer_id: int, old: str, new: str, repeated: str | None, kept_session: UUID | None = None) -> None:
    """The signed-in customer's own change; afterwards every session is dead but the kept one.

    Raises PasswordMissing, PasswordLength, PasswordWeak, PasswordRepeatMissing, PasswordsDiffer, PasswordNotSet,
    OldPasswordWrong, PasswordUnchanged, Busy.
    """
    customer = Customer.objects.get(pk=customer_id)
    accepted = check_for(customer, new, repeated)
    prove(customer, old)
    if are_equal(old, new):
        raise errors.PasswordUnchanged
    new_hash, notify = accepted.hash(), can_notify(customer)
    with transaction.atomic():
        # Two changes at once: the one that comes second proved a password that is no longer the password.
        locked = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
        if locked.password != customer.password:
            raise errors.OldPasswordWrong
        replace(locked, new_hash, notify=notify, kept_session=kept_session)
        audit.record(events.PASSWORD_CHANGED, customer_id, how="change")


def set_first(customer_id: int, new: str, repeated: str | None) -> None:
    """A password for a customer who has none; it ends nothing.

    Raises PasswordMissing, PasswordLength, PasswordWeak, PasswordRepeatMissing, PasswordsDiffer, Busy, and
    OldPasswordWrong when there is a password already.
    """
    customer = Customer.objects.get(pk=customer_id)
    if customer.password:
        raise errors.OldPasswordWrong
    accepted = check_for(customer, new, repeated)
    new_hash, notify = accepted.hash(), can_notify(customer)
    with transaction.atomic():
        if not Customer.objects.filter(pk=customer_id, password="").update(password=new_hash):
            raise errors.OldPasswordWrong
        messages.send_password_changed(customer, if_unproven=notify)
        audit.record(events.PASSWORD_CHANGED, customer_id, how="change")


def prove(customer: Customer, raw: str) -> None:
    """Proves that a signed-in customer knows their password; a stolen session does not.

    Raises PasswordNotSet, OldPasswordWrong, Busy.
    """
    if not customer.password:
        raise errors.PasswordNotSet
    send_limits.count_password_proof(customer.pk)
    if not matches(raw, customer.password):
        audit.refuse(events.PASSWORD_CHANGE_FAILED, customer.pk)
        raise errors.OldPasswordWrong


def can_notify(customer: Customer) -> bool:
    """True if a notice may be sent: always to a proven mailbox, within limits to another.

    False does not keep a notice from a mailbox that is proven by the time it is sent (delivery/messages.py).
    """
    if customer.email_verified_at or customer.email_key is None:
        return True
    try:
        send_limits.count_notice(customer.email_key)
    except (errors.TargetTooSoon, errors.StoreUnavailable):
        return False
    return True


def replace(
    customer: Customer,
    new_hash: str,
    *,
    notify: bool,
    kept_session: UUID | None = None,
    only_device: str | None = None,
) -> None:
    """Inside a transaction that holds the row: stores the hash, ends what came before, sends the notice.

    The new time ends every code, ticket and link of the customer (codes/credential_mark.py). `only_device`: the one
    that stays known; None: all do.
    """
    customer.password, customer.password_changed_at = new_hash, timezone.now()
    customer.save(update_fields=["password", "password_changed_at"])
    if kept_session:
        tokens.end_others(customer.pk, kept_session)
    else:
        tokens.end_all(customer.pk)
    _set_aside_links(customer.pk)
    if only_device is not None:
        known_devices.forget(customer.pk, kept=only_device)
    messages.send_password_changed(customer, if_unproven=notify)
    repeats.note(customer.pk)


def _set_aside_links(customer_id: int) -> None:
    """Sets aside the links that are younger than the last sign-in by password or code.

    Somebody with a stolen session may have made them; linking the same account again brings one back.
    """
    own = AuditEvent.objects.filter(customer_id=customer_id)
    sign_ins = own.filter(Q(event=events.REGISTERED) | Q(event=events.LOGIN, details__how__in=("password", "code")))
    links = SocialLink.objects.filter(customer_id=customer_id, set_aside_at__isnull=True)
    if last := sign_ins.order_by("-pk").values_list("at", flat=True).first():
        links = links.filter(created_at__gt=last)
    links.update(set_aside_at=timezone.now())


def are_equal(first: str, second: str) -> bool:
    first, second = policy.normalize(first), policy.normalize(second)
    return hmac.compare_digest(first.encode(), second.encode())
