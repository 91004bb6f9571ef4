"""`menpai import customers`: what comes in, what is refused and why, again and again, without a word about anybody."""

import csv
import hashlib
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from menpai.accounts import importing
from menpai.models import Customer
from tests.concurrency import at_once
from tests.customers import body, somebody

SECRET = "correct horse 9"
MD5 = hashlib.md5(SECRET.encode()).hexdigest()
COLUMNS = ["username", "mobile", "mobile_verified", "email", "email_verified", "password"]
XIAOWANG = ["xiaowang", "13800138001", "1", "xiaowang@example.com", "1", MD5]


@pytest.fixture
def bring(tmp_path):
    """Write a CSV file and import it; (exit code, what was said)."""

    def do(rows, *options, name="customers.csv", columns=COLUMNS, encoding="utf-8"):
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            if name.endswith(".csv"):
                csv.writer(file).writerows([columns, *rows])
            else:
                file.writelines(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
        out = StringIO()
        try:
            call_command("import_customers", str(path), *options, stdout=out, stderr=out)
        except SystemExit as end:
            return end.code, out.getvalue()
        return 0, out.getvalue()

    return do


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
    code, said = bring([XIAOWANG, ["a", "", "", "", "", ""]], "--dry-run")
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
    "neither a username nor a verified mobile": ["", "13800138001", "0", "", "", MD5],
    "username: malformed or reserved": ["admin", "", "", "", "", MD5],
    "mobile: malformed or reserved": ["xiaowang", "12345", "", "", "", MD5],
    "email: malformed or reserved": ["xiaowang", "", "", "xiaowang@", "", MD5],
    "mobile_verified: write 1 or 0": ["xiaowang", "13800138001", "maybe", "", "", MD5],
    "password: not md5, sha1, bcrypt, pbkdf2 or argon2": ["xiaowang", "", "", "", "", "plain text"],
    "4 columns in place of 6": ["xiaowang", "", "", ""],
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
    assert [line for line in said.splitlines() if line[0].isdigit()] == [
        "3: username: as in line 2",
        "4: mobile: as in line 2",
        "5: email: as in line 2",
        "6: username: another customer has it",
    ]
    assert sign_in(http, person.name, person.password) == 200


def test_nothing_that_is_said_or_reported_is_about_anybody(bring, tmp_path, caplog):
    rows = [*REFUSED.values(), XIAOWANG, XIAOWANG]
    listed = tmp_path / "refused.csv"
    _, said = bring(rows, "--report", str(listed))
    told = said + listed.read_text() + caplog.text
    for secret in ("xiaowang", "13800138001", "example.com", MD5, "plain text", "maybe"):
        assert secret not in told
    assert len(listed.read_text().splitlines()) == 1 + len(REFUSED) + 1


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
    assert "2: no JSON object" in said
    assert "3: no JSON object" in said
    assert "5: a field that there is not" in said


def test_chinese_excel_and_its_encoding(http, bring):
    row = ["小王子", "", "", "", "", MD5]
    with pytest.raises(CommandError, match="gb18030"):
        bring([row], encoding="gb18030")
    assert bring([row], "--encoding", "gb18030", encoding="gb18030")[0] == 0
    assert sign_in(http, "小王子") == 200


@pytest.mark.parametrize("columns", [["name"], XIAOWANG, ["username", "username"]])
def test_a_file_without_names_of_columns_is_refused_and_not_quoted(bring, columns):
    with pytest.raises(CommandError) as no:
        bring([], columns=columns)
    assert "13800138001" not in str(no.value)


def test_more_than_a_batch(monkeypatch, bring):
    monkeypatch.setattr(importing, "BATCH", 7)
    rows = [[f"customer_{number}", "", "", "", "", ""] for number in range(30)]
    assert bring(rows[:10])[0] == 0
    _, said = bring([*rows, rows[0]])
    assert "read 31 · 导入 imported 20 · 已存在 there already 10 · 拒绝 refused 1" in said
    assert "32: username: as in line 2" in said
    assert Customer.objects.count() == 30


def test_somebody_who_registers_meanwhile_keeps_the_name(monkeypatch, bring):
    taken = importing._taken

    def late(rows):
        names = taken(rows)
        at_once(lambda: Customer.objects.create(username="Xiaoli", username_key="xiaoli"))
        return names

    monkeypatch.setattr(importing, "_taken", late)
    code, said = bring([XIAOWANG, ["xiaoli", "", "", "", "", MD5], ["xiaozhao", "", "", "", "", MD5]])
    assert code == 1
    assert "3: somebody has registered with it just now" in said
    assert Customer.objects.filter(username_key__in=["xiaowang", "xiaozhao"]).count() == 2
