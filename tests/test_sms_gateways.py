"""SMS gateways: what every one of them must keep, and Yuntongxun against a server that checks as the vendor does."""

import logging
import socket
import threading
import time
import traceback
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from menpai import delivery, rules
from menpai.delivery import answers, outbox, sms
from menpai.delivery.gateway import Sms
from menpai.delivery.sms import yuntongxun
from menpai.models import Message
from tests.rig.gateway import ACCOUNT, APP, TOKEN, Gateway

MOBILE = "18667018590"
VARIABLES = {"code": "123456", "minutes": "5"}


@pytest.fixture
def gateway(settings, monkeypatch):
    with Gateway().running() as gateway:
        for name, value in gateway.environment.items():
            monkeypatch.setenv(name, value)
        settings.MENPAI_SMS_GATEWAYS = ["yuntongxun"]
        yield gateway
        assert gateway.complaints == []


@pytest.fixture
def message():
    with transaction.atomic():
        delivery.registration_code(MOBILE, "123456")
    return Message.objects.get()


def send(**changed):
    return yuntongxun.send(an_sms(**changed))


def an_sms(kind="registration-code", **changed):
    """A registration code, as a gateway gets it; or what else is asked for."""
    return Sms(
        mobile=f"+86{MOBILE}",
        kind=kind,
        language="zh-hans",
        signature="门牌",
        body="验证码 123456，5 分钟内有效。",
        variables={**VARIABLES, **changed},
        reference=uuid.uuid4(),
    )


def again(message, clock):
    message.refresh_from_db()
    clock.advance(max(0, (message.due_at - timezone.now()).total_seconds()) + 1)
    return outbox.deliver(message.pk)


# ── Yuntongxun's protocol ──
def test_the_signature_is_the_vendors():
    """The check vector of the vendor's rule, MD5(account + token + timestamp), at 10:11:12 in Beijing."""
    at = datetime(2026, 11, 21, 2, 11, 12, tzinfo=UTC)
    signature, authorization = yuntongxun.signed(
        "abcdefghijklmnopqrstuvwxyz012345", "0123456789abcdef0123456789abcdef", at
    )
    assert signature == "0C91DC48FEE8574F8EAC447E75AD67DF"
    assert authorization == "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU6MjAyNjExMjExMDExMTI="


def test_one_sms_is_one_request_that_the_vendor_understands(gateway):
    one = an_sms()
    receipt = yuntongxun.send(one)
    assert receipt == f"sid-{one.reference.hex[:8]}"
    assert gateway.sent == {one.reference.hex: (MOBILE, ["123456", "5"])}


def test_the_sms_tells_the_code_and_the_whole_minutes_of_its_life(gateway, message, set_rule):
    set_rule("SMS_CODE_LIFE", timedelta(minutes=3))
    assert outbox.deliver(message.pk) == "accepted"
    message.refresh_from_db()
    assert gateway.sent == {message.reference.hex: (MOBILE, ["123456", "3"])}
    assert (message.state, message.gateway, message.sealed) == ("accepted", "yuntongxun", "")
    assert message.vendor_reference == f"sid-{message.reference.hex[:8]}"


@pytest.mark.parametrize("code", ["", "12a456", "１２３４５６", "123456789", "12 34", "https://evil.example", "1\n"])
def test_nothing_but_digits_goes_into_a_template(gateway, code):
    with pytest.raises(answers.Refused):
        send(code=code)
    assert gateway.requests == []


CODES = {
    answers.Retry: ["172001", "160000", "160050", "160001", "999999"],
    answers.RateLimited: ["160038", "160039", "160040", "160041"],
    answers.BadRecipient: ["160034", "160042"],
    answers.Refused: ["160031", "160033", "160037"],
    answers.Misconfigured: [
        *("111109", "111141", "111181", "112300", "112310", "112311", "113302", "160014", "160032", "160043"),
        *("http 302", "http 401", "http 404"),
    ],
}


@pytest.mark.parametrize(("meaning", "code"), [(meaning, code) for meaning, codes in CODES.items() for code in codes])
def test_every_answer_of_the_vendor_has_its_meaning(gateway, meaning, code):
    gateway.mood = code
    with pytest.raises(meaning) as no:
        send()
    assert no.value.detail == code
    assert len(gateway.requests) == 1  # a redirect is not followed


@pytest.mark.parametrize("mood", ["http 500", "http 502", "http 503", "http 429"])
def test_a_vendor_in_trouble_is_asked_again_later(gateway, mood):
    gateway.mood = mood
    with pytest.raises(answers.Retry, match=mood):
        send()


def test_a_vendor_that_is_not_there_took_nothing(gateway, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MENPAI_YUNTONGXUN_BASE_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(answers.Retry):
            send()


@pytest.mark.parametrize("mood", ["drop", "garbage", "stall"])
def test_no_answer_or_none_that_can_be_read_means_that_it_may_be_under_way(gateway, mood, set_rule):
    set_rule("CONNECT_TIMEOUT", timedelta(seconds=0.5))
    set_rule("ANSWER_TIMEOUT", timedelta(seconds=1))
    gateway.mood = mood
    started = time.monotonic()
    with pytest.raises(answers.Unanswered):
        send()
    assert time.monotonic() - started < 3
    assert len(gateway.sent) == 1


@pytest.mark.parametrize("mood", ["accept", "111109", "http 401", "http 500", "drop"])
def test_no_log_line_and_no_exception_holds_a_secret_or_a_number(gateway, mood, caplog):
    gateway.mood = mood
    told = [""]
    with caplog.at_level(logging.DEBUG):
        try:
            send()
        except answers.NotAccepted as no:
            told = traceback.format_exception(no)
    told += [record.getMessage() for record in caplog.records]
    for secret in (ACCOUNT, TOKEN, APP, MOBILE, "123456"):
        assert secret not in "\n".join(told)


# ── What a gateway's answer does to a message ──
@pytest.mark.parametrize("code", ["160034", "160033", "160039"])
def test_a_refusal_for_good_is_not_retried(gateway, message, code):
    gateway.mood = code
    assert outbox.deliver(message.pk) == "failed"
    message.refresh_from_db()
    assert message.problem.endswith(code) and message.problem.startswith("yuntongxun: ")
    assert (message.sealed, outbox.deliver(message.pk), len(gateway.requests)) == ("", "", 1)


@pytest.mark.parametrize("mood", ["160000", "http 503"])
def test_a_refusal_for_now_is_retried_with_the_same_request_id(gateway, message, mood, clock):
    gateway.moods = [mood]
    assert outbox.deliver(message.pk) == "queued"
    assert again(message, clock) == "accepted"
    assert [one["reqId"] for one in gateway.requests] == [message.reference.hex] * 2


def test_a_gateway_that_accepted_and_said_nothing_is_asked_again_and_sends_once(gateway, message, clock):
    """F09. The vendor knows the repeated request by its id; the customer gets one SMS."""
    gateway.moods = ["drop"]
    assert outbox.deliver(message.pk) == "handed"
    message.refresh_from_db()
    assert (message.gateway, message.problem) == ("yuntongxun", "yuntongxun: unanswered RemoteProtocolError")
    assert again(message, clock) == "accepted"
    assert (len(gateway.requests), len(gateway.sent)) == (2, 1)


def test_while_one_gateway_may_have_it_no_other_gets_it(gateway, message, clock, settings):
    settings.MENPAI_SMS_GATEWAYS = ["yuntongxun", "outbox"]
    gateway.moods = ["drop", "160000"]
    assert [outbox.deliver(message.pk), again(message, clock), again(message, clock)] == [
        "handed",
        "queued",
        "accepted",
    ]
    message.refresh_from_db()
    assert (message.gateway, len(gateway.requests), len(gateway.sent)) == ("yuntongxun", 3, 1)


def test_an_answer_that_never_comes_leaves_the_message_unknown(gateway, message, clock):
    gateway.mood = "drop"
    assert outbox.deliver(message.pk) == "handed"
    while (state := again(message, clock)) == "handed":
        pass
    message.refresh_from_db()
    assert (state, message.sealed, len(gateway.sent)) == ("unknown", "", 1)


def test_an_expired_code_is_never_sent(gateway, message, clock):
    gateway.mood = "160000"
    outbox.deliver(message.pk)
    clock.advance(rules.SMS_CODE_LIFE.total_seconds())
    gateway.mood = "accept"
    assert outbox.deliver(message.pk) == "expired"
    assert (len(gateway.requests), gateway.sent) == (1, {})


@pytest.mark.parametrize("code", ["160000", "160038", "111109", "http 500"])
def test_the_next_gateway_takes_what_the_first_does_not(gateway, message, code, settings):
    settings.MENPAI_SMS_GATEWAYS = ["yuntongxun", "outbox"]
    gateway.mood = code
    assert outbox.deliver(message.pk) == "accepted"
    message.refresh_from_db()
    assert (message.gateway, len(gateway.requests)) == ("outbox", 1)


def test_a_gateway_that_refuses_everybody_rests_and_wakes_by_itself(gateway, message, clock, set_rule):
    set_rule("GATEWAY_PAUSE", timedelta(seconds=1))  # of real time, which is what Redis goes by
    gateway.moods = ["160014"]
    assert delivery.sms_usable()
    assert outbox.deliver(message.pk) == "queued"
    assert not delivery.sms_usable()
    Message.objects.update(due_at=timezone.now())
    assert outbox.deliver(message.pk) == "queued"
    assert len(gateway.requests) == 1  # nobody asked it in its rest
    deadline = time.monotonic() + 5
    while not delivery.sms_usable() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert again(message, clock) == "accepted"


def test_one_strange_message_does_not_make_the_gateway_rest(gateway, message):
    gateway.mood = "999999"
    outbox.deliver(message.pk)
    assert delivery.sms_usable()


# ── Configuration ──
@pytest.mark.parametrize("missing", ["ACCOUNT_SID", "AUTH_TOKEN", "APP_ID"])
def test_a_gateway_without_its_keys_is_not_usable_and_says_what_is_missing(gateway, missing, monkeypatch):
    monkeypatch.delenv(f"MENPAI_YUNTONGXUN_{missing}")
    assert sms.problems() == [f"yuntongxun: MENPAI_YUNTONGXUN_{missing} is not set"]
    assert not delivery.sms_usable()


def test_keys_do_not_travel_in_clear(gateway, monkeypatch):
    monkeypatch.setenv("MENPAI_YUNTONGXUN_BASE_URL", "http://sms.example")
    assert sms.problems() == ["yuntongxun: MENPAI_YUNTONGXUN_BASE_URL must begin with https://"]


def test_a_gateway_that_nobody_wrote_is_a_finding_and_no_crash(settings):
    settings.MENPAI_SMS_GATEWAYS = ["pigeon"]
    assert sms.problems() == ["pigeon: there is no such SMS gateway"]
    assert not delivery.sms_usable()


def test_the_outbox_is_no_gateway_in_production(settings):
    settings.MENPAI_SMS_GATEWAYS, settings.MENPAI_DEV_MAILBOX = ["outbox"], False
    assert delivery.sms_usable()
    settings.PRODUCTION = True
    assert not delivery.sms_usable()
    settings.MENPAI_DEV_MAILBOX = True
    assert delivery.sms_usable()


# ── Many workers ──
def test_of_many_workers_one_sends(gateway, message):
    """All of them try the same row at the same moment."""
    start, states = threading.Barrier(6), []

    def work():
        start.wait()
        states.append(outbox.deliver(message.pk))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert sorted(states) == [""] * 5 + ["accepted"]
    assert len(gateway.requests) == 1


# ── Notices ──
def test_a_notice_has_a_template_of_its_own(gateway, monkeypatch):
    assert not yuntongxun.carries("mobile-changed", "CN")
    monkeypatch.setenv("MENPAI_YUNTONGXUN_NOTICE_TEMPLATE_ID", "7")
    assert yuntongxun.carries("mobile-changed", "CN")
    yuntongxun.send(an_sms("mobile-changed", at="2026-11-21 15:03"))
    assert list(gateway.sent.values()) == [(MOBILE, ["2026-11-21 15:03"])]
