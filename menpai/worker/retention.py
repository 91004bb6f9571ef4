"""The deletion of old rows, other than messages (decisions.md 9)."""

from django.db.models import Q
from django.utils import timezone

from menpai import rules
from menpai.audit import chain
from menpai.delivery import outbox
from menpai.delivery.sms import budget
from menpai.ephemeral import store
from menpai.models import Alert, RepeatableRequest, Session, Snapshot, SpentSecret


def sweep() -> int:
    """Delete everything that is over; returns how many rows and facts were touched.

    Safe to run beside anything.
    """
    ours = outbox.sweep() + _sessions() + _spent_secrets() + _repeatable_requests() + _spending() + _snapshots()
    return ours + chain.delete_old() + store().sweep()


def _sessions() -> int:
    before = timezone.now() - rules.ENDED_SESSIONS_KEPT
    return outbox.delete_in_batches(Session.objects.filter(Q(ended_at__lt=before) | Q(expires_at__lt=before)))


def _spent_secrets() -> int:
    # A secret that never expires must stay spent for ever.
    ending = [purpose.name for purpose in rules.PURPOSES if purpose.life]
    before = timezone.now() - rules.SPENT_SECRETS_KEPT
    return outbox.delete_in_batches(SpentSecret.objects.filter(purpose__in=ending, spent_at__lt=before))


def _snapshots() -> int:
    """The payloads go after some days, the hashes with the orders."""
    now = timezone.now()
    sealed = Snapshot.objects.filter(request__isnull=False, issued_at__lt=now - rules.SNAPSHOT_SEALED)
    many = sealed.update(request=None, body="", sealed="")
    if rules.ORDERS_KEPT:
        many += outbox.delete_in_batches(Snapshot.objects.filter(issued_at__lt=now - rules.ORDERS_KEPT))
    return many


def _spending() -> int:
    """Spending and alerts are kept as long as messages."""
    before = timezone.now() - rules.MESSAGES_KEPT
    return outbox.delete_in_batches(Alert.objects.filter(created_at__lt=before)) + budget.drop_before(before)


def _repeatable_requests() -> int:
    before = timezone.now() - rules.IDEMPOTENCY_KEPT
    return outbox.delete_in_batches(RepeatableRequest.objects.filter(created_at__lt=before))
