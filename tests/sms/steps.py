"""What the tests about SMS do again and again, and SMS of every fate, as rows."""

import itertools
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from menpai import rules
from menpai.delivery import messages, outbox
from menpai.models import Message, SpentSecret, Submission
from tests.customers import a_mobile

_numbers = itertools.count(1)


def a_code(mobile="", secret=""):
    """One code by SMS, told in a transaction as a use case does."""
    with transaction.atomic():
        messages.send_code_sms(rules.REGISTRATION, mobile or a_mobile(), "zh-hans", "123456")
    made = Message.objects.latest("pk")
    if secret:
        Message.objects.filter(pk=made.pk).update(secret=secret)
    return made


def again(message, clock):
    """Delivers it once it is due again."""
    message.refresh_from_db()
    clock.advance(max(0, (message.due_at - timezone.now()).total_seconds()) + 1)
    return outbox.deliver(message.pk)


def trace(message):
    """Its handing-overs, in order."""
    return list(message.submissions.order_by("pk").values_list("gateway", "state"))


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
