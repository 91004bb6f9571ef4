"""The `menpai import customers` command: reads CSV or JSON lines (docs/importing.md)."""

import csv
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from menpai.accounts import importing
from menpai.accounts.importing import FIELDS, Report

SHOWN = 20
EVERY = 20  # batches


class Command(BaseCommand):
    help = "导入其他系统的顾客 · Import customers of another system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=".csv, first line: names of columns; or .jsonl")
        parser.add_argument("--dry-run", action="store_true", help="只检查 · look at every row, write nothing")
        parser.add_argument("--report", type=Path, help="被拒绝的行写入此文件 · where refused lines are listed (CSV)")
        parser.add_argument("--encoding", default="utf-8-sig", help="gb18030: 中文 Excel · what Chinese Excel writes")

    def handle(self, *_: Any, **options: Any) -> None:
        path: Path = options["file"]
        readers = {".csv": _csv, ".jsonl": _json_lines}
        if path.suffix.lower() not in readers:
            raise CommandError("write FILE.csv or FILE.jsonl")
        try:
            with path.open(encoding=options["encoding"], newline="") as file:
                rows = readers[path.suffix.lower()](file)
                report = importing.run(rows, dry=options["dry_run"], progress=self._progress)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except (UnicodeDecodeError, LookupError, csv.Error) as error:
            raise CommandError(
                f"{path}: cannot be read as {options['encoding']} ({type(error).__name__}). Excel in Chinese writes "
                "--encoding gb18030. What was imported so far stays; the rest is done when you run it again."
            ) from error
        self._tell(report, options["report"], dry=options["dry_run"])

    def _progress(self, report: Report) -> None:
        if report.read % (importing.BATCH * EVERY) == 0:
            self.stdout.write(_counts(report))

    def _tell(self, report: Report, listed: Path | None, *, dry: bool) -> None:
        self.stdout.write(_counts(report) + ("  (dry run: nothing was written)" if dry else ""))
        for scheme, count in sorted(report.hashes.items()):
            self.stdout.write(f"  {scheme}: {count}")
        if listed:
            with listed.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("line", "reason"), *report.refused])
        for line, reason in report.refused[: 0 if listed else SHOWN]:
            self.stderr.write(f"{line}: {reason}")
        if len(report.refused) > SHOWN and not listed:
            self.stderr.write(f"… {len(report.refused) - SHOWN} more: --report FILE lists them all")
        if report.refused:
            raise SystemExit(1)


def _counts(report: Report) -> str:
    return (
        f"读取 read {report.read} · 导入 imported {report.imported} · 已存在 there already {report.there_already} · "
        f"拒绝 refused {len(report.refused)}"
    )


def _csv(file: TextIO) -> Iterator[importing.Read]:
    rows = csv.reader(file)
    columns = [name.strip().lower() for name in next(rows, [])]
    if not columns or set(columns) - set(FIELDS) or len(set(columns)) < len(columns):
        # Not quoted: without such a line it would be somebody's data.
        raise CommandError(f"The first line must name the columns, some of: {', '.join(FIELDS)}.")
    for row in rows:
        if len(row) == len(columns):
            yield rows.line_num, dict(zip(columns, row, strict=True))
        elif row:
            yield rows.line_num, f"{len(row)} columns in place of {len(columns)}"


def _json_lines(file: TextIO) -> Iterator[importing.Read]:
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            row = None
        yield line, row if isinstance(row, dict) else "no JSON object"
