"""A service of the shop that the product calls, signed: the cart, or whoever hears alerts."""

import base64
import hashlib
import hmac
from http.server import BaseHTTPRequestHandler

from menpai.keys import ring
from tests.rig.http_server import FakeServer, send


class Receiver(FakeServer):
    """Answers every call with `status` and `content`; `seen`: headers, their names in lower case, and body."""

    def __init__(self, content: bytes = b"") -> None:
        super().__init__()
        self.status, self.content = 200, content
        self.seen: list[tuple[dict[str, str], bytes]] = []

    def receive(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        self.seen.append(({name.lower(): value for name, value in handler.headers.items()}, body))
        send(handler, self.status, self.content, {})


def is_signed(headers: dict[str, str], content: bytes) -> bool:
    """True if the newest hook key has signed this call, as Standard Webhooks says."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + content
    expected = hmac.new(ring.secrets_of("hook")[0][1], signed, hashlib.sha256).digest()
    return headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
