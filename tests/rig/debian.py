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


def program(name: str, *libraries: str) -> Program:
    """The program of Debian's package of that name, which needs these packages of libraries besides.

    Where there is none the test says so, and fails under CI=true.
    """
    if found := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return Program(Path(found), dict(os.environ))
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / name
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # both engines' tests run at once
        if not folder.exists() and (why := _unpack(folder, (name, *libraries))):
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no {name} here: {why}")
    path = next(folder.glob(f"usr/*bin/{name}"))
    places = [str(place) for pattern in ("lib/*-linux-*", "usr/lib/*-linux-*") for place in folder.glob(pattern)]
    return Program(path, os.environ | {"LD_LIBRARY_PATH": ":".join(places)})


def _unpack(folder: Path, packages: tuple[str, ...]) -> str:
    """Blank when all is there, else why not."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return "neither on PATH, nor is this Debian"
    draft = Path(tempfile.mkdtemp(dir=folder.parent))
    fetched = subprocess.run(
        ["apt-get", "download", *packages], cwd=draft, capture_output=True, text=True, timeout=120, check=False
    )
    if fetched.returncode:
        shutil.rmtree(draft)
        return fetched.stderr.strip()
    for package in list(draft.glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, draft], check=True)
        package.unlink()
    draft.rename(folder)
    return ""
