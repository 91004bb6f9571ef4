"""The `menpai` command as people type it: real processes, their words, their exit codes, and nothing left behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.rig import editions
from tests.rig.children import end, free_port, offspring, until
from tests.rig.service import Service

pytestmark = pytest.mark.once("how processes start and end knows no engine; make proof has them beside a broker")

SECRET = "for tests only, as long as it has to be"


def menpai(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "MENPAI_MODE"}
    return subprocess.run(
        [sys.executable, "-m", "menpai", *arguments],
        env=clean | {"MENPAI_PORT": str(free_port())} | environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which `menpai run` has prepared keys and database."""
    folder = tmp_path_factory.mktemp("prepared")
    with Service("run", {"MENPAI_DATA_DIR": str(folder)}) as service:
        until(lambda: httpx.get(f"{service.url}/readyz").status_code == 200, 10, "ready")
    return folder


@pytest.fixture(scope="module")
def running(prepared: Path) -> Iterator[Service]:
    """`menpai run`, for tests that leave it as it was."""
    with Service("run", {"MENPAI_DATA_DIR": str(prepared), "MENPAI_DEV_MAILBOX": "0"}) as service:
        yield service


@pytest.fixture
def start(prepared: Path, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Start `menpai COMMAND` on a prepared data directory of its own."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    started: list[Service] = []

    def begin(command: str = "run", **environment: str) -> Service:
        service = Service(command, {"MENPAI_DATA_DIR": str(tmp_path), **environment})
        started.append(service)
        return service.start()

    yield begin
    for service in started:
        service.stop()
        service.close()


def gone(family: list[int]) -> Callable[[], bool]:
    return lambda: not any(Path(f"/proc/{member}").exists() for member in family)


# ── run ──
def test_run_says_in_both_languages_where_it_is_and_where_the_messages_are(running: Service) -> None:
    until(lambda: "Ctrl-C" in running.log(), 10, "the greeting")
    assert f"门牌已启动 · Menpai is running       {running.url}/" in running.log()
    assert f"{running.url}/dev/mailbox" in running.log()
    # The worker knows that this is development: nothing else opens the mailbox.
    assert httpx.get(f"{running.url}/dev/mailbox").status_code == 200


def test_run_prepares_the_database_once(start: Callable[..., Service], tmp_path: Path) -> None:
    first = start(MENPAI_DATA_DIR=str(tmp_path / "new"))
    until(lambda: httpx.get(f"{first.url}/readyz").status_code == 200, 10, "ready")
    assert "正在准备数据库" in first.log()
    first.stop()
    second = start(MENPAI_DATA_DIR=str(tmp_path / "new"))
    until(lambda: httpx.get(f"{second.url}/readyz").status_code == 200, 10, "ready")
    assert "正在准备数据库" not in second.log()


def test_ctrl_c_ends_every_child_and_is_no_failure(start: Callable[..., Service]) -> None:
    service = start()
    until(lambda: "Ctrl-C" in service.log(), 10, "the greeting")
    family = service.children()
    service.process.send_signal(signal.SIGINT)
    assert service.process.wait(20) == 0
    assert gone(family)()
    assert "Traceback" not in service.log()


def test_an_open_connection_does_not_delay_the_end(start: Callable[..., Service]) -> None:
    service = start()
    with httpx.Client() as client:
        client.get(f"{service.url}/livez")
        service.process.terminate()
        assert service.process.wait(5) == 0


def test_children_end_when_the_parent_is_killed(start: Callable[..., Service]) -> None:
    service = start()
    family = service.children()
    assert len(family) >= 2
    end(service.process.pid, signal.SIGKILL)
    service.process.wait(5)
    until(gone(family), 15, f"the end of {family}")


def test_everything_ends_when_a_child_ends(start: Callable[..., Service]) -> None:
    service = start()
    family = service.children()
    end(family[0], signal.SIGKILL)
    assert service.process.wait(20) == 1
    until(gone(family), 5, f"the end of {family}")
    assert "A child process ended by itself" in service.log()


def test_a_killed_worker_is_replaced_again_and_again(running: Service) -> None:
    for _ in range(3):
        worker = offspring(running.children()[0])[0]  # the youngest of the web server's line
        end(worker, signal.SIGKILL)
        until(gone([worker]), 5, "the end of the worker")
        until(running._answers, 10, "an answer from the next one")
    assert running.process.poll() is None


@pytest.mark.parametrize("command", ["run", "web"])
def test_a_port_in_use_is_told_in_clear_words(command: str, prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = menpai(command, "--port", port, MENPAI_DATA_DIR=str(tmp_path), MENPAI_SECRET_KEY=SECRET)
    assert done.returncode == 1
    assert f"127.0.0.1:{port} 端口已被占用" in done.stderr
    assert "the port is in use" in done.stderr
    assert "Traceback" not in done.stderr


# ── web, worker ──
def connections_of(process: int) -> list[str]:
    """The database file that is open, and the TCP connections that are."""
    opened = [os.readlink(descriptor) for descriptor in Path(f"/proc/{process}/fd").iterdir()]
    sockets = [line.split() for line in Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]]
    established = {f"socket:[{fields[9]}]" for fields in sockets if fields[3] == "01"}
    return [name for name in opened if ".sqlite3" in name or name in established]


def test_web_serves_with_as_many_workers_as_asked(start: Callable[..., Service]) -> None:
    service = start("web", MENPAI_WORKERS="2")
    until(lambda: len(service.children()) == 2, 10, "two workers")
    until(lambda: httpx.get(f"{service.url}/readyz").json() == {"status": "ok"}, 10, "it is ready")  # 500 ms each time
    family = service.children()
    end(service.process.pid, signal.SIGKILL)
    service.process.wait(5)
    until(gone(family), 15, f"the end of {family}")


def test_the_master_of_the_workers_holds_no_connection(start: Callable[..., Service]) -> None:
    service = start("web", MENPAI_WORKERS="2")  # it has asked the database if it is prepared
    assert httpx.get(f"{service.url}/user/mobile/13800138000").status_code == 200
    assert any(connections_of(worker) for worker in service.children())
    assert connections_of(service.process.pid) == [], "two processes must not use one connection"


def test_static_files_come_straight_from_the_packages(running: Service) -> None:
    for path in ("admin/js/core.js", "unfold/css/styles.css", "menpai/plate.svg"):
        assert httpx.get(f"{running.url}/static/{path}").status_code == 200, path
    assert httpx.get(f"{running.url}/static/menpai/%2e%2e/%2e%2e/settings.py").status_code == 404


def test_no_code_of_an_address_reaches_the_log(start: Callable[..., Service]) -> None:
    service = start()
    httpx.get(f"{service.url}/activate", params={"code": "c0de-that-nobody-may-read"})
    httpx.get(f"{service.url}/v1/users/activation", params={"code": "c0de-that-nobody-may-read"})
    httpx.get(f"{service.url}/user/sms/13800138000x")
    service.stop()
    assert "c0de" not in service.log()
    assert "13800138000" not in service.log()


@pytest.mark.parametrize("command", ["web", "worker"])
def test_production_does_not_start_without_its_secrets(command: str, tmp_path: Path) -> None:
    done = menpai(command, MENPAI_DATA_DIR=str(tmp_path / "new"))
    assert done.returncode == 1
    assert "menpai.E001: MENPAI_SECRET_KEY is not set." in done.stderr
    assert "menpai.E003: The keys file cannot be used" in done.stderr
    assert f"`menpai {command}` does not start like this." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists(), "production makes nothing up"


def test_production_does_not_start_on_a_database_that_is_not_prepared(tmp_path: Path) -> None:
    menpai("keys", MENPAI_DATA_DIR=str(tmp_path))
    done = menpai("web", MENPAI_DATA_DIR=str(tmp_path), MENPAI_SECRET_KEY=SECRET, MENPAI_DATABASE_URL="")
    assert done.returncode == 1
    assert "menpai.E018" in done.stderr
    assert "Run `menpai migrate`." in done.stderr


# ── the rest ──
def test_keys_are_made_once_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    assert menpai("keys", MENPAI_KEYS_FILE=str(path)).returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    again = menpai("keys", MENPAI_KEYS_FILE=str(path))
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert path.read_bytes() == before


def test_help_lists_every_command_with_a_line() -> None:
    text = menpai("--help").stdout
    for name in ("run", "web", "worker", "keys", "migrate", "createsuperuser", "check", "sweep"):
        assert re.search(rf"^  {name} +\S+", text, re.MULTILINE), name


def test_commands_of_django_are_passed_through(tmp_path: Path) -> None:
    assert "menpai" in menpai("showmigrations", MENPAI_DATA_DIR=str(tmp_path)).stdout
    assert "Unknown command: 'nonsense'" in menpai("nonsense", MENPAI_DATA_DIR=str(tmp_path)).stderr


@pytest.mark.parametrize("command", ["run", "web", "worker", "migrate"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("MENPAI_PORT", "eight"), ("MENPAI_RULE_SMS_CODE_LIFE", "soon"), ("MENPAI_DATABASE_URL", "x://")],
)
def test_a_setting_that_cannot_be_read_is_one_line(command: str, name: str, value: str, tmp_path: Path) -> None:
    done = menpai(command, MENPAI_DATA_DIR=str(tmp_path), **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(name)
    assert done.stderr.count("\n") == 1


def test_a_running_process_sees_an_edition_of_the_regions_that_was_applied(
    prepared: Path, running: Service, tmp_path: Path
) -> None:
    def edition() -> str:
        return str(httpx.get(f"{running.url}/api/regions").json()["edition"])

    newer = tmp_path / "edition.zip"
    newer.write_bytes(editions.edition("2027-12-31", editions.of_next_year))
    assert edition() == "2026-09-11"
    done = menpai("regions", "update", str(newer), "--yes", MENPAI_DATA_DIR=str(prepared))
    assert done.returncode == 0 and "桐庐区 330115" in done.stdout, done.stdout + done.stderr
    until(lambda: edition() == "2027-12-31", 20, "the running process answers the new edition")
    (prepared / "regions.zip").unlink()
