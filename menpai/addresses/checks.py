"""Warnings about an address: what a parcel could be late for. They refuse nothing.

No statement and no other state than the region data; a few microseconds an address.
"""

import dataclasses
import re
from dataclasses import dataclass
from typing import Literal, Protocol

from menpai.addresses import region_names, region_texts, regions
from menpai.addresses.region_names import Reading
from menpai.addresses.regions import Region

Code = Literal[
    "region_outdated",  # `was` is no more since the year `since`; one in `now`, or several to choose from
    "region_open",  # no region of that name, or several: those in `now`
    "county_elsewhere",  # the county lies in another city: `now`
    "region_unfinished",  # a level is missing
    "house_number_missing",
    "detail_repeats_region",
    "number_masked",
    "number_missing",
    "postcode_elsewhere",  # of another province
    "identity_number_dropped",  # by the parser
    "abroad",  # by the parser
]


@dataclass(frozen=True)
class Level:
    code: str
    name: str
    level: Literal["province", "city", "county", "town"]


@dataclass(frozen=True)
class Place:
    """A region of today; `path` leads from the province to it."""

    code: str
    name: str
    path: list[Level]


@dataclass(frozen=True)
class AddressWarning:
    # `field` is that of the address. (A docstring would stand in the OpenAPI document.)
    code: Code
    field: str
    was: str = ""
    now: list[Place] = dataclasses.field(default_factory=list)
    since: int | None = None


class Checked(Protocol):
    """The fields that are read: of a Draft, an Address or a parsed text."""

    @property
    def mobile(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def province(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def county(self) -> str: ...
    @property
    def town(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def region_code(self) -> str | None: ...
    @property
    def postcode(self) -> str | None: ...


def check(address: Checked) -> list[AddressWarning]:
    """In the order of the fields of a form."""
    detail = address.detail
    if is_in_parts := bool(address.province or address.city or address.county):
        names = (address.province, address.city, address.county)
        reading = region_names.read(*names)
        if reading.problem == "region_unfinished" and region_texts.is_finished_by(detail, reading.region):
            reading = Reading(reading.region)
    else:
        reading = region_texts.read(address.address or detail)
        names, detail = reading.names, reading.rest
    warnings = _check_number(address.mobile)
    warnings += _check_region(address, reading, names)
    if is_in_parts and _is_repeated(detail.lstrip(), *names, address.town):
        warnings.append(AddressWarning("detail_repeats_region", "detail"))
    if detail and not _has_house_number(detail, is_rural=names[2].endswith(("县", "旗")) or bool(address.town)):
        warnings.append(AddressWarning("house_number_missing", "detail" if is_in_parts else "address"))
    if reading.region and address.postcode and _is_elsewhere(address.postcode, reading.region.code):
        warnings.append(AddressWarning("postcode_elsewhere", "postcode"))
    return warnings


# ── The region ──
def _check_region(address: Checked, reading: Reading, names: tuple[str, str, str]) -> list[AddressWarning]:
    if reading.problem in ("", "region_unfinished", "county_elsewhere", "region_open") and not any(
        "\u3400" <= char <= "\u9fff" for char in "".join(names) or address.address
    ):
        return _check_code(address.region_code)  # in another script, which the names here do not tell
    if not reading.problem:
        return []
    typed = dict(zip(("province", "city", "county"), names, strict=True))
    if reading.outdated:
        was = next(
            (name for name in typed.values() if name and _is_like(name, reading.outdated)), reading.outdated.name
        )
        since = reading.outdated.valid_to.year if reading.outdated.valid_to else None
    else:
        was, since = typed.get(reading.level, ""), None
    now = [place_of(region.code) for region in reading.now]
    return [AddressWarning(reading.problem, reading.level, was, now, since)]


def _is_like(name: str, region: Region) -> bool:
    return region_names.short(name) == region_names.short(region.name)


def _check_code(code: str | None) -> list[AddressWarning]:
    region = regions.find(code) if code else None
    if region is None or region.valid_to is None:
        return []
    now = [place_of(successor.code) for successor in regions.now(region)]
    return [AddressWarning("region_outdated", "region_code", region.name, now, region.valid_to.year)]


@regions.cached(maxsize=1024)
def place_of(code: str) -> Place:
    """A region of today by its code."""
    path = [Level(region.code, region.name, region.level) for region in regions.path(code)]
    return Place(code, path[-1].name, path)


# ── The number ──
_MASK = re.compile(r"[*＊×●•·…_—]|[xX](?=[xX])")


def _check_number(number: str) -> list[AddressWarning]:
    if not number.strip():
        return [AddressWarning("number_missing", "mobile")]
    return [AddressWarning("number_masked", "mobile")] if _MASK.search(number) else []


# ── The detail ──
# Numbers that are no house's: of roads, of metro lines, of telephones.
_OTHER_NUMBER = re.compile(r"[GgSs]?(?<![0-9])[0-9]{1,5}(?:国道|省道|县道|乡道|高速|号线)|[0-9]{7,}")
_UNIT = "号號栋棟幢座室楼樓层層单單户戶排组組队隊弄门門房铺院期"
_CHINESE_NUMBER = re.compile(f"[一二三四五六七八九十百零〇两甲乙丙丁A-Za-zＡ-Ｚ][{_UNIT}]")
# Places that one finds by their name; not by that of a road, such as 学院路.
_ROAD = re.compile(r"[^\s\d,，。、（）()]{1,8}?(?:大道|大街|[路街巷弄]|胡同)")
_NAMED = re.compile(
    "驿站|学校|医院|快递|自提|代收|代办|菜鸟|丰巢|兔喜|柜|大学|学院|中学|小学|[一二三四五六七八九十附实][中小]|幼儿园|幼稚园|校区"
    "|大厦|酒店|宾馆|饭店|旅馆|民宿|客栈|机场|车站|火车|高铁|地铁|码头|部队|法院|检察|政府|派出所|公安|警|局|所|银行|支行"
    "|公司|集团|厂|商场|广场|中心|市场|超市|商店|店|物业|传达|门卫|保安|图书馆|博物馆|体育|邮政|邮局|收发|诊所|药房|卫生院"
    "|工业园|科技园$|产业园|基地|仓|工地|项目部|加油站|服务区|农场|林场|牧场|景区|寺|教堂|基督|养老|监狱|馆|塔"
    "|委会|便利|餐厅|网吧|影院|剧院|营业厅|售楼|(?<!新)村|嘎查|苏木"
)
_HAMLET = re.compile("[屯寨庄沟坡湾堡坪坝窑圩岭岛洞塬梁峪店铺桥]$")


def _has_house_number(detail: str, *, is_rural: bool) -> bool:
    """Also true of a place that needs none: a parcel station, a school, a village."""
    text = _OTHER_NUMBER.sub("", detail)
    if any(char.isdecimal() for char in text) or _CHINESE_NUMBER.search(text):
        return True
    place = _ROAD.sub("", text)
    is_hamlet = is_rural or "镇" in place or "乡" in place
    return bool(_NAMED.search(place) or (is_hamlet and _HAMLET.search(place)))


# What makes the name of an institution of a region's name before it: 杭州市第一人民医院.
_INSTITUTION = re.compile(
    "医院|学校|大学|学院|中学|小学|政府|法院|检察|公安|图书|博物|体育|中心|局|委|会|馆|厅|所|宫|院|公司|银行|站|厂|店|场|第[一二三四五六七八九十]|校|部队|儿园|少年"
)
_PLACE = re.compile("[0-9]|[路街道巷弄号镇乡村]|大道")


def _is_repeated(detail: str, province: str, city: str, county: str, town: str) -> bool:
    """True if the detail begins with names that stand in the fields before it."""
    rest, whole, parts = detail, 0, 0
    for name in dict.fromkeys((province, city, county, town)):
        for form in (name, region_names.short(name)):
            if len(form) > 1 and form not in _GENERIC and rest.startswith(form):
                rest = rest.removeprefix(form).lstrip()
                parts += 1
                whole += form == name and len(form) > 2
                break
    if parts != 1:
        return parts > 1
    if not whole:
        return False
    place = _PLACE.search(rest)
    return not _INSTITUTION.search(rest[: place.end()] if place else rest)


_GENERIC = ("市辖区", "郊区", "矿区", "城区", "新城", "开发区")

# ── The postcode: its first two digits ──
_POSTCODES = {
    "11": "10",
    "12": "30",
    "13": "05 06 07",
    "14": "03 04",
    "15": "01 02 13 16",
    "21": "11 12",
    "22": "13",
    "23": "15 16",
    "31": "20",
    "32": "21 22",
    "33": "31 32",
    "34": "23 24",
    "35": "35 36",
    "36": "33 34",
    "37": "25 26 27",
    "41": "45 46 47",
    "42": "43 44",
    "43": "41 42",
    "44": "51 52",
    "45": "53 54",
    "46": "57",
    "50": "40",
    "51": "61 62 63 64",
    "52": "55 56",
    "53": "65 66 67",
    "54": "85 86",
    "61": "71 72",
    "62": "73 74",
    "63": "81",
    "64": "75",
    "65": "83 84",
}


def _is_elsewhere(postcode: str, region_code: str) -> bool:
    known = _POSTCODES.get(region_code[:2])
    return bool(
        known and re.fullmatch("[0-9]{6}", postcode) and postcode.strip("0") and postcode[:2] not in known.split()
    )
