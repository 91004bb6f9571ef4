"""The `menpai regions` command: count outdated addresses, apply a newer edition of the regions."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from menpai.addresses import outdated, regions
from menpai.addresses.regions import difference, edition


class Command(BaseCommand):
    help = "The regions of China: how many addresses are outdated (check), a newer edition (update FILE)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="check | update")
        actions.add_parser("check", help="有多少地址的区划已变更 · how many addresses name a region of the past")
        action = actions.add_parser(
            "update", help="换用更新的区划数据 · show what a newer edition changes, and apply it"
        )
        action.add_argument("file", type=Path, help="edition.zip of a newer release, or from `make regions`")
        action.add_argument("--yes", action="store_true", help="不再询问 · without a question")

    def handle(self, *_: Any, action: str, **options: Any) -> None:
        if action == "check":
            self._check()
        else:
            self._update(options["file"], options["yes"])

    def _check(self) -> None:
        figures = outdated.count()
        self.stdout.write(f"区划数据 · edition {regions.EDITION}")
        self.stdout.write(f"有效地址 · live addresses: {figures.live}")
        self.stdout.write(f"没有这个代码 · with a code that never was: {figures.unknown}")
        self.stdout.write(f"区划已变更 · outdated: {figures.outdated.total()}")
        for region, number in sorted(figures.outdated.items(), key=lambda each: (-each[1], each[0].code)):
            full = "".join(step.name for step in regions.path(region))
            heirs = "、".join(heir.name for heir in regions.now(region)) or "—"
            year = region.valid_to.year if region.valid_to else ""
            self.stdout.write(f"{number:>8}  {region.code} {full} → {heirs}  ({region.kind} {year})")

    def _update(self, file: Path, confirmed: bool) -> None:
        try:
            data = file.read_bytes()
            after = edition.read(data)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except edition.EditionInvalid as error:
            raise CommandError(f"{file} 不是区划数据 · is no edition of the regions ({error})") from error
        before = regions.current()
        if after.mark == before.mark:
            self.stdout.write(f"已在使用 · {after.edition} is in use already; nothing was changed")
            return
        if after.edition <= before.edition:
            raise CommandError(f"{after.edition} 不比 {before.edition} 新 · is not newer than {before.edition}")
        for line in difference.lines(before, after):
            self.stdout.write(line)
        if not confirmed and not self._is_wanted(before.edition, after.edition):
            self.stdout.write("没有改动 · nothing was changed")
            return
        edition.apply(data)
        self.stdout.write(f"{before.edition} → {after.edition}: {edition.applied_file()}")

    def _is_wanted(self, before: str, after: str) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("加上 --yes 才会应用 · add --yes to apply it")
        return input(f"{before} → {after}？[y/N] ").strip().lower() in ("y", "yes")
