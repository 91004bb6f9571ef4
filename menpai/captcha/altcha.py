"""Proof of work: the client computes for a moment, and nobody sees anything. In ALTCHA's format
(altcha.org, version 2), so that its widget can solve it as well as our own pages do.

ALTCHA has no protection against a solution that is shown twice; challenges.claim is that.
"""

import base64
import hmac
import json
import time

import altcha

from menpai import rules
from menpai.captcha.challenges import Kind
from menpai.captcha.protocol import CaptchaAnswer, Made
from menpai.identifiers import Client
from menpai.keys import ring

kind: Kind = "proof_of_work"
ALGORITHM = "PBKDF2/SHA-256"  # what crypto.subtle of every browser can
LONGEST = 4096


def make(_client: Client) -> Made:
    ends = int(time.time() + rules.CAPTCHA_LIFE.total_seconds())
    challenge = altcha.create_challenge(ALGORITHM, rules.CAPTCHA_WORK, expires_at=ends, hmac_secret=_secret())
    assert challenge.signature
    return Made(challenge.signature, {"altcha": challenge.to_dict()})


def is_solved(secret: str, answer: CaptchaAnswer, _client: Client) -> bool:
    """`answer` is ALTCHA's payload: base64 of JSON with the challenge and its solution."""
    if not isinstance(answer, str) or len(answer) > LONGEST or not hmac.compare_digest(_signature(answer), secret):
        return False
    return altcha.verify_solution(answer, _secret(), altcha.derive_key_pbkdf2).verified


def _signature(answer: str) -> str:
    """Of the challenge that the payload holds; empty when it holds none."""
    try:
        found = json.loads(base64.b64decode(answer))["challenge"]["signature"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) and found.isascii() else ""


def _secret() -> str:
    return ring.keyed_hash("captcha-altcha")
