"""The product as a real process: `menpai web`, `menpai worker` or `menpai run`."""

import os
import signal
import subprocess
import sys
import tempfile
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from tests.leaks import leak_check
from tests.rig.children import end, ends_with_us, free_port, offspring, until

HERE = Path(__file__).parents[2]


class Service:
    """One `menpai COMMAND` and its children; `environment` comes on top of the test session's own.

    Another version of the product has another `folder`, and perhaps another `python`.
    """

    process: subprocess.Popen[bytes]  # once it was started
    module = "menpai"  # `tests.rig.hashes` in a test session: the same with cheap password hashes

    def __init__(
        self,
        command: str,
        environment: dict[str, str] | None = None,
        folder: Path = HERE,
        python: str | Path = sys.executable,
    ) -> None:
        self.command, self.port = command, free_port()
        self._folder, self._python = folder, python
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "MENPAI_MODE"},
            "MENPAI_PORT": str(self.port),
            "MENPAI_PUBLIC_URL": self.url,
            "MENPAI_SECRET_KEY": "for tests only, as long as it has to be",
            "MENPAI_DEV_MAILBOX": "1",
            **(environment or {}),
        }
        self._log = tempfile.NamedTemporaryFile(prefix=f"menpai-{command}-", suffix=".log")  # noqa: SIM115

    def start(self) -> Self:
        self.process = subprocess.Popen(
            [self._python, "-m", self.module, self.command],
            env=self.environment,
            cwd=self._folder,
            stdout=self._log,
            stderr=self._log,
            preexec_fn=ends_with_us(signal.SIGTERM),
        )
        if self.command in ("run", "web"):
            until(self._answers, 30, f"menpai {self.command} answers\n{self.log()}")
        return self

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log()
        return answers(self.port, "/livez")

    def log(self) -> str:
        return Path(self._log.name).read_text(encoding="utf-8", errors="replace")

    def children(self) -> list[int]:
        return offspring(self.process.pid)

    def kill(self) -> None:
        """kill -9 of all of it."""
        for member in [self.process.pid, *self.children()]:
            end(member)
        self.process.wait(10)

    def stop(self) -> None:
        if hasattr(self, "process") and self.process.poll() is None:
            family = self.children()
            self.process.terminate()
            try:
                self.process.wait(20)
            finally:
                for member in family:
                    end(member)

    def close(self) -> None:
        """Nothing that it printed may be a secret, or somebody's."""
        leak_check.read(f"menpai {self.command}", self.log())
        self._log.close()
        leak_check.check()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.close()


def answers(port: int, path: str) -> bool:
    """True if a server on this machine answers 200."""
    # Asked again and again while the processor is needed elsewhere: each httpx.get makes a TLS context of its own.
    asking = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", path)
        with asking.getresponse() as response:
            return response.status == 200
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()
