"""What must hold of everything that a stranger can write, whatever the bytes (T10). Each target takes bytes.

A refusal is a normal answer; any other exception is a crash, and so is a result that breaks its promise.
"""

import contextlib
import unicodedata
import uuid
from collections.abc import Callable

from menpai import errors, identifiers, rules
from menpai.accounts import activation
from menpai.addresses import parsing
from menpai.contracts import request_body
from menpai.sessions import jwt, tokens


def text(raw: bytes) -> str:
    """Any text at all: short and plain as UTF-8, every code point and lone surrogates as UTF-32 cut to fit."""
    if raw[:1] < b"\x80":
        return raw[1:].decode("utf-8", "replace")
    units = (int.from_bytes(raw[at : at + 3], "big") % 0x110000 for at in range(1, len(raw), 3))
    return "".join(map(chr, units))


def a_mobile(raw: bytes) -> None:
    with contextlib.suppress(errors.MobileInvalid):
        found = identifiers.mobile(text(raw))
        assert len(found) == 11 and found.isascii() and found.isdigit() and found[0] == "1", found
        assert identifiers.mobile(found) == identifiers.bare_mobile(found) == found
    with contextlib.suppress(errors.MobileInvalid):
        assert identifiers.bare_mobile(text(raw)) == text(raw) == identifiers.mobile(text(raw))


def an_email(raw: bytes) -> None:
    with contextlib.suppress(errors.EmailInvalid):
        found = identifiers.email(text(raw))
        assert found.address.count("@") == found.key.count("@") == 1, found
        assert identifiers.casefold(found.key) == found.key, found
        assert identifiers.email(found.address) == found, found
        assert found.address.rpartition("@")[0].isascii(), found
        assert not any(char in found.address for char in "\r\n\x00,;<> "), found


def a_user_name(raw: bytes) -> None:
    with contextlib.suppress(errors.UsernameInvalid):
        found = identifiers.username(text(raw))
        key = identifiers.username_key(found)
        assert identifiers.username_key(key) == key and unicodedata.is_normalized("NFKC", key), key
        assert "@" not in key and len(key) <= 64 and key not in identifiers.RESERVED_USERNAMES, key
        # The three kinds of identifier do not collide: what is a name signs in as a name.
        assert identifiers.sign_in_name(found) == identifiers.SignInName("username", key), found


def a_name_to_sign_in_with(raw: bytes) -> None:
    found = identifiers.sign_in_name(text(raw))
    if found is not None:
        assert identifiers.sign_in_name(found.key) == found, found


def a_code(raw: bytes) -> None:
    found = identifiers.code(text(raw))
    assert identifiers.code(found) == found and len(found) <= 64, found
    assert not any(map(str.isspace, found)), found


def text_of_an_address(raw: bytes) -> None:
    with contextlib.suppress(errors.TextInvalid):
        line = identifiers.plain_text(text(raw), 100)
        assert identifiers.plain_text(line, 100) == line and 0 < len(line) <= 100
        assert not any(unicodedata.category(char) in ("Cc", "Cs") or char in "<>\u200b\u202e" for char in line), line
    postcode = identifiers.postcode(text(raw), 7)
    assert postcode is None or (postcode.isascii() and len(postcode) <= 7), postcode
    number = identifiers.row_id(text(raw))
    assert number is None or 0 <= number < 10**18, number
    assert identifiers.language(text(raw)) in ("en", "zh-hans")


def a_pasted_address(raw: bytes) -> None:
    parse_all_of(text(raw)[: rules.PASTED_LENGTH])


def parse_all_of(pasted: str) -> None:
    """Spans lie in the text; every Chinese character is in one; fields have no markup."""
    answer = parsing.parse(pasted)
    covered = set()
    for span in answer.spans:
        assert 0 <= span.start < span.end <= len(pasted), span
        covered.update(range(span.start, span.end))
    assert all(place in covered for place, char in enumerate(pasted) if "\u4e00" <= char <= "\u9fff"), pasted
    assert not set("<>\n") & set("".join(answer.fields.values())), answer.fields
    assert len(answer.candidates) <= 5 and set(answer.sure) == {name for name, value in answer.fields.items() if value}


def a_token(raw: bytes) -> None:
    """Nobody but us makes one that is good."""
    with contextlib.suppress(errors.NotSignedIn):
        raise AssertionError(jwt.session_of(text(raw)))


def a_refresh_token(raw: bytes) -> None:
    with contextlib.suppress(errors.NotSignedIn):
        raise AssertionError(tokens._opened(text(raw)))


def an_activation_code(raw: bytes) -> None:
    with contextlib.suppress(errors.ActivationMalformed):
        public_id, secret = activation._parsed(text(raw))
        assert isinstance(public_id, uuid.UUID) and secret


def a_body(raw: bytes) -> None:
    with contextlib.suppress(errors.BadRequest):
        found = request_body.json_object(raw)
        assert len(found) <= rules.BODY_FIELDS and _is_sound(found, rules.BODY_DEPTH), found
        request_body.Fields(found)


def a_form(raw: bytes) -> None:
    with contextlib.suppress(errors.BadRequest):
        found = request_body._form(raw)
        assert len(found) <= rules.BODY_FIELDS and _is_sound(found, rules.BODY_DEPTH), found


def _is_sound(value: object, depth: int) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any(unicodedata.category(char) == "Cs" for char in value)
    if isinstance(value, dict):
        return depth > 0 and all(_is_sound(one, depth - 1) for one in [*value, *value.values()])
    if isinstance(value, list):
        return depth > 0 and all(_is_sound(one, depth - 1) for one in value)
    return value is None or (isinstance(value, int | float) and value == value)


Target = Callable[[bytes], None]
# How often each is run with --proof: ten million in all, most where most depends on every character.
TARGETS: dict[Target, int] = {
    a_mobile: 2_500_000,
    an_email: 500_000,
    a_user_name: 1_500_000,
    a_name_to_sign_in_with: 500_000,
    a_code: 1_000_000,
    text_of_an_address: 500_000,
    a_pasted_address: 100_000,
    a_token: 500_000,
    a_refresh_token: 500_000,
    an_activation_code: 1_000_000,
    a_body: 1_000_000,
    a_form: 500_000,
}
# What a generator of bytes finds late or never.
SEEDS: dict[Target, tuple[str, ...]] = {
    a_mobile: ("13812345678", "+86 138-1234-5678", "1３８12345678", "0086(138)12345678"),
    an_email: ("Wang@Example.com", "a.b+c@xn--fiqs8s.cn", "王@例子.cn", "mıke@example.com", '"a b"@c.de'),
    a_user_name: ("wang_1", "小王子", "ΑΒΓς", "ﬁne", "13812345678"),
    a_name_to_sign_in_with: ("13812345678", "wang@example.com", "小王子", "a＠b.cn"),
    a_code: ("123456", "１２３ ４５６", "12 34 56\n"),
    text_of_an_address: ("北京市东城区", "a‮b", "100062", "en-US,zh;q=0.5"),
    a_pasted_address: (
        "收货人：张三\n电话：13800138000-0123\n地址：浙江省杭州市余杭区文一西路969号",
        "张三[7839] 浙江杭洲余杭 身份证11010119900307803X 邮编311121",
        "Zhang San +852 6123 4567 Yuhang District, Hangzhou<br>",
    ),
    a_token: ("eyJhbGciOiJub25lIn0.eyJzaWQiOiIxIn0.", "eyJhbGciOiJFZERTQSIsImtpZCI6W119.e30.AA", "a.b.c"),
    a_refresh_token: ("A" * 70,),
    an_activation_code: ("MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDB4L3c=", "MTIzNC93YW5n"),
    a_body: ('{"a": "b"}', '{"a": [{"b": [1, 2.5, null, true]}]}', '{"a": "\\ud800"}', '{"a": 1, "a": 2}'),
    a_form: ("a=b&c=d", "a=%E5%B0%8F&a=b", "a=%ED%A0%80"),
}
