"""Captchas and their passes (docs/captcha.md).

A pass says that a client (network and browser) solved a captcha a moment ago, for one purpose. It can be used once.

A use case calls `demand` or `redeem`. A client earns a pass by GeeTest, where it is set up and the client can show it,
else by proof of work, which nobody sees, else by a picture with a sound.

protocol        the interface of a captcha
challenges      challenges, sealed and answered once
altcha          proof of work
image           digits as a picture and as sound
drawing         the picture
speech          the sound
geetest         what both versions of GeeTest share
geetest_v3      GeeTest 3
geetest_v4      GeeTest 4
user_contract   the exchange of `/user/captcha/`
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from menpai import errors, rules
from menpai.captcha import altcha, challenges, geetest, geetest_v3, geetest_v4, image
from menpai.captcha.challenges import ChallengePurpose, Kind
from menpai.captcha.protocol import Captcha, CaptchaAnswer, Unreachable
from menpai.ephemeral import Window, store
from menpai.identifiers import Client
from menpai.keys import ring

ALL: dict[Kind, Captcha] = {captcha.kind: captcha for captcha in (geetest_v3, geetest_v4, altcha, image)}
SETTINGS: dict[ChallengePurpose, str] = {"sms": "MENPAI_CAPTCHA_BEFORE_SMS", "sign-in": "MENPAI_CAPTCHA_BEFORE_LOGIN"}


@dataclass(frozen=True)
class Offer:
    """`challenge` is sealed; `shown` is what a client of this kind needs beside it."""

    kind: Kind
    challenge: str
    shown: dict[str, Any]


# ── Asking for a pass ──
def demand(purpose: ChallengePurpose, client: Client, *, risk: timedelta | None = None) -> bool:
    """Use up a pass, if one is needed for something that costs money or can be guessed.

    Returns True if it was.

    `risk`: there is one, and without a pass it is over after so long. False then means that captchas are switched off.
    Raises CaptchaRequired, StoreUnavailable.
    """
    when = _when(purpose)
    if when == "never" or (when == "auto" and risk is None):
        return False
    if not redeem(purpose, client):
        raise errors.CaptchaRequired(purpose, risk)
    return True


def is_for_everybody(purpose: ChallengePurpose) -> bool:
    """True if a pass is needed without any risk, by the operator's setting."""
    return _when(purpose) == "always"


def redeem(purpose: ChallengePurpose, client: Client) -> bool:
    """Use up the client's pass for this purpose; False if there is none. Raises StoreUnavailable."""
    return store().take(_pass(purpose, client))


# ── Earning one ──
def create_challenge(purposes: tuple[ChallengePurpose, ...], client: Client, can: tuple[Kind, ...]) -> Offer:
    """A challenge of a kind that the client can show; a picture if none of them will do.

    Raises ClientTooFast, StoreUnavailable.
    """
    _count("asked", client)
    for captcha in _captchas_for(client, can):
        try:
            created = captcha.make(client)
        except Unreachable:
            continue
        challenge = challenges.create(captcha.kind, created.secret, purposes, client)
        return Offer(captcha.kind, challenge.seal(), created.shown)
    raise AssertionError  # a picture needs no vendor


def count_answer(client: Client) -> None:
    """Counts an answer, before a vendor is asked about it. Raises ClientTooFast, StoreUnavailable."""
    _count("answered", client)


def check_answer(sealed: str, answer: CaptchaAnswer, client: Client) -> tuple[ChallengePurpose, ...]:
    """Check the answer.

    If it is right, give a pass for each purpose of the challenge and return the purposes. The challenge is void
    either way.

    Raises CaptchaWrong, CaptchaExpired, ClientTooFast, StoreUnavailable.
    """
    count_answer(client)
    challenge = challenges.read(sealed)
    challenges.claim(challenge.id)
    if challenge.client != challenges.hash_client(client):
        raise errors.CaptchaWrong
    give_passes(ALL[challenge.kind], challenge.secret, answer, client, challenge.purposes)
    return challenge.purposes


def give_passes(
    captcha: Captcha, secret: str, answer: CaptchaAnswer, client: Client, purposes: tuple[ChallengePurpose, ...]
) -> None:
    """Give a pass for each purpose, if the answer is right; without the vendor it is wrong.

    Raises CaptchaWrong.
    """
    try:
        solved = captcha.is_solved(secret, answer, client)
    except Unreachable:
        solved = False
    if not solved:
        raise errors.CaptchaWrong
    for purpose in purposes:
        store().give(_pass(purpose, client), rules.CAPTCHA_PASS_LIFE)


def _when(purpose: ChallengePurpose) -> str:
    return str(getattr(settings, SETTINGS[purpose])) if purpose in SETTINGS else "auto"


def _captchas_for(client: Client, can: tuple[Kind, ...]) -> Iterator[Captcha]:
    vendor = {"3": geetest_v3, "4": geetest_v4}.get(geetest.version())
    if vendor and vendor.kind in can and not geetest.is_paused():
        yield vendor
    if altcha.kind in can and not store().count([Window(_window("work", client), rules.CAPTCHA_WORK_PER_CLIENT)]):
        yield altcha
    yield image


def _count(window: str, client: Client) -> None:
    exceeded = store().count([Window(_window(window, client), rules.CAPTCHAS_PER_CLIENT)])
    if exceeded:
        raise errors.ClientTooFast(exceeded.retry_after)


def _pass(purpose: ChallengePurpose, client: Client) -> str:
    return ring.keyed_hash("captcha-pass", purpose, client.network, client.user_agent)


def _window(window: str, client: Client) -> str:
    return ring.keyed_hash("captcha-window", window, client.network)
