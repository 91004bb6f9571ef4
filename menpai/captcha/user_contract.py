"""The exchange of `/user/captcha/` (luffy.md, ruling 5).

It offers GeeTest 3 as the published pages use it, and beside it a local challenge that needs no other host.

The pages do not say what a captcha is for: one that is solved gives one pass for signing in and one for an SMS.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from menpai import captcha, errors
from menpai.captcha import Offer, challenges, geetest, geetest_v3, geetest_v4
from menpai.captcha.challenges import ChallengePurpose, Kind
from menpai.captcha.protocol import Made, Unreachable
from menpai.identifiers import Client

PURPOSES: tuple[ChallengePurpose, ...] = ("sign-in", "sms")
_ASKED, _FAIL_BACK = "asked", "fail-back"


def create_offer(client: Client, can: tuple[Kind, ...]) -> tuple[dict[str, Any], Offer]:
    """The parameters of gt.js, and a challenge for pages that can solve ours.

    Without GeeTest the script is told so: `success` 0 and 34 characters, as the vendor's own SDK makes them. Raises
    ClientTooFast, StoreUnavailable.
    """
    local = captcha.create_challenge(PURPOSES, client, can)
    registered = _registered(client)
    challenge = registered.secret if registered else secrets.token_hex(17)
    challenges.remember(_name(challenge, client), _ASKED if registered else _FAIL_BACK)
    shown = geetest_v3.shown(challenge, success=registered is not None)
    return shown | (geetest_v4.shown() if geetest.version() == "4" else {}), local


def check_answer(fields: Mapping[str, str], client: Client) -> None:
    """Check what GeeTest's script hands over, version 3 or 4.

    Raises CaptchaWrong, CaptchaExpired, ClientTooFast, StoreUnavailable.

    A fail-back answer is never a pass (decisions.md 22). It is let through, so that the page goes on to sign in, unless
    signing in needs a pass.
    """
    captcha.count_answer(client)
    if geetest.version() == "4" and "lot_number" in fields:
        return captcha.give_passes(geetest_v4, "", fields, client, PURPOSES)
    challenge = fields.get("geetest_challenge", "")
    if challenges.claim(_name(challenge, client)) == _ASKED:
        return captcha.give_passes(geetest_v3, challenge[:32], fields, client, PURPOSES)
    made_up = fields.get("geetest_validate") == geetest_v3.md5(challenge)
    if not made_up or settings.MENPAI_CAPTCHA_BEFORE_LOGIN == "always":
        raise errors.CaptchaWrong
    return None


def _registered(client: Client) -> Made | None:
    if geetest.version() != "3" or geetest.is_paused():
        return None
    try:
        return geetest_v3.make(client)
    except Unreachable:
        return None


def _name(challenge: str, client: Client) -> str:
    # The script adds two characters to the challenge that it was given.
    return f"published|{challenge[:32]}|{challenges.hash_client(client)}"
