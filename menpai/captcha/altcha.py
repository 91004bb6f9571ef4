"""Proof of work in the format of ALTCHA (altcha.org, version 2).

The client computes it unseen; ALTCHA's widget and our pages can.

ALTCHA itself accepts a solution twice; challenges.claim prevents that.
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
ALGORITHM = "PBKDF2/SHA-256"  # every browser's crypto.subtle can compute it
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
    """The signature of the challenge in the payload; empty if there is none."""
    try:
        signature = json.loads(base64.b64decode(answer))["challenge"]["signature"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return signature if isinstance(signature, str) and signature.isascii() else ""


def _secret() -> str:
    return ring.keyed_hash("captcha-altcha")
