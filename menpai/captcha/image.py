"""A picture of digits (drawing.py), and the same digits spoken (speech.py): for clients that cannot compute, or that
compute too often."""

import secrets

from menpai import identifiers, rules
from menpai.captcha.challenges import Kind
from menpai.captcha.protocol import CaptchaAnswer, Made
from menpai.identifiers import Client

kind: Kind = "image"
DIGITS = "2345689"  # without those that look alike, 0, 1 and 7, or sound alike: 一 and 七


def make(_client: Client) -> Made:
    return Made("".join(secrets.choice(DIGITS) for _ in range(rules.CAPTCHA_DIGITS)), {})


def is_solved(secret: str, answer: CaptchaAnswer, _client: Client) -> bool:
    """However it was typed: full-width digits and spaces too."""
    return isinstance(answer, str) and secrets.compare_digest(identifiers.code(answer).encode(), secret.encode())
