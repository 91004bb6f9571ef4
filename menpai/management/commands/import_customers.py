"""The `menpai import customers` command: a file of another system's customers (docs/importing.md)."""

import time
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError

from menpai.accounts.importing import columns, customers, files
from menpai.accounts.importing.columns import Record
from menpai.accounts.importing.files import Table
from menpai.accounts.importing.reasons import BadFile, BadRow
from menpai.accounts.importing.refused_rows import RefusedRows
from menpai.accounts.importing.report import Report

SHOWN = 20
EVERY = 20  # batches, where no bar is drawn
BAR = 24


class Command(BaseCommand):
    help = "导入其他系统的顾客 · Import customers of another system."
    headers = columns.CUSTOMERS
    left_out = "略去的用户名 user names left out"
    run = staticmethod(customers.run)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV、.xlsx、.xls、JSON 行 · CSV, .xlsx, .xls or JSON lines")
        parser.add_argument("--dry-run", action="store_true", help="只检查 · look at every row, write nothing")
        parser.add_argument("--report", type=Path, help="被拒绝的行写入此文件 · refused rows, else FILE-refused.csv")
        parser.add_argument("--encoding", default="", help="通常自动识别 · told by the content if not given")
        parser.add_argument("--sheet", default="", help="工作表名称 · the sheet of a workbook")
        parser.add_argument("--ignore-unknown-columns", action="store_true", help="跳过其他列 · skip other columns")

    def handle(self, *_: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with files.opened(
                path,
                self.headers,
                encoding=options["encoding"],
                sheet=options["sheet"],
                ignore_unknown=options["ignore_unknown_columns"],
            ) as table:
                report = self._import(path, table, options)
        except OSError as error:
            raise CommandError(f"{error.filename or path}: {error.strerror}") from error
        except BadFile as error:
            raise CommandError(f"{path}: {error}") from error
        except DatabaseError as error:
            reason = f": {error}" if isinstance(error, OperationalError) else ""  # others quote values
            raise CommandError(
                f"数据库出错 · the database failed ({type(error).__name__}{reason})\n{_AGAIN}"
            ) from error
        if report.refused:
            raise SystemExit(1)

    def _import(self, path: Path, table: Table, options: dict[str, Any]) -> Report:
        refused = options["report"] or path.with_name(f"{path.stem}-refused.csv")
        if refused.exists() and refused.samefile(path):
            raise CommandError("--report: 不能是被导入的文件 · not the imported file itself")
        self.stdout.write(f"{table.kind}: {', '.join(table.fields)}")
        with (
            closing(RefusedRows(refused, table.fields)) as refused_rows,
            closing(RefusedRows(path.with_name(f"{path.stem}-left-out.csv"), ())) as left_out,
        ):
            listener = _Listener(self, table.lines, refused_rows, left_out)
            report = self.run(table.records, listener, dry=options["dry_run"])
        listener.summarize(report, dry=options["dry_run"])
        return report


_AGAIN = "已导入的保留，再次运行会继续。\nWhat was imported so far stays; the rest is done when you run it again."


class _Listener:
    """Prints what becomes of the rows, by line and reason, and writes the files beside the imported one."""

    def __init__(self, command: Command, lines: int, refused: RefusedRows, left_out: RefusedRows) -> None:
        self._out, self._err = command.stdout, command.stderr
        self._lines, self._refused, self._left_out = lines, refused, left_out
        self._shown, self._batches, self._start = 0, 0, time.monotonic()
        self._has_bar = self._err.isatty()
        self._left_out_of = command.left_out

    def refused(self, record: Record, problem: BadRow) -> None:
        self._refused.write(record.line, problem, record.cells)
        self._show(record, problem)

    def left_out(self, record: Record, problem: BadRow) -> None:
        self._left_out.write(record.line, problem, ())
        self._show(record, BadRow(problem.column, f"已略去，{problem.zh}", f"left out, {problem.en}"))

    def _show(self, record: Record, problem: BadRow) -> None:
        self._shown += 1
        if self._shown <= SHOWN:
            # Over the bar, which is shorter.
            text = f"{record.line}: {problem}"
            self._err.write(f"\r{text:<{BAR * 2}}" if self._has_bar else text)

    def progress(self, report: Report) -> None:
        """Draws a bar on a terminal; elsewhere writes a line now and then."""
        self._batches += 1
        done = min(report.line / max(self._lines, 1), 1)
        if self._has_bar:
            bar = "#" * int(done * BAR)
            self._err.write(f"\r[{bar:<{BAR}}] {done:4.0%} · 剩余 left {self._time_left(done)} ", str, ending="")
        elif self._batches % EVERY == 0:
            self._out.write(f"{_counts(report)} · {done:.0%} · 剩余 left {self._time_left(done)}")

    def _time_left(self, done: float) -> str:
        seconds = int((time.monotonic() - self._start) * (1 - done) / done) if done else 0
        return f"{seconds // 60}:{seconds % 60:02}"

    def summarize(self, report: Report, *, dry: bool) -> None:
        if self._has_bar and self._batches:
            self._err.write("")
        self._out.write(_counts(report) + ("  (试运行，什么都没有写入 · dry run: nothing was written)" if dry else ""))
        if report.left_out:
            self._out.write(f"{self._left_out_of} {report.left_out}")
        if not report.imported:
            self._out.write("没有变化 · nothing has changed")
        for scheme, count in sorted(report.hashes.items()):
            self._out.write(f"  {scheme}: {count}")
        if self._shown > SHOWN:
            self._err.write(f"… {self._shown - SHOWN} more")
        for file in (self._refused, self._left_out):
            if not file.is_empty:
                self._out.write(f"→ {str(file.path).encode(errors='replace').decode()}")


def _counts(report: Report) -> str:
    return (
        f"读取 read {report.read} · 导入 imported {report.imported} · 已存在 there already {report.there_already} · "
        f"拒绝 refused {report.refused}"
    )
