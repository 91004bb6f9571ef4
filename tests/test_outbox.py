"""From a row to a sent message: the states of delivery/outbox.py, with the outbox itself as the channel."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from menpai import rules
from menpai.delivery import messages, outbox
from menpai.keys import ring
from menpai.models import Customer, Message, Session, SpentSecret
from menpai.worker import retention
from tests.customers import a_mobile
from tests.rig.tables import columns

DAY = timedelta(days=1)


def say(tell, *arguments):
    """One message, told in a transaction as a use case does."""
    with transaction.atomic():
        tell(*arguments)
    return Message.objects.latest("pk")


@pytest.fixture
def message():
    return say(messages.send_code_sms, rules.REGISTRATION, a_mobile(), "zh-hans", "123456")


@pytest.fixture
def customer():
    now = timezone.now()
    return Customer.objects.create(
        username="小王",
        username_key="小王",
        mobile=a_mobile(),
        mobile_verified_at=now,
        email="wang@example.com",
        email_key="wang@example.com",
        email_verified_at=now,
        password="-",
    )


def every_message(customer):
    return {
        "registration": (messages.send_code_sms, rules.REGISTRATION, a_mobile(), "zh-hans", "123456"),
        "recovery by sms": (messages.send_recovery_sms, customer, "123456"),
        "recovery by mail": (messages.send_recovery_mail, customer, [("小王", "12345678")]),
        "recovery decoy, sms": (messages.send_recovery_sms, messages.decoy_customer(), "000000"),
        "recovery decoy, mail": (messages.send_recovery_mail, messages.decoy_customer(), [("nobody", "00000000")]),
        "activation": (messages.send_activation_link, customer, "bGluaw"),
        "password changed": (messages.send_password_changed, customer),
        "new device": (messages.send_new_device, customer, "Chrome", "Windows", "127.0.*.*"),
    }


NOTICES = {"password changed": 2, "new device": 1}  # → proven channels that are told


def test_every_message_is_one_insert_in_the_transaction_of_its_cause(customer):
    for name, (tell, *arguments) in every_message(customer).items():
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            tell(*arguments)
        inserts = [re.findall(r'INSERT INTO "(\w+)"', query["sql"]) for query in queries]
        assert all(inserts), name
        tables = [table for found in inserts for table in found]
        audited = [] if name in NOTICES else ["menpai_auditevent"]  # that a code was sent stands in the audit trail
        assert tables == ["menpai_message"] * NOTICES.get(name, 1) + audited, name


def test_what_is_rolled_back_is_never_sent():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        messages.send_code_sms(rules.REGISTRATION, a_mobile(), "zh-hans", "123456")
        1 / 0  # noqa: B018  (the fault)
    assert not Message.objects.exists()


def test_the_row_keeps_no_secret_in_clear_and_opens_for_itself_only(customer):
    first = say(messages.send_recovery_mail, customer, [("小王", "12345678")])
    row = Message.objects.filter(pk=first.pk).values().get()
    assert not any("12345678" in str(value) for value in row.values())
    assert outbox.open_params(first) == {"codes": [["小王", "12345678"]]}
    assert ring.unseal(first.sealed, belongs_to="another row") is None


def test_a_message_lives_as_long_as_what_is_in_it(customer, set_rule):
    lives = {
        "registration": rules.SMS_CODE_LIFE,
        "recovery by mail": rules.MAIL_CODE_LIFE,
        "activation": rules.ACTIVATION_LIFE,
        "password changed": rules.NOTICE_LIFE,
    }
    for name, life in lives.items():
        message = say(*every_message(customer)[name])
        assert message.expires_at - message.due_at == life, name
    set_rule("ACTIVATION_LIFE", timedelta(0))
    message = say(*every_message(customer)["activation"])
    assert message.expires_at - message.due_at == rules.ACTIVATION_MAIL_LIFE


def test_a_delivery_is_six_statements_and_the_outbox_keeps_the_text(message):
    with CaptureQueriesContext(connection) as queries:
        assert outbox.deliver(message.pk) == "accepted"
    told = " ".join(query["sql"].split()[0] for query in queries)
    # Taken; handed over, with a row about it; what became of it, on both.
    assert told == "SELECT UPDATE BEGIN UPDATE INSERT COMMIT BEGIN UPDATE UPDATE COMMIT"
    assert columns(message, "state", "gateway", "attempts") == ("accepted", "outbox", 1)
    assert message.finished_at is not None
    assert outbox.open_params(message) == {"code": "123456"}
    assert outbox.deliver(message.pk) == ""


def test_messages_are_taken_in_the_order_in_which_they_came_and_a_mail_is_kept(customer):
    told = [say(messages.send_code_sms, rules.REGISTRATION, a_mobile(), "zh-hans", "123456").pk for _ in range(3)]
    assert outbox.find_due() == told
    assert outbox.find_due(limit=2) == told[:2]
    assert outbox.deliver_due() == 3
    mail = say(messages.send_activation_link, customer, "bGluaw")
    assert outbox.deliver_due() == 1
    mail.refresh_from_db()
    assert (mail.state, outbox.open_params(mail)) == ("accepted", {"name": "小王", "code": "bGluaw"})


def test_a_message_that_another_worker_holds_is_left_alone(message):
    Message.objects.update(state="leased", due_at=timezone.now() + rules.LEASE, attempts=1)
    assert (outbox.find_due(), outbox.deliver(message.pk)) == ([], "")


@pytest.mark.parametrize("state", ["leased", "handed"])
def test_the_message_of_a_dead_worker_is_sent_when_its_lease_is_over(message, state, clock):
    gateway = "outbox" if state == "handed" else ""
    Message.objects.update(state=state, due_at=timezone.now() + rules.LEASE, attempts=1, gateway=gateway)
    clock.advance(rules.LEASE.total_seconds() + 1)
    assert outbox.deliver_due() == 1
    assert columns(message, "state", "attempts") == ("accepted", 2)


def test_an_sms_that_was_perhaps_sent_by_a_gateway_that_cannot_tell_is_unknown_for_good(message):
    """Nobody knows whether it was sent, and asking again would perhaps send a second one."""
    Message.objects.update(state="handed", attempts=1, gateway="no longer configured")
    assert outbox.deliver(message.pk) == "unknown"
    message.refresh_from_db()
    assert message.sealed == ""


def test_an_expired_message_is_not_sent_and_is_blanked(message, clock):
    clock.advance(rules.SMS_CODE_LIFE.total_seconds())
    assert outbox.deliver(message.pk) == "expired"
    assert columns(message, "state", "sealed", "gateway") == ("expired", "", "")


def test_a_message_whose_sealing_key_is_gone_fails_and_says_why(message):
    Message.objects.update(sealed="unknown:" + message.sealed.partition(":")[2])
    assert outbox.deliver(message.pk) == "failed"
    assert columns(message, "problem", "sealed") == ("its sealing key is gone", "")


def test_a_decoy_looks_like_a_message_and_is_deleted_by_the_worker(customer):
    decoy = say(messages.send_recovery_mail, messages.decoy_customer(), [("nobody", "00000000")])
    real = say(messages.send_recovery_mail, customer, [("小王", "12345678")])
    assert (decoy.kind, decoy.channel, decoy.recipient) == (real.kind, real.channel, "")
    assert outbox.deliver_due() == 2
    assert list(Message.objects.all()) == [real]


def test_a_changed_password_is_told_to_the_mailbox_if_there_is_one(customer):
    assert say(messages.send_password_changed, customer).recipient == "wang@example.com"
    Message.objects.all().delete()
    customer.email, customer.mobile_verified_at = None, None
    with transaction.atomic():
        messages.send_password_changed(customer)
    assert not Message.objects.exists()


# ── The broom ──
def test_the_sweep_ends_and_blanks_what_nobody_took_in_time(message, clock):
    lost = say(messages.send_code_sms, rules.REGISTRATION, a_mobile(), "zh-hans", "123456")
    Message.objects.filter(pk=lost.pk).update(state="handed", gateway="yuntongxun")
    under_way = say(messages.send_code_sms, rules.REGISTRATION, a_mobile(), "zh-hans", "123456")
    decoy = say(messages.send_recovery_sms, messages.decoy_customer(), "000000")
    clock.advance(rules.SMS_CODE_LIFE.total_seconds())
    Message.objects.filter(pk=under_way.pk).update(state="handed", due_at=timezone.now() + rules.LEASE)
    assert outbox.sweep() == 3
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {message.pk: "expired", lost.pk: "unknown", under_way.pk: "handed"}
    assert decoy.pk not in states
    assert set(Message.objects.exclude(pk=under_way.pk).values_list("sealed", flat=True)) == {""}


def test_old_messages_sessions_and_spent_secrets_are_deleted(message, customer, clock):
    now = timezone.now()
    Session.objects.create(customer=customer, expires_at=now + DAY)
    Session.objects.create(customer=customer, expires_at=now + 999 * DAY, ended_at=now)
    living = Session.objects.create(customer=customer, expires_at=now + 999 * DAY)
    SpentSecret.objects.create(id="1", purpose="registration")
    clock.advance((rules.MESSAGES_KEPT + DAY).total_seconds())
    SpentSecret.objects.create(id="2", purpose="registration")
    retention.sweep()
    assert not Message.objects.exists()
    assert list(Session.objects.all()) == [living]
    assert [spent.id for spent in SpentSecret.objects.all()] == ["2"]
    assert retention.sweep() == 0
