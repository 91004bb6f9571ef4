"""The names that regions go by in pasted texts, by their first two characters."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from menpai.addresses import regions
from menpai.addresses.parsing import vocabulary

FULL, SHORT, STEM = 3, 2, 1
_NATIONS = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|"
    "锡伯|塔吉克|怒|鄂温克|保安|裕固|独龙|普米|各"
)
_AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:(?:{_NATIONS})族?)+(自治)?([州县旗区])$")
_ENDING = re.compile("(特别行政区|自治区|自治州|自治县|自治旗|地区|新区|林区|省|市|区|县|旗|盟|州)$")
_TOWN_ENDING = re.compile("(?:镇|乡|街道)$")
_TYPES = frozenset("省市区县旗州盟岛")
_BANNERS = re.compile("^(.)(.)?.*([左右])翼([前中后])旗$")
_WORDS = vocabulary.section("regions")
_BY_HAND = vocabulary.pairs(_WORDS["by_hand"])
LETTERS = vocabulary.pairs(_WORDS["letters"])
GENERIC = frozenset(_WORDS["generic"])
MUNICIPALITIES = ("11", "12", "31", "50")
UNDIVIDED = ("4419", "4420", "4604", "6202")  # cities without counties


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """One region under one name.

    `depth` 1 is a province, 2 a city, 3 a county; the codes below it begin with `prefix`.
    """

    code: str
    prefix: str
    depth: int
    strength: int
    former: bool
    region: regions.Region


Bucket = list[tuple[str, tuple[Name, ...]]]


@regions.cached(maxsize=512)
def towns(code: str) -> tuple[str, ...]:
    """The towns of a county, or of a city without counties, longest first."""
    return tuple(sorted((town.name for town in regions.towns(code)), key=len, reverse=True))


def has_town_at(text: str, start: int, code: str) -> bool:
    """Does a town of the county stand there, under its full or its short name (盛泽)?"""
    return any(
        text.startswith(name, start) or (len(stem := _TOWN_ENDING.sub("", name)) > 1 and text.startswith(stem, start))
        for name in towns(code)
    )


@regions.cached()
def full_names() -> frozenset[str]:
    """The full names of living and former regions."""
    return frozenset(region.name for region, _ in _all())


@regions.cached()
def province(letter: str) -> Name:
    """The province by its one character."""
    region = regions.find(f"{LETTERS[letter]}0000")
    assert region is not None
    return name_of(region, SHORT)


@regions.cached()
def index() -> dict[str, Bucket]:
    """First two characters → the names that begin so, longest first, each with its regions."""
    names: dict[str, dict[str, Name]] = defaultdict(dict)
    for region, former in _all():
        for spelling, strength in spellings(region):
            _enter(names[spelling], region, strength, former)
    for spelling, code in _BY_HAND.items():
        if by_hand := regions.find(code):
            _enter(names[spelling], by_hand, SHORT, False)
    buckets: dict[str, Bucket] = defaultdict(list)
    for spelling, entries in names.items():
        living = {entry.code for entry in entries.values() if not entry.former}
        kept = tuple(entry for entry in entries.values() if not entry.former or entry.strength == FULL or not living)
        buckets[spelling[:2]].append((spelling, kept))
    for bucket in buckets.values():
        bucket.sort(key=lambda item: -len(item[0]))
    return dict(buckets)


def _all() -> Iterator[tuple[regions.Region, bool]]:
    for region in regions.living():
        if region.level != "town":
            yield region, False
    for region in regions.former():
        if region.level in ("city", "county"):
            yield region, True


def _enter(entries: dict[str, Name], region: regions.Region, strength: int, former: bool) -> None:
    key = f"{region.code}{region.name}" if former else region.code
    if (present := entries.get(key)) and present.strength >= strength:
        return
    entries[key] = name_of(region, strength, former)


def name_of(region: regions.Region, strength: int = FULL, former: bool = False) -> Name:
    depth = 1 if region.code.endswith("0000") else 2 if region.code.endswith("00") else 3
    return Name(region.code, region.code[: 2 * depth], depth, strength, former, region)


def spellings(region: regions.Region) -> Iterator[tuple[str, int]]:
    """The names of a region with their strength."""
    name = region.name
    yield name, FULL if name[-1] in _TYPES else SHORT  # 九龙
    if autonomous := _AUTONOMOUS.match(name):
        yield autonomous[1] + autonomous[3], SHORT
        yield autonomous[1], STEM
    if banner := _BANNERS.match(name):
        yield f"{banner[1]}{banner[3]}{banner[4]}旗", SHORT
    stem = _ENDING.sub("", name)
    if len(stem) > 1 and stem != name:
        yield stem, STEM
