"""/api/captcha: challenges of every local kind, their one answer, and what a pass is good for."""

import base64
import io
import json
import wave

import pytest
from PIL import Image

from menpai import rules
from menpai.captcha import speech
from menpai.models import EphemeralSecret
from tests.api.clients import a_mobile, ok, refused
from tests.captchas import answer_to, ask, digits_of, earn, packed, send, worked

KINDS = ("proof_of_work", "image")


@pytest.fixture(autouse=True)
def little_work(set_rule):
    set_rule("CAPTCHA_WORK", 50)


@pytest.fixture
def guarded(settings):
    settings.MENPAI_CAPTCHA_BEFORE_SMS = "always"


def sms(http, **headers):
    return http.post("/api/registrations/code", json={"mobile": a_mobile()}, headers=headers)


# ── Challenges ──
def test_without_a_word_about_kinds_it_is_proof_of_work(stranger):
    offer = ok(stranger.post("/captcha/challenges", purpose="sms"), 201)
    assert offer["kind"] == "proof_of_work"
    assert (offer["picture"], offer["sound"], offer["digits"], offer["geetest"]) == (None,) * 4
    assert offer["altcha"]["parameters"]["keyPrefix"] == "00"


@pytest.mark.parametrize("kinds", [["image"], [], ["geetest_v3"], ["geetest_v4", "image"]])
def test_a_client_that_can_do_nothing_else_gets_a_picture(stranger, kinds):
    offer = ok(stranger.post("/captcha/challenges", purpose="sms", kinds=kinds), 201)
    assert (offer["kind"], offer["altcha"], offer["digits"]) == ("image", None, rules.CAPTCHA_DIGITS)


def test_the_picture_is_a_picture_and_the_sound_is_a_sound(http):
    offer = ask(http)
    picture, sound = http.get(offer["picture"]), http.get(offer["sound"])
    assert (picture.headers["content-type"], sound.headers["content-type"]) == ("image/png", "audio/wav")
    assert picture.headers["cache-control"] == sound.headers["cache-control"] == "no-store"
    shown = Image.open(io.BytesIO(picture.content))
    assert shown.width <= 320
    assert shown.getextrema() == (40, 255)  # dark on white: 13:1
    with wave.open(io.BytesIO(sound.content)) as heard:
        assert 4 < heard.getnframes() / heard.getframerate() < 20


def test_the_sound_speaks_the_language_of_the_request(http):
    offer = ask(http)
    voices = {}
    for language in ("zh-CN", "en"):
        heard = http.get(offer["sound"], headers={"accept-language": language})
        voices[language] = heard.content
        assert "Accept-Language" in heard.headers["vary"]
    digit = digits_of(offer["challenge"])[0]
    for language, folder, other in (("zh-CN", "zh", "en"), ("en", "en", "zh")):
        assert speech._voice(folder, digit) in voices[language]
        assert speech._voice(other, digit) not in voices[language]


def test_every_digit_is_one_that_looks_and_sounds_different(http, set_rule):
    set_rule("CAPTCHAS_PER_CLIENT", (rules.Limit(1000, rules.CAPTCHA_LIFE),))
    seen = set().union(*(digits_of(ask(http)["challenge"]) for _ in range(60)))
    assert seen == set("2345689")


def test_nobody_reads_the_answer_in_the_challenge(http):
    offer = ask(http)
    raw = base64.urlsafe_b64decode(offer["challenge"].partition("~")[2].replace(".", "=") + "==")
    assert digits_of(offer["challenge"]).encode() not in raw
    assert b"purpose" not in raw


def test_a_picture_is_drawn_anew_each_time_and_not_for_ever(http):
    offer = ask(http)
    drawn = [http.get(offer["picture"]) for _ in range(rules.CAPTCHA_SHOWN)]
    assert len({one.content for one in drawn}) == len(drawn)
    refused(http.get(offer["sound"]), 429, "too_many_requests")


def test_what_we_did_not_seal_is_gone_and_work_has_no_picture(http):
    for challenge in ("x", "a~b", "~", "é", "a" * 3000, "00000000~AAAA", "%00"):
        refused(http.get(f"/api/captcha/challenges/{challenge}/picture"), 410, "captcha_gone")
        refused(send(http, {"challenge": challenge}, "12345"), 410, "captcha_gone")
    work = ask(http, kind="proof_of_work")["challenge"]
    refused(http.get(f"/api/captcha/challenges/{work}/picture"), 410, "captcha_gone")


def test_one_client_asks_only_so_often(client_from, set_rule):
    set_rule("CAPTCHAS_PER_CLIENT", (rules.Limit(2, rules.CAPTCHA_LIFE),))
    here, there = client_from("198.51.100.1"), client_from("198.51.100.2")
    ask(here), ask(here, purpose="sign-in")
    refused(here.post("/api/captcha/challenges", json={"purpose": "sms"}), 429, "too_many_requests")
    ask(there)


def test_whoever_wants_much_work_is_asked_for_a_person(client_from, set_rule):
    set_rule("CAPTCHA_WORK_PER_CLIENT", (rules.Limit(2, rules.CAPTCHA_LIFE),))
    here, there = client_from("198.51.100.1"), client_from("198.51.100.2")
    assert [ask(here, kind="proof_of_work")["kind"] for _ in range(3)] == ["proof_of_work", "proof_of_work", "image"]
    assert ask(there, kind="proof_of_work")["kind"] == "proof_of_work"


@pytest.mark.parametrize("sent", [{}, {"purpose": "coffee"}, {"purpose": "sms", "kinds": ["magic"]}, {"purpose": 1}])
def test_a_malformed_question_is_refused(stranger, sent):
    assert stranger.post("/captcha/challenges", **sent).status_code == 422


# ── Answers ──
@pytest.mark.parametrize("kind", KINDS)
def test_a_right_answer_earns_one_pass_that_is_used_up(http, guarded, kind):
    refused_at_first = sms(http)
    assert refused_at_first.json()["purpose"] == "sms"
    assert (refused_at_first.status_code, refused_at_first.json()["code"]) == (429, "captcha_required")
    offer = ask(http, kind=kind)
    answer = answer_to(offer)
    assert ok(send(http, offer, answer), 201) == {"purpose": "sms", "expires_in": 120}
    refused(send(http, offer, answer), 410, "captcha_gone")  # shown again
    assert sms(http).status_code == 202
    assert sms(http).json()["code"] == "captcha_required"
    for _ in range(3):
        earn(http)
    assert [sms(http).status_code for _ in range(4)] == [202] * 3 + [429]


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_answer_voids_the_challenge(http, guarded, kind):
    offer = ask(http, kind=kind)
    right = answer_to(offer)
    refused(send(http, offer, "22222" if right != "22222" else "33333"), 422, "captcha_wrong")
    refused(send(http, offer, right), 410, "captcha_gone")
    assert sms(http).status_code == 429


def test_digits_may_be_typed_as_people_type_them(http):
    offer = ask(http)
    wide = " ".join(digits_of(offer["challenge"])).translate({ord("0") + n: ord("０") + n for n in range(10)})
    ok(send(http, offer, f" {wide} "), 201)


def test_a_challenge_and_a_pass_are_over_after_their_lives(http, clock, guarded):
    offer = ask(http)
    right = answer_to(offer)
    clock.advance(rules.CAPTCHA_LIFE.total_seconds() + 1)
    refused(send(http, offer, right), 410, "captcha_gone")
    earn(http)
    clock.advance(rules.CAPTCHA_PASS_LIFE.total_seconds() - 2)
    earn(http)
    assert sms(http).status_code == 202
    clock.advance(3)
    earn(http)
    clock.advance(rules.CAPTCHA_PASS_LIFE.total_seconds() + 1)
    assert sms(http).status_code == 429


@pytest.mark.parametrize(
    ("address", "agent"),
    [("198.51.100.2", "a browser"), ("198.51.100.1", "another browser")],
    ids=["network", "browser"],
)
def test_a_pass_is_good_for_its_own_client_only(client_from, guarded, address, agent):
    mine, other = client_from("198.51.100.1"), client_from(address)
    offer = ask(mine, **{"user-agent": "a browser"})
    refused(send(other, offer, answer_to(offer), **{"user-agent": agent}), 422, "captcha_wrong")
    earn(mine, **{"user-agent": "a browser"})
    assert sms(other, **{"user-agent": agent}).status_code == 429
    assert sms(mine, **{"user-agent": "a browser"}).status_code == 202


def test_a_pass_is_good_for_its_own_purpose_only(http, settings, guarded):
    settings.MENPAI_CAPTCHA_BEFORE_LOGIN = "always"
    earn(http, "mail")
    earn(http, "sign-in")
    assert sms(http).status_code == 429
    sign_in = {"name": "nobody", "password": "wrong horse 1"}
    assert http.post("/api/sessions", json=sign_in).json()["code"] == "wrong_credentials"
    said = http.post("/api/sessions", json=sign_in).json()
    assert (said["code"], said["purpose"]) == ("captcha_required", "sign-in")


# ── Forged work ──
EASIER = ({"cost": 1}, {"keyPrefix": ""}, {"expiresAt": 2**31}, {"nonce": "00"})
GARBAGE = (
    "",
    "!",
    packed([]),
    packed({}),
    packed({"challenge": 1}),
    packed({"challenge": {"signature": "é"}}),
    "A" * 5000,
)


def made_up(offer, counter):
    return packed({"challenge": offer["altcha"], "solution": {"counter": counter, "derivedKey": "00" * 32}})


def easier(offer, change):
    return worked({**offer["altcha"], "parameters": offer["altcha"]["parameters"] | change})


FORGED = {
    "for another challenge": lambda http, _: worked(ask(http, kind="proof_of_work")["altcha"]),
    **{f"easier {change}": lambda _, offer, change=change: easier(offer, change) for change in EASIER},
    **{
        f"made up {counter!r}": lambda _, offer, counter=counter: made_up(offer, counter)
        for counter in (-1, 2**32, 1.5, "1", None, [], True)
    },
    **{f"garbage {text[:40]!r}": lambda *_, text=text: text for text in GARBAGE},
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_forged_work_is_none(http, forge):
    offer = ask(http, kind="proof_of_work")
    refused(send(http, offer, forge(http, offer)), 422, "captcha_wrong")


def test_an_object_answers_no_picture(http):
    refused(send(http, ask(http), {"digits": "12345"}), 422, "captcha_wrong")


def test_what_is_logged_and_stored_does_not_tell_the_answer(http, caplog):
    offer = ask(http)
    digits = digits_of(offer["challenge"])
    kept = json.dumps([[row.key, row.secrets] for row in EphemeralSecret.objects.all()])
    assert f'"{digits}"' not in kept
    assert digits not in caplog.text
