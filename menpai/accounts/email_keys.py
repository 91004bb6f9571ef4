"""Keys of e-mails made anew for rows of an older version, which folded `straße.de` to `strasse.de`."""

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction

from menpai import errors, identifiers
from menpai.models import Customer

NOT_ASCII = r"[^ -~]"  # of other addresses both keys are the same


def renew_and_report(*_: Any, **__: Any) -> None:
    """Renews the keys and prints the customers that keep an older one.

    Called by migrations and their signal.
    """
    for customer_id in _renew():
        print(
            f"顾客 {customer_id} 的邮箱与他人相同或无效，未作更改。\n"
            f"customer {customer_id}: another customer has proven this mailbox, or it is invalid; left as it is."
        )


def _renew() -> Iterator[int]:
    """Gives each row the key of its own address; yields the customers of whom that is impossible.

    Row by row, each with a transaction of its own; doing it again changes nothing.
    """
    rows = Customer.objects.filter(email__regex=NOT_ASCII).values_list("pk", "email", "email_key")
    for customer_id, address, old in list(rows):
        try:
            key = identifiers.email(address or "").key
            if key != old:
                with transaction.atomic():
                    Customer.objects.filter(pk=customer_id, email=address).update(email_key=key)
        except (errors.EmailInvalid, IntegrityError):
            yield customer_id
