"""Permissions of the data directory, whose database and log hold what customers entrust."""

import stat
from collections.abc import Iterator
from pathlib import Path

from menpai import settings

_FILES = ("menpai.sqlite3*", "secret.key")  # the keys file has a check of its own (secret_checks.py)


def tighten() -> list[Path]:
    """Takes from everybody else what others may read or write; returns what is not this user's to change.

    Access for a group alone is somebody's decision and stays.
    """
    return [path for path in _open_to_others() if not _close(path)]


def _open_to_others() -> Iterator[Path]:
    folder = settings.MENPAI_DATA_DIR
    files = [path for pattern in _FILES for path in folder.glob(pattern)]
    for path in [*files, folder] if files else []:
        mode = path.stat().st_mode
        if mode & stat.S_IRWXO and not mode & stat.S_ISVTX:  # a folder such as /tmp is everybody's
            yield path


def _close(path: Path) -> bool:
    try:
        path.chmod(path.stat().st_mode & stat.S_IRWXU)
    except OSError:
        return False
    return True
