"""A retry of a request that signed in or registered, whose answer was lost."""

from collections.abc import Callable
from dataclasses import replace

from django.db import transaction

from menpai import errors, rules
from menpai.accounts import login
from menpai.accounts.login import SignInResult
from menpai.codes import credential_mark
from menpai.database import idempotency
from menpai.database.idempotency import IdempotencyKey
from menpai.identifiers import Client
from menpai.models import Customer
from menpai.sessions import tokens
from menpai.sessions.tokens import Persistence


def run_once(
    key: IdempotencyKey | None, work: Callable[[], SignInResult], client: Client, persistence: Persistence
) -> SignInResult:
    """The result of `work`, or of a request with this key that did it before.

    Raises as `work`, and NotSignedIn.
    """
    return idempotency.run_once(key, work, lambda done: _repeat(done, client, persistence), within=rules.SIGN_IN_RETRY)


def record(key: IdempotencyKey | None, customer: Customer) -> None:
    """Inside the transaction that signs this customer in."""
    idempotency.record_request(key, f"{customer.pk} {credential_mark.mark_of(customer)}")


def _repeat(done: str, client: Client, persistence: Persistence) -> SignInResult:
    """Opens a session once more, with the answer of the first request.

    `done` is what that request recorded: the customer's id, then its facts. Raises NotSignedIn when the account is
    gone or disabled by now, or its credentials were changed.
    """
    customer_id, *facts = done.split()
    mark = next((fact for fact in facts if credential_mark.has_owner(fact)), "")
    with transaction.atomic():
        # Locked: two retries at once would end each other's oldest sessions in different orders.
        living = Customer.objects.select_for_update(no_key=True).filter(disabled_at__isnull=True)
        customer = living.filter(pk=int(customer_id)).first()
        if customer is None or not credential_mark.is_current(mark, customer):
            raise errors.NotSignedIn
        result = login.open_session(tokens.person_of(customer), client, persistence, how="retry")
    return replace(result, registered="registered" in facts, activation_mail="mail" in facts)
