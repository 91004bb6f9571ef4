"""What every SMS gateway must keep, each against a server that checks as its vendor does."""

import itertools
import logging
import socket
import time
import traceback
from datetime import timedelta
from pathlib import Path

import pytest

from menpai import rules
from menpai.delivery import message_kinds, outcomes, rendering
from menpai.delivery.sms import vendor_templates, vendors
from menpai.http.vendor_settings import VendorSettings
from tests.rig.vendors import FAKES
from tests.smses import ABROAD, CODES, KINDS, MOBILE, an_sms_for, only_gateway

pytestmark = pytest.mark.without_database

BY_TEMPLATE = [kind for kind in FAKES if not hasattr(vendors.find_gateway(kind.name), "TEXT")]
WITH_VARIABLES = [kind for kind in FAKES if "VARIABLES" in vendors.find_gateway(kind.name).SETTINGS.optional]


@pytest.fixture(params=FAKES, ids=lambda kind: kind.name)
def fake(request, monkeypatch, settings):
    with only_gateway(request.param, monkeypatch, settings) as fake:
        yield fake


@pytest.fixture
def gateway(fake):
    return vendors.find_gateway(fake.name)


@pytest.fixture
def hasty(set_rule):
    set_rule("CONNECT_TIMEOUT", timedelta(seconds=0.2))
    set_rule("ANSWER_TIMEOUT", timedelta(seconds=0.5))


def refused(fake, gateway, **asked_for):
    with pytest.raises(outcomes.NotAccepted) as refusal:
        gateway.send(an_sms_for(fake, **asked_for))
    return refusal.value


def test_every_vendor_has_a_fake_that_checks_it():
    assert [kind.name for kind in FAKES] == list(vendors.VENDORS)
    for name in ("outbox", *vendors.VENDORS):
        assert vendors.find_gateway(name).name == name


def test_every_vendors_file_has_the_type_checker_compare_it_with_the_protocol():
    for name in ("outbox", *vendors.VENDORS):
        kind = "Reporting" if vendors.find_reporting_gateway(name) else "Gateway"
        assert f"_module: {kind} = {name}\n" in Path(vendors.find_gateway(name).__file__).read_text()


# ── Handing over ──
def test_one_sms_is_one_request_that_the_vendor_understands(fake, gateway):
    for number, kind in enumerate(KINDS, start=1):
        sms = an_sms_for(fake, kind)
        assert gateway.carries(kind, fake.region)
        reference = gateway.send(sms)
        ours, (mobile, what) = list(fake.sent.items())[-1]
        assert (mobile, len(fake.requests), len(fake.sent), fake.complaints) == (fake.mobile, number, number, [])
        assert reference == fake.vendor_reference(ours)
        assert any((sms.variables.get("code") or sms.variables["at"]) in part for part in what)


def test_the_vendor_is_told_our_reference_or_gives_its_own(fake, gateway):
    sent = [an_sms_for(fake) for _ in range(3)]
    references = [gateway.send(sms) for sms in sent]
    assert len(set(references)) == len(fake.sent) == 3


def test_what_a_gateway_says_of_repeated_requests_is_true(fake, gateway):
    """F09. Who does not know a repeated request makes a second SMS of it, and must not be asked twice."""
    sms = an_sms_for(fake)
    assert gateway.send(sms) and gateway.send(sms)
    assert gateway.idempotent == fake.idempotent == (len(fake.sent) == 1)


def test_a_number_abroad_is_written_as_the_vendor_wants_it(fake, gateway):
    if gateway.carries("sign-in-code", "HK"):
        gateway.send(an_sms_for(fake, "sign-in-code", mobile=ABROAD))
        assert [mobile for mobile, _ in fake.sent.values()] == [ABROAD]
    else:
        assert fake.name == "yuntongxun"


@pytest.mark.parametrize("set_here", [True, False])
def test_the_shop_signs_once(fake, gateway, set_here, settings, monkeypatch):
    """A signature that stands twice is refused by carriers, and one that is missing too; a template brings its own."""
    settings.MENPAI_BRAND_NAME = "【门牌】"
    if not set_here:
        monkeypatch.delenv(f"MENPAI_{fake.name.upper()}_SIGN_NAME", raising=False)
    for kind, language in itertools.product(KINDS, rendering.TAGS):
        sms = an_sms_for(fake, kind, language=language)
        gateway.send(sms)
        text = str(fake.requests[-1])
        signed, brackets = text.count("门牌"), text.count("【") + text.count("[门牌]")
        if hasattr(gateway, "TEXT"):
            assert (signed, brackets) == (1, 1)
            assert sms.body in text
        else:
            assert (signed, brackets) == ("SIGN_NAME" in gateway.SETTINGS.optional, 0)


def test_nothing_but_digits_goes_out_in_the_shops_name(fake, gateway):
    for code in ("", "12a456", "１２３４５６", "123456789", "12 34", "https://evil.example", "1\n", "١٢٣"):
        assert refused(fake, gateway, code=code).detail == "variables"
    assert fake.requests == []


# ── Vendors in trouble ──
def test_a_vendor_in_trouble_is_asked_again_later(fake, gateway):
    for fake.mood in ("http 500", "http 503", "http 429"):
        refusal = refused(fake, gateway)
        assert (type(refusal), refusal.detail) == (outcomes.Retry, fake.mood)


def test_a_redirect_is_not_followed_and_an_unknown_no_is_for_everybody(fake, gateway):
    """Keys and codes are taken nowhere else."""
    moods = ("http 301", "http 302", "http 307", "http 401", "http 404", "http 418")
    for fake.mood in moods:
        refusal = refused(fake, gateway)
        assert (type(refusal), refusal.detail) == (outcomes.Misconfigured, fake.mood)
    assert len(fake.requests) == len(moods)


def test_a_vendor_that_is_not_there_took_nothing(fake, gateway, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv(gateway.SETTINGS.variable(fake.address), f"http://127.0.0.1:{nobody.getsockname()[1]}")
        assert isinstance(refused(fake, gateway), outcomes.Retry)


def test_a_vendor_that_lets_nobody_in_took_nothing(fake, gateway, monkeypatch, hasty):
    """Its backlog is full, so that connecting takes for ever."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for line in (first, second):
            line.setblocking(False)
            line.connect_ex(full.getsockname())
        monkeypatch.setenv(gateway.SETTINGS.variable(fake.address), f"http://127.0.0.1:{full.getsockname()[1]}")
        started = time.monotonic()
        assert refused(fake, gateway).detail == "ConnectTimeout"
        assert time.monotonic() - started < 5


def test_no_answer_or_none_that_can_be_read_means_that_it_may_be_under_way(fake, gateway, hasty):
    started = time.monotonic()
    for number, fake.mood in enumerate(("drop", "garbage", "stall", "drip"), start=1):
        assert isinstance(refused(fake, gateway), outcomes.Unanswered)
        assert len(fake.sent) == number
    assert time.monotonic() - started < 8


def test_trouble_between_us_and_the_vendor_means_the_same(fake, gateway):
    for fake.mood in ("http 502", "http 504"):
        assert isinstance(refused(fake, gateway), outcomes.Unanswered)


def test_an_answer_without_an_end_is_not_kept(fake, gateway):
    """Cut by its size: there is time left."""
    fake.mood = "endless"
    started = time.monotonic()
    refusal = refused(fake, gateway)
    assert (type(refusal), refusal.detail) == (outcomes.Unanswered, "endless")
    assert time.monotonic() - started < rules.ANSWER_TIMEOUT.total_seconds() / 2


def test_what_is_told_of_a_vendor_is_a_code_and_never_its_text(fake, gateway):
    """-99 is what those two say whose codes are numbers."""
    fake.mood = f"{MOBILE} 13800138000"
    refusal = refused(fake, gateway)
    assert (type(refusal), refusal.detail) == (outcomes.Retry, "-99" if fake.name in ("yunpian", "twilio") else "?")


def test_no_log_line_and_no_exception_holds_a_secret_or_a_number(fake, gateway, caplog):
    texts = [""]
    with caplog.at_level(logging.DEBUG):
        for fake.mood in ("accept", "http 401", "http 500", "drop", "garbage", "no such code"):
            try:
                gateway.send(an_sms_for(fake))
            except outcomes.NotAccepted as refusal:
                texts += traceback.format_exception(refusal)
    texts += [record.getMessage() for record in caplog.records]
    assert len(fake.requests) == 6
    for secret in (*fake.SECRETS, fake.mobile, "123456"):
        assert secret not in "\n".join(texts)


# ── Configuration ──
def test_a_gateway_that_is_set_up_has_nothing_to_complain_about(fake):
    assert vendors.problems() == []
    assert [gateway.name for gateway in vendors.configured_gateways()] == [fake.name]


def test_a_gateway_without_what_it_needs_is_not_usable_and_says_which(fake, gateway, monkeypatch):
    for key in gateway.SETTINGS.needed:
        variable = gateway.SETTINGS.variable(key)
        with monkeypatch.context() as without:
            without.delenv(variable)
            assert any(variable in problem for problem in vendors.problems())
            assert all(problem.startswith(f"{fake.name}: ") for problem in vendors.problems())
            assert vendors.configured_gateways() == []
    assert gateway.SETTINGS.needed


def test_keys_do_not_travel_in_clear(fake, gateway, monkeypatch):
    variable = gateway.SETTINGS.variable(fake.address)
    for address in ("http://sms.example", "ftp://127.0.0.1.example", "https://", "//[", "sms.example"):
        monkeypatch.setenv(variable, address)
        assert vendors.problems() == [f"{fake.name}: {variable} must begin with https://"]


REACHED = {  # with all templates and switches; without them
    "yuntongxun": ({"CN"}, {"CN"}),
    "aliyun": ({"CN", "HK", "US"}, set()),
    "tencent": ({"CN", "HK", "US"}, set()),
    "huawei": ({"CN", "HK", "US"}, set()),
    "yunpian": ({"CN", "HK", "US"}, {"CN"}),
    "twilio": ({"HK", "US"}, {"HK", "US"}),
    "webhook": ({"CN", "HK", "US", ""}, {"CN", "HK", "US", ""}),
}


def test_a_gateway_says_which_regions_it_reaches(fake, gateway, monkeypatch):
    """Blank: a number that belongs to no country."""
    everything, least = REACHED[fake.name]
    assert {region for region in ("CN", "HK", "US", "") if gateway.carries("sign-in-code", region)} == everything
    for name, default in gateway.SETTINGS.defaults().items():
        if "TEMPLATE" in name or name.endswith(("INTL", "NOTICES", "SENDER")):
            monkeypatch.setenv(name, default)
    assert {region for region in ("CN", "HK", "US", "") if gateway.carries("sign-in-code", region)} == least
    if fake.name not in ("twilio", "webhook"):  # which need nobody's approval of the text
        assert not any(gateway.carries("mobile-changed", region) for region in ("CN", "HK"))


@pytest.mark.parametrize("fake", BY_TEMPLATE, indirect=True, ids=lambda kind: kind.name)
def test_a_gateway_carries_only_what_it_has_a_template_for(fake, gateway, monkeypatch):
    for name in list(gateway.SETTINGS.defaults()):
        if "TEMPLATE" in name:
            monkeypatch.delenv(name, raising=False)
    bare = {kind for kind in KINDS if gateway.carries(kind, "CN") or gateway.carries(kind, "HK")}
    assert bare == (set(CODES) if fake.name == "yuntongxun" else set())
    monkeypatch.setenv(gateway.SETTINGS.variable("TEMPLATE_SIGN_IN_CODE"), "9")
    assert vendor_templates.find_template(gateway.SETTINGS, "sign-in-code", "CN") == "9"
    assert gateway.carries("sign-in-code", "CN") and not gateway.carries("mobile-changed", "CN")
    assert not gateway.carries("sign-in-code", "HK")


def test_there_are_settings_for_every_message_that_goes_by_sms():
    spelt = {kind.upper().replace("-", "_") for kind in message_kinds.SMS_TEXTS["en"]}
    assert set(vendor_templates.KINDS) == spelt == {kind.upper().replace("-", "_") for kind in KINDS}


@pytest.mark.parametrize("fake", WITH_VARIABLES, indirect=True, ids=lambda kind: kind.name)
def test_variables_of_a_template_are_the_code_and_the_minutes_and_no_others(fake, gateway, monkeypatch):
    for right in ("code", "code,minutes", " minutes , code"):
        monkeypatch.setenv(gateway.SETTINGS.variable("VARIABLES"), right)
        assert vendors.problems() == []
    for wrong in ("name", "minutes", "code;minutes"):
        monkeypatch.setenv(gateway.SETTINGS.variable("VARIABLES"), wrong)
        assert gateway.SETTINGS.variable("VARIABLES") in vendors.problems()[0]


def test_a_gateway_that_nobody_wrote_is_a_finding_and_no_crash(settings):
    settings.MENPAI_SMS_GATEWAYS = ["pigeon"]
    assert vendors.problems() == ["pigeon: there is no such SMS gateway"]
    assert vendors.configured_gateways() == []


def test_a_setting_that_a_gateway_never_declared_is_a_fault():
    with pytest.raises(KeyError):
        VendorSettings("PIGEON", ("KEY",))["LOFT"]
