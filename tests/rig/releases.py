"""The versions of the product that serve during an upgrade: the one of this checkout, and the one before it."""

import fcntl
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.rig.children import free_port
from tests.rig.service import HERE, Service

PREVIOUS = "7d45df5e2dc89a41e8f2530549e519b61916ca3d"  # the commit of the version before this one
CACHE = HERE / ".venv" / "previous"
PARTS = ("menpai", "requirements")
LOCK = Path("requirements") / "run.txt"


@dataclass(frozen=True)
class Release:
    """One version: its folder, and the interpreter that has what it depends on."""

    folder: Path
    python: str | Path = sys.executable

    def service(self, command: str, environment: dict[str, str]) -> Service:
        """`menpai web` or `menpai worker`, not started yet."""
        found = Service(command, environment, self.folder, self.python)
        found.module = "menpai"  # with hashes as they are: each version checks the other's
        return found

    def run(self, *arguments: str, environment: dict[str, str]) -> str:
        """What a command prints. Raises AssertionError when it fails."""
        inherited = {name: value for name, value in os.environ.items() if name != "MENPAI_MODE"}
        done = subprocess.run(
            [self.python, "-m", "menpai", *arguments],
            env=inherited | {"MENPAI_PORT": str(free_port())} | environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"menpai {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout


TODAY = Release(HERE)


def previous() -> Release:
    """The version before, from the git history; kept in the virtual environment's folder.

    Without its pages, which only a browser asks for: their addresses answer 503, everything else is complete. It runs
    with the packages of this checkout where both locks are the same, and else with its own.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / PREVIOUS
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # both engines' tests run at once
        if not folder.exists():
            _check_out(folder)
        if (folder / LOCK).read_bytes() == (HERE / LOCK).read_bytes():
            return Release(folder)
        return Release(folder, _interpreter(folder / ".venv", folder / LOCK))


def _check_out(folder: Path) -> None:
    git = ["git", "-C", str(HERE)]
    archive = subprocess.run([*git, "archive", PREVIOUS, *PARTS], capture_output=True, check=False)
    assert archive.returncode == 0, (
        f"The version before ({PREVIOUS}) is not in the git history of {HERE}: {archive.stderr.decode().strip()}. "
        "The upgrade is tested from a full clone: git fetch --unshallow."
    )
    draft = Path(tempfile.mkdtemp(dir=folder.parent))
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(draft, filter="data")
    draft.rename(folder)


def _interpreter(environment: Path, lock: Path) -> Path:
    python, done = environment / "bin" / "python", environment / "done"
    if not done.exists():
        shutil.rmtree(environment, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "install", "--require-hashes", "-r", lock], check=True)
        done.touch()
    return python
