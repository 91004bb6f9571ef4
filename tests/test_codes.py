"""How hard a one-time secret is to guess (R01, R02): every value of its digits, or 256 bits."""

import random

import pytest

from menpai import rules
from menpai.codes import one_time
from menpai.ephemeral import store
from menpai.keys import ring
from menpai.models import SpentSecret
from tests.customers import PASSWORD, a_mobile, ask_for_code

DIGITS = [purpose for purpose in rules.PURPOSES if purpose.digits]


@pytest.mark.parametrize("purpose", DIGITS, ids=lambda purpose: purpose.name)
def test_digits_are_drawn_from_all_there_are(purpose):
    """Of 2,000 fair draws none misses the highest or the lowest hundredth: the chance is 4 in a thousand million."""
    made = one_time.issue_each(purpose, "somebody", [str(number) for number in range(2000)])
    values = [int(code) for code in made.values()]
    assert len(set(values)) == 2000
    assert all(len(code) == purpose.digits and code.isdigit() for code in made.values())
    assert min(values) < 10**purpose.digits // 100 and max(values) >= 99 * 10**purpose.digits // 100


@pytest.mark.parametrize("purpose", [one for one in rules.PURPOSES if not one.digits], ids=lambda purpose: purpose.name)
def test_what_is_not_typed_has_256_bits(purpose):
    made = one_time.issue_each(purpose, "somebody", ["a", "b"])
    assert all(len(secret) == 43 for secret in made.values()) and made["a"] != made["b"]


def test_the_id_of_a_secret_has_128_bits():
    assert len({one_time.new_id() for _ in range(1000)}) == 1000
    assert len(one_time.new_id()) == SpentSecret._meta.get_field("id").max_length == 32


def test_nothing_secret_comes_from_a_predictable_generator(http, mailbox, monkeypatch, set_rule):
    """R01: without Python's `random` everything still goes."""

    def refuse(*_arguments, **_named):
        raise AssertionError("a predictable generator was asked")

    for name in ("random", "randint", "randrange", "choice", "choices", "sample", "getrandbits", "randbytes"):
        monkeypatch.setattr(random, name, refuse)
    set_rule("SENDS_PER_TARGET", ())
    mobile = a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    sent = {"mobile": mobile, "password": PASSWORD, "sms_code": code}
    assert http.post("/user/register/", json=sent).status_code == 201
    assert http.post("/v1/users/password/sms", json={"email": mobile}).json()["code"] == 200
    answer = http.post("/v1/users/password/verification", json={"email": mobile, "code": mailbox.last(mobile).code})
    assert answer.json()["ticket"]


def test_what_is_stored_is_neither_the_code_nor_the_target(http, mailbox):
    """R08. Who reads the store learns no code and no mobile."""
    mobile = a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    [mark, *_] = ring.hashers()
    key, kept = (
        one_time._key(mark, rules.REGISTRATION, mobile),
        one_time._secret(mark, rules.REGISTRATION, mobile, code),
    )
    assert store().guess(key, code).outcome == "wrong"
    assert store().guess(key, kept).outcome == "right"
    assert code not in kept and mobile not in key
