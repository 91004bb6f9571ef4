"""/api/regions: the tree of today, one region with its dates, the towns of a county; the same for everybody."""

from urllib.parse import quote

import pytest

from tests.api.clients import PROBLEM


def read(stranger, path):
    """An answer that any cache may keep."""
    answer = stranger.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=3600")
    return answer.json()


def child(node, name, of="children"):
    return next(region for region in node[of] if region["name"] == name)


def test_a_stranger_reads_the_tree_down_to_the_county(stranger):
    said = read(stranger, "/regions")
    zhejiang = child(said, "浙江省", "regions")
    assert said["edition"] == "2026-09-11"
    assert child(child(zhejiang, "杭州市"), "余杭区") == {
        "code": "330110",
        "name": "余杭区",
        "level": "county",
        "pinyin": "yu hang",
        "children": [],
    }
    assert [len(said["regions"]), zhejiang["level"], zhejiang["pinyin"]] == [34, "province", "zhe jiang"]


def test_levels_that_do_not_exist_are_not_in_the_tree(stranger):
    provinces = read(stranger, "/regions")["regions"]
    by_name = {province["name"]: province for province in provinces}
    assert child(by_name["北京市"], "东城区")["code"] == "110101"
    assert child(by_name["湖北省"], "仙桃市")["level"] == "county"
    assert child(by_name["广东省"], "东莞市") == {
        "code": "441900",
        "name": "东莞市",
        "level": "city",
        "pinyin": "dong guan",
        "children": [],
    }
    assert not {"市辖区", "县", "省直辖县"} & {below["name"] for above in provinces for below in above["children"]}


def test_former_names_lead_to_the_codes_of_today(stranger):
    former = {(region["code"], region["name"]): region for region in read(stranger, "/regions")["former"]}
    assert former["330104", "江干区"] == {
        "code": "330104",
        "name": "江干区",
        "pinyin": "jiang gan",
        "until": "2021-12-31",
        "now": ["330102", "330114"],
    }
    assert former["420600", "襄樊市"]["now"] == ["420600"]
    assert ("460003", "儋州市") not in former  # 儋州市 is found under its name of today
    assert all(region["now"] for region in former.values())


def test_a_region_that_was_split(stranger):
    said = read(stranger, "/regions/330104")
    assert [step["name"] for step in said["path"]] == ["浙江省", "杭州市", "江干区"]
    assert (said["valid_from"], said["valid_to"], said["kind"]) == ("1980-12-31", "2021-12-31", "split")
    assert [heir["name"] for heir in said["successors"]] == ["上城区", "钱塘区"]
    assert said["successors"][1]["path"][-1] == {"code": "330114", "name": "钱塘区", "level": "county"}


def test_a_living_region_a_town_and_a_code_of_ours(stranger):
    living = read(stranger, "/regions/653132")
    assert (living["name"], living["valid_from"], living["valid_to"]) == ("岑岭县", "2026-03-26", None)
    assert (living["kind"], living["successors"], living["is_official"]) == (None, [], True)
    town = read(stranger, "/regions/441900119")
    assert [step["name"] for step in town["path"]] == ["广东省", "东莞市", "长安镇"]
    assert read(stranger, "/regions/810101")["is_official"] is False


def test_the_towns_of_a_county_and_of_a_city_without_counties(stranger):
    towns = read(stranger, "/regions/330110/towns")["towns"]
    assert {"code": "330110013", "name": "良渚街道", "pinyin": "liang zhu"} in towns
    assert "长安镇" in [town["name"] for town in read(stranger, "/regions/441900/towns")["towns"]]
    assert read(stranger, "/regions/810101/towns") == read(stranger, "/regions/330100/towns") == {"towns": []}


@pytest.mark.parametrize("code", ["999999", "441904", "x", "330110000", "３３０１１０", "%00", "1" * 500])
@pytest.mark.parametrize("below", ["", "/towns"])
def test_a_code_that_never_was_is_unknown(stranger, code, below):
    answer = stranger.get(f"/regions/{quote(code, safe='%')}{below}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["code"] == "region_unknown"


@pytest.mark.parametrize("path", ["/regions", "/regions/330104", "/regions/330110/towns"])
def test_who_holds_the_edition_gets_it_once(stranger, path):
    first = stranger.get(path)
    etag = first.headers["etag"]
    assert etag.startswith('W/"2026-09-11.') and "set-cookie" not in first.headers
    for held in (etag, etag.removeprefix("W/"), f'"older", {etag}', "*"):
        again = stranger.get(path, **{"if-none-match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert stranger.get(path, **{"if-none-match": '"older"'}).status_code == 200


def test_the_tree_travels_in_60_kilobytes(http):
    packed = http.get("/api/regions", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and "Accept-Encoding" in packed.headers["vary"]
    assert 0 < packed.num_bytes_downloaded <= 60 * 1024
    plain = http.get("/api/regions", headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers and plain.content == packed.content


def test_nothing_of_it_asks_the_database_or_the_store(cost, stranger):
    for path in ("/regions", "/regions/330104", "/regions/330110/towns", "/regions/999999"):
        assert cost(lambda path=path: stranger.get(path)) == (0, [])
