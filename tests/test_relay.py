"""Who delivers when: the wake-up that must never hurt a request, and the thread that finds what nobody woke it for."""

import logging
import threading
import time

import pytest
from django.db import transaction

from menpai import rules
from menpai.delivery import messages, wakeup
from menpai.models import Message
from menpai.worker import relay
from tests.customers import a_mobile
from tests.rig.children import free_port, until


def say(code="123456"):
    with transaction.atomic():
        messages.send_code_sms(rules.REGISTRATION, a_mobile(), "zh-hans", code)
    return Message.objects.latest("pk")


def sent():
    return not Message.objects.exclude(state="accepted").exists()


@pytest.fixture
def sender():
    """The embedded run's sender thread."""
    stop = threading.Event()
    thread = threading.Thread(target=relay.run_sender, args=(stop,))
    thread.start()
    yield thread
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def no_broker(settings):
    """A broker URL where nobody listens."""
    settings.MENPAI_BROKER_URL = f"redis://127.0.0.1:{free_port()}/14"
    wakeup.celery_app.cache_clear()
    yield
    until(lambda: wakeup._waiting.empty(), 10, "the wake-ups are dropped")
    wakeup.celery_app.cache_clear()


def test_the_sender_finds_every_message_within_moments(sender):
    for _ in range(3):
        say()
        until(sent, 5, "it is sent")
    for _ in range(60):
        say()
    until(sent, 20, "all are sent")


def test_a_message_that_cannot_be_written_stops_no_other_and_tells_no_secret(settings, caplog):
    settings.MENPAI_EMAIL_IS_OUTBOX = False
    broken, whole = say(), say()
    Message.objects.filter(pk=broken.pk).update(channel="email", kind="no such kind", recipient="wang@example.com")
    assert relay.deliver(broken.pk, whole.pk) == {str(broken.pk): "", str(whole.pk): "accepted"}
    assert f"message {broken.pk}: KeyError" in caplog.text
    assert "wang@example.com" not in caplog.text and "123456" not in caplog.text
    broken.refresh_from_db()
    assert broken.state == "leased"  # to be tried again, when its lease is over


def test_without_a_broker_a_request_neither_waits_nor_fails(no_broker, caplog):
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            say()
        spent = time.monotonic() - started
        until(lambda: "the broker is away" in caplog.text, 10, "somebody says so")
        until(lambda: wakeup._waiting.empty(), 10, "the wake-ups are dropped")
        until(lambda: time.monotonic() > wakeup._rest_until, 10, "the broker may be asked again")
        say()
        until(lambda: caplog.text.count("the broker is away") > 1, 10, "it is asked again")
    assert wakeup._publisher.is_alive()
    assert spent < 2
    assert Message.objects.count() == 21


def test_without_broker_url_nothing_is_published(settings):
    settings.MENPAI_BROKER_URL = ""
    say()
    assert wakeup._waiting.empty()
