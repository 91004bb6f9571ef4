"""Solving captchas: as a client does it, and as an operator can who has the keys."""

import base64
import hashlib
import json
from typing import Any

import httpx

from menpai.captcha import challenges


def worked(altcha: dict[str, Any]) -> str:
    """ALTCHA's payload for a challenge: the work itself, written down from its description and not with its library."""
    given = altcha["parameters"]
    nonce, salt, prefix = (bytes.fromhex(given[name]) for name in ("nonce", "salt", "keyPrefix"))
    assert given["algorithm"] == "PBKDF2/SHA-256"
    counter = 0
    while True:
        key = hashlib.pbkdf2_hmac("sha256", nonce + counter.to_bytes(4), salt, given["cost"], given["keyLength"])
        if key.startswith(prefix):
            break
        counter += 1
    return packed({"challenge": altcha, "solution": {"counter": counter, "derivedKey": key.hex()}})


def packed(payload: object) -> str:
    return base64.b64encode(json.dumps(payload).encode()).decode()


def digits_of(challenge: str) -> str:
    """What a picture shows: only whoever has the keys file can tell."""
    return challenges.read(challenge).secret


def answer_to(offer: dict[str, Any]) -> str:
    return worked(offer["altcha"]) if offer["kind"] == "proof_of_work" else digits_of(offer["challenge"])


def ask(http: httpx.Client, purpose: str = "sms", kind: str = "image", **headers: str) -> dict[str, Any]:
    answer = http.post("/api/captcha/challenges", json={"purpose": purpose, "kinds": [kind]}, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def send(http: httpx.Client, offer: dict[str, Any], answer: object, **headers: str) -> httpx.Response:
    given = {"challenge": offer["challenge"], "answer": answer}
    return http.post("/api/captcha/passes", json=given, headers=headers)


def earn(http: httpx.Client, purpose: str = "sms", kind: str = "image", **headers: str) -> None:
    """A pass for whoever calls from here."""
    offer = ask(http, purpose, kind, **headers)
    answer = send(http, offer, answer_to(offer), **headers)
    assert answer.status_code == 201, answer.text


# ── The published contract ──
def published(http: httpx.Client, query: str = "username=xiaowang") -> dict[str, Any]:
    answer = http.get(f"/user/captcha/?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.json())  # the page parses twice
    return found


def login(http: httpx.Client, name: str = "nobody", password: str = "wrong horse 1") -> httpx.Response:
    return http.post("/user/login/", json={"username": name, "password": password})
