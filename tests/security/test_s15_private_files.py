"""S15: the embedded database, its log, the keys and the folder that holds them are for one user alone."""

import os
import shutil
import stat

import httpx
import pytest

from tests.customers import a_mobile
from tests.rig.children import until
from tests.test_command import menpai

pytestmark = pytest.mark.once("the embedded database")
EMBEDDED = {"MENPAI_DATABASE_URL": "", "MENPAI_REDIS_URL": "", "MENPAI_BROKER_URL": ""}


@pytest.fixture(autouse=True, scope="module")
def careless():
    """Whoever starts it lets others read everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder):
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    return {str(path.relative_to(folder)): oct(mode) for path, mode in modes.items() if mode & stat.S_IRWXO}


def in_folder(folder):
    return EMBEDDED | {"MENPAI_DATA_DIR": str(folder), "MENPAI_KEYS_FILE": str(folder / "keys.json")}


@pytest.fixture(scope="module")
def served(service, careless, tmp_path_factory):
    """A data directory in use: `menpai run` wrote to it just now, to a database that `migrate` made."""
    folder = tmp_path_factory.mktemp("served") / "var"
    assert menpai("keys", **in_folder(folder)).returncode == 0
    assert menpai("migrate", **in_folder(folder)).returncode == 0
    site = service("run", **in_folder(folder), MENPAI_SECRET_KEY="")
    until(lambda: httpx.get(f"{site.url}/user/sms/{a_mobile()}/").status_code == 200, 10, "a code")
    yield folder
    site.stop()


def test_what_run_and_the_tools_create_is_for_their_user_alone(served):
    assert {path.name for path in served.iterdir()} >= {
        *("menpai.sqlite3", "menpai.sqlite3-wal", "menpai.sqlite3-shm"),
        *("keys.json", "secret.key", "prepared"),
    }
    assert open_to_others(served) == {}
    assert stat.S_IMODE(served.stat().st_mode) == 0o700


@pytest.mark.parametrize("command", ["run", "web"])
def test_what_an_older_version_left_open_is_closed_at_the_start(served, service, tmp_path, command):
    folder = shutil.copytree(served, tmp_path / "older")
    for path in (folder, *folder.glob("menpai.sqlite3*"), folder / "secret.key"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    site = service(command, **in_folder(folder))
    assert httpx.get(f"{site.url}/readyz").status_code == 200
    assert open_to_others(folder) == {}
    site.stop()


def test_access_that_a_group_alone_was_given_stays(served, tmp_path):
    folder = shutil.copytree(served, tmp_path / "shared")
    (folder / "menpai.sqlite3").chmod(0o640)
    menpai("check", **in_folder(folder))
    assert stat.S_IMODE((folder / "menpai.sqlite3").stat().st_mode) == 0o640
