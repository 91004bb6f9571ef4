"""`menpai regions`: outdated addresses are counted; a newer edition is shown, applied, and seen by who runs."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from menpai import rules
from menpai.addresses import region_names, regions
from menpai.addresses.regions import edition
from menpai.models import Address, Customer
from tests.customers import somebody
from tests.rig import editions

NEXT = editions.edition("2027-12-31", editions.of_next_year)


def look_again():
    """As when the time has come to look at the file."""
    regions.current()
    edition._known.looked_at -= rules.REGIONS_LOOKED_AT.total_seconds()
    return regions.current()


@pytest.fixture
def folder(settings, tmp_path):
    """A data folder of its own, without an applied edition; afterwards the shipped one is in use again."""
    settings.MENPAI_DATA_DIR = tmp_path
    look_again()
    yield tmp_path
    edition.applied_file().unlink(missing_ok=True)
    assert look_again().edition == "2026-09-11"


@pytest.fixture
def update(folder):
    """`update(data)`: what `menpai regions update FILE --yes` says."""

    def run(data, confirmed=True):
        options = ["--yes"] if confirmed else []
        (folder / "new.zip").write_bytes(data)
        out = io.StringIO()
        call_command("regions", "update", str(folder / "new.zip"), *options, stdout=out)
        return out.getvalue()

    return run


@pytest.mark.once("touches a file")
def test_a_newer_edition_is_shown_applied_and_seen(update, folder):
    assert region_names.read("浙江省", "杭州市", "桐庐县").problem == ""
    said = update(NEXT)
    assert "- 浙江省杭州市桐庐县 330122 → 浙江省杭州市桐庐区" in said
    assert "+ 浙江省杭州市桐庐区 330115" in said
    assert "- 浙江省杭州市淳安县 330127 → 浙江省杭州市建德市" in said
    assert len(said.splitlines()) == 4 and "2026-09-11 → 2027-12-31" in said
    assert look_again().edition == regions.EDITION == "2027-12-31"
    assert [heir.name for heir in regions.now("330122")] == ["桐庐区"]
    assert regions.at("330122", date(2026, 1, 1)).name == "桐庐县"
    assert region_names.read("浙江省", "杭州市", "桐庐县").problem == "region_outdated"


@pytest.mark.once("touches a file")
def test_applying_it_again_changes_nothing(update):
    update(NEXT)
    look_again()
    before = edition._known.state
    assert "nothing was changed" in update(NEXT)
    look_again()
    assert edition._known.state == before


@pytest.mark.once("touches a file")
def test_towns_that_came_and_went_are_counted(update):
    town = editions.edition("2027-12-31", lambda table: table.split("\n", 1)[1], "towns/3301.tsv")
    assert "浙江省杭州市上城区 330102: 街道 · towns +0 −1" in update(town)


@pytest.mark.once("touches a file")
def test_without_a_terminal_and_without_yes_nothing_is_applied(update, folder, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(CommandError, match="--yes"):
        update(NEXT, confirmed=False)
    assert look_again().edition == "2026-09-11" and not edition.applied_file().exists()


@pytest.mark.once("touches a file")
@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "is no edition"),
        (b"PK\x03\x04 and no more", "is no edition"),
        (editions.SHIPPED[:-5000], "is no edition"),
        (editions.edition("2027-12-31", lambda _: "330110\t余杭区\n"), "is no edition"),
        (
            editions.edition("2027-12-31", lambda table: table.replace("330000\t浙江省", "339000\t浙江省")),
            "no province",
        ),
        (editions.edition("2027-12-31", lambda table: table.replace("330102,330114", "999999")), "nothing of today"),
        (editions.edition("2026-09-11", editions.of_next_year), "is not newer"),
        (editions.edition("2025-12-31"), "is not newer"),
    ],
)
def test_what_is_no_newer_edition_is_refused(update, data, reason):
    with pytest.raises(CommandError, match=reason):
        update(data)
    assert look_again().edition == "2026-09-11" and not edition.applied_file().exists()


@pytest.mark.once("touches a file")
@pytest.mark.parametrize("data", [b"half a fi", editions.edition("2025-12-31")])
def test_a_file_that_is_broken_or_older_than_the_package_is_not_used(folder, data):
    edition.applied_file().write_bytes(data)
    assert look_again().edition == "2026-09-11"
    assert regions.find("330110").name == "余杭区"


def test_outdated_addresses_are_counted_by_region_and_nothing_of_them_is_told(http):
    customer = Customer.objects.get(username=somebody(http).name)

    def row(code, province="", city="", county="", address="x", **fields):
        parts = {"region_code": code, "province": province, "city": city, "county": county}
        own = {"receiver": "王小明", "mobile": "18667018590", "tag": "家", "detail": "秘密路1号"}
        Address.objects.create(customer=customer, address=address, **parts, **own, **fields)

    def check():
        out = io.StringIO()
        call_command("regions", "check", stdout=out)
        return out.getvalue()

    for _ in range(3):
        row("330104", "浙江省", "杭州市", "江干区")
    row(None, "浙江省", "杭州市", "下城区")  # by its name
    row(None, address="湖北省襄樊市襄城区长征路1号")  # by its text
    row("330110", "浙江省", "杭州市", "余杭区")
    row("999999", "浙江省", "杭州市", "西湖区")
    row("330103", "浙江省", "杭州市", "下城区", deleted_at="2026-01-01T00:00:00Z")
    said = check()
    assert "live addresses: 7\n" in said and "never was: 1\n" in said and "outdated: 5\n" in said
    assert "3  330104 浙江省杭州市江干区 → 上城区、钱塘区  (split 2021)" in said
    assert "1  330103 浙江省杭州市下城区 → 拱墅区  (merged 2021)" in said
    assert "1  420600 湖北省襄樊市 → 襄阳市  (renamed 2010)" in said
    assert "王小明" not in said and "秘密路" not in said and "18667018590" not in said
