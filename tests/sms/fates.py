"""SMS of every fate, as rows."""

import itertools
from datetime import timedelta

from django.utils import timezone

from menpai.models import Message, SpentSecret, Submission

_numbers = itertools.count(1)


def an_sms(
    state="delivered",
    *,
    gateway="outbox",
    after=None,
    used=False,
    ago=timedelta(),
    message=None,
    kind="sign-in-code",
    **facts,
):
    """Handed over so long `ago`, reported so many seconds `after`; of a message that was there, or of its own."""
    handed = timezone.now() - ago
    message = message or _message(handed, kind, gateway)
    if used:
        SpentSecret.objects.create(id=message.secret, purpose="sign-in")
    facts = {"region": "CN", "carrier": "cmcc", "price": 45_000, "answered_at": handed} | facts
    reported = None if after is None else handed + timedelta(seconds=after)
    return Submission.objects.create(
        message=message, gateway=gateway, state=state, handed_at=handed, reported_at=reported, **facts
    )


def _message(made, kind, gateway):
    told = {"state": "accepted", "gateway": gateway, "kind": kind, "secret": f"{next(_numbers):032x}"}
    times = {"due_at": made, "expires_at": made + timedelta(minutes=5)}
    message = Message.objects.create(channel="sms", recipient="13800138000", **told, **times)
    Message.objects.filter(pk=message.pk).update(created_at=made)
    return message
