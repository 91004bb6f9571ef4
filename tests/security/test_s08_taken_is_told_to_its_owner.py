"""S8: a registration tells nobody but its owner whether a mobile or e-mail is taken."""

import json
from datetime import timedelta

import pytest

from menpai.models import Customer
from menpai.rules import Limit
from tests.api.clients import Caller, newcomer, ok, proven, refused
from tests.contracts.clients import Api, Newcomer, User, at
from tests.contracts.test_v1_weibo import register, ticket, weibo  # noqa: F401  (a fixture)
from tests.customers import PASSWORD, a_mobile, activation_code, ask_for_code, body, wrong

EMAIL = "wang@example.com"
ANOTHER = "another@example.com"


@pytest.fixture
def owner(http, mailbox, clock):
    """A customer with a proven mobile and a proven e-mail."""
    found = proven(http, mailbox, email=EMAIL)
    clock.advance(61)
    return found


def named(http, name, **fields):
    sent = {"uname": name, "password": PASSWORD, "email": ANOTHER, "phone": a_mobile()} | fields
    return body(http.post("/v1/users", json=sent))["code"]


@at("register_named")
def test_a_wrong_code_does_not_tell_whether_mobile_or_email_is_taken(http, mailbox, owner, kind):
    news = [Newcomer(owner.mobile), Newcomer(email=EMAIL), Newcomer()]
    codes = [wrong(ask_for_code(http, mailbox, new.mobile)) for new in news]
    answers = [kind(http).register_named(new, code) for new, code in zip(news, codes, strict=True)]
    assert all(answer.says("CodeWrong") for answer in answers)
    assert len({(answer.status, answer.content) for answer in answers}) == 1


def test_at_api_a_user_name_is_told_for_a_right_code_alone(http, mailbox, owner):
    new = Newcomer(name=owner.me["username"].upper())
    code = ask_for_code(http, mailbox, new.mobile)
    assert Api(http).register_named(new, wrong(code)).says("CodeWrong")
    assert Api(http).register_named(new, code).says("UsernameTaken")


@at("register_named")
def test_a_right_code_tells_that_the_mobile_is_taken_and_is_not_spent(http, mailbox, owner, kind):
    new = Newcomer(owner.mobile)
    code = ask_for_code(http, mailbox, new.mobile)
    assert [kind(http).register_named(new, code).says("MobileTaken") for _ in range(2)] == [True, True]


def test_without_a_code_a_mobile_is_told_as_often_as_the_mobile_check_may_be_asked(http, owner, set_rule):
    set_rule("MOBILE_CHECKS_PER_CLIENT", (Limit(3, timedelta(minutes=1)),))
    told = [named(http, f"wang_{number}", phone=owner.mobile) for number in range(2)]
    assert User(http).check_mobile(owner.mobile).says("MobileTaken")
    told += [named(http, f"wang_{number}", phone=owner.mobile) for number in range(2)]
    assert told == [10128, 10128, 200, 200]
    assert Customer.objects.filter(mobile=owner.mobile, mobile_verified_at__isnull=False).count() == 1


def test_where_the_mobile_check_is_off_a_mobile_is_told_for_a_right_code_alone(http, mailbox, owner, settings):
    settings.MENPAI_MOBILE_CHECK = "off"
    code = ask_for_code(http, mailbox, owner.mobile)
    assert [named(http, "wang_1", phone=owner.mobile, verify=guess) for guess in (wrong(code), code)] == [10132, 10128]
    assert named(http, "wang_1", phone=owner.mobile) == 200


def test_a_person_from_weibo_is_told_no_more(http, weibo, owner, set_rule):  # noqa: F811
    set_rule("MOBILE_CHECKS_PER_CLIENT", (Limit(1, timedelta(minutes=1)),))
    bind_ticket = ticket(http, weibo)
    told = [register(http, bind_ticket, phone=owner.mobile, email=EMAIL)["code"] for _ in range(2)]
    assert told == [10128, 200]


@at("register_named")
def test_an_email_that_is_taken_registers_like_a_free_one_and_the_mail_tells_its_owner(http, mailbox, owner, kind):
    news = [Newcomer(email="WANG@example.com"), Newcomer()]
    answers = [kind(http).register_named(new, ask_for_code(http, mailbox, new.mobile)) for new in news]
    assert all(answer.ok for answer in answers)
    assert json.loads(answers[0].content).keys() == json.loads(answers[1].content).keys()
    assert Customer.objects.get(username=news[0].name).email_verified_at is None
    assert "注册了新账号" in mailbox.last(EMAIL).text and "注册了新账号" not in mailbox.last(news[1].email).text
    code = activation_code(mailbox, EMAIL)
    refused(Caller(http).post("/activation", code=code), 410, "activation_gone")
    ok(Caller(http).post("/activation/refuse", code=code), 204)
    assert Customer.objects.get(email_key=EMAIL).pk == Customer.objects.get(mobile=owner.mobile).pk
    assert owner.is_signed_in()


def test_the_mail_once_more_tells_the_owner_too(http, mailbox, owner, clock):
    person = newcomer(http, mailbox, username="li_1", email=EMAIL)
    before = len(mailbox.all(EMAIL))
    clock.advance(61)
    ok(person.post("/activation/resend"), 202)
    assert len(mailbox.all(EMAIL)) == before + 1 and "注册了新账号" in mailbox.last(EMAIL).text


def test_both_registrations_cost_the_same(http, mailbox, owner, cost):
    costs = []
    for new in (Newcomer(email=EMAIL), Newcomer()):
        code = ask_for_code(http, mailbox, new.mobile)
        costs.append(cost(lambda new=new, code=code: Api(http).register_named(new, code)))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("field", ["mobile", "email"])
def test_a_change_tells_it_to_nobody_with_a_wrong_code(http, mailbox, owner, field):
    person = newcomer(http, mailbox)
    values = {"mobile": (owner.mobile, a_mobile()), "email": (EMAIL, ANOTHER)}[field]
    asked = [person.post(f"/me/{field}/code", password=PASSWORD, **{field: value}) for value in values]
    guessed = [person.put(f"/me/{field}", code="0" * 8, **{field: value}) for value in values]
    assert [answer.status_code for answer in asked] == [202, 202] and asked[0].content == asked[1].content
    assert {refused(answer, 422, "code_wrong", "code")["code"] for answer in guessed} == {"code_wrong"}
