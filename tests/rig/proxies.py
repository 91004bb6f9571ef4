"""Caddy, nginx and HAProxy as real processes on loopback, configured by the samples of docs/proxies/."""

import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.rig import debian
from tests.rig.children import end, ends_with_us, free_port, until
from tests.rig.service import HERE, answers

SAMPLES = HERE / "docs" / "proxies"
LIBRARIES = {
    "caddy": (),
    "nginx": ("libpcre2-8-0", "libssl3", "zlib1g"),
    "haproxy": ("liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1", "libpcre2-8-0", "libssl3"),
}
FILES = {"caddy": "caddy.Caddyfile", "nginx": "nginx.conf", "haproxy": "haproxy.cfg"}


class RealProxy:
    """One of the three in front of `target`; without TLS, which the tests have no names for."""

    def __init__(self, name: str, target: int) -> None:
        self.name, self.port = name, free_port()
        self._program = debian.program(name, *LIBRARIES[name])
        self._folder = tempfile.TemporaryDirectory(prefix=f"menpai-{name}-", ignore_cleanup_errors=True)
        sample = (SAMPLES / FILES[name]).read_text(encoding="utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{target}")
        self._config = Path(self._folder.name) / FILES[name]
        self._config.write_text(getattr(self, f"_{name}")(sample), encoding="utf-8")

    def _caddy(self, sample: str) -> str:
        return sample.replace("account.example.com {", f"http://:{self.port} {{")

    def _nginx(self, sample: str) -> str:
        lines = [line for line in sample.splitlines() if "ssl_certificate" not in line and "server_name" not in line]
        server = "\n".join(lines).replace("listen 443 ssl;", f"listen 127.0.0.1:{self.port};")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = " ".join(f"{kind}_temp_path {self._folder.name}/{kind};" for kind in kinds)
        top = f"daemon off; master_process off; pid {self._folder.name}/pid; error_log stderr;"
        return f"{top}\nevents {{}}\nhttp {{ {places}\n{server}\n}}\n"

    def _haproxy(self, sample: str) -> str:
        return sample.replace("bind :443 ssl crt /etc/haproxy/account.example.com.pem", f"bind 127.0.0.1:{self.port}")

    def __enter__(self) -> Self:
        arguments = {
            "caddy": ["run", "--adapter", "caddyfile", "--config", str(self._config)],
            "nginx": ["-p", self._folder.name, "-e", "stderr", "-c", str(self._config)],
            "haproxy": ["-db", "-f", str(self._config)],
        }
        with (Path(self._folder.name) / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._program.path, *arguments[self.name]],
                env=self._program.environment | {"HOME": self._folder.name, "XDG_DATA_HOME": self._folder.name},
                stdout=log,
                stderr=log,
                preexec_fn=ends_with_us(signal.SIGKILL),
            )
        try:
            until(self._is_ready, 20, f"{self.name} reaches what is behind it")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def _is_ready(self) -> bool:
        log = (Path(self._folder.name) / "log").read_text(encoding="utf-8", errors="replace")
        assert self._process.poll() is None, log
        return answers(self.port, "/readyz")

    def __exit__(self, *_: object) -> None:
        end(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._folder.cleanup()
