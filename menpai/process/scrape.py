"""The metrics listener: `GET /metrics` for Prometheus, on an address of its own."""

import hmac
import socket
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from menpai import settings
from menpai.environment import counters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def serve(address: str) -> None:
    family = _IPv6Server if ":" in address else ThreadingHTTPServer
    with family((address, settings.MENPAI_METRICS_PORT), _Handler) as server:
        server.serve_forever()


class _IPv6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    timeout = 5  # seconds for a request to be here

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self._answer(HTTPStatus.NOT_FOUND)
        elif not self._is_authorized():
            self._answer(HTTPStatus.UNAUTHORIZED)
        else:
            self._answer(HTTPStatus.OK, counters.text())

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
