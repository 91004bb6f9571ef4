"""The development mailbox: all that was sent, for whoever sits at this machine, and for nobody else."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.utils import timezone

from menpai import rules
from menpai.delivery import messages as delivery_messages
from menpai.delivery import outbox
from menpai.models import Customer, Message

PATHS = ["/dev/mailbox", "/dev/mailbox.json"]
ASKED = {"provider": "weibo", "redirect_uri": "http://127.0.0.1:8000/social/weibo/callback", "state": "x"}
EVERY_PAGE = [*PATHS, f"/dev/consent?{urlencode(ASKED)}"]


@pytest.fixture
def messages():
    customer = Customer.objects.create(
        username="小王", username_key="小王", email="Wang@example.com", email_key="wang@example.com", password="-"
    )
    with transaction.atomic():
        delivery_messages.send_code_sms(rules.REGISTRATION, "18667018590", "zh-hans", "123456")
        delivery_messages.send_activation_link(customer, "bGluaw")
        delivery_messages.send_recovery_sms(delivery_messages.decoy_customer(), "000000")
        delivery_messages.send_recovery_mail(customer, [("小王", "12345678")])
    outbox.deliver_due()
    return list(Message.objects.order_by("pk"))


def listed(http, **query):
    return http.get("/dev/mailbox.json", params=query).json()["messages"]


def test_every_message_is_listed_newest_last(http, messages, settings):
    sms, link, code = listed(http)
    assert list(sms) == ["id", "channel", "to", "subject", "text", "html", "code", "link", "created_at", "status"]
    assert (sms["id"], sms["channel"], sms["to"], sms["status"]) == (messages[0].pk, "sms", "18667018590", "accepted")
    assert (sms["code"], sms["link"]) == ("123456", None)
    assert (link["code"], link["link"]) == (None, f"{settings.MENPAI_ACTIVATE_URL}?code=bGluaw")
    assert (code["channel"], code["code"], code["link"]) == ("email", "12345678", None)
    assert "12345678" in code["text"] and "12345678" in code["html"]
    assert timezone.datetime.fromisoformat(code["created_at"]) == messages[2].created_at


def test_it_is_asked_by_recipient_and_by_what_is_newer(http, messages):
    assert [one["code"] for one in listed(http, to="18667018590")] == ["123456"]
    assert len(listed(http, to="wang@EXAMPLE.com")) == 2
    assert listed(http, to="nobody@example.com") == []
    assert [one["id"] for one in listed(http, since=messages[1].pk)] == [messages[2].pk]
    assert len(listed(http, since="x")) == 3


def test_a_message_that_waits_is_there_too_and_an_expired_one_without_what_it_said(http, messages):
    with transaction.atomic():
        delivery_messages.send_code_sms(rules.REGISTRATION, "18667018591", "zh-hans", "654321")
    [message] = listed(http, to="18667018591")
    assert (message["status"], message["code"]) == ("queued", "654321")
    Message.objects.update(sealed="", state="expired")
    assert {(one["text"], one["code"], one["link"]) for one in listed(http)} == {("", None, None)}
    assert http.get("/dev/mailbox").status_code == 200


def test_the_page_shows_them_escaped_and_lets_nothing_run(http, messages):
    answer = http.get("/dev/mailbox")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert '<p class="code">123456</p>' in answer.text
    [first, _] = re.findall(r'<iframe [^>]*sandbox="([^"]*)" srcdoc="([^"]*)"', answer.text)
    assert "allow-scripts" not in first[0] and "allow-same-origin" not in first[0]
    assert unescape(first[1]).startswith("<!doctype html>")
    assert "<script>" not in answer.text and "onclick" not in answer.text


@pytest.mark.parametrize("path", EVERY_PAGE)
@pytest.mark.parametrize(
    "header",
    [
        {"host": "shop.example"},
        {"host": "127.0.0.1.evil.example"},
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-host": "localhost"},
        {"x-forwarded-proto": "https"},
        {"forwarded": "for=127.0.0.1"},
        {"x-real-ip": "127.0.0.1"},
        {"via": "1.1 proxy"},
    ],
    ids=lambda header: "-".join(header.values()) if "host" in header else next(iter(header)),
)
def test_it_is_not_there_for_what_came_from_elsewhere(http, messages, path, header, settings):
    settings.ALLOWED_HOSTS = ["*"]
    answer = http.get(path, headers=header)
    assert answer.status_code == 404
    assert "123456" not in answer.text


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_loopback_is_home_and_no_other_machine(client_from, messages, path):
    for address in ("192.0.2.7", "10.0.0.1", "2001:db8::1", ""):
        assert client_from(address).get(path).status_code == 404
    for address in ("127.0.0.1", "::1"):
        for host in ("localhost", "127.0.0.1:8000", "[::1]:8000"):
            assert client_from(address).get(path, headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_it_is_not_there_in_production_or_without_an_outbox(http, messages, path, settings):
    settings.MENPAI_DEV_MAILBOX = False
    assert http.get(path).status_code == 404
    settings.MENPAI_DEV_MAILBOX, settings.MENPAI_SMS_GATEWAYS = True, ["yuntongxun"]
    assert {one["channel"] for one in listed(http)} == {"email"}  # what really sends is not shown
    settings.MENPAI_EMAIL_IS_OUTBOX = False
    assert http.get(path).status_code == 404
