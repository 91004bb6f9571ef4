"""Who is asked for a captcha, at every endpoint: the settings decide, and what nobody is asked for costs nothing.

What a captcha is: tests/api/test_captcha.py, tests/contracts/test_user_captcha.py, tests/test_geetest.py.
"""

import io
from dataclasses import dataclass
from datetime import timedelta

import pytest
from PIL import Image

from menpai import captcha, errors, rules
from menpai.captcha import challenges, drawing, image
from menpai.ephemeral import store
from menpai.identifiers import Client
from menpai.models import Message
from tests.captchas import earn
from tests.concurrency import insisting
from tests.customers import PASSWORD, a_mobile, somebody
from tests.naive import is_caught, promised

CLIENT = Client("127.0.0.1", "127.0.0.1", "a browser")


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str
    fields: tuple[str, ...] = ()


# Everything that sends an SMS to somebody who is not signed in, and everything that takes a password.
SMS = (
    Endpoint("POST", "/v1/users/sms/code", ("phone",)),
    Endpoint("POST", "/v1/users/password/sms", ("email",)),
    Endpoint("GET", "/user/sms/{mobile}/"),
    Endpoint("POST", "/api/registrations/code", ("mobile",)),
    Endpoint("POST", "/api/sessions/code", ("mobile",)),
    Endpoint("POST", "/api/recovery/code", ("target",)),
)
LOGIN = (
    Endpoint("POST", "/v1/tokens", ("username",)),
    Endpoint("POST", "/v1/users/login", ("username",)),
    Endpoint("POST", "/user/login/", ("username",)),
    Endpoint("POST", "/api/sessions", ("name",)),
)


def call(http, endpoint):
    mobile = a_mobile()
    sent = dict.fromkeys(endpoint.fields, mobile) | {"password": "wrong horse 1"}
    body = {"json": sent} if endpoint.method == "POST" else {}
    return http.request(endpoint.method, endpoint.path.format(mobile=mobile), **body)


def is_asked(answer):
    """In the words of its contract."""
    said = answer.json()
    words = [said.get("code"), said.get("reason"), said.get("result"), *said.get("non_field_errors", [])]
    asked = bool({"captcha_required", "Repeated requests", "请先完成安全验证!"} & set(words))
    assert asked == (answer.status_code == 429), answer.text
    assert not asked or answer.headers["retry-after"] == "1"
    return asked


@pytest.mark.parametrize(
    ("setting", "purpose", "endpoint"),
    [("SMS", "sms", endpoint) for endpoint in SMS] + [("LOGIN", "sign-in", endpoint) for endpoint in LOGIN],
    ids=lambda value: getattr(value, "path", None),
)
def test_before_each_sms_and_each_sign_in_as_the_setting_says(http, settings, setting, purpose, endpoint):
    for when, asked in (("auto", False), ("never", False), ("always", True)):
        setattr(settings, f"MENPAI_CAPTCHA_BEFORE_{setting}", when)
        assert is_asked(call(http, endpoint)) is asked
    earn(http, purpose)
    assert [is_asked(call(http, endpoint)) for _ in range(2)] == [False, True]


def test_before_an_sms_to_a_new_number(http, settings):
    person = somebody(http)
    settings.MENPAI_CAPTCHA_BEFORE_SMS = "always"
    wanted = {"mobile": a_mobile(), "password": PASSWORD}
    for status in (429, 202):
        answer = http.post("/api/me/mobile/code", json=wanted, headers={"authorization": f"Bearer {person.token}"})
        assert answer.status_code == status, answer.text
        earn(http, "sms")


def test_mails_are_not_asked_for_it_by_the_setting_for_sms(http, settings):
    person = somebody(http)
    settings.MENPAI_CAPTCHA_BEFORE_SMS = settings.MENPAI_CAPTCHA_BEFORE_LOGIN = "always"
    assert http.post("/v1/users/password/sms", json={"email": person.email}).json()["code"] == 200


def test_nothing_is_sent_without_a_pass(http, settings):
    settings.MENPAI_CAPTCHA_BEFORE_SMS = "always"
    for endpoint in SMS:
        assert is_asked(call(http, endpoint))
    assert not Message.objects.exists()


def test_risk_decides_where_the_setting_leaves_it_to_it(settings):
    with pytest.raises(errors.CaptchaRequired) as asked:
        captcha.demand("sms", CLIENT, risk=timedelta(seconds=7))
    assert (asked.value.purpose, asked.value.retry_after) == ("sms", timedelta(seconds=7))
    settings.MENPAI_CAPTCHA_BEFORE_SMS = "never"
    assert captcha.demand("sms", CLIENT, risk=timedelta(seconds=7)) is False


@pytest.mark.parametrize("purpose", ["mail", "mobile-check"])
def test_what_has_no_setting_is_left_to_risk(purpose):
    captcha.demand(purpose, CLIENT)
    with pytest.raises(errors.CaptchaRequired):
        captcha.demand(purpose, CLIENT, risk=timedelta(seconds=1))


def test_what_nobody_is_asked_for_costs_nothing(round_trips, statements):
    with round_trips() as trips, statements() as sql:
        captcha.demand("sms", CLIENT)
        captcha.demand("sign-in", CLIENT)
    assert (trips, len(sql)) == ([], 0)


def test_known_and_unknown_people_are_asked_alike(http, settings):
    person = somebody(http)
    settings.MENPAI_CAPTCHA_BEFORE_LOGIN = settings.MENPAI_CAPTCHA_BEFORE_SMS = "always"
    for path, name in (("/api/sessions", "name"), ("/api/recovery/code", "target")):
        known, unknown = (http.post(path, json={name: who, "password": PASSWORD}) for who in (person.phone, a_mobile()))
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (429, known.content)


# ── Races ──
def one_pass_is_redeemed_once(clients):
    offer = captcha.create_challenge(("sms",), CLIENT, ("image",))
    captcha.check_answer(offer.challenge, challenges.read(offer.challenge).secret, CLIENT)
    redeemed = clients.rush(insisting(lambda _: captcha.redeem("sms", CLIENT)))
    assert not [result for result in redeemed if isinstance(result, Exception)], redeemed
    promised(sum(redeemed) == 1, redeemed)


def one_solution_makes_one_pass(clients):
    offer = captcha.create_challenge(("sms",), CLIENT, ("image",))
    digits = challenges.read(offer.challenge).secret

    def submit(_):
        try:
            captcha.check_answer(offer.challenge, digits, CLIENT)
        except errors.CaptchaExpired:
            return False
        return True

    accepted = clients.rush(insisting(submit))
    assert not [result for result in accepted if isinstance(result, Exception)], accepted
    passes = 0
    while captcha.redeem("sms", CLIENT):
        passes += 1
    promised((sum(accepted), passes) == (1, 1), (sum(accepted), passes))


@pytest.fixture
def no_limits(set_rule):
    set_rule("CAPTCHAS_PER_CLIENT", (rules.Limit(10**6, rules.CAPTCHA_LIFE),))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("story", [one_pass_is_redeemed_once, one_solution_makes_one_pass])
def test_of_64_at_once_one_succeeds(story, clients, rounds, engine, no_limits):
    for _ in range(3 if engine == "embedded" else rounds):
        story(clients)


CLAIMED = set()


def look_before_the_claim(name):
    if name in CLAIMED:
        raise errors.CaptchaExpired
    store().ping()
    CLAIMED.add(name)
    return ""


def look_before_the_pass(purpose, client):
    redis, key = store()._redis, f"menpai:given:{captcha._pass(purpose, client)}"
    if not redis.zcard(key):
        return False
    redis.delete(key)
    return True


@pytest.mark.production_only("SQLite lets one writer in at a time")
@pytest.mark.parametrize(
    ("story", "patch"),
    [
        (one_solution_makes_one_pass, (challenges, "claim", look_before_the_claim)),
        (one_pass_is_redeemed_once, (captcha, "redeem", look_before_the_pass)),
    ],
)
def test_a_naive_variant_is_caught(story, patch, clients, no_limits, monkeypatch):
    monkeypatch.setattr(*patch)
    assert is_caught(story, clients)


# ── The picture ──
def test_each_digit_is_drawn_inside_the_picture():
    """Nothing is cut off at the top or the bottom, however it is turned and shaken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "_scribble", lambda picture: None)
        for _ in range(30):
            shown = Image.open(io.BytesIO(drawing.draw(image.DIGITS)))
            edges = [shown.getpixel((x, y)) for x in range(shown.width) for y in (0, shown.height - 1)]
            assert min(edges) == drawing.PAPER
