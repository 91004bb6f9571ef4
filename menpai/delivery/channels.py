"""The channels that one message can take now: the mail server, or one gateway after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings

from menpai import rules
from menpai.delivery import outcomes, rendering, smtp
from menpai.delivery.sms import breaker, carriers, prices, selection, vendors
from menpai.models import Message, Submission

OUTBOX = "outbox"


@dataclass(frozen=True)
class Channel:
    """One way of sending one message."""

    name: str
    send: Callable[[], str]  # returns the vendor's id of the message
    safe_again: bool  # if no answer comes, it may be asked once more
    region: str = ""
    carrier: str = ""
    price: int = 0  # millionths of a yuan
    reports: bool = False  # a receipt will tell whether it arrived
    trial: bool = False  # it failed lately, and this message tries it again


def open_channels(message: Message, params: dict[str, Any]) -> Iterator[Channel]:
    """Best first. Where a gateway may have the message already, that one alone."""
    if message.channel == Message.Channel.EMAIL:
        yield _by_mail(message, params)
        return
    ready, can_repeat = rendering.render_sms(message, params), _unanswered(message) < rules.REPEATS
    failed = _failed_by_receipt(message)
    for gateway, state in selection.ordered_gateways(message.kind, ready.region):
        if message.gateway not in ("", gateway.name) or gateway.name in failed:
            continue
        if state.open and not breaker.claim_trial(gateway.name):
            continue
        yield Channel(
            gateway.name,
            partial(gateway.send, ready),
            safe_again=gateway.idempotent and can_repeat,
            region=ready.region,
            carrier=carriers.carrier_of(ready.mobile),
            # If the gateway may have it already, the first handing-over was paid: a repeated request is recognized.
            price=0 if message.gateway else prices.price_of_sms(gateway.name, ready),
            reports=vendors.find_reporting_gateway(gateway.name) is not None,
            trial=state.open,
        )


def can_send_again(message: Message) -> bool:
    """False if handing the message over again could send a second SMS, or if it was repeated often enough.

    A second mail has the same Message-ID, so that mailboxes may drop it.
    """
    if not message.gateway:
        return True
    if message.channel != Message.Channel.EMAIL:
        gateway = vendors.find_gateway(message.gateway)
        if gateway is None or not gateway.idempotent:
            return False
    return _unanswered(message) <= rules.REPEATS


def record_outcome(message: Message, channel: Channel, refusal: outcomes.NotAccepted | None) -> None:
    """Tell the gateway's circuit breaker the outcome; no refusal: accepted."""
    if message.channel == Message.Channel.SMS:
        breaker.record_outcome(channel.name, refusal, trial=channel.trial)


def _by_mail(message: Message, params: dict[str, Any]) -> Channel:
    if settings.MENPAI_EMAIL_IS_OUTBOX:
        return Channel(OUTBOX, str, safe_again=True)
    letter = rendering.render_mail(message.kind, message.language, params, message.created_at)
    ready = smtp.compose(letter, message.recipient, message.language, message.reference)
    can_repeat = _unanswered(message) < rules.REPEATS
    return Channel(smtp.name, partial(smtp.send, ready, message.expires_at), safe_again=can_repeat)


def _unanswered(message: Message) -> int:
    """The number of times that it was handed over without an answer."""
    if not message.gateway:
        return 0
    return Submission.objects.filter(message_id=message.pk, state=Submission.State.UNKNOWN).count()


def _failed_by_receipt(message: Message) -> set[str]:
    """The gateways that accepted it and could not deliver it: they are not tried again."""
    if message.attempts <= 1:
        return set()
    failed = Submission.objects.filter(message_id=message.pk, state=Submission.State.FAILED)
    return set(failed.filter(reported_at__isnull=False).values_list("gateway", flat=True))
