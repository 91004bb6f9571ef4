"""Each SMS vendor's own protocol: signatures against published examples, and what each of its answers means."""

from datetime import UTC, datetime

import pytest

from menpai.delivery import outcomes
from menpai.delivery.sms import vendor, vendors
from menpai.delivery.sms.vendors import aliyun, huawei, tencent, twilio, webhook, yuntongxun
from menpai.http import signatures
from tests.rig.vendors.aliyun import Aliyun
from tests.rig.vendors.huawei import Huawei
from tests.rig.vendors.tencent import Tencent
from tests.rig.vendors.twilio import Twilio
from tests.rig.vendors.webhook import Webhook
from tests.rig.vendors.yunpian import Yunpian
from tests.rig.vendors.yuntongxun import Yuntongxun
from tests.smses import ABROAD, an_sms, an_sms_for, only_gateway

pytestmark = pytest.mark.without_database


# ── Signatures ──
def test_yuntongxun_the_signature_is_the_vendors():
    """The check vector of the vendor's rule, MD5(account + token + timestamp), at 10:11:12 in Beijing."""
    at = datetime(2026, 11, 21, 2, 11, 12, tzinfo=UTC)
    signature, authorization = yuntongxun.sign(
        "abcdefghijklmnopqrstuvwxyz012345", "0123456789abcdef0123456789abcdef", at
    )
    assert signature == "0C91DC48FEE8574F8EAC447E75AD67DF"
    assert authorization == "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU6MjAyNjExMjExMDExMTI="


def test_aliyun_the_signature_is_that_of_the_published_example():
    """RunInstances, in "Request syntax and signature method V3"."""
    query = vendor.sorted_query(
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    )
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    assert aliyun.sign("YourAccessKeyId", "YourAccessKeySecret", query, headers) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_aliyun_what_is_signed_is_encoded_as_rfc_3986_says():
    assert vendor.sorted_query({"b": "【门牌】", "a": '~ +*/{"}'}) == (
        "a=~%20%2B%2A%2F%7B%22%7D&b=%E3%80%90%E9%97%A8%E7%89%8C%E3%80%91"
    )


def test_tencent_the_signature_is_that_of_the_published_example():
    """DescribeInstances, in "Signature method v3"."""
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    at = datetime.fromtimestamp(1551113065, UTC)
    assert tencent.sign(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        "cvm",
        "cvm.tencentcloudapi.com",
        body,
        at,
    ) == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_huawei_the_digest_is_of_the_hexadecimal_text():
    """As in the vendor's samples: what their example decodes to is 64 characters of 0-9 and a-f."""
    header = huawei.sign("key", "secret", "nonce", datetime(2018, 5, 26, 0, 35, 30, tzinfo=UTC))
    assert header == (
        'UsernameToken Username="key",PasswordDigest="'
        "Y2NjZDQ4YzM2NjA4ODA4MGVkNmIwMTlmYmZlMmJkYjU1NWFiYmQ3ZDdkY2YwNmVmMDkxZTFkZDQxNzcyMTBlMQ=="
        '",Nonce="nonce",Created="2018-05-26T00:35:30Z"'
    )


def test_twilio_the_signature_is_that_of_the_published_example():
    """In "Webhooks security"."""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio.sign("12345", url, fields) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_a_webhook_is_signed_as_in_the_example_of_standard_webhooks():
    secret = signatures.parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = signatures.sign(body, "msg_p5jXN8AQM9LWM0D4loKWxJek", [secret], 1614265330)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


# ── Answers ──
CODES = {
    Yuntongxun: {
        outcomes.Retry: "172001 160000 160050 160001 999999",
        outcomes.RateLimited: "160038 160039 160040 160041",
        outcomes.BadRecipient: "160034 160042",
        outcomes.Refused: "160031 160033 160037",
        outcomes.Misconfigured: "111109 111141 111181 112300 112310 112311 113302 160014 160032 160043",
    },
    Aliyun: {
        outcomes.Retry: """
            isp.SYSTEM_ERROR isp.GATEWAY_ERROR Throttling.User ServiceUnavailable SignatureNonceUsed NobodyKnows
        """,
        outcomes.RateLimited: """
            isv.BUSINESS_LIMIT_CONTROL BUSINESS_LIMIT_CONTROL_MINUTE isv.BUSINESS_LIMIT_DAY
            isv.NOT_SUPPORTED_COUNTRY isv.DOMESTIC_NUMBER_NOT_SUPPORTED
        """,
        outcomes.BadRecipient: "isv.MOBILE_NUMBER_ILLEGAL",
        outcomes.Refused: "isv.BLACK_KEY_CONTROL_LIMIT isv.SMS_CONTENT_ILLEGAL isv.PARAM_LENGTH_LIMIT",
        outcomes.Misconfigured: """
            isv.SMS_SIGNATURE_ILLEGAL isv.SMS_TEMPLATE_ILLEGAL isv.OUT_OF_SERVICE isv.AMOUNT_NOT_ENOUGH
            isv.DAY_LIMIT_CONTROL isv.ACCOUNT_ABNORMAL isv.DENY_IP_RANGE isv.TEMPLATE_MISSING_PARAMETERS
            SignatureDoesNotMatch InvalidAccessKeyId.NotFound InvalidTimeStamp.Expired Forbidden.RAM
            isp.RAM_PERMISSION_DENY
        """,
    },
    Tencent: {
        outcomes.Retry: """
            InternalError InternalError.OtherError RequestLimitExceeded RequestLimitExceeded.IPLimitExceeded
            FailedOperation NobodyKnows
        """,
        outcomes.Unanswered: "InternalError.Timeout InternalError.SendAndRecvFail",
        outcomes.RateLimited: """
            LimitExceeded.PhoneNumberThirtySecondLimit LimitExceeded.PhoneNumberOneHourLimit
            LimitExceeded.PhoneNumberDailyLimit LimitExceeded.DeliveryFrequencyLimit
            UnsupportedOperation.UnsupportedRegion
        """,
        outcomes.BadRecipient: "FailedOperation.PhoneNumberInBlacklist InvalidParameterValue.IncorrectPhoneNumber",
        outcomes.Refused: """
            FailedOperation.ContainSensitiveWord InvalidParameterValue.ContentLengthLimit
            InvalidParameterValue.TemplateParameterLengthLimit
        """,
        outcomes.Misconfigured: """
            AuthFailure.SignatureFailure AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire
            FailedOperation.SignatureIncorrectOrUnapproved FailedOperation.TemplateIncorrectOrUnapproved
            FailedOperation.InsufficientBalanceInSmsPackage InvalidParameterValue.SdkAppIdNotExist
            UnauthorizedOperation.ServiceSuspendDueToArrears LimitExceeded.AppDailyLimit
        """,
    },
    Huawei: {
        outcomes.Retry: "E000000 E999999",
        outcomes.RateLimited: "E000628 E200024 E200025 E200026 E200027",
        outcomes.Refused: "E000503 E200051",
        outcomes.Misconfigured: """
            E000001 E000027 E000111 E000112 E000620 E000623 E000629 E200018 E200019 E200020 E200023 E200032
        """,
    },
    Yunpian: {
        outcomes.Retry: "28 -4 -5 -50 -51 -53 999",
        outcomes.RateLimited: "8 9 17 20 22 23 33 43",
        outcomes.BadRecipient: "10",
        outcomes.Refused: "2 4 48 52",
        outcomes.Misconfigured: "1 3 5 7 15 16 18 40 -1 -2 -3 -57",
    },
    Twilio: {
        outcomes.Retry: "20429 21611 99999",
        outcomes.RateLimited: "21408 21612",
        outcomes.BadRecipient: "21211 21265 21610 21614 21635",
        outcomes.Refused: "21602 21617",
        outcomes.Misconfigured: "20003 20404 21212 21606 21608 21609 21705 30002 63038",
    },
    Webhook: {meaning: word for word, meaning in webhook.WORDS.items()},
}


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: kind.name)
def test_every_answer_of_a_vendor_has_its_meaning(kind, monkeypatch, settings):
    with only_gateway(kind, monkeypatch, settings) as fake:
        expected, meanings = {meaning: codes.split() for meaning, codes in CODES[kind].items()}, {}
        for fake.mood in (code for codes in expected.values() for code in codes):
            with pytest.raises(outcomes.NotAccepted) as refusal:
                vendors.find_gateway(fake.name).send(an_sms_for(fake))
            meanings.setdefault(type(refusal.value), []).append(refusal.value.detail)
        assert meanings == expected
        assert fake.sent == {}


# ── Peculiarities ──
def test_aliyun_codes_are_the_one_variable_and_minutes_are_there_for_who_wants_them(monkeypatch, settings):
    with only_gateway(Aliyun, monkeypatch, settings) as fake:
        aliyun.send(an_sms())
        assert fake.requests[-1]["TemplateParam"] == '{"code":"123456"}'
        aliyun.send(an_sms("mobile-changed"))
        assert list(fake.sent.values())[-1][1][0][:2] == "20"


def test_aliyun_a_number_of_america_never_becomes_one_of_the_mainland(monkeypatch, settings):
    """Aliyun writes +1 310 555 1234 without the plus, and that is somebody's mobile in China."""
    with only_gateway(Aliyun, monkeypatch, settings) as fake:
        with pytest.raises(outcomes.RateLimited, match="ambiguous"):
            aliyun.send(an_sms(mobile="+13105551234"))
        assert fake.requests == []


def test_tencent_variables_go_in_the_order_of_the_template(monkeypatch, settings):
    with only_gateway(Tencent, monkeypatch, settings) as fake:
        monkeypatch.setenv("MENPAI_TENCENT_VARIABLES", "minutes,code")
        tencent.send(an_sms())
        assert fake.requests[-1]["TemplateParamSet"] == ["5", "123456"]


@pytest.mark.parametrize("kind", [Aliyun, Tencent])
def test_abroad_has_a_signature_of_its_own_where_one_is_set(kind, monkeypatch, settings):
    with only_gateway(kind, monkeypatch, settings) as fake:
        monkeypatch.setenv(f"MENPAI_{fake.name.upper()}_INTL_SIGN_NAME", "Menpai")
        vendors.find_gateway(fake.name).send(an_sms())
        with pytest.raises(outcomes.NotAccepted):  # the fake knows one signature only
            vendors.find_gateway(fake.name).send(an_sms(mobile=ABROAD))
        assert [one["SignName"] for one in fake.requests] == ["门牌", "Menpai"]
        assert fake.complaints == ["sign"]
        fake.complaints.clear()


def test_a_message_has_the_template_made_for_it_before_the_general_one(monkeypatch, settings):
    with only_gateway(Yuntongxun, monkeypatch, settings) as fake:
        monkeypatch.setenv("MENPAI_YUNTONGXUN_TEMPLATE_ID", "999")
        monkeypatch.setenv("MENPAI_YUNTONGXUN_TEMPLATE_SIGN_IN_CODE", "1")
        yuntongxun.send(an_sms("sign-in-code"))
        assert fake.requests[-1]["templateId"] == "1"
