"""Mails over real SMTP, to a server in every mood, and what they say."""

import logging
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.db import connection, transaction
from django.utils import timezone

from menpai import brand, rules
from menpai.delivery import mail_texts, message_kinds, messages, outbox, rendering
from menpai.models import Customer, Message
from tests.customers import a_mobile
from tests.rig.mail_server import MailServer
from tests.rig.tables import columns
from tests.sms.steps import again

TO = "wang@example.com"
CODE = "12345678"


@pytest.fixture
def server(settings):
    with MailServer().in_use(settings) as server:
        yield server


@pytest.fixture
def customer():
    return Customer.objects.create(
        username="小王", username_key="小王", email=TO, email_key=TO, email_verified_at=timezone.now(), password="-"
    )


@pytest.fixture
def code_mail(customer):
    with transaction.atomic():
        messages.send_recovery_mail(customer, [("小王", CODE)])
    return Message.objects.get()


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


# ── What arrives ──
def test_a_mail_arrives_as_text_and_html_in_chinese(server, code_mail):
    assert outbox.deliver(code_mail.pk) == "accepted"
    [mail] = server.mails
    assert server.recipients == [mail["to"]] == [TO]
    assert mail["subject"] == "门牌：找回密码的验证码"
    assert mail.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]
    for kind in ("plain", "html"):
        assert CODE in part(mail, kind)
        assert "10 分钟内有效" in part(mail, kind)
    assert '<html lang="zh-CN">' in part(mail, "html")


def test_its_headers_say_that_a_machine_wrote_it_and_which_message_it_is(server, code_mail, settings):
    settings.MENPAI_MAIL_FROM = "某某商城 <no-reply@shop.example>"
    outbox.deliver(code_mail.pk)
    [mail] = server.mails
    assert mail["from"] == "某某商城 <no-reply@shop.example>"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["content-language"] == "zh-CN"
    assert mail["message-id"] == f"<{code_mail.reference.hex}@shop.example>"
    assert columns(code_mail, "state", "sealed", "gateway", "problem") == ("accepted", "", "smtp", "")


def test_the_activation_mail_links_to_the_page_and_says_how_long_the_link_lives(server, customer, settings, set_rule):
    settings.MENPAI_ACTIVATE_URL = "https://shop.example/activate"
    for life, told in ((timedelta(days=3), "链接在 3 天内有效。"), (timedelta(0), "链接永久有效。")):
        set_rule("ACTIVATION_LIFE", life)
        with transaction.atomic():
            messages.send_activation_link(customer, "a-b_c=")
        outbox.deliver_due()
        mail = server.mails.pop()
        assert told in part(mail, "plain") and told in part(mail, "html")
        assert "https://shop.example/activate?code=a-b_c%3D\n" in part(mail, "plain")
        assert 'href="https://shop.example/activate?code=a-b_c%3D"' in part(mail, "html")


def test_several_customers_of_one_mailbox_are_named_each_with_its_own_code(server, customer):
    with transaction.atomic():
        messages.send_recovery_mail(customer, [("小王", "11111111"), ("老王", "22222222")])
    outbox.deliver_due()
    text = part(server.mails[0], "plain")
    assert "小王  11111111" in text and "老王  22222222" in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", sorted(mail_texts.MAIL_TEXTS["en"]))
def test_every_mail_is_complete_in_both_languages(kind, language):
    with_code = kind in (message_kinds.RECOVERY_CODE.id, message_kinds.NEW_EMAIL_CODE.id)
    params = {"name": "Wang"} | ({"codes": [["Wang", CODE]]} if with_code else {"code": "abc"})
    letter = rendering.render_mail(kind, language, params, timezone.now())
    foreign = [char for char in letter.text.replace("门牌", "") if "一" <= char <= "鿿"]
    assert bool(foreign) == (language == "zh-hans")
    assert "{" not in letter.text and letter.subject
    assert ("12345678" in letter.text) == with_code


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", sorted(kind for kind in message_kinds.SMS_TEXTS["en"] if kind.endswith("-code")))
def test_every_sms_names_the_shop_the_code_and_its_life(kind, language, settings, set_rule):
    settings.MENPAI_BRAND_NAME = "某某商城"
    set_rule("SMS_CODE_LIFE", timedelta(seconds=90))
    text = rendering.render_sms_text(kind, language, {"code": "123456"}, timezone.now())
    assert text.startswith(("【某某商城】验证码 123456，90 秒内有效", "[某某商城] 123456 is your code"))
    assert rendering.sms_variables({"code": "123456"}, timezone.now()) == {"code": "123456", "minutes": "1"}


def test_every_kind_has_a_text_for_each_of_its_channels_and_no_other():
    kinds = message_kinds.KINDS.values()
    assert {kind.id for kind in kinds if "sms" in kind.channels} == message_kinds.SMS_TEXTS["en"].keys()
    assert {kind.id for kind in kinds if "email" in kind.channels} == mail_texts.MAIL_TEXTS["en"].keys()
    assert all(kind.id not in (kind.zh, kind.en) for kind in kinds)


def test_both_languages_have_the_same_messages_times_and_spans():
    assert message_kinds.SMS_TEXTS["zh-hans"].keys() == message_kinds.SMS_TEXTS["en"].keys()
    assert mail_texts.MAIL_TEXTS["zh-hans"].keys() == mail_texts.MAIL_TEXTS["en"].keys()
    at = datetime(2026, 11, 21, 7, 3, tzinfo=UTC)
    assert "2026-11-21 15:03" in rendering.render_sms_text(message_kinds.MOBILE_CHANGED.id, "zh-hans", {}, at)
    assert rendering.sms_variables({}, at) == {"at": "2026-11-21 15:03"}
    spans = {rules.MAIL_CODE_LIFE: "10 minutes", timedelta(hours=1): "1 hour", timedelta(seconds=90): "90 seconds"}
    assert {length: rendering.format_span(length, "en") for length in spans} == spans


@pytest.mark.parametrize("language", rendering.TAGS)
def test_the_owner_of_a_mailbox_reads_no_name_that_a_stranger_chose(language):
    params = {"name": "win-a-prize", "code": "x", "in_use": "yes"}
    letter = rendering.render_mail(message_kinds.ACTIVATION_LINK.id, language, params, timezone.now())
    assert "win-a-prize" not in letter.subject + letter.text + letter.html
    assert letter.link in letter.text and "{" not in letter.text


def test_a_logo_takes_the_place_of_the_plate(settings):
    settings.MENPAI_BRAND_LOGO_URL, settings.MENPAI_PUBLIC_URL = "/logo.svg", "https://shop.example"
    letter = rendering.render_mail(message_kinds.PASSWORD_CHANGED.id, "zh-hans", {"name": "Wang"}, timezone.now())
    assert '<img src="https://shop.example/logo.svg" alt="门牌"' in letter.html


@pytest.mark.parametrize("color", ["#ffdd00", "red;}", "#0b57a4"])
def test_the_name_on_the_plate_is_readable_on_every_colour(settings, color):
    settings.MENPAI_BRAND_COLOR = color
    html = rendering.render_mail(message_kinds.PASSWORD_CHANGED.id, "zh-hans", {"name": "Wang"}, timezone.now()).html
    ground, ink = re.search(r'bgcolor="(#\w{6})".*?;color:(#\w{6});font-size:22px', html, re.DOTALL).groups()
    assert brand.contrast(ground, ink) >= 4.5
    assert "red" not in html


def test_a_name_in_a_mail_is_text_and_nothing_else():
    """A name can be the stranger's whole message: it must not become markup, a link or a line of its own (R68)."""
    name = "<a href='https://evil.example'>\r\nBcc: x\u202e\x1b"
    letter = rendering.render_mail(
        message_kinds.ACTIVATION_LINK.id, "zh-hans", {"name": name, "code": "c"}, timezone.now()
    )
    assert "「&lt;***x」" in letter.html
    assert "「<***x」" in letter.text


# ── Moods ──
@pytest.mark.parametrize("mood", ["550", "554"])
def test_a_refusal_for_good_is_not_retried(server, code_mail, mood, caplog):
    server.mood = mood
    with caplog.at_level(logging.DEBUG):
        assert outbox.deliver(code_mail.pk) == "failed"
    code_mail.refresh_from_db()
    assert code_mail.problem in ("smtp: recipient refused 550", "smtp: refused 554")
    assert (code_mail.sealed, server.mails) == ("", [])
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "refused" in logged
    assert TO not in logged and CODE not in logged


@pytest.mark.parametrize("mood", ["450", "421"])
def test_a_refusal_for_now_is_retried(server, code_mail, mood, clock):
    server.moods = [mood]
    before = timezone.now()
    assert outbox.deliver(code_mail.pk) == "queued"
    code_mail.refresh_from_db()
    assert code_mail.problem == f"smtp: busy {mood}"
    assert 4 <= (code_mail.due_at - before).total_seconds() <= 7
    assert again(code_mail, clock) == "accepted"
    assert len(server.mails) == 1


def test_the_pauses_grow_and_nothing_is_sent_after_its_life(server, code_mail, clock):
    server.mood = "450"
    outbox.deliver(code_mail.pk)
    while (state := again(code_mail, clock)) == "queued":
        pass
    code_mail.refresh_from_db()
    assert (state, code_mail.sealed, code_mail.problem) == ("expired", "", "smtp: busy 450")
    assert 6 <= code_mail.attempts <= 8  # 0 s, 5 s, 35 s, then every two minutes of its ten
    server.mood = "accept"
    assert outbox.deliver(code_mail.pk) == ""
    assert server.mails == []


def test_a_server_that_stalls_is_left_after_the_time_out_and_tried_again(server, code_mail, clock, set_rule):
    set_rule("ANSWER_TIMEOUT", timedelta(seconds=1))
    server.moods = ["stall at rcpt"]
    started = time.monotonic()
    assert outbox.deliver(code_mail.pk) == "queued"
    assert time.monotonic() - started < 3
    assert again(code_mail, clock) == "accepted"
    assert len(server.mails) == 1


@pytest.mark.parametrize("mood", ["drop after data", "stall after data"])
def test_a_mail_without_an_answer_is_sent_once_more_and_is_the_same_mail(server, code_mail, mood, clock, set_rule):
    set_rule("ANSWER_TIMEOUT", timedelta(seconds=1))
    server.moods = [mood]
    assert outbox.deliver(code_mail.pk) == "handed"
    assert again(code_mail, clock) == "accepted"
    first, second = server.mails
    assert first["message-id"] == second["message-id"]
    assert part(first, "plain") == part(second, "plain")


def test_a_mail_that_is_never_answered_makes_one_duplicate_not_ten(server, code_mail, clock):
    server.mood = "drop after data"
    assert outbox.deliver(code_mail.pk) == "handed"
    assert again(code_mail, clock) == "unknown"
    code_mail.refresh_from_db()
    assert (code_mail.sealed, len(server.mails)) == ("", 2)


def test_a_server_that_is_not_there_or_takes_no_password_is_tried_again(server, code_mail, settings, clock):
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # the discard port, where nobody listens
    assert outbox.deliver(code_mail.pk) == "queued"
    settings.EMAIL_PORT = there
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", "wrong"  # the server here knows no passwords
    assert again(code_mail, clock) == "queued"
    code_mail.refresh_from_db()
    assert code_mail.problem.startswith("smtp: misconfigured")
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    assert again(code_mail, clock) == "accepted"


def test_no_transaction_is_open_while_a_mail_is_being_sent(server, code_mail, set_rule):
    """Seen from inside the server: while it has the mail, the row already says so to every other connection."""
    seen = []

    async def look(*_):
        import asyncio

        def states():
            try:
                return list(Message.objects.values_list("state", flat=True))
            finally:
                connection.close()

        seen.extend(await asyncio.to_thread(states))
        return "250 OK"

    server.handle_DATA = look
    assert outbox.deliver(code_mail.pk) == "accepted"
    assert seen == ["handed"]


def test_a_worker_that_lost_its_lease_changes_nothing(server, code_mail, set_rule):
    """It was slow; another one took the message and finished it. The late answer must not open it again."""
    server.moods = ["stall after data"]
    states = []

    def slow():
        states.append(outbox.deliver(code_mail.pk))
        connection.close()

    worker = threading.Thread(target=slow)
    worker.start()
    assert server.reached.wait(10)
    Message.objects.update(due_at=timezone.now())  # the lease is over
    assert outbox.deliver(code_mail.pk) == "accepted"
    server.go_on.set()
    worker.join(10)
    code_mail.refresh_from_db()
    assert (states, code_mail.state, code_mail.attempts) == ([""], "accepted", 2)


def test_sms_are_not_held_up_by_a_mail_server_that_is_away(server, code_mail, settings):
    settings.EMAIL_PORT = 9
    with transaction.atomic():
        messages.send_code_sms(rules.REGISTRATION, a_mobile(), "zh-hans", "123456")
    outbox.deliver_due()
    assert dict(Message.objects.values_list("channel", "state")) == {"email": "queued", "sms": "accepted"}
