"""`menpai import addresses`: whose they are, what is kept of their text, what is refused and why, again and again."""

import csv
import re
import zipfile

import pytest
from django.core.management import CommandError, call_command

from menpai.accounts.importing import addresses
from menpai.accounts.importing.columns import Record
from menpai.models import Address, Customer
from tests.concurrency import ConcurrentClients
from tests.customers import somebody, somebody_by_sms
from tests.naive import is_caught, promised
from tests.test_importing import FILES, import_until_killed, run

COLUMNS = ["用户名", "收货人", "联系电话", "地址", "邮编", "标签", "默认"]
HOME = ["xiaowang", "小王", "18667018590", "浙江省杭州市余杭区文一西路969号", "311121", "公司", ""]
PARTS = ["用户名", "手机号", "收货人", "联系电话", "省", "市", "区县", "街道", "详细地址", "区划代码", "邮编"]


@pytest.fixture(autouse=True)
def xiaowang():
    return Customer.objects.create(username="xiaowang", username_key="xiaowang")


@pytest.fixture
def bring(tmp_path):
    """Write a file and import it: (exit code, what was said)."""

    def do(rows, *options, columns=COLUMNS, name="addresses.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
        return run("import_addresses", path, *options)

    return do


def stored(*names):
    return list(Address.objects.order_by("pk").values_list(*names))


def counts(said):
    return next(line for line in said.splitlines() if line.startswith("读取 read"))


def test_addresses_are_imported_with_their_codes_and_the_first_is_the_default(bring):
    code, said = bring([HOME, [*HOME[:3], "老街12号", "", "", ""]])
    assert (code, "imported 2" in said) == (0, True), said
    assert stored("receiver", "mobile", "address", "postcode", "tag", "is_default") == [
        ("小王", "18667018590", "浙江省杭州市余杭区文一西路969号", "311121", "公司", True),
        ("小王", "18667018590", "老街12号", "", "家", False),
    ]
    assert stored("county", "detail", "region_code") == [("余杭区", "文一西路969号", "330110"), ("", "", None)]
    assert "3: region_code: 已略去" in said and "addresses without a region code 1" in said


def test_they_stand_in_the_book_of_their_customer_at_every_contract(http, bring):
    person = somebody(http)
    assert bring([[person.name, *HOME[1:]]])[0] == 0
    [shown] = person.addresses()
    assert (shown["receiver"], shown["address"], shown["is_default"]) == ("小王", HOME[3], True)
    [row] = http.get("/api/me/addresses", headers=person.auth).json()["addresses"]
    assert (row["county"], row["region_code"], row["warnings"]) == ("余杭区", "330110", [])


TEXTS = {  # the text is kept as it stands, whatever becomes of its code
    "杭州余杭区文一西路969号": "330110",
    "北京市东城区珠市口大街2楼": "110101",
    "广东省东莞市长安镇莲峰路1号": "441900",
    "浙江省杭州市江干区凯旋路1号": None,
    "江苏省鼓楼区中山北路1号": None,
    "浙江省杭州市文一西路1号": None,
    "火星省火星市1号": None,
    "老街12号，进门左转": None,
}


@pytest.mark.parametrize(("text", "region_code"), TEXTS.items())
def test_the_text_is_kept_whole_and_a_code_is_told_where_it_is_certain(bring, text, region_code):
    assert bring([[*HOME[:3], text, "", "", ""]])[0] == 0
    assert stored("address", "region_code") == [(text, region_code)]


def test_one_text_holds_receiver_and_number_too(bring, tmp_path):
    texts = [
        "小王 18667018590-0123 浙江省杭州市余杭区余杭街道文一西路969号",
        "浙江省杭州市余杭区文一西路969号",
        "小王 18667018590",
    ]
    code, said = bring([["xiaowang", text] for text in texts], columns=["用户名", "收货信息"])
    assert (code, counts(said)) == (1, "读取 read 3 · 导入 imported 1 · 已存在 there already 0 · 拒绝 refused 2")
    assert stored("receiver", "mobile", "town", "address") == [
        ("小王", "18667018590-0123", "余杭街道", "浙江省杭州市余杭区余杭街道文一西路969号")
    ]
    assert "3: address: 文字中没有认出收货人" in said
    refused = (tmp_path / "addresses-refused.csv").read_text(encoding="utf-8-sig")
    assert texts[1] in refused and texts[2] in refused


def test_columns_for_each_level_and_the_customer_by_mobile(http, bring, mailbox):
    person = somebody_by_sms(http, mailbox)
    lines = [
        "小王|010-65551234|浙江省|杭州市|余杭区|余杭街道|文一西路969号||311121",
        "小李|18667018590|浙江省|杭州市|富阳市||桂花路1号|330183|311400",
        "小张|18667018590|内蒙古|呼和浩特市|新城区||新华大街1号|999999|10010",
    ]
    rows = [["", person.phone, *line.split("|")] for line in lines]
    assert bring(rows, columns=PARTS)[0] == 0
    assert stored("mobile", "town", "detail", "region_code", "postcode") == [
        ("010-65551234", "余杭街道", "余杭街道文一西路969号", "330110", "311121"),
        ("18667018590", "", "桂花路1号", "330183", "311400"),
        ("18667018590", "", "新华大街1号", "150102", "010010"),
    ]


REFUSED = {
    "没有这位顾客 · there is no such customer": {0: "nobody_here"},
    "没有用户名，也没有手机号 · neither a username nor a mobile": {0: ""},
    "receiver: 太长 · too long": {1: "王" * 41},
    "receiver_mobile: 号码被打了星号": {2: "138****8000"},
    "receiver_mobile: 手机号应为 11 位数字": {2: "1380013800"},
    "receiver_mobile: 电子表格把号码变成了科学计数法": {2: "1.38E+10"},
    "address: 太长 · too long": {3: "x" * 201},
    "address: 含有 < 或 > · contains < or >": {3: "<b>1号</b>"},
    "postcode: 不是邮编 · malformed": {4: "邮编"},
    "tag: 太长 · too long": {5: "x" * 11},
    "is_default: 请写 1 或 0": {6: "maybe"},
}


@pytest.mark.parametrize(("reason", "changes"), REFUSED.items(), ids=REFUSED)
def test_a_refused_row_is_told_by_its_line_and_reason_and_not_quoted(bring, reason, changes):
    code, said = bring([HOME, [changes.get(number, cell) for number, cell in enumerate(HOME)]])
    assert code == 1
    assert f"3: {reason}" in said and "imported 1" in said
    assert not any(text in said for text in ("小王", "18667018590", "969号", "nobody", "<b>", "xxx", "maybe"))


def test_a_customer_by_two_names_is_one_customer(http, bring, mailbox):
    other = somebody_by_sms(http, mailbox)
    row = ["xiaowang", other.phone, "小王", "18667018590", "", "", "", "", "老街1号", "", ""]
    _, said = bring([row, ["xiaowang", "13800138000", *row[2:]]], columns=PARTS)
    assert "2: mobile: 用户名和手机号属于不同的顾客" in said and "imported 1" in said
    assert stored("customer__username") == [("xiaowang",)]


def test_again_it_changes_nothing_even_after_one_was_deleted(http, bring):
    person = somebody(http)
    rows = [[person.name, *HOME[1:]], [person.name, "小李", *HOME[2:]]]
    assert bring(rows)[0] == 0
    person.delete(f"{person.book}/{person.addresses()[1]['id']}")
    before = list(Address.objects.order_by("pk").values())
    _, said = bring([*rows, rows[0]])
    assert counts(said) == "读取 read 3 · 导入 imported 0 · 已存在 there already 2 · 拒绝 refused 1"
    assert "4: 与第 2 行相同 · as in line 2" in said
    assert list(Address.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("options", [["--dry-run"], []])
def test_a_full_book_takes_no_more_and_a_dry_run_tells_the_same(bring, set_rule, monkeypatch, options):
    monkeypatch.setattr(addresses, "BATCH", 2)
    set_rule("LIVE_ADDRESSES", 3)
    rows = [[*HOME[:3], f"老街{number}号", "", "", ""] for number in range(5)]
    _, said = bring(rows, *options)
    assert counts(said).startswith("读取 read 5 · 导入 imported 3 · 已存在 there already 0 · 拒绝 refused 2")
    assert "5: 地址簿已满 · the address book is full" in said and "6: 地址簿已满" in said
    assert Address.objects.count() == (0 if options else 3)


def test_what_the_file_calls_the_default_becomes_it_in_place_of_another(http, bring):
    person = somebody(http)
    person.add_address(receiver="老王")
    rows = [[person.name, name, *HOME[2:6], default] for name, default in (("小李", ""), ("小张", "是"), ("小赵", ""))]
    assert bring(rows)[0] == 0
    assert [row["receiver"] for row in person.addresses() if row["is_default"]] == ["小张"]
    assert len(person.addresses()) == 4


def test_refused_rows_are_mended_in_their_file_and_imported_from_it(bring, tmp_path):
    bring([[*HOME[:2], "1380013800", *HOME[3:]]])
    refused = tmp_path / "addresses-refused.csv"
    assert refused.stat().st_mode & 0o777 == 0o600
    header, row = csv.reader(refused.read_text(encoding="utf-8-sig").splitlines())
    row[header.index("receiver_mobile")] = "13800138000"
    assert bring([row], columns=header, name="addresses-refused.csv")[0] == 0
    assert stored("mobile", "address") == [("13800138000", HOME[3])]


def test_a_workbook_of_customers_is_no_table_of_addresses(tmp_path):
    with pytest.raises(CommandError, match="username or mobile, and address or detail"):
        call_command("import_addresses", str(FILES / "excel.xlsx"), "--report", str(tmp_path / "refused.csv"))


def workbook(path, *rows):
    """Another sheet in a workbook that there is; text as text, numbers as numbers."""
    cell = {int: "<c><v>{}</v></c>", str: '<c t="inlineStr"><is><t>{}</t></is></c>'}
    lines = ["<row>" + "".join(cell[type(value)].format(value) for value in row) + "</row>" for row in rows]
    sheet = f"<sheetData>{''.join(lines)}</sheetData>".encode()
    with zipfile.ZipFile(FILES / "excel.xlsx") as source, zipfile.ZipFile(path, "w") as archive:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb"<sheetData>.*</sheetData>", sheet, part, flags=re.DOTALL)
            archive.writestr(name, part)


def test_a_workbook_of_addresses_is_read_by_its_content(tmp_path):
    path = tmp_path / "addresses.csv"
    hohhot = ["xiaowang", "小李", 13800138000, "内蒙古呼和浩特市新城区新华大街1号", 10010, "家", 0]
    workbook(path, COLUMNS, [*HOME[:2], int(HOME[2]), HOME[3], 311121, "公司", 1], hohhot)
    code, said = run("import_addresses", path)
    assert code == 0, said
    assert stored("receiver", "mobile", "address", "region_code", "postcode") == [
        ("小王", "18667018590", "浙江省杭州市余杭区文一西路969号", "330110", "311121"),
        ("小李", "13800138000", "内蒙古呼和浩特市新城区新华大街1号", "150102", "010010"),
    ]


def test_what_a_kill_has_stopped_is_finished_by_the_next_run_without_doubles(bring, tmp_path):
    rows = [[*HOME[:3], f"老街{number}号", "", "", ""] for number in range(20)]
    import_until_killed("addresses", tmp_path / "addresses.csv", [COLUMNS, *rows])
    assert Address.objects.count() == 10
    assert "imported 10 · 已存在 there already 10 · 拒绝 refused 0" in bring(rows)[1]
    assert len(set(stored("address"))) == Address.objects.count() == 20
    assert Address.objects.filter(is_default=True).count() == 1


# ── Two at once ──
class Nobody:
    """Listens to nothing."""

    def refused(self, record, problem): ...

    def left_out(self, record, problem): ...

    def progress(self, report): ...


def two_imports_add_each_address_once(clients):
    Address.objects.all().delete()
    person = Customer.objects.get()
    Address.objects.create(
        customer=person, receiver="老王", mobile="13800138000", address="上海", tag="家", is_default=True
    )
    cells = {"username": "xiaowang", "receiver": "小王", "receiver_mobile": "18667018590"}
    records = [Record(line, cells | {"address": f"老街{line}号"}) for line in range(2, 7)]
    clients.rush(lambda _: addresses.run(records, Nobody(), dry=False))
    promised(Address.objects.count() == 6, Address.objects.count())


@pytest.fixture
def two():
    with ConcurrentClients(2) as clients:
        yield clients


@pytest.mark.production_only("SQLite lets one writer in at a time")
def test_two_imports_at_once_add_each_address_once(two):
    for _ in range(5):
        two_imports_add_each_address_once(two)


@pytest.mark.production_only("SQLite lets one writer in at a time")
def test_an_import_that_locks_nobody_is_caught(two, monkeypatch):
    def naive(rows):
        held = Customer.objects.filter(username_key__in=[row.username_key for row in rows])
        return dict(held.values_list("username_key", "pk")), {}

    monkeypatch.setattr(addresses, "_customers", naive)
    assert is_caught(two_imports_add_each_address_once, two)
