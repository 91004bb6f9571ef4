"""The region that an address of one text begins with."""

import re
from dataclasses import replace

from menpai.addresses import region_names, regions
from menpai.addresses.region_names import Reading
from menpai.addresses.regions import Region

_ZONE_AHEAD = re.compile(
    "^.{0,12}?(?:新区|开发区|高新区|经开区|园区|管理区|管委会|示范区|保税.{0,3}区|度假区|[实试]验区|矿区)"
)
_ROAD_AHEAD = re.compile("[东西南北中一二三]?[路街道巷弄]|大[道街]")
_ENDING_AHEAD = re.compile("^(?:自治区|自治州|省|州)")


def read(text: str) -> Reading:
    """The region that an address of one text begins with."""
    rest, names = text, ["", "", ""]
    top = _take(rest, regions.children(""), is_short=True)
    if top:
        names[0] = top.name
        rest = _without(rest, top)
        if top.code[:2] in region_names.OWN_CODES:
            return Reading(top, rest=rest)
        if top.code[:2] in region_names.MUNICIPALITIES:
            rest = rest.removeprefix("市辖区").removeprefix(top.name)
    below = regions.children(top.code) if top else list(region_names.index().cities.values())
    if city := _take(rest, below, is_short=top is not None and top.code[:2] not in region_names.MUNICIPALITIES):
        names[1 if city.level == "city" else 2] = city.name
        rest = _without(rest, city)
    if not names[2]:
        name = _take_county(rest, city or top)
        names[2], rest = name, rest.removeprefix(name)
    if not any(names):
        return Reading(problem="region_open", level="address", rest=rest)
    reading = region_names.read(*names)
    if reading.problem == "region_unfinished" and is_finished_by(rest, reading.region):
        reading = Reading(reading.region)
    return replace(reading, level="address" if reading.problem else "", rest=rest, names=(names[0], names[1], names[2]))


def is_finished_by(rest: str, region: Region | None) -> bool:
    """True if a zone stands in front of the rest, where a county would."""
    return region is not None and bool(_ZONE_AHEAD.match(rest))


def _take(text: str, candidates: list[Region], *, is_short: bool) -> Region | None:
    whole = next((region for region in candidates if text.startswith(region.name)), None)
    if whole or not is_short:
        return whole
    for region in candidates:
        stem = region_names.short(region.name)
        if len(stem) > 1 and text.startswith(stem) and not _ROAD_AHEAD.match(text[len(stem) :]):
            return region
        if "自治" in region.name and text.startswith(region.name[:2]) and len(text) > 3:
            return region
    return None


def _without(text: str, region: Region) -> str:
    if text.startswith(region.name):
        return text.removeprefix(region.name).lstrip()
    stem = region_names.short(region.name)
    if not text.startswith(stem):
        stem = region.name[:3] if text.startswith(region.name[:3]) else region.name[:2]
    rest = text.removeprefix(stem)
    return _ENDING_AHEAD.sub("", rest, count=1).lstrip() if "自治" in region.name else rest.lstrip()


def _take_county(text: str, upper: Region | None) -> str:
    """The longest name at the beginning that is or was a county's, first of `upper`."""
    names = {region.name for region in regions.children(upper.code)} if upper else set()
    heads = [text[:length] for length in range(min(region_names.index().longest, len(text)), 1, -1)]
    for is_known in (
        names.__contains__,
        lambda head: upper and region_names.find_former(upper, head, upper),
        region_names.index().counties.__contains__,
    ):
        if head := next((head for head in heads if is_known(head)), None):
            return head
    return ""
