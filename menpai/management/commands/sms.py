"""The `menpai sms` command: reports, the timeline of a number, URLs for receipts."""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from menpai import audit, errors, identifiers, rules
from menpai.audit import events
from menpai.delivery.sms import receipts
from menpai.reports import figures, picture, table, timeline


class Command(BaseCommand):
    help = "SMS: cost and delivery (report), why a code did not arrive (timeline), URLs for receipts (receipts)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="report | timeline | receipts")
        action = actions.add_parser("report", help="费用与到达率 · what they cost and whether they arrive")
        action.add_argument("--since", type=_span, default=timedelta(days=7), metavar="7d", help="24h, 7d, 90d")
        action.add_argument("--by", choices=figures.WAYS, default="gateway")
        form = action.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="机器可读 · for programs")
        form.add_argument("--png", type=Path, metavar="FILE", help="图表 · a picture as well (menpai[charts])")
        action = actions.add_parser("timeline", help="验证码为什么没收到 · why did my code not arrive?")
        action.add_argument("number", help="手机号 · the mobile, as the customer writes it")
        action.add_argument("--all", action="store_true", help="全部保留的记录 · not the last day only")

        actions.add_parser(
            "receipts", help="各通道的回执地址 · the address that each vendor is to send its receipts to"
        )

    def handle(self, *_: Any, action: str, **options: Any) -> None:
        if action == "report":
            self._report(**{name: options[name] for name in ("since", "by", "json", "png")})
        elif action == "timeline":
            self._timeline(options["number"], everything=options["all"])
        else:
            self._receipts()

    def _report(self, since: timedelta, by: figures.By, json: bool, png: Path | None) -> None:
        if png and not picture.available():
            raise CommandError("画图需要 matplotlib · a picture needs matplotlib: pip install 'menpai[charts]'")
        begin, now = timezone.now() - since, timezone.now()
        parts = figures.since(begin, by)
        if json:
            self.stdout.write(_as_json(begin, by, parts))
            return
        self.stdout.write(f"短信报告 · SMS, {_minute(begin)} – {_minute(now)}\n\n{table.text(parts, by)}")
        if since > rules.SPENT_SECRETS_KEPT:
            self.stdout.write(f"verified: known for {rules.SPENT_SECRETS_KEPT.days} days")
        if png:
            font = picture.chinese_font()
            title = f"{'短信' if font else 'SMS'}, {_minute(begin)} – {_minute(now)}"
            picture.draw(parts, title, png, font)
            self.stdout.write(f"\n{png}")

    def _timeline(self, number: str, *, everything: bool) -> None:
        try:
            mobile = identifiers.mobile(number)
        except errors.MobileInvalid as error:
            raise CommandError("这不是手机号 · this is no mobile number") from error
        # Reading a customer's messages is an audit event, here as in the admin.
        audit.record(events.ADMIN_READ, subject=audit.subject(mobile), what="sms_timeline", how="command")
        steps = timeline.of_number(mobile, timeline.beginning(everything=everything))
        self.stdout.write(identifiers.masked_mobile(mobile))
        if not steps:
            more = "" if everything else "，--all 查看更早的记录 · nothing in the last day; --all looks further back"
            self.stdout.write(f"没有记录{more}")
        last = None
        for step in steps:
            if step.message_id != last and step.what == "asked":
                self.stdout.write("")
            last = step.message_id
            self.stdout.write(f"{timezone.localtime(step.at):%m-%d %H:%M:%S}  {step.zh} · {step.en}")

    def _receipts(self) -> None:
        urls = receipts.addresses()
        for gateway, address in urls.items():
            self.stdout.write(f"{gateway}  {address}")
        if not urls:
            self.stderr.write("没有会发回执的通道 · no configured gateway sends receipts")


def _as_json(begin: datetime, by: str, parts: list[figures.Figures]) -> str:
    content = {"since": begin.isoformat(timespec="seconds"), "by": by, "figures": table.data(parts)}
    return json.dumps(content, ensure_ascii=False, indent=2)


def _span(raw: str) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,3})([hd])", raw)
    if not match:
        raise ArgumentTypeError(f"{raw!r}: write a span such as 24h or 7d")
    return timedelta(**{rules.UNITS[match[2]]: int(match[1])})


def _minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
