"""S15: no name reads like a mobile or an e-mail, and nobody crowds the owner out of the recovery mail."""

import re

import pytest

from menpai import identifiers
from menpai.models import Customer
from tests.contracts.clients import Newcomer, at
from tests.customers import PASSWORD, body, somebody
from tests.no_limits import lift_limits

LOOK_ALIKES = [
    "١٣٨٠٠١٣٨٠٠٠",  # Arabic-Indic
    "۱۳۸۰۰۱۳۸۰۰۰",  # Persian
    "१३८००१३८०००",  # Devanagari
    "13٨001३8000",
    "１３８００１３８０００",
    "一三八零零一三八〇〇〇",
    "138OO138ooo",
    "l38Oοl38ооo",
    "IЗ800138000",  # Cyrillic
    "138_0013_8000",
    "1\u03323\u03328\u033200138000",  # underlined
    "1\ufe0f3\ufe0f8\ufe0f00138000",
    "138\u31640013\u31648000",  # a letter without a shape
    "13800138000\u3164",
    "138ー0013ー8000",
    "138ʼ00138000",
    "1380013800丨",
    "1380013800ㄧ",
    "admin\ufe00",
    "adm\u034fin",
    "ad\u0301min",
    "vip\ufe00",
    "8613800138000",
    "008613800138000",
    "wang＠example.com",
    "wang﹫example.com",
    "wang@example.com",
]
NAMES = [
    "wang138",
    "小王13800",
    "olli",
    "1234567890123",
    "12800138000",
    "一二三",
    "зилло",
    "lil_o_l_lo_li",
    "x١٣٨٠٠",
]


@at("register_named")
@pytest.mark.parametrize("name", LOOK_ALIKES, ids=ascii)
def test_no_user_name_reads_like_a_mobile_or_an_email(http, mailbox, kind, name):
    new = Newcomer(name=name, email="w@example.com")
    assert kind(http).ask_code(new.mobile).ok
    assert kind(http).register_named(new, mailbox.last(new.mobile).code).says("UsernameInvalid")
    assert not Customer.objects.exists()


@pytest.mark.parametrize("name", NAMES)
def test_other_names_stay_allowed(http, name):
    assert somebody(http, uname=name).sign_in()["code"] == 200


def test_who_has_such_a_name_from_before_still_signs_in(http):
    person = somebody(http)
    name = LOOK_ALIKES[0]
    Customer.objects.filter(username=person.name).update(username=name, username_key=identifiers.username_key(name))
    assert body(http.post("/v1/tokens", json={"username": name, "password": PASSWORD}))["code"] == 200


@pytest.fixture
def crowded(http, set_rule, settings, clock):
    """`crowded(before, after, **headers)` → the owner, and the customers whom the recovery mail names."""

    def recover(mailbox, before, after, **headers):
        lift_limits(set_rule, settings)
        set_rule("REGISTRATIONS_PER_CLIENT", ())
        settings.MENPAI_TRUSTED_PROXIES = 0
        email = "owner@example.com"
        squatters = [somebody(http, email=email) for _ in range(before)]
        owner = somebody(http, email=email)
        squatters += [somebody(http, email=email) for _ in range(after)]
        http.headers.update(headers)
        http.post("/v1/tokens", json={"username": owner.name, "password": PASSWORD})
        clock.advance(61)
        assert body(http.post("/v1/users/password/sms", json={"email": email}))["code"] == 200
        named = re.findall(r"wang_\d+", mailbox.last(email).text)
        assert len(named) == len(set(named)) == min(len(squatters) + 1, 20)
        return owner, named

    return recover


@pytest.mark.parametrize(("before", "after"), [(5, 0), (12, 0), (9, 9)])
def test_squatters_do_not_crowd_the_owner_out_of_the_recovery_mail(crowded, mailbox, before, after):
    owner, named = crowded(mailbox, before, after)
    assert owner.name in named


def test_very_many_do_not_crowd_out_whoever_signed_in_with_this_browser(crowded, mailbox):
    owner, named = crowded(mailbox, 30, 30, cookie=f"menpai_device={'D' * 22}")
    assert owner.name in named
