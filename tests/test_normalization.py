"""Text as it arrives: what carries no meaning goes, what means the same becomes the same, at every door."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from menpai import errors, identifiers
from menpai.identifiers import normalization
from tests.customers import PASSWORD, a_mobile, activation_code, an_address, ask_for_code, somebody

MARKS = "\u202a\u202d\u202c\u2066\u2069\u200e\u200f\u200b\u2060\ufeff\u00ad\ufe0f\U000e0061"
NOISE = st.text(MARKS + "\u200c\u200d", max_size=3)
ZWJ = "\u200d"
FAMILY = f"👨‍👩‍👧{ZWJ}👦"
PERSIAN = "نامه\u200cای"  # without its joiner another word
HINDI = "क्\u200dष"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("北京市东城区\n珠市口大街2号\n", "北京市东城区 珠市口大街2号"),
        ("北京市\u200b东城区", "北京市东城区"),
        ("王\t小明", "王 小明"),
        ("\ufeff小王", "小王"),
        ("\u2066x", "x"),
        ("\r\nX: y", "X: y"),
        ("\u202e王\u202c小明", "王小明"),
        ("一号 \r\n \u2028 二号", "一号 二号"),
        ("\u3000小王\u00a0", "小王"),
        ("葛\U000e0100城", "葛城"),
        (f"{FAMILY}小王", f"{FAMILY}小王"),
        ("❤\ufe0f", "❤\ufe0f"),
        (PERSIAN, PERSIAN),
        (HINDI, HINDI),
        (f"小{ZWJ}王{ZWJ}", "小王"),
        ("阿卜杜热依木·江", "阿卜杜热依木·江"),
        ("e\u0301", "é"),
        ("（门牌）２号", "（门牌）２号"),
    ],
)
def test_a_line_of_text(typed: str, line: str) -> None:
    assert normalization.line(typed) == line


@pytest.mark.parametrize(
    "name",
    ["\U00030000\U00031350", "\U000323b0", "\ue816\ue81b", "\U000f0001", "ᠠᠨᠳᠠ", "བསྟན་འཛིན།"],
    ids=["extension G", "extension I", "private use of GB 18030", "plane 15", "Mongolian", "Tibetan"],
)
def test_characters_that_an_older_unicode_does_not_know_are_names(name: str) -> None:
    assert identifiers.plain_text(name, 40) == name


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        *[(" \u200b\n", "required"), ("<b>", "markup"), ("x" * 11, "too_long")],
        *[("王\x07", "unprintable"), ("\ufdd0", "unprintable"), ("王\U0001fffe", "unprintable")],
    ],
)
def test_each_refusal_of_a_line_has_its_own_reason(typed: str, reason: str) -> None:
    with pytest.raises(errors.TextInvalid) as refusal:
        identifiers.plain_text(typed, 10)
    assert refusal.value.reason == reason


@given(st.text(max_size=60))
@example(f"a{ZWJ}{ZWJ}b\ufe0f{ZWJ}")
@example("\u200b\n\u200b \n")
def test_normalising_twice_changes_nothing(typed: str) -> None:
    for normalise in (normalization.line, normalization.compact, normalization.name, normalization.without_separators):
        assert normalise(normalise(typed)) == normalise(typed)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.lists(NOISE, min_size=12, max_size=12))
def test_noise_changes_no_mobile_and_joins_no_two(mobile: str, noise: list[str]) -> None:
    noisy = "".join(mark + digit for mark, digit in zip(noise, mobile + " ", strict=True))
    assert identifiers.mobile(noisy) == mobile


@given(st.text(max_size=32))
def test_the_keys_of_existing_user_names_stay(name: str) -> None:
    """Names were letters, marks and decimals before; of those nothing goes."""
    kept = unicodedata.normalize("NFC", name)
    if all(unicodedata.category(char) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd") for char in kept):
        assert normalization.name(kept) == kept


@pytest.mark.parametrize("disguise", ["\u202d{}\u202c", "{}\u200b", "\ufeff{}", "{}\u3000", "\u00a0{}", " {} "])
def test_every_door_takes_a_mobile_and_an_email_in_disguise(http, mailbox, disguise):
    person = somebody(http)
    spellings = [disguise.format(name) for name in (person.name, person.email.replace("@", "＠"))]
    sent = [http.post("/v1/tokens", json={"username": name, "password": PASSWORD}) for name in spellings[:1]]
    sent += [http.post("/user/login/", json={"username": name, "password": PASSWORD}) for name in spellings[:1]]
    sent += [http.post("/v1/users/password/sms", json={"email": spellings[1]})]
    sent += [http.post("/v1/users/sms/code", json={"phone": disguise.format(a_mobile())})]
    sent += [http.post("/api/registrations/code", json={"mobile": disguise.format(a_mobile())})]
    assert [answer.status_code for answer in sent] == [200, 200, 200, 200, 202]
    assert [answer.json().get("code", 200) for answer in sent] == [200] * 5
    mobile = a_mobile()
    code = disguise.format(ask_for_code(http, mailbox, mobile))
    registration = {"mobile": disguise.format(mobile), "password": PASSWORD, "sms_code": code}
    made = http.post("/user/register/", json=registration)
    assert (made.status_code, made.json()["username"]) == (201, mobile)


@pytest.mark.parametrize("mangled", ["{}\r\n{}", "{} {}", "{}=\r\n{}", "{}{}>", "{}{}。", "{}{}.", "{}\u200b{}"])
def test_a_link_that_was_copied_with_breaks_and_punctuation_activates(http, mailbox, mangled):
    person = somebody(http)
    code = activation_code(mailbox, person.email)
    answer = http.get("/v1/users/activation", params={"code": mangled.format(code[:30], code[30:])})
    assert answer.json() == {"code": 200, "data": "激活成功"}


def test_an_address_is_stored_on_one_line_and_a_refusal_says_why(http):
    person = somebody(http)
    given = an_address(receiver="\ufeff王\t小明", address="北京市东城区\n珠市口大街\u200b2号\n")
    answer = http.post("/api/me/addresses", json=given, headers=person.auth)
    [address] = answer.json()["addresses"]
    assert (address["receiver"], address["address"]) == ("王 小明", "北京市东城区 珠市口大街2号")
    refused = http.post("/api/me/addresses", json=given | {"receiver": "<王>"}, headers=person.auth)
    [error] = refused.json()["errors"]
    assert (error["field"], error["details"]["zh-CN"]) == ("receiver", "不能含有 < 或 >。")
