"""The `menpai audit` command: verify the chain, export events, seal new ones."""

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from menpai.audit import chain, verify
from menpai.models import AuditEvent


class Command(BaseCommand):
    help = "The audit trail: check the chain (verify), write JSON lines (export), seal new events (seal)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="verify | export | seal")
        action = actions.add_parser("verify", help="检查整条链 · check the whole chain and name the first broken place")
        action.add_argument("--anchor", help="一条以前打印的结尾 · a head printed earlier, which must still be there")
        action = actions.add_parser("export", help="导出为 JSON lines · events, one a line, oldest first")
        action.add_argument("--since", type=_moment, help="2026-11-21 or 2026-11-21T08:00:00+08:00; a bare day is UTC")
        action.add_argument("--until", type=_moment, help="…and before this")
        actions.add_parser("seal", help="立即封存 · what the worker does every second")

    def handle(self, *_: Any, action: str, **options: Any) -> None:
        if action == "seal":
            self.stdout.write(f"{chain.seal_waiting()} sealed")
        elif action == "export":
            self._export(options["since"], options["until"])
        else:
            self._verify(options["anchor"])

    def _verify(self, raw: str | None) -> None:
        try:
            anchor = verify.parse_anchor(raw) if raw else None
        except ValueError as error:
            raise CommandError(f"{raw!r} is no anchor: write position:seal, as this command prints it.") from error
        try:
            verified = verify.verify(anchor, self._progress)
        except verify.ChainBroken as error:
            raise CommandError(
                f"审计链已损坏 · the chain is broken\n{error}\ndocs/audit.md says what to do."
            ) from error
        if anchor and anchor.position < verified.begin.position:
            self.stderr.write("The anchor is older than what is kept; nothing was compared with it.")
        self.stdout.write(f"审计链完整 · whole: {verified.checked} events, {verified.waiting} not sealed yet")
        self.stdout.write(f"anchor {verified.head}")

    def _progress(self, done: int, of: int) -> None:
        if sys.stderr.isatty() or done % 100_000 == 0:
            self.stderr.write(f"{done} / {of}", ending="\r" if sys.stderr.isatty() else "\n")

    def _export(self, since: datetime | None, until: datetime | None) -> None:
        rows, last = AuditEvent.objects.order_by("pk"), 0
        if since:
            rows = rows.filter(at__gte=since)
        if until:
            rows = rows.filter(at__lt=until)
        while batch := list(rows.filter(pk__gt=last)[: chain.AT_ONCE]):
            for row in batch:
                self.stdout.write(json.dumps(_line(row), ensure_ascii=False))
            last = batch[-1].pk


def _moment(raw: str) -> datetime:
    moment = parse_datetime(raw)
    if moment is None:
        day = parse_date(raw)
        if day is None:
            raise ValueError(raw)
        moment = datetime.combine(day, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _line(row: AuditEvent) -> dict[str, Any]:
    line = {name: getattr(row, name) for name in chain.SEALED} | {
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "session_id": str(row.session_id) if row.session_id else None,
    }
    return line | {
        "result": "success" if row.succeeded else "failure",
        "details": row.details,
        "position": row.position,
        "seal": row.seal or None,
    }
