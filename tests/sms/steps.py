"""What the tests about SMS do again and again."""

from django.db import transaction
from django.utils import timezone

from menpai import rules
from menpai.delivery import messages, outbox
from menpai.models import Message
from tests.customers import a_mobile


def a_code(mobile="", secret=""):
    """One code by SMS, told in a transaction as a use case does."""
    with transaction.atomic():
        messages.send_code_sms(rules.REGISTRATION, mobile or a_mobile(), "zh-hans", "123456")
    made = Message.objects.latest("pk")
    if secret:
        Message.objects.filter(pk=made.pk).update(secret=secret)
    return made


def again(message, clock):
    """Once it is due again."""
    message.refresh_from_db()
    clock.advance(max(0, (message.due_at - timezone.now()).total_seconds()) + 1)
    return outbox.deliver(message.pk)


def trace(message):
    """Its handing-overs, in order."""
    return list(message.submissions.order_by("pk").values_list("gateway", "state"))
