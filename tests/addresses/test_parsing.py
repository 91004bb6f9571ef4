"""What the parser makes of pasted addresses, by kind, and what holds of any text at all.

`texts/KIND.tsv`: text, receiver, number, province/city/county, detail with the town, and what else is due: the warnings
about region and number, and `postcode=`. All are made up for the test.
"""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from menpai.addresses import parsing
from menpai.addresses.parsing import chains, vocabulary
from tests import fuzz_targets

pytestmark = pytest.mark.once("knows no database")
KINDS = sorted(Path(__file__).parent.glob("texts/*.tsv"))
NOT_OF_THE_TEXT = {"house_number_missing", "detail_repeats_region", "postcode_elsewhere"}  # see test_address_checks.py
LINES = [line.split("\t")[0].replace(r"\n", "\n") for path in KINDS for line in path.read_text("utf-8").splitlines()]
A_LINE = st.sampled_from(LINES)
SCRAPS = st.sampled_from(
    ("浙江省", "杭州市", "余杭区", "朝阳", "张三", "收货人：", "地址", "13800138000", "-0123", "118", "路", "（", "】")
)
ANY_TEXT = st.lists(SCRAPS | A_LINE | st.text(max_size=8), max_size=12).map(lambda parts: "".join(parts)[:1000])


def read(text: str) -> tuple[list[str], set[str]]:
    """The columns as in the files, and the warnings."""
    answer = parsing.parse(text)
    number = "-".join(filter(None, (answer.fields["mobile"], answer.fields["extension"])))
    region = "/".join(answer.fields[level] for level in ("province", "city", "county"))
    columns = [answer.fields["receiver"], number, region, answer.fields["town"] + answer.fields["detail"]]
    postcode = {f"postcode={answer.fields['postcode']}"} if answer.fields["postcode"] else set()
    return columns, {warning.code for warning in answer.warnings} - NOT_OF_THE_TEXT | postcode


@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.stem)
def test_texts_of_a_kind_are_read_as_they_are_meant(path: Path) -> None:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    wrong = {}
    for text, *expected in rows:
        columns, due = expected[:4], set(filter(None, "".join(expected[4:]).split(",")))
        if (answer := read(text.replace(r"\n", "\n"))) != (columns, due):
            wrong[text] = answer
    assert wrong == {}
    assert len(rows) >= 10


@settings(deadline=None, derandomize=True)
@given(ANY_TEXT)
@example("<script>alert(1)</script> 张三 13800138000 浙江省杭州市余杭区文一西路<br>969号")
@example("联系人 邵兵 电话 \n15 邵兵 电话 \n15933336666 地址 山东省济南市历下区")
@example("⼭东省济南市历下区经十路5号 ㍿ ① 13800138000")
def test_spans_lie_in_the_text_and_nothing_is_lost(text: str) -> None:
    fuzz_targets.parse_all_of(text)


@settings(deadline=None, derandomize=True)
@given(A_LINE)
def test_the_parser_reads_its_own_answer_as_it_was(text: str) -> None:
    fields = parsing.parse(text).fields
    number = "-".join(filter(None, (fields["mobile"], fields["extension"])))
    place = "".join(fields[level] for level in ("province", "city", "county", "town", "detail"))
    again = f"收货人：{fields['receiver']}\n手机：{number}\n地址：{place}\n邮编：{fields['postcode']}"
    assert parsing.parse(again).fields | {"tag": "", "second_number": ""} == fields | {"tag": "", "second_number": ""}


@pytest.mark.parametrize("text", ["", " \n ", "你好", "hello world", "😀😀", "谢谢，今天天气不错", "12", "，，，"])
def test_where_nothing_is_recognised_all_is_rest(text: str) -> None:
    answer = parsing.parse(text)
    assert answer.rest == text.strip("😀， \n")
    assert not any(answer.fields.values())
    assert (answer.region_code, answer.candidates, answer.warnings) == (None, [], [])


def test_a_region_open_to_several_has_them_as_candidates() -> None:
    answer = parsing.parse("张三 13800138000 朝阳区建国路88号")
    assert [candidate.region_code for candidate in answer.candidates] == ["110105", "220104"]
    assert answer.region_code is None
    assert [(warning.code, [place.code for place in warning.now]) for warning in answer.warnings] == [
        ("region_open", ["110105", "220104"])
    ]


@pytest.mark.parametrize("text", ["城区", "朝阳", "鼓楼区", "吉林省吉林市", "浙江省杭州市余杭区", "巴州", "海南省 "])
def test_names_said_over_and_over_take_no_more_steps_than_there_are(text: str) -> None:
    """The work on regions is bounded, so that no text takes long: `chains.MOST_STEPS`."""
    steps = 0
    extend = chains._extend

    def counted(*arguments: object) -> object:
        nonlocal steps
        steps += 1
        return extend(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chains, "_extend", counted)
        parsing.parse((text * 500)[:1000])
    assert steps <= chains.MOST_STEPS


def test_every_traditional_character_has_one_simplified_one() -> None:
    words = {key: "".join(characters) for key, characters in vocabulary.section("characters").items()}
    assert len(words["traditional"]) == len(words["simplified"]) == len(set(words["traditional"]))
    assert not set(words["traditional"]) & set(words["simplified"])
