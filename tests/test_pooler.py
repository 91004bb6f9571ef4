"""Behind a real PgBouncer in transaction mode, whose connections belong to nobody for longer than a transaction."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests.customers import an_address, somebody
from tests.no_limits import wandering
from tests.rig import debian
from tests.rig.children import ends_with_us, free_port, until
from tests.rig.service import Service

pytestmark = pytest.mark.production_only("a pooler in front of PostgreSQL")
LIBRARIES = ("libc-ares2", "libevent-2.1-7", "libpam0g", "libssl3", "libsystemd0")
CONNECTIONS = 3  # fewer than threads that ask at once, so that they change hands


@pytest.fixture(scope="module")
def pooled_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of this session's database through a PgBouncer."""
    program, folder, port = debian.program("pgbouncer", *LIBRARIES), tmp_path_factory.mktemp("pgbouncer"), free_port()
    user, target = re.findall(r"//(\w+)@127\.0\.0\.1:(\d+)/", os.environ["MENPAI_DATABASE_URL"])[0]
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        f"[databases]\n* = host=127.0.0.1 port={target} user={user}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\npool_mode = transaction\ndefault_pool_size = {CONNECTIONS}\n"
    )
    command = [program.path, "-q", configuration] + (["-u", "nobody"] if os.getuid() == 0 else [])
    with subprocess.Popen(command, env=program.environment, preexec_fn=ends_with_us(signal.SIGKILL)) as process:
        url = re.sub(r":\d+/", f":{port}/", os.environ["MENPAI_DATABASE_URL"])
        until(lambda: _answers(url), 10, "PgBouncer answers")
        yield url
        process.terminate()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_customers_at_once_notice_nothing(pooled_url: str, service: Callable[..., Service]) -> None:
    settings = {"MENPAI_DATABASE_URL": pooled_url, "MENPAI_DATABASE_POOLER": "1", "MENPAI_TRUSTED_PROXIES": "1"}
    site = service("web", MENPAI_WORKERS="1", **settings)

    def use_the_book(number: int) -> list[int]:
        with wandering(httpx.Client(base_url=site.url, timeout=30)) as http:
            person = somebody(http, uname=f"pooled_{number}")
            answers = []
            for _ in range(8):
                added = http.post("/api/me/addresses", json=an_address(), headers=person.auth)
                book = http.put("/api/me/addresses/default", json={"id": added.json()["changed"]}, headers=person.auth)
                entries = book.json()["addresses"]
                answers += [added.status_code, book.status_code, len(entries)]
                assert [entry["id"] for entry in entries if entry["is_default"]] == [added.json()["changed"]]
            return answers

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(use_the_book, range(8)))
    assert answers == [[part for count in range(1, 9) for part in (201, 200, count)]] * 8
    site.stop()
    assert "prepared statement" not in site.log()


def test_without_the_switch_the_start_names_it(pooled_url: str) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "menpai", "check", "--deploy"],
        env=os.environ | {"MENPAI_DATABASE_URL": pooled_url, "MENPAI_MODE": "web"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode
    assert "MENPAI_DATABASE_POOLER" in refused.stderr
