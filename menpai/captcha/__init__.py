"""Passes: proof that somebody has solved a captcha a moment ago, for one purpose, from one network and browser, to be
used once. docs/captcha.md tells the whole story.

Whoever asks for a pass calls `demand` or `redeem`. What it takes to earn one is the ladder: GeeTest where it is set up
and the client can show it; proof of work, which nobody sees; a picture with a sound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from menpai import errors, rules
from menpai.captcha import altcha, challenges, geetest, geetest_v3, geetest_v4, image, speech
from menpai.captcha.challenges import Challenge, ChallengePurpose, Kind
from menpai.captcha.protocol import Captcha, CaptchaAnswer, Unreachable
from menpai.ephemeral import Window, store
from menpai.identifiers import Client
from menpai.keys import ring
from menpai.rules import Limit

ALL: dict[Kind, Captcha] = {one.kind: one for one in (geetest_v3, geetest_v4, altcha, image)}
SETTINGS: dict[ChallengePurpose, str] = {"sms": "MENPAI_CAPTCHA_BEFORE_SMS", "sign-in": "MENPAI_CAPTCHA_BEFORE_LOGIN"}


@dataclass(frozen=True)
class Offer:
    """`challenge` is sealed; `shown` is what a client of this kind needs beside it."""

    kind: Kind
    challenge: str
    shown: dict[str, Any]


# ── Asking for a pass ──
def demand(purpose: ChallengePurpose, client: Client, *, risk: timedelta | None = None) -> bool:
    """Before something that costs or can be guessed: uses a pass up where one is needed; whether it did.

    `risk`: there is one, and without a pass it is over after so long. False then means that captchas are switched off.
    Raises CaptchaRequired, StoreUnavailable.
    """
    when = getattr(settings, SETTINGS[purpose]) if purpose in SETTINGS else "auto"
    if when == "never" or (when == "auto" and risk is None):
        return False
    if not redeem(purpose, client):
        raise errors.CaptchaRequired(purpose, risk)
    return True


def redeem(purpose: ChallengePurpose, client: Client) -> bool:
    """Whether this client has a pass for this; it is used up. Raises StoreUnavailable."""
    return store().take(_pass(purpose, client))


# ── Earning one ──
def create_challenge(purposes: tuple[ChallengePurpose, ...], client: Client, can: tuple[Kind, ...]) -> Offer:
    """A challenge for a client that can show these kinds; a picture where none of them will do.

    Raises ClientTooFast, StoreUnavailable.
    """
    exceeded = store().count([Window(_window("asked", client), rules.CAPTCHAS_PER_CLIENT)])
    if exceeded:
        raise errors.ClientTooFast(exceeded.retry_after)
    for one in _ladder(client, can):
        try:
            made = one.make(client)
        except Unreachable:
            continue
        challenge = challenges.create(one.kind, made.secret, purposes, client)
        return Offer(one.kind, challenge.seal(), made.shown)
    raise AssertionError  # the last step needs nobody


def check_answer(sealed: str, given: CaptchaAnswer, client: Client) -> tuple[ChallengePurpose, ...]:
    """Right: a pass for each purpose of the challenge, which are answered. The challenge is void either way.

    Raises CaptchaWrong, CaptchaExpired, StoreUnavailable.
    """
    challenge = challenges.read(sealed)
    challenges.claim(challenge.id)
    if challenge.client != challenges.hash_client(client):
        raise errors.CaptchaWrong
    give_passes(ALL[challenge.kind], challenge.secret, given, client, challenge.purposes)
    return challenge.purposes


def give_passes(
    one: Captcha, secret: str, given: CaptchaAnswer, client: Client, purposes: tuple[ChallengePurpose, ...]
) -> None:
    """A pass for each purpose, if this is right. A vendor that cannot be reached says no. Raises CaptchaWrong."""
    try:
        right = one.is_solved(secret, given, client)
    except Unreachable:
        right = False
    if not right:
        raise errors.CaptchaWrong
    for purpose in purposes:
        store().give(_pass(purpose, client), rules.CAPTCHA_PASS_LIFE)


def draw_picture(sealed: str) -> bytes:
    """A PNG. Raises CaptchaExpired, ClientTooFast, StoreUnavailable."""
    digits = _digits(sealed)
    from menpai.captcha import drawing  # Pillow, for those who are shown a picture

    return drawing.draw(digits)


def speak_digits(sealed: str, language: str) -> bytes:
    """The same digits spoken, a WAV. Raises as `picture`."""
    return speech.speak(_digits(sealed), language)


def _ladder(client: Client, can: tuple[Kind, ...]) -> Iterator[Captcha]:
    vendor = {"3": geetest_v3, "4": geetest_v4}.get(geetest.version())
    if vendor and vendor.kind in can and not geetest.is_paused():
        yield vendor
    if altcha.kind in can and not store().count([Window(_window("work", client), rules.CAPTCHA_WORK_PER_CLIENT)]):
        yield altcha
    yield image


def _digits(sealed: str) -> str:
    challenge: Challenge = challenges.read(sealed)
    if challenge.kind != image.kind:
        raise errors.CaptchaExpired
    often = (Limit(rules.CAPTCHA_SHOWN, rules.CAPTCHA_LIFE),)
    exceeded = store().count([Window(ring.keyed_hash("captcha-shown", challenge.id), often)])
    if exceeded:
        raise errors.ClientTooFast(exceeded.retry_after)
    return challenge.secret


def _pass(purpose: ChallengePurpose, client: Client) -> str:
    return ring.keyed_hash("captcha-pass", purpose, client.network, client.user_agent)


def _window(what: str, client: Client) -> str:
    return ring.keyed_hash("captcha-window", what, client.network)
