"""The region that typed names stand for: today's, a former one, or none.

Names come with and without their endings (杭州, 新疆, 延边州). Levels that do not exist are left out, or called as
other pickers call them (市辖区, 上海城区, 省直辖县级行政区划).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

from menpai.addresses import regions
from menpai.addresses.regions import Region

MUNICIPALITIES = ("11", "12", "31", "50")
OWN_CODES = ("71", "81", "82")  # below them the codes are ours and the names many
_ENDING = re.compile("(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|省|市|区|县|州|盟|旗)$")
_NO_CITY = re.compile("市辖区|县|.{2,3}(?:城区|郊县)|.*直辖.*")
_NO_COUNTY = re.compile("市辖区|其[他它].*")
_ZONE = re.compile(
    "(?:.*(?:新区|新城|开发区|高新区|经开区|高新|园区|产业园|管理区|管委会|示范区|保税.*区|度假区|[实试]验区|矿区|风景.*区))$"
)
_TRADITIONAL = {"臺灣": "台湾", "臺灣省": "台湾省", "澳門": "澳门", "香港特別行政區": "香港特别行政区"}
MANY = 5


Problem = Literal["", "region_outdated", "region_open", "county_elsewhere", "region_unfinished"]


@dataclass(frozen=True)
class Reading:
    """The region that names stand for, the most specific one, and the problem with them.

    `problem` is a code of `checks`, `level` the field that it is about, `now` the regions that could be meant, and
    `outdated` the former region that was named. Of one text: its `names`, and the `rest` behind them.
    """

    region: Region | None = None
    problem: Problem = ""
    level: str = ""
    now: tuple[Region, ...] = ()
    outdated: Region | None = None
    rest: str = ""
    names: tuple[str, str, str] = ("", "", "")


@dataclass
class Index:
    counties: dict[str, list[Region]] = field(default_factory=lambda: defaultdict(list))
    cities: dict[str, Region] = field(default_factory=dict)
    former: dict[tuple[str, str], list[Region]] = field(default_factory=lambda: defaultdict(list))
    zones: set[str] = field(default_factory=set)
    longest: int = 0


@regions.cached()
def index() -> Index:
    table = Index(zones={zone.name for zone in regions.zones()})
    for region in regions.living():
        if region.code[:2] in OWN_CODES:
            continue
        if region.level == "county":
            table.counties[region.name].append(region)
        elif region.level == "city":
            table.cities[region.name] = region
    for region in regions.former():
        table.former[region.code[:2], region.name].append(region)
    table.longest = max(len(name) for name in table.counties)
    return table


@lru_cache(maxsize=4096)
def short(name: str) -> str:
    """A name without its ending, if two characters are left."""
    stem = _ENDING.sub("", name)
    return stem if len(stem) > 1 else name


def _find(name: str, candidates: Iterable[Region]) -> Region | None:
    """The region of that name, with or without its ending."""
    rows = list(candidates)
    if match := next((region for region in rows if region.name == name), None):
        return match
    stem = short(name)
    for region in rows:
        if stem == name and short(region.name) == name:
            return region
        has_long_ending = "自治" in region.name or region.name.endswith("特别行政区")
        if has_long_ending and len(stem) > 1 and region.name.startswith(stem):
            return region
    return None


@regions.cached(maxsize=8192)
def read(province: str, city: str, county: str) -> Reading:
    """The region of three names, of which some may be blank."""
    top = find_province(province)
    if not top:
        return _read_without_province(province, city, county)
    if top.code[:2] in OWN_CODES:
        return Reading(top)
    is_municipality = top.code[:2] in MUNICIPALITIES
    if _NO_CITY.fullmatch(city) or (is_municipality and short(city) == short(top.name)):
        city = ""
    is_other = bool(_NO_COUNTY.fullmatch(county))
    if is_other:
        county = ""
    reading = _read_city(top, city, county) if city else _read_county(top, top, county, is_municipality)
    if is_other and reading.problem == "region_unfinished":
        return Reading(reading.region)
    return reading


def find_province(name: str) -> Region | None:
    return _find(_TRADITIONAL.get(name, name), regions.children("")) if name else None


def _read_without_province(province: str, city: str, county: str) -> Reading:
    if province:
        return Reading(problem="region_open", level="province")
    candidates = index().counties.get(county, [])
    top = index().cities.get(city)
    if top:
        return read(regions.path(top)[0].name, city, county)
    if len(candidates) == 1:
        return Reading(candidates[0])
    return Reading(problem="region_open", level="county" if county else "province", now=tuple(candidates[:MANY]))


def _read_city(top: Region, city: str, county: str) -> Reading:
    below = regions.children(top.code)
    if found := _find(city, below):
        return Reading(found) if found.level == "county" else _read_county(top, found, county, True)
    inside = [region for region in index().counties.get(city, []) if region.code[:2] == top.code[:2]]
    if inside and not county:
        return Reading(inside[0])
    for former in find_former(top, city):
        if former.level == "city" or not county:
            return _read_former_city(former, county)
    if inside or _is_zone(city):
        return Reading(inside[0] if inside else top)
    meant = [region for region in index().counties.get(county, []) if region.code[:2] == top.code[:2]]
    return Reading(problem="region_open", level="city", now=tuple(meant[:MANY]))


def _read_former_city(former: Region, county: str) -> Reading:
    """A county by the name of a city that is no more; it may be no more itself."""
    gone = [region for region in find_former(former, county) if region.code[:4] == former.code[:4]] if county else []
    if gone:
        return Reading(problem="region_outdated", level="county", now=tuple(regions.now(gone[-1])), outdated=gone[-1])
    now = regions.now(former)
    below = [region for successor in now for region in regions.children(successor.code)]
    same = _find(county, below) if county else None
    meant = (same,) if same else tuple(now)
    return Reading(problem="region_outdated", level="city", now=meant, outdated=former)


def _read_county(top: Region, upper: Region, county: str, is_exact: bool) -> Reading:
    """`upper` is the city, or the province; `is_exact`: its counties stand directly below it."""
    below = regions.children(upper.code)
    if (not county or county in (upper.name, top.name)) and not any(region.name == county for region in below):
        level = "city" if upper is top and not is_exact else "county"
        if not county or not _find(county, below):
            return Reading(upper, "region_unfinished", level) if below else Reading(upper)
    inside = below if is_exact else [child for region in below for child in (region, *regions.children(region.code))]
    same = [region for region in inside if region.name == county]
    if not same and (gone := find_former(top, county, upper)):
        return Reading(problem="region_outdated", level="county", now=tuple(regions.now(gone[-1])), outdated=gone[-1])
    if not same and (similar := _find(county, inside)):
        same = [region for region in inside if short(region.name) == short(similar.name)]
    if len(same) == 1:
        return Reading(same[0])
    if same:
        return Reading(problem="region_open", level="city", now=tuple(same[:MANY]))
    if county in index().zones or (not below and _is_town(upper, county)):
        return Reading(upper)
    if elsewhere := index().counties.get(county):
        near = sorted(elsewhere, key=lambda region: region.code[:2] != top.code[:2])
        return Reading(upper, "county_elsewhere", "county", tuple(near[:MANY]))
    if _ZONE.fullmatch(county):
        return Reading(upper)
    return Reading(upper, "region_open", "county")


def find_former(top: Region, name: str, city: Region | None = None) -> list[Region]:
    """The regions of that name that were in the province, or in `city` then or now; the likeliest last."""
    gone = sorted(index().former.get((top.code[:2], name), []), key=lambda region: region.valid_to or date.max)
    if not city or city.level == "province":
        return gone
    prefix = city.code[:4]
    moved = [region for region in gone if any(now.code.startswith(prefix) for now in regions.now(region))]
    return [*moved, *(region for region in gone if region.code.startswith(prefix))]


def _is_zone(name: str) -> bool:
    return name in index().zones or bool(_ZONE.fullmatch(name))


@regions.cached(maxsize=16)
def _town_names(code: str) -> frozenset[str]:
    return frozenset(town.name for town in regions.towns(code))


def _is_town(city: Region, name: str) -> bool:
    return name in _town_names(city.code)
