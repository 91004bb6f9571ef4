"""The row of each submission of a message to a gateway: its answer and, later, the receipt's.

The message's row is changed first, in the same transaction, so that of two workers only one writes.
"""

from datetime import datetime

from django.utils import timezone

from menpai.database.compiled import CompiledInsert
from menpai.delivery import outcomes
from menpai.delivery.channels import Channel
from menpai.delivery.sms import budget
from menpai.models import Message, Submission

State = Submission.State


def begin(message: Message, channel: Channel, now: datetime) -> Submission:
    """Insert the row, just before the SMS is sent. Raises budget.UsedUp."""
    row = Submission(
        message_id=message.pk,
        gateway=channel.name,
        region=channel.region,
        carrier=channel.carrier,
        price=channel.price,
        handed_at=now,
    )
    insert_submission(row)
    budget.reserve(row.price, now, known=message.known)
    return row


def mark_accepted(row: Submission, vendor_reference: str) -> None:
    """Change the row in memory; `save` follows with the message's next step."""
    row.state, row.vendor_reference, row.answered_at = State.ACCEPTED, vendor_reference, timezone.now()


def mark_refused(row: Submission, refusal: outcomes.NotAccepted) -> None:
    """Change the row in memory, too."""
    row.reason = str(refusal)[:200]
    if isinstance(refusal, outcomes.Unanswered):
        row.state = State.UNKNOWN
    else:
        row.state, row.answered_at = State.FAILED, timezone.now()


def save(row: Submission | None) -> None:
    """Write the result.

    A refused SMS costs nothing; `row` keeps its price, as the transaction may be rolled back.
    """
    if row is None:
        return
    price = 0 if row.state == State.FAILED else row.price
    end = {name: getattr(row, name) for name in ("state", "vendor_reference", "reason", "answered_at")}
    Submission.objects.filter(pk=row.pk).update(price=price, **end)
    budget.give_back(row.price - price, row.handed_at)


def mark_unknown(message_ids: list[int]) -> None:
    """Record that the workers that handed these over died before they wrote a result."""
    Submission.objects.filter(message_id__in=message_ids, state=State.HANDED).update(state=State.UNKNOWN)


insert_submission = CompiledInsert(Submission)
