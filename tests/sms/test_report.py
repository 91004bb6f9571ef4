"""`menpai sms report`: what operators read before they change a gateway or a budget."""

import io
import json
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from menpai.models import Message, SpentSecret, Submission
from menpai.reports import figures, picture, table

DAY = timedelta(days=1)


def report(*arguments):
    out = io.StringIO()
    call_command("sms", "report", *arguments, stdout=out)
    return out.getvalue()


def of(by, **more):
    return {one.of: one for one in figures.since(timezone.now() - 7 * DAY, by)}


def test_each_fate_is_counted_where_it_belongs(sms):
    sms("delivered", after=2, used=True)
    sms("accepted")
    sms("failed", after=9, reason="not delivered UNDELIV")  # taken, and not delivered
    sms("failed", price=0, reason="rate-limited 160038")  # refused at once
    sms("unknown")
    (one,) = of("gateway").values()
    assert (one.sent, one.accepted, one.delivered, one.failed, one.unknown, one.verified) == (5, 3, 1, 2, 1, 1)
    assert (one.cost, one.cost_per_verified) == (4 * 45_000, 4 * 45_000)


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        ("gateway", {"a": 2, "b": 1}),
        ("carrier", {"cmcc": 2, "–": 1}),
        ("region", {"CN": 2, "HK": 1}),
        ("kind", {"sign-in-code": 2, "recovery-code": 1}),
    ],
)
def test_figures_are_told_apart_by_what_is_asked(by, parts, sms):
    sms(gateway="a")
    sms(gateway="a", carrier="", region="HK", kind="recovery-code")
    sms(gateway="b")
    assert {name: one.sent for name, one in of(by).items()} == parts


def test_a_day_begins_at_midnight_in_beijing(sms):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for handed in (midnight - timedelta(seconds=1), midnight + timedelta(seconds=1)):
        sms(ago=timezone.now() - handed)
    assert list(of("day")) == [f"{midnight - DAY:%Y-%m-%d}", f"{midnight:%Y-%m-%d}"]


def test_a_code_that_went_twice_is_verified_once_by_the_gateway_that_brought_it(sms):
    first = sms("failed", gateway="a", after=5)
    sms("delivered", gateway="b", message=first.message, after=2, used=True)
    found = of("gateway")
    assert (found["a"].verified, found["b"].verified) == (0, 1)
    assert (found["a"].cost, found["b"].cost) == (45_000, 45_000)


def test_times_to_the_phone_are_the_ones_that_so_many_percent_did_not_exceed(sms):
    for after in range(1, 21):
        sms("delivered", after=after / 10)
    sms("failed", after=60)  # has no time to the phone
    (one,) = of("carrier").values()
    assert (one.wait(50), one.wait(95), one.wait(100)) == (1.0, 1.9, 2.0)


def test_mails_and_what_is_older_are_left_out(sms):
    sms(ago=8 * DAY)
    mail = sms()
    Message.objects.filter(pk=mail.message_id).update(channel="email")
    assert of("gateway") == {}


def test_the_table_is_aligned_and_sums_up_and_names_nobody(sms):
    sms(gateway="aliyun", after=3.2, used=True)
    sms(gateway="yuntongxun", price=1_234_567)
    said = report()
    lines = said.splitlines()[2:]
    assert len({len(line) for line in lines}) == 1
    assert lines[0].split()[:3] == ["gateway", "sent", "accepted"]
    assert lines[2].split() == ["aliyun", "1", "1", "1", "0", "0", "1", "0.045", "0.045", "3.2", "3.2"]
    assert lines[-1].split()[:2] == ["total", "2"]
    assert "1.279567" in lines[-1]
    assert "13800138000" not in said


def test_json_has_money_as_text_and_nothing_where_nothing_is_known(sms):
    sms("accepted")
    found = json.loads(report("--json", "--by", "region"))
    assert found["by"] == "region"
    assert found["figures"][0] == {
        "of": "CN",
        "sent": 1,
        "accepted": 1,
        "delivered": 0,
        "failed": 0,
        "unknown": 0,
        "verified": 0,
        "cost": "0.045",
        "cost_per_verified": None,
        "p50_seconds": None,
        "p95_seconds": None,
    }


def test_what_cannot_be_meant_is_refused_and_nothing_at_all_is_a_table_too():
    assert report().splitlines()[-1].split()[:2] == ["total", "0"]
    for wrong in (["--since", "0d"], ["--since", "soon"], ["--by", "moon"], ["--json", "--png", "x"]):
        with pytest.raises(CommandError):
            report(*wrong)


# ── The picture ──
@pytest.mark.parametrize("font", ["", None])
def test_a_picture_is_drawn_in_chinese_where_a_font_is_and_in_english_where_none_is(font, sms, tmp_path):
    """Warnings are errors here: a glyph that the font lacks would be one."""
    for gateway in ("aliyun", "tencent"):
        sms(gateway=gateway, after=3, used=True)
        sms("failed", gateway=gateway)
    to = tmp_path / "report.png"
    picture.draw(of("gateway").values(), "SMS", to, picture.chinese_font() if font is None else font)
    with Image.open(to) as drawn:
        assert drawn.size == (1440, 604)
        assert len(drawn.convert("RGB").getcolors(10**6)) > 50


def test_the_command_draws_it_or_says_what_to_install(sms, tmp_path, monkeypatch):
    sms(after=1)
    assert str(tmp_path / "x.png") in report("--png", str(tmp_path / "x.png"))
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr(picture, "find_spec", lambda _: None)
    with pytest.raises(CommandError, match=r"pip install 'menpai\[charts\]'"):
        report("--png", str(tmp_path / "x.png"))


# ── A hundred thousand ──
MANY = 100_000


def fill():
    now = timezone.now()
    told = {"channel": "sms", "kind": "sign-in-code", "due_at": now, "expires_at": now, "state": "delivered"}
    for begin in range(0, MANY, 10_000):
        numbers = range(begin, begin + 10_000)
        messages = Message.objects.bulk_create(
            Message(recipient=f"139{number:08}", secret=f"{number:032x}", **told) for number in numbers
        )
        Submission.objects.bulk_create(
            Submission(
                message=message,
                gateway=("aliyun", "tencent")[number % 2],
                region="CN",
                carrier=("cmcc", "cucc", "ctcc")[number % 3],
                state="delivered",
                price=45_000,
                handed_at=now - timedelta(seconds=number),
                reported_at=now - timedelta(seconds=number) + timedelta(seconds=number % 97 / 10),
            )
            for number, message in zip(numbers, messages, strict=True)
        )
        SpentSecret.objects.bulk_create(
            SpentSecret(id=f"{number:032x}", purpose="x") for number in numbers if number % 5
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.proof_only("fills 100,000 rows; what it asks is asked of few rows above")
@pytest.mark.timeout(600)
def test_a_hundred_thousand_are_counted_in_seconds_by_two_statements(record_property):
    fill()
    for by in figures.WAYS:
        begin = time.monotonic()
        with CaptureQueriesContext(connection) as queries:
            parts = figures.since(timezone.now() - 7 * DAY, by)
        took = time.monotonic() - begin
        record_property(f"by {by}", f"{took:.1f} s by {by}")
        assert len(queries) == 2
        assert figures.total(parts).verified == MANY * 4 // 5
        assert took < 10, table.text(parts, by)
