"""The region that an address of one text begins with."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
    names, rest = ["", "", ""], text
    top = _take_province(text)
    if top:
        names[0], rest = top.name, _without(text, top)
        if top.code[:2] in region_names.OWN_CODES:
            return Reading(top, rest=rest)
        if top.code[:2] in region_names.MUNICIPALITIES:
            rest = rest.removeprefix("市辖区").removeprefix(top.name)
    city, behind = _take_city(rest, top)
    if city and city.code[:2] in region_names.OWN_CODES:
        return Reading(city, rest=behind)
    if city:
        names[1 if city.level == "city" else 2], rest = city.name, behind
    elif top and (former := _take_former_city(rest, top)):
        names[1], rest = former, rest.removeprefix(former)
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


def _take_province(text: str) -> Region | None:
    """Not 吉林 of 吉林市昌邑区, which is a city."""
    forms = [(form, region) for form, region in _forms("").get(text[:1], ()) if text.startswith(form)]
    whole = next((region for form, region in forms if form == region.name), None)
    if whole or any(text.startswith(name) for name, _ in _cities().get(text[:1], ())):
        return whole
    return next((region for form, region in forms if not _ROAD_AHEAD.match(text[len(form) :])), None)


def _take_city(text: str, province: Region | None) -> tuple[Region | None, str]:
    """The city, or the county without one, rather with a county of it behind it; and the text behind."""
    found: tuple[Region | None, str] = None, text
    for form, region in (_forms(province.code) if province else _cities()).get(text[:1], ()):
        if not text.startswith(form):
            continue
        behind = text[len(form) :]
        if "自治" in region.name and form != region.name:
            behind = _ENDING_AHEAD.sub("", behind, count=1)
        behind = behind.lstrip()
        if any(behind.startswith(county.name) for county in regions.children(region.code)):
            return region, behind
        is_city = region.level == "city" and not _ROAD_AHEAD.match(behind)
        if not found[0] and (form == region.name or is_city):
            found = region, behind
    return found


_Forms = Mapping[str, Sequence[tuple[str, Region]]]  # by the first character: a form and its region, longer ones first


@regions.cached(maxsize=40)
def _forms(code: str) -> _Forms:
    """The regions directly in a region, in all forms: 延边朝鲜族自治州, 延边朝鲜族, 延边."""
    forms: dict[str, list[tuple[str, Region]]] = defaultdict(list)
    for region in regions.children(code):
        stem = region_names.short(region.name)
        for form in {region.name, stem, *([region.name[:2], region.name[:3]] if "自治" in region.name else [])}:
            if len(form) > 1:
                forms[form[0]].append((form, region))
    return {first: sorted(found, key=lambda pair: -len(pair[0])) for first, found in forms.items()}


@regions.cached()
def _cities() -> _Forms:
    """All cities by their whole names."""
    forms: dict[str, list[tuple[str, Region]]] = defaultdict(list)
    for region in regions.living():
        if region.level == "city" and len(region.name) > 2:
            forms[region.name[0]].append((region.name, region))
    return forms


def _without(text: str, region: Region) -> str:
    if text.startswith(region.name):
        return text.removeprefix(region.name).lstrip()
    stem = region_names.short(region.name)
    if not text.startswith(stem):
        stem = region.name[:3] if text.startswith(region.name[:3]) else region.name[:2]
    rest = text.removeprefix(stem)
    return _ENDING_AHEAD.sub("", rest, count=1).lstrip() if "自治" in region.name else rest.lstrip()


def _take_former_city(text: str, province: Region) -> str:
    heads = (text[:length] for length in range(min(region_names.index().longest, len(text)), 1, -1))
    gone = (region for head in heads for region in region_names.find_former(province, head))
    return next((region.name for region in gone if region.level == "city"), "")


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
