"""A picture of digits (drawing.py), and the same digits spoken (speech.py).

It is for clients that cannot compute a proof of work, or that request too many.
"""

import secrets

from menpai import errors, identifiers, rules
from menpai.captcha import challenges, speech
from menpai.captcha.challenges import Kind
from menpai.captcha.protocol import CaptchaAnswer, Made
from menpai.ephemeral import Window, store
from menpai.identifiers import Client
from menpai.keys import ring
from menpai.rules import Limit

kind: Kind = "image"
DIGITS = "2345689"  # without digits that look alike (0, 1, 7) or sound alike (一, 七)


def make(_client: Client) -> Made:
    return Made("".join(secrets.choice(DIGITS) for _ in range(rules.CAPTCHA_DIGITS)), {})


def is_solved(secret: str, answer: CaptchaAnswer, _client: Client) -> bool:
    """True if the digits are right; full-width digits and spaces are accepted."""
    return isinstance(answer, str) and secrets.compare_digest(identifiers.code(answer).encode(), secret.encode())


def draw_picture(sealed: str) -> bytes:
    """The digits of the challenge as a PNG. Raises CaptchaExpired, ClientTooFast, StoreUnavailable."""
    digits = _digits(sealed)
    from menpai.captcha import drawing  # Pillow is loaded with the first picture

    return drawing.draw(digits)


def speak_digits(sealed: str, language: str) -> bytes:
    """The same digits spoken, as a WAV. Raises as draw_picture."""
    return speech.speak(_digits(sealed), language)


def _digits(sealed: str) -> str:
    challenge = challenges.read(sealed)
    if challenge.kind != kind:
        raise errors.CaptchaExpired
    often = (Limit(rules.CAPTCHA_SHOWN, rules.CAPTCHA_LIFE),)
    exceeded = store().count([Window(ring.keyed_hash("captcha-shown", challenge.id), often)])
    if exceeded:
        raise errors.ClientTooFast(exceeded.retry_after)
    return challenge.secret
