"""What a new password must be (R41–R45): its length, the list of common ones, the customer's own words."""

import subprocess
import sys
import unicodedata

import pytest

from menpai import errors, rules
from menpai.passwords import common as common_passwords
from menpai.passwords import password

pytestmark = pytest.mark.without_database

OWN = ("xiaowang", "13800138000", "wang.xiaoming@example.com")


def refused(raw: str, *own: str) -> type[errors.Refusal] | None:
    try:
        password.check(raw, *own)
    except errors.Refusal as no:
        return type(no)
    return None


def profiled(settings, name):
    settings.MENPAI_PASSWORD_PROFILE = name
    settings.MENPAI_PASSWORD_MIN_LENGTH = rules.PASSWORD_PROFILES[name]


# ── Length ──
SHORTEST = {"compat": 6, "asvs": 8, "nist15": 15, "mlps": 8}


@pytest.mark.parametrize("profile", rules.PASSWORD_PROFILES)
def test_each_profile_has_its_shortest_length_and_no_classes_of_characters(settings, profile):
    profiled(settings, profile)
    shortest = SHORTEST[profile]
    long = "v7#rQz!mK2pXw9@dLt5&"
    assert refused(long[: shortest - 1]) is errors.PasswordLength
    for good in (long[:shortest], "juvahdemiblopzor", "山高月小水落石出清风徐来水波不兴"):
        assert refused(good) is None
    # The published sample.
    assert refused("123456") is (errors.PasswordWeak if profile == "compat" else errors.PasswordLength)


def test_length_counts_code_points_after_nfkc():
    assert unicodedata.normalize("NFKC", "㍿㍻") == "株式会社平成"
    assert refused("㍿㍻") is errors.PasswordLength
    assert refused("㍿㍻㍻") is None
    assert refused("e\u0301" * 7 + "x") is None  # fifteen typed, eight after composing
    assert refused("e\u0301" * 7) is errors.PasswordLength


def test_128_are_accepted_and_nothing_is_cut_off():
    long = "".join(chr(0x4E00 + 7 * number) for number in range(128))
    assert refused(long) is None
    assert refused(long + "x") is refused("ﷺ" * 1_000_000) is errors.PasswordLength
    stored = password.hash_in_turn(long)
    assert password.matches(long, stored)
    assert not password.matches(long[:-1] + "x", stored)


# ── The list ──
def test_the_list_is_long_enough_and_in_order():
    assert common_passwords.count() >= 100_000
    hashes = common_passwords._hashes()
    sample = [hashes[place] for place in range(0, len(hashes), 97)]
    assert sample == sorted(set(sample))


@pytest.mark.parametrize(
    "common",
    [
        *("123456", "password", "Password1", "PASSWORD", "ｐａｓｓｗｏｒｄ"),
        *("qwertyuiop", "1q2w3e4r", "iloveyou", "111111"),
        *("woaini1314", "5201314", "woaini520", "zhangwei123", "wangfang", "qq123456", "19870512", "870512", "a123456"),
        # Repetitions and walks.
        *("aaaaaaaa", "abababab", "abcabcabc", "passwordpassword", "abcdefghijk", "987654321098", "lkjhgfdsapoi"),
        *("88888888", "147258369", "zhang123456", "wodemima", "123456abc", "asdf1234", "laopo520"),
    ],
)
def test_what_people_try_first_repetitions_and_walks_are_refused(settings, common):
    profiled(settings, "compat")
    assert refused(common) is errors.PasswordWeak


def test_good_ones_pass_even_with_a_name_inside(settings):
    good = ("correct horse 9", "床前明月光是谁写的", "v7#rQz!mK2pX", "menpaihua-lulu-77", "xqz 5201314 kuq")
    for one in (*good, "xiaowang keeps 3 goldfish", "wangv7#rQz"):
        assert refused(one, *OWN) is None, one
    assert refused("v7#rQz!mK2pX", None, None) is None
    assert refused("password", None, None) is errors.PasswordWeak


MEMORY = """
def anonymous():
    return sum(int(line.split()[1]) for line in open("/proc/self/smaps_rollup") if line.startswith("Private_Dirty"))
from menpai.passwords import common as common_passwords
before = anonymous()
for number in range(2000):
    common_passwords.contains(f"some password {number}")
print(anonymous() - before)
"""


def test_a_worker_pays_next_to_no_memory_for_the_list():
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1024  # KiB of its own; the pages of the file are shared by all workers


# ── The customer's own words ──
@pytest.mark.parametrize(
    "own",
    [
        *("xiaowang", "XiaoWang1!", "123xiaowang", "xiaowangxiaowang", "gnawoaix", "xiaowang123456", "!xiaowang!88"),
        *("13800138000", "a13800138000", "00138000", "wang13800138000", "138000xy", "y13800138000z"),
        *("wang.xiaoming@example.com", "wang.xiaoming", "xiaoming88", "Xiaoming2024", "wangxiaoming", "example123"),
    ],
)
def test_the_customers_own_words_are_refused(own):
    assert refused(own, *OWN) is errors.PasswordWeak


def test_so_are_the_shops(settings):
    settings.MENPAI_BRAND_NAME, settings.MENPAI_PUBLIC_URL = "好物天天见", "https://account.haowu-shop.cn"
    for own in ("好物天天见", "好物天天见2024", "haowu-shop", "Haowu-Shop88", "account.haowu-shop"):
        assert refused(own.ljust(8, "!")) is errors.PasswordWeak, own


def test_an_old_short_password_still_signs_in(settings):
    profiled(settings, "compat")
    stored = password.hash_in_turn("v7#rQz")
    profiled(settings, "nist15")
    assert password.matches("v7#rQz", stored)
