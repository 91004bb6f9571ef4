"""Region codes that an older picker made up: `menpai migrate` gives the address a real one and keeps its text."""

import pytest
from django.core.management import call_command

from menpai.addresses import made_up_codes
from menpai.models import Address, Customer
from tests.customers import somebody

COLUMNS = ("province", "city", "county", "town", "detail", "region_code", "town_code", "address")


@pytest.fixture
def written_before(http):
    """`written_before(city, county, code)`: the id of a row as the version before wrote it, without a town."""
    customer = Customer.objects.get(username=somebody(http).name)

    def write(city, county, code):
        parts = {"province": "广东省", "city": city, "county": county, "detail": "振安路1号"}
        own = {"receiver": "小王", "mobile": "18667018590", "tag": "家", "region_code": code}
        return Address.objects.create(customer=customer, address="".join(parts.values()), **parts, **own).pk

    return write


def migrated(*rows):
    call_command("migrate", verbosity=0)
    by_id = {row["id"]: row for row in Address.objects.filter(pk__in=rows).values("id", *COLUMNS)}
    return [{name: by_id[row][name] for name in COLUMNS} for row in rows]


def test_a_town_that_was_called_a_county_becomes_a_town(written_before):
    [row] = migrated(written_before("东莞市", "长安镇", "441904"))
    assert row == {
        "province": "广东省",
        "city": "东莞市",
        "county": "",
        "town": "长安镇",
        "detail": "长安镇振安路1号",
        "region_code": "441900",
        "town_code": "441900119",
        "address": "广东省东莞市长安镇振安路1号",
    }


def test_a_town_that_has_another_name_today_keeps_what_was_typed(written_before):
    [row] = migrated(written_before("中山市", "东升镇", "442015"))
    assert (row["town"], row["town_code"]) == ("东升镇", "442000118")  # 小榄镇


def test_a_zone_gets_the_code_of_its_city_and_keeps_its_text(written_before):
    before = ("东莞市", "松山湖", "441923")
    [row] = migrated(written_before(*before))
    assert (row["region_code"], row["county"], row["town"], row["detail"]) == ("441900", "松山湖", "", "振安路1号")


def test_another_text_under_a_made_up_code_is_never_called_a_town(written_before):
    [row] = migrated(written_before("东莞市", "虎门", "441904"))
    assert (row["region_code"], row["county"], row["town_code"]) == ("441900", "虎门", None)


def test_real_codes_stay_even_those_that_were_used_twice(written_before):
    """320112 was 大厂区 until 2002; the picker called 江北新区 by it."""
    kept, mapped, former = migrated(
        written_before("南京市", "大厂区", "320112"),
        written_before("南京市", "江北新区", "320112"),
        written_before("杭州市", "江干区", "330104"),
    )
    assert [row["region_code"] for row in (kept, mapped, former)] == ["320112", "320100", "330104"]


def test_doing_it_again_changes_nothing(written_before):
    rows = [written_before("东莞市", "长安镇", "441904"), written_before("东莞市", "松山湖", "441923")]
    assert migrated(*rows) == migrated(*rows)
    assert made_up_codes.map_all() == 0


def test_rows_of_every_window_are_mapped(written_before, monkeypatch):
    monkeypatch.setattr(made_up_codes, "WINDOW", 2)
    rows = [written_before("东莞市", "长安镇", "441904") for _ in range(5)]
    assert {row["town_code"] for row in migrated(*rows)} == {"441900119"}
