"""S17: a message that was perhaps sent is repeated once, however many workers die; an answer outlives the database."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from menpai import rules
from menpai.delivery import messages
from menpai.environment import urls
from menpai.models import Customer, Message, Submission
from menpai.worker import relay
from tests.rig.children import until
from tests.rig.mail_server import MailServer
from tests.rig.service import Service
from tests.rig.vendors.yuntongxun import Yuntongxun

pytestmark = [
    pytest.mark.production_only("the embedded run has no worker process"),
    pytest.mark.slow("each worker takes a second to start and a second of lease"),
]


@pytest.fixture
def mails():
    with MailServer().running() as server:
        server.mood = "stall after data"
        yield server


@pytest.fixture
def gateway():
    with Yuntongxun().running() as gateway:
        gateway.mood = "stall"
        yield gateway


@pytest.fixture
def worker(mails, gateway, settings):
    """A factory of workers that forget a dead colleague after a second; with a broker they use Celery."""
    environment = {
        **gateway.environment,
        "MENPAI_KEYS_FILE": str(settings.MENPAI_KEYS_FILE),
        "MENPAI_EMAIL_URL": mails.url,
        "MENPAI_MAIL_FROM": "门牌 <no-reply@shop.example>",
        "MENPAI_RULE_LEASE": "1s",
    }
    started = []

    def start(broker=""):
        started.append(Service("worker", environment | {"MENPAI_BROKER_URL": broker}).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()
        one.close()


def a_mail():
    customer = Customer.objects.create(username="小王", username_key="小王", email="wang@example.com", password="-")
    with transaction.atomic():
        messages.send_recovery_mail(customer, [("小王", "12345678")])


def an_sms():
    with transaction.atomic():
        messages.send_code_sms(rules.REGISTRATION, "13900000000", "zh-hans", "123456")


def states():
    return set(Message.objects.values_list("state", flat=True))


def test_workers_that_die_one_after_the_other_repeat_a_message_once(worker, mails, gateway):
    a_mail()
    an_sms()
    for _ in range(2):
        dying = worker()
        assert mails.reached.wait(60) and gateway.reached.wait(60), dying.log()
        dying.kill()
        mails.reached.clear()
        gateway.reached.clear()
    mails.mood = gateway.mood = "accept"
    worker()
    until(lambda: not states() & {"leased", "handed"}, 60, "the messages have an end")
    assert (states(), len(mails.mails), len(gateway.requests)) == ({"unknown"}, 2, 2)


@pytest.fixture
def another_worker(mails, settings, set_rule):
    """The relay in this process, which looks for messages all the time."""
    settings.MENPAI_EMAIL_IS_OUTBOX = False
    for name, value in urls.mail(mails.url).items():
        setattr(settings, name, value)
    set_rule("LEASE", timedelta(seconds=1))
    stop = threading.Event()
    relaying = threading.Thread(target=relay.run_sender, args=(stop,))
    yield relaying
    stop.set()
    relaying.join(20)


def answered_while_the_database_is_away(holder, mails, postgres):
    """The mail is taken; the answer comes when it cannot be written, and the database only after the lease."""
    assert mails.reached.wait(60), holder.log()
    postgres.kill()
    mails.mood = "accept"
    mails.go_on.set()
    until(lambda: "waits" in holder.log(), 60, "the worker holds an answer")
    time.sleep(1.0)


def accepted_once(postgres, mails):
    postgres.start()
    connection.close()
    until(lambda: states() == {"accepted"}, 60, "the answer is written")
    return (Submission.objects.get().state, len(mails.mails)) == ("accepted", 1)


def test_an_answer_is_written_when_the_database_is_back_and_nobody_sends_again(
    worker, another_worker, mails, postgres, caplog
):
    holder = worker()
    a_mail()
    assert mails.reached.wait(60), holder.log()
    another_worker.start()
    answered_while_the_database_is_away(holder, mails, postgres)
    assert accepted_once(postgres, mails)
    until(lambda: "messages go on" in caplog.text, 60, "the other worker is back")
    assert len(mails.mails) == 1


def test_an_answer_is_written_by_a_worker_that_is_stopped_while_the_database_is_away(worker, mails, postgres, settings):
    holder = worker(settings.MENPAI_BROKER_URL)
    until(lambda: " ready." in holder.log(), 60, "Celery is ready")
    a_mail()
    answered_while_the_database_is_away(holder, mails, postgres)
    holder.process.terminate()
    assert accepted_once(postgres, mails)
    assert holder.process.wait(30) == 0
