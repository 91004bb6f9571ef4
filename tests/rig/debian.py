"""Programs from Debian's packages for tests: from PATH, else unpacked without root and without starting services."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rig.service import HERE

CACHE = HERE / ".venv" / "debian"


@dataclass(frozen=True)
class Program:
    path: Path
    environment: dict[str, str]


def program(name: str, *libraries: str, package: str = "") -> Program:
    """The program of a Debian package, of the same name if not said, which needs these packages of libraries besides.

    Where there is none the test says so, and fails under CI=true.
    """
    if path := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return Program(Path(path), dict(os.environ))
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / name
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # both engines' tests run at once
        if not folder.exists() and (reason := _unpack(folder, (package or name, *libraries))):
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no {name} here: {reason}")
    places = [str(place) for pattern in ("lib/*-linux-*", "usr/lib/*-linux-*") for place in folder.glob(pattern)]
    found = (*folder.glob(f"usr/*bin/{name}"), *folder.glob(f"usr/lib/jvm/*/bin/{name}"))
    return Program(found[0], os.environ | {"LD_LIBRARY_PATH": ":".join(places)})


def _unpack(folder: Path, packages: tuple[str, ...]) -> str:
    """Returns why the packages cannot be had; blank when they were unpacked."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return "neither on PATH, nor is this Debian"
    draft = Path(tempfile.mkdtemp(dir=CACHE))
    # With lists of our own, which need no root; the machine's may be old or empty.
    apt = ["apt-get", "-qq", "-o", f"Dir::State::Lists={CACHE}/lists", "-o", f"Dir::Cache={CACHE}/cache"]
    (CACHE / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (CACHE / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    for arguments in (["update"], ["download", *packages]):
        done = subprocess.run([*apt, *arguments], cwd=draft, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            shutil.rmtree(draft)
            return done.stderr.strip()
    for package in list(draft.glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, draft], check=True)
        package.unlink()
    _lead_links_inside(draft)
    draft.rename(folder)
    return ""


def _lead_links_inside(folder: Path) -> None:
    """Makes links to absolute places, such as /etc, lead to the same place in the folder."""
    for link in [path for path in folder.rglob("*") if path.is_symlink()]:
        target = folder / os.readlink(link).lstrip("/")
        if os.readlink(link).startswith("/") and target.exists():
            link.unlink()
            link.symlink_to(os.path.relpath(target, link.parent))
