"""`menpai sms timeline`: why did my code not arrive?"""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from menpai import audit, rules
from menpai.audit import aggregation, events
from menpai.delivery import outbox
from menpai.delivery.sms import budget, reasons
from menpai.models import Message
from menpai.reports import timeline
from tests.audit_trail import written
from tests.customers import a_mobile, ask_for_code, somebody_by_sms
from tests.rig.vendors.yuntongxun import Yuntongxun
from tests.smses import only_gateway

DAY = timedelta(days=1)


def told(mobile, *, everything=False):
    aggregation.flush()
    return [step.what for step in timeline.of_number(mobile, timeline.beginning(everything=everything))]


def typed(*arguments):
    out = io.StringIO()
    call_command("sms", "timeline", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def gateway(settings, monkeypatch):
    with only_gateway(Yuntongxun, monkeypatch, settings) as found:
        yield found


# ── What happened ──
def test_a_code_that_was_handed_over_and_one_that_was_used_before(http, mailbox):
    mobile = a_mobile()
    ask_for_code(http, mailbox, mobile)
    outbox.deliver(Message.objects.get().pk)
    assert told(mobile) == ["asked", "handed", "accepted"]
    assert told(somebody_by_sms(http, mailbox).phone) == ["asked", "verified", "waits"]


def test_a_number_that_asked_too_often_and_typed_wrong_codes(http, mailbox):
    mobile = a_mobile()
    ask_for_code(http, mailbox, mobile)
    assert http.get(f"/user/sms/{mobile}/").status_code == 400
    http.get("/user/sms/valid/", params={"mobile": mobile, "sms_code": "000000"})
    steps = told(mobile)
    assert steps[0] == "asked"
    assert {"limit", "wrong"} <= set(steps)


def test_a_recovery_of_a_number_that_nobody_has(http):
    mobile = a_mobile()
    http.post("/v1/users/password/sms", json={"email": mobile})
    outbox.deliver_due()
    assert told(mobile) == ["nobody"]


def test_a_refusal_of_the_gateway_in_its_own_words(gateway, http):
    mobile, gateway.mood = a_mobile(), "160038"
    http.get(f"/user/sms/{mobile}/")
    outbox.deliver_due()
    said = typed(mobile)
    assert "交给 yuntongxun" in said
    assert (
        "yuntongxun 拒绝：发给这个号码过于频繁 · yuntongxun refused it: too many to this number in a short time" in said
    )


def test_a_failed_receipt_and_a_second_gateway(sms):
    first = sms(
        "failed", gateway="aliyun", after=4, reason="not delivered MOBILE_NOT_ON_SERVICE", ago=timedelta(minutes=3)
    )
    sms("delivered", gateway="tencent", message=first.message, after=2, ago=timedelta(minutes=2))
    steps = timeline.of_number("13800138000", timeline.beginning(everything=False))
    assert [step.what for step in steps if step.what != "asked"] == [
        *("handed", "accepted", "failed"),
        *("handed", "accepted", "delivered"),
    ]
    assert [step.zh for step in steps if step.what == "failed"] == ["回执：未送达，空号或已停机"]
    assert any(step.zh.startswith("再次交给 tencent（0.045 元）") for step in steps)


def test_one_that_expired_for_want_of_money(settings, monkeypatch, http, clock):
    mobile = a_mobile()
    monkeypatch.setenv("MENPAI_SMS_PRICE_OUTBOX", "CN 0.045")
    http.get(f"/user/sms/{mobile}/")
    settings.MENPAI_SMS_BUDGET_DAY = 0
    outbox.deliver_due()
    clock.advance(rules.SMS_CODE_LIFE.total_seconds() + 1)
    outbox.sweep()
    last = timeline.of_number(mobile, timeline.beginning(everything=False))[-1]
    assert (last.what, last.zh) == ("expired", "有效期内没有发出：短信预算已用完")


def test_the_last_day_or_all_that_is_kept(sms):
    sms(ago=2 * DAY)
    assert told("13800138000") == []
    assert told("13800138000", everything=True)[0] == "asked"
    assert "--all" in typed("13800138000")


# ── Who may see it ──
def test_the_number_is_masked_and_the_look_is_audited(http, mailbox):
    with pytest.raises(CommandError, match="no mobile"):
        typed("nobody")
    mobile = somebody_by_sms(http, mailbox).phone
    said = typed(f"+86 {mobile}")
    assert mobile not in said
    assert said.splitlines()[0] == f"{mobile[:3]}****{mobile[-4:]}"
    looked = written(events.ADMIN_READ)[-1]
    assert (looked.subject, looked.details) == (audit.subject(mobile), {"what": "sms_timeline", "how": "command"})


# ── Words ──
@pytest.mark.parametrize(
    ("gateway", "reason", "zh"),
    [
        ("yuntongxun", "misconfigured 160014", "云通讯账户余额不足"),
        ("yuntongxun", "yuntongxun: misconfigured 111109", "云通讯账号或密钥不对"),
        ("aliyun", "rate-limited isv.BUSINESS_LIMIT_CONTROL", "发给这个号码过于频繁，被阿里云流控"),
        ("tencent", "not delivered UNDELIV", "手机关机、停机或不在服务区"),
        ("twilio", "not delivered 30005", "空号或已停用"),
        ("tencent", "busy http 503", "通道当时繁忙或连接不上"),
        ("newcomer", "recipient refused X1", "通道不接受这个号码"),
        ("outbox", budget.PROBLEM, "短信预算已用完"),
        ("outbox", "something new", "something new"),
    ],
)
def test_a_reason_is_said_in_words(gateway, reason, zh):
    assert reasons.explain(gateway, reason).zh == zh
