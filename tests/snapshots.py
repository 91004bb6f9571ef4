"""Snapshots for tests: forged ones, and the verifiers that docs/snapshots.md shows."""

import base64
import json
import re
import uuid
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from menpai.keys import ring

PAGE = Path(__file__).parents[1] / "docs" / "snapshots.md"
CLAIMS = {
    "iss": "http://127.0.0.1:8000",
    "aud": "orders",
    "jti": str(uuid.UUID(int=7)),
    "iat": 1764300000,
    "sub": str(uuid.UUID(int=8)),
    "order": "A-1",
    "v": 1,
    "edition": "2025-12-31",
    "address": {"receiver": '小王 "iss":"x"', "detail": "珠市口大街2楼"},
}


def snippet(language: str) -> str:
    """The one sample in a language, or under a file's name after it."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


_python: dict[str, Any] = {"__name__": "verifier"}
exec(snippet("python"), _python)  # what a shop would copy


def is_genuine(jws: str, key_set: dict[str, Any]) -> bool:
    """As the shop's own verifier in Python judges, without asking us."""
    try:
        return bool(_python["verify"](jws, key_set, settings.MENPAI_PUBLIC_URL))
    except Exception:  # noqa: BLE001  (however a forgery fails)
        return False


def claims_of(jws: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(jws.split(".")[1] + "==")))


def signed(header: dict[str, Any] | None = None, kind: str = "snapshots", **changes: Any) -> str:
    """A snapshot with our own key, changed as told; None takes a claim away."""
    kid, raw = ring.secrets_of(kind)[0]
    whole = {"alg": "EdDSA", "kid": kid, "typ": "address-snapshot+jws"} | (header or {})
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    text = b".".join(_part(one) for one in (whole, claims))
    return (text + b"." + _base64url(Ed25519PrivateKey.from_private_bytes(raw).sign(text))).decode()


def changed() -> str:
    """The header and signature of one snapshot around the payload of another."""
    header, _, signature = signed().split(".")
    return f"{header}.{signed(order='A-2').split('.')[1]}.{signature}"


# What each verifier refuses, by the part of it that is wrong.
FORGED = {
    "signature": changed,
    "alg": lambda: signed({"alg": "none"}).rpartition(".")[0] + ".",
    "typ": lambda: signed({"typ": "JWT"}),
    "kid": lambda: signed({"kid": "ffffffff"}),
    "iss": lambda: signed(iss="https://evil.example"),
    "aud": lambda: signed(aud="menpai"),
    "v": lambda: signed(v=2),
    "format": lambda: signed() + ".x",
    "typ of a token": lambda: signed({"typ": "at+jwt"}),
    "kid of tokens": lambda: signed(kind="signing"),
}


def _part(content: dict[str, Any]) -> bytes:
    return _base64url(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
