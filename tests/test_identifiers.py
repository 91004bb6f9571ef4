"""Raw text becomes a checked type once: what people type, what attackers type, and that canonical is canonical."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menpai import errors, identifiers

pytestmark = pytest.mark.without_database


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        " 138 0013 8000 ",
        "138-0013-8000",
        "+8613800138000",
        "+86 138-0013-8000",
        "008613800138000",
        "１３８００１３８０００",
        "\t13800138000",
        "\u202d13800138000\u202c",
        "138\u22120013\u20128000\u200b",
        "138\u00a00013\u30008000",
        "\ufeff138\u00ad0013\ufe0f8000",
    ],
)
def test_people_write_one_mobile_in_many_ways(typed):
    assert identifiers.mobile(typed) == "13800138000"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12800138000",
        "1380013800",
        "138001380000",
        "13800138000\n",
        "138\n00138000",
        "138٠٠١٣٨٠٠٠",
        "+85223456789",
        "x" * 99,
    ],
)
def test_what_is_no_mainland_mobile_is_refused(typed):
    if typed == "138٠٠١٣٨٠٠٠":  # Arabic digits are digits to \d, and an alias of a number to a naive rule
        assert not typed.isascii()
    with pytest.raises(errors.MobileInvalid):
        identifiers.mobile(typed)


@pytest.mark.parametrize("prefix", [*range(130, 200)])
def test_every_segment_from_13_to_19_is_a_mobile(prefix):
    assert identifiers.bare_mobile(f"{prefix}00000000")


@given(st.text(max_size=60))
def test_a_checked_mobile_is_eleven_ascii_digits_and_checking_it_again_changes_nothing(typed):
    try:
        found = identifiers.mobile(typed)
    except errors.MobileInvalid:
        return
    assert len(found) == 11 and found.isascii() and found.isdigit()
    assert identifiers.mobile(found) == found == identifiers.bare_mobile(found)


@given(st.one_of(st.text(max_size=60), st.emails()))
def test_a_checked_email_has_one_at_and_its_key_is_stable(typed):
    try:
        found = identifiers.email(typed)
    except errors.EmailInvalid:
        return
    assert found.address.count("@") == 1
    assert identifiers.email(found.address) == found
    assert identifiers.casefold(found.key) == found.key
    assert not any(char in found.address for char in "\r\n,; \x00")


@given(st.text(max_size=40))
def test_a_checked_name_is_never_shaped_like_a_mobile_or_an_email_and_its_key_is_stable(typed):
    try:
        found = identifiers.username(typed)
    except errors.UsernameInvalid:
        return
    key = identifiers.username_key(found)
    assert identifiers.casefold(key) == key
    assert "@" not in key
    assert identifiers.sign_in_name(found) == identifiers.SignInName("username", key)


@given(st.text(max_size=120))
def test_plain_text_holds_nothing_that_a_page_a_label_or_a_log_could_trip_over(typed):
    try:
        text = identifiers.plain_text(typed, 100)
    except errors.TextInvalid:
        return
    assert 1 <= len(text) <= 100
    assert not set(text) & set("<>\r\n\t\x00\u202e\u2066\u200b")
    assert identifiers.plain_text(text, 100) == text


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("nonsense", "unknown"),
    ],
)
def test_limits_count_networks_not_spellings(address, network):
    assert identifiers.client(address, "").network == network


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (1, 1),
        ("1", 1),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        (10**18, None),
        (-1, None),
        (True, None),
        ("１", None),
        (1.0, None),
    ],
)
def test_ids_are_numbers_or_up_to_18_digits(raw, expected):
    assert identifiers.row_id(raw) == expected


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        *[("", "zh-hans"), ("*", "zh-hans"), ("fr, de;q=0.5", "zh-hans"), ("en", "en"), ("EN-gb", "en")],
        *[("en-US,en;q=0.9,zh-CN;q=0.8", "en"), ("zh-CN,en;q=0.9", "zh-hans"), ("en;q=0.8, zh;q=0.9", "zh-hans")],
        *[("en ; q=0.5 , zh;q=0.4", "en"), ("en;Q=0.2,zh;q=0.1", "en"), ("zh;q=0.5;x=1, en;q=0.4", "zh-hans")],
        *[
            ("zh-Hant-TW, en", "zh-hans"),
            ("yue-HK, en", "zh-hans"),
            ("cmn-Hans-CN, en", "zh-hans"),
            ("nan, en", "zh-hans"),
        ],
        *[("en;q=0", "zh-hans"), ("zh;q=0, *", "en"), ("zh;q=0, en;q=0", "zh-hans"), ("*, en;q=0.1", "zh-hans")],
        *[("en, *", "en"), ("de, *;q=0.1", "zh-hans"), ("en-US;q=0.5, en;q=0.9, zh;q=0.8", "en")],
        *[("en;q=nan, zh;q=0.1", "zh-hans"), ("en;q=1e5, zh", "zh-hans"), ("enm, zhx, en;q=0.1", "en")],
    ],
)
def test_the_language_is_what_the_header_prefers(accept: str, language: str) -> None:
    assert identifiers.language(accept) == language
