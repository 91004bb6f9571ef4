"""The regions of China that ship: counts, dates, successors, towns, and the names that are no regions."""

import re
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest

from menpai.addresses import regions
from menpai.addresses.regions.tree import Region

pytestmark = pytest.mark.once("reads a file")
ROOT = Path(__file__).parents[1]


def names(several: list[Region]) -> list[str]:
    return [region.name for region in several]


def now(code: str) -> list[str]:
    return names(regions.now(code))


def full(code: str) -> str:
    return "".join(names(regions.path(code)))


def test_the_edition_has_what_the_ministry_counts() -> None:
    """33 provinces, 333 cities, 2,845 counties, 38,723 towns; Taiwan, and two counties of 2026 with 14 towns."""
    counts = regions.current().counts
    assert (counts["province"], counts["city"], counts["county"], counts["town"]) == (34, 333, 2845 + 2, 38_723 + 14)
    official = [region for region in regions.living() if region.is_official]
    assert [sum(region.level == level for region in official) for level in ("province", "city", "county")] == [
        34,
        333,
        2847,
    ]
    assert sum(len(regions.towns(region.code)) for region in official) == counts["town"]


def test_three_sources_agreed_on_3211_codes_when_it_was_made() -> None:
    """`make regions` refuses to write if they do not."""
    assert regions.current().counts["compared"] == 3211
    assert regions.EDITION == "2026-09-11"


def test_what_ended_since_1999_has_a_living_successor() -> None:
    ended = list(regions.former())
    assert len({region.code for region in ended if region.level == "county" and regions.now(region)}) > 878
    assert [region for region in ended if not regions.now(region) or region.kind == "abolished"] == []
    assert all(heir.valid_to is None for region in ended for heir in regions.now(region))


@pytest.mark.parametrize(
    "code, successors, kind",
    [
        ("330104", ["上城区", "钱塘区"], "split"),
        ("330103", ["拱墅区"], "merged"),
        ("410322", ["孟津区"], "merged"),
        ("410306", ["孟津区"], "merged"),
        ("350403", ["三元区"], "recoded"),
        ("310102", ["黄浦区"], "merged"),
        ("140402", ["潞州区"], "merged"),
        ("140411", ["潞州区"], "merged"),
        ("370802", ["任城区"], "merged"),
        ("440602", ["禅城区"], "merged"),
        ("510902", ["船山区", "安居区"], "split"),
        ("640102", ["兴庆区"], "renamed"),
        ("640103", ["西夏区", "金凤区"], "split"),
        ("130103", ["桥西区", "长安区"], "split"),
        ("650108", ["米东区"], "merged"),
        ("460004", ["琼山区", "美兰区", "龙华区"], "split"),
        ("460003", ["儋州市"], "recoded"),
        ("362201", ["袁州区"], "renamed"),
        ("500112", ["两江新区", "北碚区"], "split"),
        ("330181", ["萧山区"], "renamed"),
        ("371202", ["莱芜区"], "renamed"),
        ("341400", ["合肥市", "芜湖市", "马鞍山市"], "split"),
    ],
)
def test_what_became_of_it(code: str, successors: list[str], kind: str) -> None:
    region = regions.find(code)
    assert region is not None and region.kind == kind
    assert now(code) == successors


def test_a_region_that_gave_a_part_away_lives_on() -> None:
    assert now("330110") == ["余杭区"]
    region = regions.find("330113")
    assert region is not None and region == regions.at("330113", date(2022, 1, 1))
    assert regions.at("330113", date(2020, 12, 31)) is None


def test_a_code_that_came_back_with_another_meaning() -> None:
    """Or lives on under another name, while a part went elsewhere: 杏林 itself is in 集美区."""
    before, after = regions.at("320205", date(2000, 6, 1)), regions.at("320205", date(2001, 6, 1))
    assert before is not None and after is not None
    assert (before.name, names(regions.now(before))) == ("马山区", ["滨湖区"])
    assert (after.name, now("320205")) == ("锡山区", ["锡山区"])
    xinglin = regions.at("350205", date(2002, 6, 1))
    assert xinglin is not None and names(regions.now(xinglin)) == ["海沧区", "集美区"]


def test_a_new_name_under_the_same_code() -> None:
    former = next(region for region in regions.former() if region.code == "420600")
    assert (former.name, former.kind, names(regions.now(former))) == ("襄樊市", "renamed", ["襄阳市"])
    assert former.valid_to == date(2010, 12, 31)


@pytest.mark.parametrize("code, name, since", [("653132", "岑岭县", date(2026, 3, 26)), ("659013", "草湖市", None)])
def test_what_is_newer_than_the_yearly_table_has_a_date_of_its_own(code: str, name: str, since: date | None) -> None:
    region = regions.find(code)
    assert region is not None and region.name == name
    assert region.valid_from.year == 2026 and since in (None, region.valid_from)
    assert regions.at(code, date(2025, 12, 31)) is None
    assert regions.towns(code)


@pytest.mark.parametrize(
    "code, town", [("441900", "长安镇"), ("442000", "小榄镇"), ("460400", "那大镇"), ("620200", "新城镇")]
)
def test_four_cities_have_towns_and_no_counties(code: str, town: str) -> None:
    assert regions.children(code) == []
    assert town in names(regions.towns(code))


@pytest.mark.parametrize(
    "code, path",
    [
        ("110101", "北京市东城区"),
        ("500157", "重庆市两江新区"),
        ("429004", "湖北省仙桃市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("654201", "新疆维吾尔自治区塔城地区塔城市"),
        ("441900119", "广东省东莞市长安镇"),
        ("371202", "山东省莱芜市莱城区"),
    ],
)
def test_a_path_has_no_level_that_does_not_exist(code: str, path: str) -> None:
    assert full(code) == path


def test_every_path_begins_at_a_province_of_its_time() -> None:
    everything = [*regions.living(), *regions.former()]
    assert [region for region in everything if regions.path(region)[0].level != "province"] == []
    assert len(regions.children("")) == 34


def test_codes_that_gb_t_2260_does_not_have_are_marked() -> None:
    assert {region.code[:2] for region in regions.living() if not region.is_official} == {"71", "81", "82"}
    assert regions.path("810101")[0].is_official and full("810101") == "香港特别行政区香港岛中西区"


@pytest.mark.parametrize("code", ["", "1", "999999", "441904", "441900999", "340171", "４４１９００", "330110/../"])
def test_a_code_that_never_was(code: str) -> None:
    assert regions.find(code) is None
    assert regions.path(code) == regions.now(code) == regions.towns(code) == []


def test_pinyin_is_that_of_the_short_name() -> None:
    read = {region.name: region.pinyin for region in regions.living()}
    for name, pinyin in {
        "杭州市": "hang zhou",
        "重庆市": "chong qing",
        "长子县": "zhang zi",
        "恩施土家族苗族自治州": "en shi",
        "渑池县": "mian chi",
        "六枝特区": "lu zhi",
        "西双版纳傣族自治州": "xi shuang ban na",
        "吕梁市": "lv liang",
    }.items():
        assert read[name] == pinyin
    assert [name for name, pinyin in read.items() if not re.fullmatch(r"[a-z]+( [a-z]+)*", pinyin)] == []


def test_zones_and_made_up_codes_lie_in_living_regions() -> None:
    zones = regions.zones()
    assert ("苏州工业园区", "320500") in zones and ("雄安新区", "130600") in zones
    made_up = regions.current().made_up()
    assert made_up["441904"] == "441900119" and made_up["340171"] == "340100"
    for code in [*made_up.values(), *(zone.code for zone in zones)]:
        region = regions.find(code)
        assert region is not None and region.valid_to is None
    assert [code for code in made_up if regions.find(code)] == ["320112"]  # 大厂区 until 2002, 江北新区 in the picker


def test_the_sources_of_the_data_are_named_beside_it() -> None:
    notice = (ROOT / "menpai/addresses/regions/NOTICE").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w-]+)==([\d.]+)", (ROOT / "requirements/regions.txt").read_text(), re.MULTILINE)
    assert len(pinned) == 5
    for package, version in pinned:
        assert f"{package} {version} " in notice


OTHER = """
from regions import archive, sources
third = sources.third() | {"330110": "余杭市"}
sources.third = lambda: third
print(archive.compare())
"""


@pytest.mark.proof_only("the packages of `make regions` are installed by `make proof`, and by no other run")
@pytest.mark.slow("names of 48,000 places are read")
def test_the_pinned_packages_agree_and_make_what_ships(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [f"{sys.prefix}-regions/bin/python", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    made = tmp_path / "edition.zip"
    done = run("-m", "regions", str(made))
    assert done.returncode == 0 and done.stdout.endswith("compared 3211\n"), done.stderr
    with zipfile.ZipFile(made) as new, zipfile.ZipFile(ROOT / "menpai/addresses/regions/edition.zip") as shipped:
        assert new.namelist() == shipped.namelist()
        assert [name for name in new.namelist() if new.read(name) != shipped.read(name)] == []
    differs = run("-c", OTHER)
    assert differs.returncode and "the sources differ: [('330110', '余杭区'), ('330110', '余杭市')]" in differs.stderr
