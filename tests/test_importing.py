"""`menpai import customers`: what comes in, what is refused and why, again and again, without a word about anybody."""

import contextlib
import csv
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from menpai.accounts.importing import cells, customers, files, workbooks
from menpai.accounts.importing.reasons import BadFile, BadRow
from menpai.management.commands import import_customers
from menpai.models import Customer
from tests.concurrency import at_once
from tests.customers import body, somebody

SECRET = "correct horse 9"
MD5 = hashlib.md5(SECRET.encode()).hexdigest()
COLUMNS = ["username", "mobile", "mobile_verified", "email", "email_verified", "password"]
XIAOWANG = ["xiaowang", "13800138001", "1", "xiaowang@example.com", "1", MD5]


@pytest.fixture
def bring(tmp_path):
    """Write a file and import it; (exit code, what was said). `rows`: of CSV, objects of JSON lines, or bytes."""

    def do(rows, *options, name="customers.csv", columns=COLUMNS, encoding="utf-8"):
        path = tmp_path / name
        if isinstance(rows, bytes):
            path.write_bytes(rows)
        else:
            with path.open("w", encoding=encoding, newline="") as file:
                if name.endswith(".csv"):
                    csv.writer(file).writerows([columns, *rows])
                else:
                    file.writelines(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
        return run("import_customers", path, *options)

    return do


def run(command, path, *options):
    """(exit code, what was said)"""
    out = StringIO()
    try:
        call_command(command, str(path), *options, stdout=out, stderr=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def sign_in(http, name, password=SECRET):
    return body(http.post("/v1/tokens", json={"username": name, "password": password}))["code"]


def test_imported_customers_sign_in_by_each_proven_name(http, bring):
    code, said = bring([XIAOWANG])
    assert code == 0
    assert "imported 1" in said
    assert "md5: 1" in said
    for name in ("XiaoWang", "13800138001", "xiaowang@example.com"):
        assert sign_in(http, name) == 200
    assert sign_in(http, "xiaowang", "wrong horse 9") == 10104


def test_what_is_not_proven_opens_nothing_and_blocks_nobody(http, bring):
    bring([["xiaowang", "13800138001", "0", "xiaowang@example.com", "", MD5]])
    assert sign_in(http, "xiaowang") == 200
    assert sign_in(http, "13800138001") == sign_in(http, "xiaowang@example.com") == 10104
    assert bring([["xiaozhao", "13800138001", "1", "xiaowang@example.com", "1", MD5]])[0] == 0


def test_a_dry_run_says_the_same_and_writes_nothing(bring):
    code, said = bring([XIAOWANG, ["xiaoli", "1", "", "", "", ""]], "--dry-run")
    assert code == 1
    assert "imported 1" in said
    assert "nothing was written" in said
    assert Customer.objects.count() == 0


def test_again_it_changes_nothing_even_after_they_signed_in(http, bring):
    bring([XIAOWANG, ["xiaozhao", "", "", "", "", ""]])
    assert sign_in(http, "xiaowang") == 200
    before = list(Customer.objects.order_by("pk").values())
    code, said = bring([XIAOWANG, ["xiaozhao", "", "", "", "", ""]])
    assert code == 0
    assert "imported 0 · 已存在 there already 2" in said
    assert list(Customer.objects.order_by("pk").values()) == before


REFUSED = {
    "没有用户名，也没有已验证的手机号 · neither a username nor a verified mobile": [
        "",
        "13800138001",
        "0",
        "",
        "",
        MD5,
    ],
    "username: 用户名不符合规则或是保留名；没有用户名": ["admin", "", "", "", "", MD5],
    "mobile: 不是可注册的手机号 · malformed, or no mobile that may register": ["xiaowang", "12345", "", "", "", MD5],
    "email: 不是邮箱地址 · malformed": ["xiaowang", "", "", "xiaowang@", "", MD5],
    "mobile_verified: 请写 1 或 0（是、否） · write 1 or 0 (yes, no)": [
        "xiaowang",
        "13800138001",
        "maybe",
        "",
        "",
        MD5,
    ],
    "password: 不是 md5、sha1、bcrypt、pbkdf2 或 argon2 散列 · not md5": ["xiaowang", "", "", "", "", "plain text"],
    "有 4 列，应为 6 列 · 4 columns in place of 6": ["xiaowang", "", "", ""],
}


@pytest.mark.parametrize(("reason", "row"), REFUSED.items(), ids=REFUSED)
def test_a_refused_row_is_told_by_its_line_and_reason(bring, reason, row):
    code, said = bring([[*XIAOWANG[:1], "", "", "", "", ""], row])
    assert code == 1
    assert f"3: {reason}" in said
    assert "imported 1 · 已存在 there already 0 · 拒绝 refused 1" in said


def test_twins_in_the_file_and_strangers_in_the_database_are_told(http, bring):
    person = somebody(http)
    code, said = bring(
        [
            XIAOWANG,
            ["XIAOWANG", "", "", "", "", MD5],
            ["xiaoli", "+86 138-0013-8001", "1", "", "", MD5],
            ["xiaozhao", "", "", "XiaoWang@Example.com", "1", MD5],
            [person.name, "13800138009", "1", "", "", MD5],
        ]
    )
    assert code == 1
    assert [line for line in said.splitlines() if line[:1].isdigit()] == [
        "3: username: 与第 2 行相同 · as in line 2",
        "4: mobile: 与第 2 行相同 · as in line 2",
        "5: email: 与第 2 行相同 · as in line 2",
        "6: username: 另一位顾客已占用，或他后来改过资料 · another customer has it, or this one has changed since",
    ]
    assert sign_in(http, person.name, person.password) == 200


def test_nothing_that_is_said_is_about_anybody_and_refused_rows_are_for_their_owner_alone(bring, tmp_path, caplog):
    rows = [*REFUSED.values(), XIAOWANG, XIAOWANG]
    listed = tmp_path / "refused.csv"
    _, said = bring(rows, "--report", str(listed))
    told = said + caplog.text
    for secret in ("xiaowang", "13800138001", "example.com", MD5, "plain text", "maybe"):
        assert secret not in told
    assert len(listed.read_text().splitlines()) == 1 + len(REFUSED) + 1
    assert listed.stat().st_mode & 0o777 == 0o600


def test_json_lines(http, bring):
    rows = [
        {"username": "xiaowang", "mobile": 13800138001, "mobile_verified": True, "password": MD5},
        "{broken\n",
        '"13800138002"\n',
        "\n",
        {"username": "xiaoli", "nickname": "li"},
    ]
    code, said = bring(rows, name="customers.jsonl")
    assert code == 1
    assert sign_in(http, "13800138001") == 200
    assert "2: 不是 JSON 对象 · no JSON object" in said
    assert "3: 不是 JSON 对象 · no JSON object" in said
    assert "5: 有无法识别的字段 · a field that there is not" in said


@pytest.mark.parametrize("columns", [["nickname"], XIAOWANG, ["username", "username"], ["username", "nick"]])
def test_a_file_without_names_of_columns_is_refused_and_not_quoted(bring, columns):
    with pytest.raises(CommandError) as no:
        bring([], columns=columns)
    assert "13800138001" not in str(no.value)


def test_more_than_a_batch(monkeypatch, bring):
    monkeypatch.setattr(customers, "BATCH", 7)
    rows = [[f"customer_{number}", "", "", "", "", ""] for number in range(30)]
    assert bring(rows[:10])[0] == 0
    _, said = bring([*rows, rows[0]])
    assert "read 31 · 导入 imported 20 · 已存在 there already 10 · 拒绝 refused 1" in said
    assert "32: username: 与第 2 行相同 · as in line 2" in said
    assert Customer.objects.count() == 30


def test_somebody_who_registers_meanwhile_keeps_the_name(monkeypatch, bring):
    taken = customers._taken

    def late(rows):
        names = taken(rows)
        at_once(lambda: Customer.objects.create(username="Xiaoli", username_key="xiaoli"))
        return names

    monkeypatch.setattr(customers, "_taken", late)
    code, said = bring([XIAOWANG, ["xiaoli", "", "", "", "", MD5], ["xiaozhao", "", "", "", "", MD5]])
    assert code == 1
    assert "3: 刚刚有人用它注册 · somebody has registered with it just now" in said
    assert Customer.objects.filter(username_key__in=["xiaowang", "xiaozhao"]).count() == 2


# ── Spreadsheets ──
FILES = Path(__file__).parent / "spreadsheets"  # .xlsx by openpyxl, .xls by xlwt, the password by msoffcrypto-tool
DIGITS = "13812340011"
MOBILES = [
    "'13812340011",
    '="13812340011"',
    "=13812340011",
    '"13812340011"',
    "13812340011.0",
    "13,812,340,011",
    "1.3812340011E+10",
    "\u202d13812340011\u202c",
    "138\u22121234\u22120011",
    "138 1234 0011\t",
    "１３８１２３４００１１",
    "+86 138-1234-0011",
    "8613812340011",
    "0086 13812340011",
    "13812340011\u200b",
    "\ufeff13812340011\n",
]


@pytest.mark.parametrize("mobile", MOBILES, ids=ascii)
def test_a_mobile_as_a_spreadsheet_leaves_it_is_imported(bring, mobile):
    assert bring([["", mobile, "1.0", "", "", ""]])[0] == 0
    assert Customer.objects.get().mobile == DIGITS


@pytest.mark.parametrize("column", ["mobile", "email", "password"])
@pytest.mark.parametrize("text", ["1.3812E+10", "1,3812E+10", "1.38E10", "#N/A", "#NAME?", "########"])
def test_what_a_spreadsheet_has_lost_is_refused_with_what_to_do(bring, text, column):
    row = {"username": "xiaowang"} | {column: text}
    code, said = bring([[row.get(name, "") for name in COLUMNS]])
    assert code == 1
    assert f"2: {column}: 电子表格" in said
    assert "export it again from its source" in said
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    "yes", ["1", "1.0", "１", "TRUE", "True", "是", "yes", "Y", "√", "已验证", " 1\u200b", "'1", '="1"']
)
@pytest.mark.parametrize("no", ["", "0", "0.0", "FALSE", "否", "No", "未验证", "NULL", "-"])
def test_yes_and_no_as_people_and_spreadsheets_write_them(yes, no):
    assert cells.is_yes("mobile_verified", yes)
    assert not cells.is_yes("mobile_verified", no)


LEFT_OUT = {
    "13812340012": "the user name is a mobile",
    "13812340012.0": "the user name is a mobile",
    "wang@example.com": "the user name is an e-mail",
    "admin": "the user name is malformed or reserved",
    "小": "the user name is malformed or reserved",
    "1.00E+05": "the spreadsheet has made scientific notation of it",
}


@pytest.mark.parametrize(("username", "reason"), LEFT_OUT.items(), ids=LEFT_OUT)
def test_a_user_name_that_cannot_be_one_is_left_out_and_not_the_row(bring, tmp_path, username, reason):
    code, said = bring([[username, DIGITS, "1", "", "", MD5]])
    assert code == 0
    assert "2: username: 已略去" in said and reason in said
    assert "user names left out 1" in said
    assert Customer.objects.get().username is None
    assert reason in (tmp_path / "customers-left-out.csv").read_text(encoding="utf-8-sig")
    assert "nothing has changed" in bring([[username, DIGITS, "1", "", "", MD5]])[1]


TABLE = "手机号{0}用户名{0}手机已验证\r\n13812340011{0}小王子{0}是\r\n"
TEXTS = {
    "UTF-8": TABLE.format(",").encode(),
    "UTF-8 with a mark": TABLE.format(",").encode("utf-8-sig"),
    "Excel's Unicode text": TABLE.format("\t").encode("utf-16"),
    "UTF-16, big endian": b"\xfe\xff" + TABLE.format("\t").encode("utf-16-be"),
    "UTF-16 without a mark": TABLE.format(";").encode("utf-16-le"),
    "Chinese Excel": TABLE.format(",").encode("gb18030"),
    "semicolons": TABLE.format(";").encode("gb18030"),
    "sep=": ("sep=;\r\n" + TABLE.format(";")).encode(),
    "old Macintosh": TABLE.format(",").replace("\r\n", "\r").encode(),
    "JSON": '{"mobile": 13812340011, "username": "小王子", "mobile_verified": true}'.encode(),
    "empty columns and rows": "\n手机号 ,User Name,\ufeffMobile-Verified,,\n,,,,\n13812340011,小王子,1,,\n".encode(),
}


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_what_a_file_is_is_told_by_its_content(bring, content):
    code, said = bring(content, name="customers.xls")
    assert (code, "imported 1" in said) == (0, True), said
    assert list(Customer.objects.values_list("username", "mobile")) == [("小王子", DIGITS)]


@pytest.mark.parametrize("name", ["excel.xlsx", "excel.xls"])
def test_a_workbook_with_numbers_dates_and_truths(http, bring, name):
    _, said = bring((FILES / name).read_bytes(), name="customers.csv")
    assert sorted(Customer.objects.values_list("mobile", "username")) == [
        ("13812340011", "xl_one"),
        ("13812340012", "xl_two"),
        ("13812340013", None),
        ("13812340014", None),
    ]
    assert "4: username: 已略去，电子表格把内容变成了日期" in said
    assert sign_in(http, "xl_one", "password") == 200


def test_cells_that_a_workbook_reader_takes_for_empty_are_refused(bring, tmp_path):
    code, said = bring((FILES / "excel.xlsx").read_bytes(), name="customers.xlsx")
    assert code == 1
    assert "6: mobile: 电子表格中这一格是错误值" in said
    assert "7: mobile: 这一格是没有计算过的公式" in said
    assert "8: mobile: 电子表格把号码变成了科学计数法" in said
    assert len((tmp_path / "customers-refused.csv").read_text().splitlines()) == 4


def bomb():
    """A workbook whose sheet unpacks to more than a gigabyte."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"")
    central = file.getvalue()
    at = central.rindex(b"PK\x01\x02")
    return central[: at + 24] + (2 << 30).to_bytes(4, "little") + central[at + 28 :]


def sparse():
    """A workbook with one cell in the last corner, for which a dense table would take 400 GB."""
    source, file = zipfile.ZipFile(FILES / "excel.xlsx"), BytesIO()
    with source, zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            archive.writestr(name, part)
    return file.getvalue()


WRONG = {
    "empty": (b"", "The file is empty"),
    "blank": (b"\n\n , \n", "The file is empty"),
    "encrypted": ((FILES / "encrypted.xlsx").read_bytes(), "protected by a password"),
    "several sheets": ((FILES / "two_sheets.xlsx").read_bytes(), "choose one with --sheet: “Sheet”, “more”"),
    "cut .xlsx": ((FILES / "excel.xlsx").read_bytes()[:3000], "is damaged"),
    "cut .xls": ((FILES / "excel.xls").read_bytes()[:3000], "is damaged"),
    "bomb": (bomb(), "unpacks to too much"),
    "sparse": (sparse(), "unpacks to too much"),
    "web page": (b"<html><table><tr><td>mobile</td></tr></table>", "Open it in a spreadsheet"),
    "one long line": (b"username,mobile\n" + b"x" * (1 << 21), "this is no table"),
    "damaged UTF-8": ("用户名,手机号\n".encode() + b"\xff\n", "Line 2 is no text in utf-8"),
    "random": (bytes(range(256)) * 4, "no text in"),
}


@pytest.mark.parametrize(("content", "reason"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(bring, content, reason):
    with pytest.raises(CommandError, match=re.escape(reason)):
        bring(content)
    assert Customer.objects.count() == 0


def test_a_sheet_is_chosen_by_its_name(bring):
    assert "imported 4" in bring((FILES / "two_sheets.xlsx").read_bytes(), "--sheet", "Sheet")[1]
    with pytest.raises(CommandError, match="no such sheet"):
        bring((FILES / "two_sheets.xlsx").read_bytes(), "--sheet", "Sheet9")


def test_without_the_extra_a_workbook_is_refused_with_the_command_that_installs_it(bring, monkeypatch):
    monkeypatch.setattr(workbooks, "find_spec", lambda name: None)
    with pytest.raises(CommandError, match=re.escape("pip install 'menpai[spreadsheets]'")):
        bring((FILES / "excel.xlsx").read_bytes())


def test_a_quotation_mark_that_is_not_closed_costs_only_the_lines_that_it_holds(bring):
    text = 'username,mobile\ncust_a,\n"cust_b,\ncust_c,\ncust_d",\ncust_e,\n'
    code, said = bring(text.encode())
    assert code == 1
    assert "3: 第 3 行的引号没有在同一行结束：第 3–5 行都没有导入" in said
    assert sorted(Customer.objects.values_list("username", flat=True)) == ["cust_a", "cust_e"]


def test_other_columns_are_refused_until_they_are_to_be_skipped(bring):
    text = "编号,用户名,备注\n1,xiaowang,vip\n".encode()
    with pytest.raises(CommandError, match="not known: A, C"):
        bring(text)
    assert bring(text, "--ignore-unknown-columns")[0] == 0


def test_refused_rows_are_mended_in_their_file_and_imported_from_it(bring, tmp_path):
    rows = [["=1+1", "12345", "1", "-x@example.com", "", ""], ["xiaowang", "13812340012", "1", "wrong", "", MD5]]
    bring([*rows, ["", DIGITS, "1", "", "", ""]])
    refused = tmp_path / "customers-refused.csv"
    assert refused.read_bytes().startswith(b"\xef\xbb\xbf")
    assert refused.stat().st_mode & 0o777 == 0o600
    header, formula, mended = csv.reader(refused.read_text(encoding="utf-8-sig").splitlines())
    assert header == ["行 line", "列 column", "原因", "reason", *COLUMNS]
    assert formula[:2] == ["2", "mobile"] and formula[4] == "'=1+1" and formula[7] == "'-x@example.com"
    assert mended[:2] == ["3", "email"] and mended[5] == "'13812340012"
    mended[7] = "wang@example.com"
    assert bring([mended], name="customers-refused.csv", columns=header)[0] == 0
    assert Customer.objects.get(username="xiaowang").mobile == "13812340012"


def test_a_run_without_refusals_leaves_no_file_of_an_earlier_one(bring, tmp_path):
    bring([["xiaowang", "12345", "", "", "", ""]])
    bring([XIAOWANG])
    assert [path.name for path in tmp_path.iterdir()] == ["customers.csv"]


def test_a_dry_run_tells_of_each_row_what_the_real_one_does(http, bring, tmp_path):
    rows = [
        XIAOWANG,
        XIAOWANG,
        [somebody(http).name, "13812340011", "1", "", "", ""],
        ["admin", "13812340012", "1", "", "", ""],
    ]
    told = []
    for options in (["--dry-run"], []):
        code, said = bring(rows, *options)
        told.append(
            (code, (tmp_path / "customers-refused.csv").read_text(), re.findall(r"^\d+: .*", said, re.MULTILINE))
        )
    assert told[0] == told[1]
    assert len(told[0][2]) == 3


KILLED = """
import os, signal, sys
import django; django.setup()
from django.core.management import call_command
from menpai.accounts.importing import addresses, customers
kind, path = sys.argv[1:]
module = {"addresses": addresses, "customers": customers}[kind]
module.BATCH, record, batches = 5, module.audit.record, []
def killed(*arguments, **details):
    batches.append(1)
    if len(batches) == 3: os.kill(os.getpid(), signal.SIGKILL)
    record(*arguments, **details)
module.audit.record = killed
call_command(f"import_{kind}", path)
"""


def import_until_killed(kind, path, table):
    """Imports a file of customers or of addresses, in batches of five, and is killed in the third."""
    path.write_text("\n".join(map(",".join, table)), encoding="utf-8")
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "menpai.settings", "MENPAI_MODE": "tool"}
    done = subprocess.run([sys.executable, "-c", KILLED, kind, str(path)], env=environment)
    assert done.returncode == -signal.SIGKILL


def test_what_a_kill_has_stopped_is_finished_by_the_next_run(bring, tmp_path):
    rows = [["", f"1381234{number:04}", "1", "", "", ""] for number in range(20)]
    import_until_killed("customers", tmp_path / "customers.csv", [COLUMNS, *rows])
    assert Customer.objects.count() == 10
    assert "imported 10 · 已存在 there already 10 · 拒绝 refused 0" in bring(rows)[1]
    assert "nothing has changed" in bring(rows)[1]
    assert Customer.objects.count() == 20


HEADS = st.sampled_from(
    [b"", b"username,mobile\n", b"\xff\xfe", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{"]
)


@pytest.mark.without_database
@given(head=HEADS, content=st.binary(max_size=200))
@settings(max_examples=30, deadline=None)
def test_arbitrary_bytes_are_read_or_refused(tmp_path_factory, head, content):
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.write_bytes(head + content)
    with contextlib.suppress(BadFile), files.opened(path) as table:
        for record in table.records:
            with contextlib.suppress(BadRow):
                customers.parsed(record, datetime.now(UTC))


class Terminal(StringIO):
    def isatty(self):
        return True


def test_a_long_run_shows_its_progress_as_a_bar_on_a_terminal_and_in_lines_elsewhere(bring, tmp_path, monkeypatch):
    monkeypatch.setattr(customers, "BATCH", 2)
    monkeypatch.setattr(import_customers, "EVERY", 1)
    rows = [[f"customer_{number}", "", "", "", "", ""] for number in range(3)]
    assert re.search(r"read 2 .* · 60% · 剩余 left [0-9]+:[0-9]{2}\n", bring(rows)[1])
    terminal, out = Terminal(), StringIO()
    call_command("import_customers", str(tmp_path / "customers.csv"), stdout=out, stderr=terminal)
    assert re.search(r"\r\[#{14} {10}\]  60% · 剩余 left [0-9]+:[0-9]{2} \r", terminal.getvalue())
    assert "剩余" not in out.getvalue()
