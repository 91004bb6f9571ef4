"""The metrics listener: `GET /metrics` for Prometheus, on an address of its own."""

import hmac
import logging
import socket
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from menpai import rules, settings
from menpai.environment import counters

logger = logging.getLogger(__name__)
_AT_MOST = 20  # the pause is so many times as long as a reading: it takes a twentieth of one core at most
AGE = counters.Metric("menpai_gauges_age_seconds", "gauge", "Time since the gauges were read.")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Readings:
    """The gauges, read at intervals in a thread: no scrape waits for the database, or costs it anything."""

    def __init__(self) -> None:
        self._text, self._read_at = "", 0.0
        threading.Thread(target=self._read_all, name="gauges", daemon=True).start()

    def text(self) -> str:
        """Returns the latest gauges and their age; nothing before the first were read."""
        age = AGE.lines({AGE.name: time.monotonic() - self._read_at})
        return self._text + "\n".join([*age, ""]) if self._text else ""

    def _read_all(self) -> None:
        from menpai.reports import gauges  # needs Django, which may be set up after this module was imported

        while True:
            begun = time.monotonic()
            try:
                self._text, self._read_at = gauges.text(), begun
            except Exception as error:  # noqa: BLE001  (the age tells that none are read)
                logger.error("gauges: %s", type(error).__name__)
            took = time.monotonic() - begun
            time.sleep(max(rules.METRICS_EVERY.total_seconds(), _AT_MOST * took))


def serve(address: str) -> None:
    """Serves until the process ends. Django is set up."""
    family = _IPv6Server if ":" in address else ThreadingHTTPServer
    readings = _Readings()

    class Handler(_Handler):
        def metrics(self) -> str:
            return counters.text() + readings.text()

    with family((address, settings.MENPAI_METRICS_PORT), Handler) as server:
        server.serve_forever()


class _IPv6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    timeout = 5  # seconds for a request to be here
    metrics: Callable[[], str]

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self._answer(HTTPStatus.NOT_FOUND)
        elif not self._is_authorized():
            self._answer(HTTPStatus.UNAUTHORIZED)
        else:
            self._answer(HTTPStatus.OK, self.metrics())

    def _is_authorized(self) -> bool:
        expected = f"Bearer {settings.MENPAI_METRICS_TOKEN}"
        sent = self.headers.get("Authorization", "")
        return not settings.MENPAI_METRICS_TOKEN or hmac.compare_digest(sent.encode(), expected.encode())

    def _answer(self, status: HTTPStatus, text: str = "") -> None:
        content = (text or f"{status.phrase}\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(content)))
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET")
        self.end_headers()
        self.wfile.write(content)

    def send_error(self, code: int, _message: str | None = None, _explain: str | None = None) -> None:
        """Answers a request that cannot be read, or that is no GET."""
        no_get = code == HTTPStatus.NOT_IMPLEMENTED
        self._answer(HTTPStatus.METHOD_NOT_ALLOWED if no_get else HTTPStatus(code))

    def version_string(self) -> str:
        return "menpai"

    def log_message(self, *_: object) -> None:
        """Logs nothing: a scrape every few seconds is no news."""
