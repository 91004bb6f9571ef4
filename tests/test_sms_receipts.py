"""What vendors say of an SMS afterwards: each in its own form, from an address that anybody can call."""

import json
import time
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from menpai import rules
from menpai.delivery.sms import receipt_parsing, vendors
from menpai.delivery.sms.gateway import BadReceipt, Callback, Receipt
from tests.rig.vendors import FAKES
from tests.rig.vendors.aliyun import Aliyun
from tests.rig.vendors.huawei import Huawei
from tests.rig.vendors.tencent import Tencent
from tests.rig.vendors.twilio import CALLBACK, Twilio
from tests.rig.vendors.twilio import sign as twilio_sign
from tests.rig.vendors.webhook import Webhook
from tests.rig.vendors.webhook import sign as webhook_sign
from tests.rig.vendors.yunpian import Yunpian
from tests.smses import an_sms_for, only_gateway

REPORTING = [kind for kind in FAKES if kind.name != "yuntongxun"]
AT = datetime(2026, 11, 21, 2, 11, 15, tzinfo=UTC)  # what every fake says, in its own time zone
ACKNOWLEDGED = {
    "aliyun": {"code": 0, "msg": "接收成功"},
    "tencent": {"result": 0, "errmsg": "OK"},
    "yunpian": "SUCCESS",
    "huawei": "",
    "twilio": "",
    "webhook": {"ok": True},
}


def anonymous(kind, monkeypatch):
    """Its gateway, set up, without a server."""
    fake = kind()
    for key, value in fake.SETTINGS.items():
        monkeypatch.setenv(f"MENPAI_{fake.name.upper()}_{key}", value)
    return vendors.find_gateway(fake.name), fake


def called(headers, body, url=CALLBACK):
    return Callback(url, headers, body)


def believes_none(gateway, *callbacks):
    for callback in callbacks:
        with pytest.raises(BadReceipt):
            gateway.receipts(callback)


@pytest.fixture(params=REPORTING, ids=lambda kind: kind.name)
def kind(request):
    return request.param


def test_yuntongxun_tells_nothing_that_could_be_relied_on():
    assert not hasattr(vendors.find_gateway("yuntongxun"), "receipts")
    assert sorted(kind.name for kind in REPORTING) == sorted(ACKNOWLEDGED)


@pytest.mark.parametrize(("outcome", "detail"), [("delivered", ""), ("failed", "30008")])
def test_a_receipt_names_the_sms_and_what_became_of_it(kind, outcome, detail, monkeypatch, settings):
    with only_gateway(kind, monkeypatch, settings) as fake:
        gateway = vendors.find_gateway(fake.name)
        reference = gateway.send(an_sms_for(fake))
        (ours,) = fake.sent
        (receipt,) = gateway.receipts(called(*fake.callback(ours, outcome, detail)))
        assert (receipt.vendor_reference, receipt.outcome) == (reference, outcome)
        assert receipt.detail == detail or outcome == "delivered"
        assert receipt.at == (None if fake.name == "twilio" else AT)


def test_the_vendor_hears_what_it_wants_to_hear(kind):
    content_type, body = vendors.find_gateway(kind.name).acknowledgement
    wanted = ACKNOWLEDGED[kind.name]
    assert (body if isinstance(wanted, str) else json.loads(body)) == wanted
    assert content_type.startswith("text/plain" if isinstance(wanted, str) else "application/json")


# ── In their own forms ──
def test_aliyun_and_tencent_send_many_at_once(monkeypatch):
    aliyun, _ = anonymous(Aliyun, monkeypatch)
    reports = [{"biz_id": f"{n}^0", "success": n % 2 == 0, "err_code": f"E{n}"} for n in range(100)]
    receipts = aliyun.receipts(called({}, json.dumps(reports).encode()))
    assert [receipt.outcome for receipt in receipts] == ["delivered", "failed"] * 50
    assert receipts[1] == Receipt("1^0", "failed", "E1", None)
    tencent, _ = anonymous(Tencent, monkeypatch)
    reports = [{"sid": f"5000:{n}", "report_status": "SUCCESS"} for n in range(100)]
    assert len(tencent.receipts(called({}, json.dumps(reports).encode()))) == 100


def test_yunpian_may_encode_it_twice(monkeypatch):
    yunpian, _ = anonymous(Yunpian, monkeypatch)
    report = json.dumps([{"sid": 9527, "report_status": "FAIL", "error_msg": "DB:0103"}])
    once, twice = (f"sms_status={text}".encode() for text in (quote(report), quote(quote(report))))
    assert yunpian.receipts(called({}, once)) == yunpian.receipts(called({}, twice))
    assert yunpian.receipts(called({}, twice)) == [Receipt("9527", "failed", "DB:0103", None)]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("DELIVRD", "delivered"), ("UNDELIV", "failed"), ("E200027", "failed"), ("ACCEPTD", None), ("UNKNOWN", None)],
)
def test_huawei_what_is_no_end_is_left_out(status, outcome, monkeypatch):
    huawei, _ = anonymous(Huawei, monkeypatch)
    body = f"sequence=1&total=1&updateTime=2018-04-13T06%3A31%3A46Z&source=2&smsMsgId=b9d9b4fe_6&status={status}"
    assert [receipt.outcome for receipt in huawei.receipts(called({}, body.encode()))] == ([outcome] if outcome else [])


@pytest.mark.parametrize("status", ["accepted", "queued", "sending", "sent", "scheduled", ""])
def test_twilio_what_is_no_end_is_left_out(status, monkeypatch):
    twilio, _ = anonymous(Twilio, monkeypatch)
    fields = {"MessageSid": "SM1", "MessageStatus": status}
    headers = {"x-twilio-signature": twilio_sign(CALLBACK, fields)}
    assert twilio.receipts(called(headers, urlencode(fields).encode())) == []


# ── Signatures ──
def test_twilio_believes_nothing_that_it_did_not_sign(monkeypatch):
    twilio, fake = anonymous(Twilio, monkeypatch)
    headers, body = fake.callback("SM1", "failed", "30008")
    assert twilio.receipts(called(headers, body))
    believes_none(
        twilio,
        called({}, body),
        called({"x-twilio-signature": ""}, body),
        called({"x-twilio-signature": "签名"}, body),
        called(headers, body.replace(b"undelivered", b"delivered")),
        called(headers, body + b"&Extra=1"),
        called(headers, body + b"&MessageSid=SM1"),
        called(headers, body, CALLBACK.replace("shop", "evil")),
    )
    monkeypatch.setenv("MENPAI_TWILIO_AUTH_TOKEN", "")
    believes_none(twilio, called(headers, body))


@pytest.mark.parametrize(
    ("signed", "seen"),
    [
        ("https://shop.example/r", "https://shop.example:443/r"),
        ("https://shop.example:443/r", "https://shop.example/r"),
        ("http://shop.example:80/r", "http://shop.example/r"),
    ],
)
def test_twilio_may_sign_the_address_with_its_port_or_without(signed, seen, monkeypatch):
    twilio, _ = anonymous(Twilio, monkeypatch)
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    headers = {"x-twilio-signature": twilio_sign(signed, fields)}
    assert twilio.receipts(called(headers, urlencode(fields).encode(), seen))


def test_the_shops_sender_signs_what_it_tells(monkeypatch):
    webhook, fake = anonymous(Webhook, monkeypatch)
    headers, body = fake.callback("0" * 32)
    assert webhook.receipts(called(headers, body))
    old = str(int(time.time()) - 301)
    believes_none(
        webhook,
        called({}, body),
        called(headers, body + b" "),
        called({**headers, "webhook-id": "msg_other"}, body),
        called({**headers, "webhook-timestamp": "9" * 30}, body),
        called({**headers, "webhook-timestamp": "١"}, body),
        called({**headers, "webhook-timestamp": old, "webhook-signature": webhook_sign("m", old, body)}, body),
        called({**headers, "webhook-signature": "签 v1, v1"}, body),
        called({**headers, "webhook-signature": headers["webhook-signature"].replace("v1", "v2")}, body),
    )


def test_the_secret_of_the_shops_sender_can_be_changed_one_side_at_a_time(monkeypatch):
    webhook, fake = anonymous(Webhook, monkeypatch)
    old = fake.SETTINGS["SECRET"]
    monkeypatch.setenv("MENPAI_WEBHOOK_SECRET", f"a secret that is long enough, {old}")
    monkeypatch.setenv("MENPAI_WEBHOOK_URL", "https://shop.example/sms")
    assert webhook.problems() == []
    assert webhook.receipts(called(*fake.callback("0" * 32)))
    monkeypatch.setenv("MENPAI_WEBHOOK_SECRET", "a secret that is long enough")
    believes_none(webhook, called(*fake.callback("0" * 32)))
    monkeypatch.setenv("MENPAI_WEBHOOK_SECRET", "too short")
    assert webhook.problems() == ["MENPAI_WEBHOOK_SECRET must have 24 bytes or more"]


# ── Anybody may call ──
DEEP = b"[" * 100_000
JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text(),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = """
    biz_id success err_code report_time sid report_status errmsg user_receive_time error_msg smsMsgId status
    updateTime MessageSid MessageStatus ErrorCode id code at sms_status
"""
LIKELY = strategies.sampled_from(
    ["SUCCESS", "FAIL", "DELIVRD", "delivered", "\x00", "1" * 5000, True, "2026-11-21 10:11:15", "0001-01-01 00:00:00"]
)
REPORTS = strategies.lists(
    strategies.dictionaries(strategies.sampled_from(NAMES.split()), LIKELY | JSON, min_size=1), min_size=1, max_size=3
)


def as_the_vendor_would(kind, fake, content):
    """The content in the vendor's form and, where it signs, signed: what is inside is what is looked at."""
    if kind in (Twilio, Huawei):
        fields = {name: str(value) for report in content for name, value in report.items()}
        body = urlencode(fields, errors="replace").encode()
        return {"x-twilio-signature": twilio_sign(CALLBACK, fields)}, body
    body = json.dumps(content).encode()
    if kind is Yunpian:
        return {}, b"sms_status=" + quote(body).encode()
    stamp = str(int(time.time()))
    return {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": webhook_sign("m", stamp, body)}, body


def understood_or_bad(gateway, callback):
    try:
        receipts = gateway.receipts(callback)
    except BadReceipt:
        return
    for receipt in receipts:
        assert receipt.vendor_reference.isascii() and receipt.vendor_reference.isprintable()
        assert 0 < len(receipt.vendor_reference) <= 128 and len(receipt.detail) <= 80
        assert receipt.outcome in ("delivered", "failed")
        assert receipt.at is None or (receipt.at.tzinfo and receipt.at.astimezone(UTC))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=REPORTS)
def test_whatever_a_report_holds_it_is_a_receipt_or_a_bad_one(kind, monkeypatch, content):
    gateway, fake = anonymous(kind, monkeypatch)
    headers, body = as_the_vendor_would(kind, fake, content)
    understood_or_bad(gateway, called(headers, body))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=strategies.binary() | JSON.map(lambda value: json.dumps(value).encode()),
    headers=strategies.dictionaries(
        strategies.sampled_from(["x-twilio-signature", "webhook-id", "webhook-timestamp", "webhook-signature"]),
        strategies.text(),
    ),
    url=strategies.text() | strategies.sampled_from(["https://[", "https://shop:x/", ""]),
)
def test_garbage_is_a_bad_receipt_and_nothing_else(kind, monkeypatch, body, headers, url):
    gateway, _ = anonymous(kind, monkeypatch)
    understood_or_bad(gateway, Callback(url, headers, body))


HOSTILE = [
    *(b"", b"null", b"{}", b"0", b'"', b"\xff\xfe", DEEP, b"a=" * 2000, b"&" * 5000, b"=" * 5000),
    *(b'[{"biz_id":' + b"9" * 5000 + b',"success":true}]', b" " * (rules.RECEIPT_BYTES + 1)),
    *(b'[{"x":' + DEEP, b"sms_status=" + DEEP, b"sms_status=[{%22x%22:" + DEEP),
    b"sms_status=" + b"%5B" * 50_000,
]


def test_hostile_bodies_are_bad_receipts_and_quickly(kind, monkeypatch):
    gateway, _ = anonymous(kind, monkeypatch)
    stamp, started = str(int(time.time())), time.monotonic()
    for body in HOSTILE:
        headers = {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": webhook_sign("m", stamp, body)}
        believes_none(gateway, called(headers, body))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("said", ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "2026-02-30 00:00:00", "soon", 5, None])
def test_a_time_that_cannot_be_is_no_time(said):
    """Written in another time zone, the first of them is before all time."""
    assert receipt_parsing.parse_time(said) is None
    assert receipt_parsing.keep_plausible(datetime(2026, 11, 21)) is None  # nobody knows where


def test_a_bad_receipt_quotes_nothing_of_what_was_sent(kind, monkeypatch):
    gateway, _ = anonymous(kind, monkeypatch)
    with pytest.raises(BadReceipt) as refusal:
        gateway.receipts(called({}, b'[{"mobile": "13800138000"}]'))
    assert "138" not in str(refusal.value)
