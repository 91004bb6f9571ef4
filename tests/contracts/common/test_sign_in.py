"""One set of rules behind three contracts: signing in."""

import pytest
from django.utils import timezone

from menpai.models import Customer
from tests.contracts.clients import V1, Newcomer, User, across, at
from tests.customers import PASSWORD, a_mobile


@across("register", "sign_in")
def test_who_registers_at_one_contract_signs_in_at_another(http, newcomer, kinds):
    new, me = newcomer(kinds[0])
    there = kinds[1](http).sign_in(new.mobile).me
    assert (there.name, there.token != me.token) == (me.name, True)


@across("register", "is_signed_in")
def test_a_token_of_one_contract_opens_the_others(http, newcomer, kinds):
    _new, me = newcomer(kinds[0])
    assert kinds[1](http).is_signed_in(me).ok


@at("sign_in")
def test_user_name_proven_mobile_and_proven_email_in_every_spelling(http, complete, kind):
    mobile, name, email = complete.mobile, complete.name, complete.email
    wide = mobile.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    for typed in (name, name.upper(), mobile, f"+86 {mobile}", wide, email, email.upper(), f" {email} "):
        assert kind(http).sign_in(typed).me.name == name, typed


@at("sign_in")
def test_an_unproven_email_opens_nothing(http, code_for, kind):
    new = Newcomer()
    assert V1(http).register_named(new, code_for(new.mobile)).ok
    assert kind(http).sign_in(new.email).says("WrongCredentials")
    assert kind(http).sign_in(new.name).ok


@at("sign_in")
def test_unknown_people_and_wrong_passwords_are_one_answer(http, complete, kind):
    wrong_password = kind(http).sign_in(complete.name, "wrong password")
    unknown = [kind(http).sign_in(name) for name in ("nobody", a_mobile(), "nobody@example.com", "\u202e", "x" * 500)]
    assert wrong_password.says("WrongCredentials")
    assert set(map(repr, unknown)) == {repr(wrong_password)}


@at("sign_in")
def test_a_password_typed_on_another_keyboard_is_the_same_password(http, complete, kind):
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else "\u3000" for char in PASSWORD)
    assert kind(http).sign_in(complete.name, wide).ok
    assert kind(http).sign_in(complete.name, PASSWORD.upper()).says("WrongCredentials")


@across("sign_in", "is_signed_in")
def test_a_disabled_customer_is_out_at_every_contract(http, complete, kinds):
    me = kinds[0](http).sign_in(complete.name).me
    Customer.objects.update(disabled_at=timezone.now())
    assert kinds[1](http).is_signed_in(me).says("NotSignedIn")
    wrong_password = kinds[0](http).sign_in(complete.name, "wrong password")
    assert kinds[0](http).sign_in(complete.name) == wrong_password


@at("is_signed_in")
@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 5000])
def test_what_is_no_token_opens_nothing(http, complete, kind, token):
    me = User(http).sign_in(complete.name).me
    assert kind(http).is_signed_in(type(me)(token, me.name)).says("NotSignedIn")
