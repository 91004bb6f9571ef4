"""GeeTest, versions 3 and 4, through both contracts that know it; and what happens when it does not answer."""

import time
from datetime import timedelta

import pytest

from menpai import rules
from menpai.captcha import geetest as vendor
from tests.captchas import answer_to, ask, login, published, send
from tests.rig.geetest import ID, KEY, GeeTest, fail_back

MOODS = ("http 500", "http 302", "garbage", "list", "huge", "slow", "drip")
VERSIONS = ("3", "4")


@pytest.fixture
def geetest(settings, set_rule, monkeypatch):
    with GeeTest().running() as found:
        for key, value in {"ID": ID, "KEY": KEY, "BASE_URL": found.url}.items():
            monkeypatch.setenv(vendor.SETTINGS.variable(key), value)
        settings.MENPAI_CAPTCHA_BEFORE_LOGIN = "always"
        set_rule("CAPTCHA_WORK", 50)
        yield found
        assert found.complaints == []
    vendor._connections().close()
    vendor._connections.cache_clear()


@pytest.fixture(params=VERSIONS)
def version(request, settings):
    settings.MENPAI_GEETEST_VERSION = request.param
    return request.param


def solve(geetest, version, shown):
    return geetest.solve_v3(shown) if version == "3" else geetest.solve_v4(shown)


def kind_of(version):
    return f"geetest_v{version}"


def passed(http):
    """Whether there is a pass for signing in; it is used up."""
    return login(http).status_code == 400


# ── /api ──
def test_it_comes_first_for_clients_that_can_show_it(http, geetest, version):
    assert ask(http, "sign-in", kind_of(version))["kind"] == kind_of(version)
    assert ask(http, "sign-in", "proof_of_work")["kind"] == "proof_of_work"


def test_what_it_confirms_is_a_pass(http, geetest, version):
    offer = ask(http, "sign-in", kind_of(version))
    assert send(http, offer, solve(geetest, version, offer["geetest"])).status_code == 201
    assert [passed(http), passed(http)] == [True, False]


def test_what_it_does_not_confirm_is_none(http, geetest, version):
    offer = ask(http, "sign-in", kind_of(version))
    solved = solve(geetest, version, offer["geetest"])
    spoiled = solved | {"geetest_seccode": "made up|jordan", "pass_token": "made up"}
    assert send(http, offer, spoiled).json()["code"] == "captcha_wrong"
    assert not passed(http)


def test_an_answer_is_for_its_challenge_and_good_once(http, geetest, version):
    one, other = (ask(http, "sign-in", kind_of(version)) for _ in range(2))
    solved = solve(geetest, version, one["geetest"])
    if version == "4":  # whose lots belong to no challenge of ours
        assert send(http, one, solved).status_code == 201
    assert send(http, other, solved).json()["code"] == "captcha_wrong"


def test_a_signature_of_version_3_is_checked_before_the_vendor_is_asked(http, geetest):
    offer = ask(http, "sign-in", "geetest_v3")
    solved = geetest.solve_v3(offer["geetest"]) | {"geetest_validate": "0" * 32}
    assert send(http, offer, solved).json()["code"] == "captcha_wrong"
    assert geetest.requests == ["GET /register.php"]


@pytest.mark.parametrize("mood", MOODS)
def test_when_it_is_away_there_is_a_local_one_at_once(http, geetest, mood, set_rule):
    set_rule("CAPTCHA_TIMEOUT", timedelta(milliseconds=400))
    geetest.mood = mood
    began = time.monotonic()
    for _ in range(3):  # the first one waits, the others do not even ask
        assert ask(http, "sign-in", "geetest_v3")["kind"] == "image"
    assert len(geetest.requests) == 1
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("mood", MOODS)
def test_when_it_is_away_at_the_answer_nobody_passes(http, geetest, version, mood, set_rule):
    set_rule("CAPTCHA_TIMEOUT", timedelta(milliseconds=400))
    offer = ask(http, "sign-in", kind_of(version))
    solved = solve(geetest, version, offer["geetest"])
    geetest.mood = mood
    assert send(http, offer, solved).json()["code"] == "captcha_wrong"
    assert not passed(http)
    local = ask(http, "sign-in", kind_of(version))
    assert send(http, local, answer_to(local)).status_code == 201
    assert passed(http)


def test_it_is_asked_again_after_its_rest(http, geetest, clock):
    geetest.mood = "http 500"
    assert ask(http, "sign-in", "geetest_v3")["kind"] == "image"
    geetest.mood = "well"
    assert ask(http, "sign-in", "geetest_v3")["kind"] == "image"
    clock.advance(rules.GATEWAY_PAUSE.total_seconds() + 1)
    assert ask(http, "sign-in", "geetest_v3")["kind"] == "geetest_v3"


def test_an_id_that_it_does_not_know_is_like_being_away(http, geetest, monkeypatch):
    monkeypatch.setenv("MENPAI_GEETEST_ID", "f" * 32)
    assert ask(http, "sign-in", "geetest_v3")["kind"] == "image"


def test_half_a_setting_is_none(http, geetest, monkeypatch):
    monkeypatch.delenv("MENPAI_GEETEST_KEY")
    assert ask(http, "sign-in", "geetest_v3")["kind"] == "image"
    assert geetest.requests == []


# ── /user/captcha/ ──
def test_the_published_page_solves_version_3_and_signs_in(http, geetest):
    shown = published(http)
    assert (len(shown["challenge"]), shown["gt"]) == (32, ID)
    answer = http.post("/user/captcha/", json=geetest.solve_v3(shown))
    assert (answer.status_code, answer.json()) == (200, {"status": "success"})
    assert [passed(http), passed(http)] == [True, False]


def test_a_published_answer_is_good_once_and_from_one_browser(http, geetest):
    shown = published(http)
    solved = geetest.solve_v3(shown)
    other = http.post("/user/captcha/", data=solved, headers={"user-agent": "another"})
    assert (other.status_code, other.json()["status"]) == (400, False)
    assert http.post("/user/captcha/", data=solved).json() == {"status": "success"}
    assert http.post("/user/captcha/", data=solved).status_code == 400


def test_a_page_of_version_4_posts_what_its_script_says(http, geetest, settings):
    settings.MENPAI_GEETEST_VERSION = "4"
    shown = published(http)
    assert shown["success"] == 0  # a script of version 3 goes to its fail-back mode
    solved = geetest.solve_v4(shown)
    assert http.post("/user/captcha/", data=solved).json() == {"status": "success"}
    assert http.post("/user/captcha/", data=solved).status_code == 400
    assert passed(http)


def test_fail_back_is_made_up_while_it_is_well_and_no_pass_while_it_is_away(http, geetest):
    shown = published(http)
    assert http.post("/user/captcha/", data=fail_back(shown)).status_code == 400
    geetest.mood = "http 500"
    shown = published(http)
    assert (shown["success"], len(shown["challenge"])) == (0, 34)
    assert http.post("/user/captcha/", data=fail_back(shown)).status_code == 400
    assert not passed(http)
