"""`/user/captcha/` of the luffy contract without GeeTest; with it: tests/test_geetest.py."""

import json
import re

import pytest

from menpai import rules
from tests.captchas import answer_to, digits_of, login, published
from tests.customers import PASSWORD, a_mobile, somebody
from tests.rig.geetest import fail_back


@pytest.fixture(autouse=True)
def little_work(set_rule):
    set_rule("CAPTCHA_WORK", 50)


@pytest.fixture
def guarded(settings):
    settings.MENPAI_CAPTCHA_BEFORE_LOGIN = settings.MENPAI_CAPTCHA_BEFORE_SMS = "always"


def test_the_body_is_a_string_that_holds_json(http):
    answer = http.get("/user/captcha/?username=xiaowang")
    assert answer.headers["content-type"].startswith("application/json")
    assert isinstance(answer.json(), str)
    said = json.loads(answer.json())
    assert (said["success"], said["gt"], said["new_captcha"]) == (0, "", True)
    assert re.fullmatch("[0-9a-f]{34}", said["challenge"])  # how the script tells that it must help itself


@pytest.mark.parametrize("path", ["/user/captcha", "/users/captcha/", "/user/captcha/"])
def test_under_every_published_path(http, path):
    assert json.loads(http.get(path).json())["success"] == 0
    assert http.post(path, json={}).json() == {"status": False, "message": "验证未通过，请重试!"}


def test_it_never_tells_whether_the_customer_exists(http):
    person = somebody(http)
    known, unknown = (published(http, f"username={name}") for name in (person.name, "nobody"))
    assert known.keys() == unknown.keys()
    assert known["success"] == unknown["success"]


@pytest.mark.parametrize("form", ["json", "data"])
def test_without_geetest_a_stock_page_goes_on_to_sign_in_and_has_earned_nothing(http, settings, form):
    answer = http.post("/user/captcha/", **{form: fail_back(published(http))})
    assert (answer.status_code, answer.json()) == (200, {"status": "success"})
    assert login(http).status_code == 400
    settings.MENPAI_CAPTCHA_BEFORE_LOGIN = "always"
    assert login(http).status_code == 429


def test_where_signing_in_needs_a_pass_fail_back_is_refused(http, guarded):
    answer = http.post("/user/captcha/", data=fail_back(published(http)))
    assert (answer.status_code, answer.json()) == (400, {"status": False, "message": "验证未通过，请重试!"})
    assert login(http).status_code == 429


def test_fail_back_answers_are_good_once_and_not_made_up(http):
    shown = published(http)
    wrong = fail_back(shown) | {"geetest_validate": "0" * 32}
    assert http.post("/user/captcha/", data=wrong).status_code == 400
    assert http.post("/user/captcha/", data=fail_back(shown)).json()["message"] == "验证已过期，请重试!"
    invented = {"challenge": "0" * 34}
    assert http.post("/user/captcha/", data=fail_back(invented)).status_code == 400


def test_the_local_one_gives_a_pass_for_signing_in_and_one_for_an_sms(http, guarded):
    person = somebody(http)
    local = published(http)["local"]
    assert local["kind"] == "proof_of_work"
    answer = {"challenge": local["challenge"], "answer": answer_to(local)}
    assert http.post("/user/captcha/", data=answer).json() == {"status": "success"}
    assert http.post("/user/captcha/", data=answer).status_code == 400
    signed_in = [login(http, person.name, PASSWORD).status_code for _ in range(2)]
    sent = [http.get(f"/user/sms/{a_mobile()}/").status_code for _ in range(2)]
    assert (signed_in, sent) == ([200, 429], [200, 429])


def test_a_page_that_cannot_compute_asks_for_the_picture(http, guarded):
    local = published(http, "kind=image")["local"]
    assert http.get(local["picture"]).headers["content-type"] == "image/png"
    answer = {"challenge": local["challenge"], "answer": digits_of(local["challenge"])}
    assert http.post("/user/captcha/", json=answer).json() == {"status": "success"}
    assert login(http).status_code == 400


def test_what_needs_a_pass_says_so_in_its_own_shape(http, guarded):
    said = login(http)
    assert (said.status_code, said.headers["retry-after"]) == (429, "1")
    assert said.json() == {"non_field_errors": ["请先完成安全验证!"]}
    sms = http.get(f"/user/sms/{a_mobile()}/")
    assert (sms.status_code, sms.headers["retry-after"]) == (429, "1")
    assert sms.json() == {"status": "0", "result": "请先完成安全验证!", "message": "请先完成安全验证!"}


def test_too_many_questions_are_too_many(http, set_rule):
    set_rule("CAPTCHAS_PER_CLIENT", (rules.Limit(1, rules.CAPTCHA_LIFE),))
    published(http)
    answer = http.get("/user/captcha/")
    assert (answer.status_code, answer.json()["status"]) == (429, False)
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("sent", [{}, {"challenge": 1}, {"geetest_challenge": []}, {"challenge": "x", "answer": {}}])
def test_nonsense_is_refused_in_the_same_shape(http, sent):
    answer = http.post("/user/captcha/", json=sent)
    assert answer.status_code == 400
    assert set(answer.json()) == {"status", "message"}
