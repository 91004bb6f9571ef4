"""Each provider, asked over HTTP: who it says somebody is, and what happens when it says something else, or nothing."""

import contextlib
import threading
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from menpai import errors, rules
from menpai.models import Customer, SocialLink, SpentSecret
from menpai.social import exchange as asking
from menpai.social import providers as product
from menpai.social.providers import alipay
from menpai.social.providers.qq import QQ
from tests.api.clients import newcomer, ok, refused
from tests.customers import PASSWORD
from tests.rig import providers
from tests.rig.children import until
from tests.rig.vendor import MOODS
from tests.social.clients import Visitor, leave

# An Android's: the word that counts stands behind the first 200 characters.
ANDROID = "Mozilla/5.0 (Linux; Android 13; 2211133C Build/TKQ1.220905.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
ANDROID += "Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20230805 MMWEBID/1234 "
INSIDE = {"user-agent": f"{ANDROID}MicroMessenger/8.0.42.2460(0x28002A3D) WeChat/arm64 Weixin NetType/WIFI"}


@pytest.fixture
def start(monkeypatch, settings):
    """`start(kind, **flaws)` runs a fake provider, which is the only one."""
    with contextlib.ExitStack() as running:

        def started(kind, **flaws):
            vendor = running.enter_context(kind().in_use(monkeypatch))
            settings.MENPAI_SOCIAL_PROVIDERS = [vendor.name]
            for name, value in flaws.items():
                setattr(vendor, name, value)
            return vendor

        yield started


@pytest.fixture(params=providers.ALL, ids=lambda kind: kind.name)
def vendor(request, start):
    return start(request.param)


@pytest.fixture
def impatient(set_rule):
    set_rule("SOCIAL_TIMEOUT", timedelta(milliseconds=500))
    set_rule("SOCIAL_PROFILE_TIMEOUT", timedelta(milliseconds=300))


def there_and_back(visitor, vendor, person="wang", headers=None, **changed):
    url = ok(visitor.post(f"/social/{vendor.name}/authorization", headers=headers, purpose="sign-in"))["url"]
    consent = vendor.consent(url, person)
    consent = {"code": consent.get("code") or consent["auth_code"], "state": consent["state"]} | changed
    return visitor.post(f"/social/{vendor.name}/callback", headers=headers, session="cookie", **consent)


def link(http, mailbox, visitor, arrived):
    person = newcomer(http, mailbox)
    sent = {"ticket": arrived["ticket"], "name": person.mobile, "password": PASSWORD}
    return ok(visitor.post("/social/links", session="cookie", **sent), 201)["customer"]["id"]


# ── Well ──
def test_somebody_new_then_linked_then_signed_in(http, mailbox, visitor, vendor):
    arrived = ok(there_and_back(visitor, vendor))
    assert (arrived["outcome"], arrived["nickname"]) == ("new", providers.SHOWN)
    customer = link(http, mailbox, visitor, arrived)
    again = ok(there_and_back(Visitor(http), vendor))
    assert (again["outcome"], again["session"]["customer"]["id"]) == ("signed-in", customer)
    assert ok(there_and_back(Visitor(http), vendor, "li"))["outcome"] == "new"
    row = SocialLink.objects.get()
    assert (row.provider, row.app_id, row.openid) == (vendor.name, vendor.ID, vendor.openid_of("wang"))


def test_a_name_that_does_not_come_is_left_blank(visitor, vendor, impatient):
    """Login never depends on the profile call (dada.md ruling 3)."""
    for mood in MOODS if vendor.name == "weibo" else ("slow", "garbage"):
        vendor.profile_mood = mood
        began = time.monotonic()
        arrived = ok(there_and_back(visitor, vendor, f"w{MOODS.index(mood)}"))
        assert (arrived["outcome"], arrived["nickname"]) == ("new", ""), mood
        assert time.monotonic() - began < 2


def test_no_token_of_the_providers_is_kept(http, mailbox, visitor, vendor):
    link(http, mailbox, visitor, ok(there_and_back(visitor, vendor)))
    kept = str(list(SocialLink.objects.values()) + list(Customer.objects.values()) + list(SpentSecret.objects.values()))
    assert not [secret for secret in vendor.secrets if secret in kept]


# ── Not well (F26) ──
# Each of the others is asked in the same way, and has its own reading.
AWAY = [("weibo", mood) for mood in MOODS]
AWAY += [(name, mood) for name in ("wechat", "qq", "alipay") for mood in ("http 500", "garbage", "list", "slow")]


@pytest.mark.parametrize(("name", "mood"), AWAY)
def test_a_provider_that_is_away_is_told_in_time_and_leaves_nothing(visitor, start, name, mood, impatient, caplog):
    vendor = start(next(kind for kind in providers.ALL if kind.name == name), mood=mood)
    began = time.monotonic()
    problem = refused(there_and_back(visitor, vendor), 503, "social_away")
    assert time.monotonic() - began < 3  # a provider may take longer than anybody waits
    assert not SocialLink.objects.exists() and not Customer.objects.exists()
    words = caplog.text + str(problem)
    assert "social sign-in" in words and not [secret for secret in vendor.secrets if secret in words]
    vendor.mood = "well"
    until(lambda: asking._places._value == rules.SOCIAL_AT_ONCE, 5, "the thread that waited ends by itself")
    assert ok(there_and_back(visitor, vendor))["outcome"] == "new"


def test_within_three_seconds_as_it_stands(visitor, start):
    """F26 with the shipped rules, in the worst of the moods."""
    vendor = start(providers.Weibo, mood="headers")
    began = time.monotonic()
    refused(there_and_back(visitor, vendor), 503, "social_away")
    assert time.monotonic() - began < 3


def test_a_slow_provider_takes_no_more_than_its_threads(http, start, monkeypatch, impatient):
    vendor = start(providers.Weibo)
    monkeypatch.setattr(asking, "_places", threading.BoundedSemaphore(1))
    assert asking._places.acquire(blocking=False)  # somebody is waiting
    refused(there_and_back(Visitor(http), vendor), 503, "social_away")
    assert vendor.requests == []
    asking._places.release()
    assert ok(there_and_back(Visitor(http), vendor))["outcome"] == "new"


# ── What it says no to ──
def test_a_code_is_good_once_at_the_provider_too(visitor, vendor):
    url = ok(visitor.post(f"/social/{vendor.name}/authorization", purpose="sign-in"))["url"]
    consent = vendor.consent(url, "wang")
    code = consent.get("code") or consent["auth_code"]
    ok(visitor.post(f"/social/{vendor.name}/callback", code=code, state=consent["state"]))
    refused(there_and_back(visitor, vendor, code=code), 422, "social_refused")
    refused(there_and_back(visitor, vendor, code="made-up"), 422, "social_refused")


SECRETS = {"weibo": "CLIENT_SECRET", "wechat": "SECRET", "qq": "APP_KEY"}


def test_a_wrong_secret_is_refused_and_the_operator_reads_the_code(visitor, vendor, monkeypatch, caplog):
    if vendor.name == "alipay":
        monkeypatch.setenv("MENPAI_ALIPAY_PRIVATE_KEY", providers._private(providers._key("thief")))
    else:
        monkeypatch.setenv(f"MENPAI_{vendor.name.upper()}_{SECRETS[vendor.name]}", "wrong")
    refused(there_and_back(visitor, vendor), 422, "social_refused")
    code = {"weibo": "21324", "wechat": "40125", "qq": "100009", "alipay": "isv.invalid-signature"}[vendor.name]
    assert f"{vendor.name}: SocialRefused {code}" in caplog.text
    assert not [secret for secret in vendor.secrets if secret in caplog.text]


def test_a_redirect_address_of_its_own(visitor, start, monkeypatch):
    vendor = start(providers.QQ, REDIRECT="https://shop.example/callback.html")
    monkeypatch.setenv("MENPAI_QQ_REDIRECT_URI", vendor.REDIRECT)
    assert ok(there_and_back(visitor, vendor))["outcome"] == "new"


def test_refusals_carry_no_text_of_the_providers():
    for detail in ("21325", "isv.code-invalid", "a text, with 13800138000 in it", "x" * 99, None, {"a": 1}):
        assert asking.code_of(detail) in ("21325", "isv.code-invalid", "?", "")


# ── Each its own ──
NOBODY = ({}, {"access_token": "t"}, {"access_token": "t", "uid": "../1"}, {"uid": "1"})


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        *((token, 422, "social_refused") for token in (*NOBODY, {"error": "e", "error_code": 21327})),
        ({"error": "e", "error_code": 21331}, 503, "social_away"),
    ],
)
def test_weibos_token_that_names_nobody_and_its_table_of_errors(visitor, start, token, status, code):
    vendor = start(providers.Weibo, says=token)
    refused(there_and_back(visitor, vendor), status, code)


@pytest.mark.parametrize("place", ["token", "profile"])
def test_wechats_two_apps_know_the_same_person(http, mailbox, visitor, start, place):
    vendor = start(providers.WeChat, unionid_in=place)
    customer = link(http, mailbox, visitor, ok(there_and_back(visitor, vendor)))
    arrived = ok(there_and_back(Visitor(http), vendor, headers=INSIDE))
    assert (arrived["outcome"], arrived["session"]["customer"]["id"]) == ("signed-in", customer)


def test_wechat_without_a_unionid_goes_by_the_openid(http, mailbox, visitor, start):
    vendor = start(providers.WeChat, unionid_in="nowhere")
    link(http, mailbox, visitor, ok(there_and_back(visitor, vendor)))
    assert ok(there_and_back(Visitor(http), vendor))["outcome"] == "signed-in"
    assert ok(there_and_back(Visitor(http), vendor, headers=INSIDE))["outcome"] == "new"


def test_wechat_with_one_app_is_offered_where_that_app_can_ask(visitor, start, monkeypatch):
    vendor = start(providers.WeChat)
    monkeypatch.delenv("MENPAI_WECHAT_APP_ID")
    monkeypatch.delenv("MENPAI_WECHAT_SECRET")
    assert ok(there_and_back(visitor, vendor, headers=INSIDE))["outcome"] == "new"
    assert [product.list_usable(agent) for agent in ("", INSIDE["user-agent"])] == [[], ["wechat"]]
    assert product.problems() == []
    refused(visitor.post("/social/wechat/authorization", purpose="sign-in"), 404, "provider_unknown")


def test_a_state_of_one_app_is_none_of_the_other(visitor, start):
    vendor = start(providers.WeChat)
    state = leave(visitor, "wechat")
    answer = visitor.post("/social/wechat/callback", headers=INSIDE, code="1", state=state, session="cookie")
    refused(answer, 409, "social_state")
    assert vendor.requests == []


def test_qq_without_the_right_to_unionids(http, mailbox, visitor, start):
    vendor = start(providers.QQ, unionids=False)
    link(http, mailbox, visitor, ok(there_and_back(visitor, vendor)))
    assert SocialLink.objects.get().unionid is None
    vendor.unionids = True
    assert ok(there_and_back(Visitor(http), vendor))["outcome"] == "signed-in"


@pytest.mark.parametrize(
    ("kind", "flaw"), [(providers.WeChat, "snapshot"), (providers.QQ, "other_app")], ids=["a snapshot", "another app"]
)
def test_a_token_of_nobody_in_particular_is_refused(visitor, start, kind, flaw):
    vendor = start(kind, **{flaw: True})
    refused(there_and_back(visitor, vendor, headers=INSIDE), 422, "social_refused")


def test_weibo_before_its_review_signs_in_without_a_name(visitor, start):
    vendor = start(providers.Weibo, reviewed=False)
    assert ok(there_and_back(visitor, vendor))["outcome"] == "new"


def test_alipays_newer_ids(http, mailbox, visitor, start):
    vendor = start(providers.Alipay, ids="open_id")
    link(http, mailbox, visitor, ok(there_and_back(visitor, vendor)))
    assert SocialLink.objects.get().openid == vendor.openid_of("wang")


def test_alipays_answer_must_bear_its_signature_where_its_key_is_known(visitor, start, monkeypatch):
    vendor = start(providers.Alipay, forged=True)
    refused(there_and_back(visitor, vendor), 503, "social_away")
    monkeypatch.delenv("MENPAI_ALIPAY_PUBLIC_KEY")
    assert ok(there_and_back(visitor, vendor))["outcome"] == "new"


def test_alipays_keys_in_every_form_that_they_are_handed_out_in(start, monkeypatch):
    vendor = start(providers.Alipay)
    raw = vendor.environment["MENPAI_ALIPAY_PRIVATE_KEY"]
    for form in (raw, f"{raw[:64]}\n{raw[64:]}", f"-----BEGIN PRIVATE KEY-----\\n{raw}\\n-----END PRIVATE KEY-----"):
        monkeypatch.setenv("MENPAI_ALIPAY_PRIVATE_KEY", form)
        assert alipay.Alipay().problems() == []
    for form in ("no key", raw[:100], vendor.environment["MENPAI_ALIPAY_PUBLIC_KEY"]):
        monkeypatch.setenv("MENPAI_ALIPAY_PRIVATE_KEY", form)
        assert len(alipay.Alipay().problems()) == 1


# ── Set up or not ──
def test_a_provider_that_is_half_set_up_is_not_offered_and_secrets_do_not_travel_in_clear(visitor, start, monkeypatch):
    start(providers.Weibo)
    monkeypatch.setenv("MENPAI_WEIBO_BASE_URL", "http://api.weibo.com")
    assert product.problems() == ["weibo: MENPAI_WEIBO_BASE_URL must begin with https://"]
    start(providers.QQ)
    monkeypatch.delenv("MENPAI_QQ_APP_KEY")
    assert product.list_usable("") == [] and product.problems() == ["qq: MENPAI_QQ_APP_KEY is not set"]
    refused(visitor.post("/social/qq/authorization", purpose="sign-in"), 404, "provider_unknown")


def test_what_is_raised_holds_no_address(start, impatient):
    """The address of WeChat and QQ holds the secret."""
    vendor = start(providers.QQ)
    for mood in MOODS:
        vendor.mood = mood
        with pytest.raises(errors.SocialAway) as away:
            QQ().exchange(vendor.new_code("wang"), vendor.REDIRECT)
        assert away.value.__cause__ is None and not [secret for secret in vendor.secrets if secret in str(away.value)]


def test_a_state_fits_where_it_goes(visitor):
    for name in ("weibo", "wechat", "qq", "alipay"):
        url = ok(visitor.post(f"/social/{name}/authorization", purpose="sign-in"))["url"]
        assert len(parse_qs(urlsplit(url).query)["state"][0]) == 80
