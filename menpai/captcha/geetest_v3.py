"""GeeTest 3, which the published pages use: register, then validate.

As its SDK gt3-python did on 2026-11-21.

Its fail-back mode, in which `validate` is `md5(challenge)`, can be made up by anybody and is no answer here
(decisions.md 22).
"""

import hashlib
import hmac
import re
import time
from typing import Any

from menpai.captcha import geetest
from menpai.captcha.challenges import Kind
from menpai.captcha.protocol import CaptchaAnswer, Made, Unreachable
from menpai.identifiers import Client
from menpai.keys import ring

kind: Kind = "geetest_v3"
FIELDS = ("geetest_challenge", "geetest_validate", "geetest_seccode")
LONGEST = 200


def make(client: Client) -> Made:
    response = geetest.send("GET", "/register.php", query=_about(client) | {"gt": geetest.SETTINGS["ID"]})
    raw = response.get("challenge")
    if not isinstance(raw, str) or not re.fullmatch("[0-9a-f]{32}", raw):  # `0` where it does not know the id
        raise Unreachable
    challenge = md5(raw + geetest.SETTINGS["KEY"])
    return Made(challenge, {"geetest": shown(challenge)})


def shown(challenge: str, *, success: bool = True) -> dict[str, Any]:
    """The parameters of gt.js; without success it goes to its fail-back mode."""
    return {
        "success": int(success),
        "gt": geetest.SETTINGS["ID"],
        "challenge": challenge,
        "new_captcha": True,
    }


def is_solved(secret: str, answer: CaptchaAnswer, client: Client) -> bool:
    fields = [] if isinstance(answer, str) else [answer.get(name, "") for name in FIELDS]
    if not all(0 < len(text) <= LONGEST and text.isascii() for text in fields) or not fields:
        return False
    challenge, validate, seccode = fields
    # The script adds two characters to the challenge that it was given.
    if challenge[:32] != secret or not _same(validate, md5(f"{geetest.SETTINGS['KEY']}geetest{challenge}")):
        return False
    form = _about(client) | {
        "seccode": seccode,
        "challenge": challenge,
        "captchaid": geetest.SETTINGS["ID"],
        "timestamp": str(int(time.time())),
        "sdk": "menpai",
    }
    confirmed = geetest.send("POST", "/validate.php", query={}, form=form).get("seccode")
    return isinstance(confirmed, str) and confirmed.isascii() and _same(confirmed, md5(seccode))


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # the vendor's choice


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left, right)


def _about(client: Client) -> dict[str, str]:
    # The vendor distinguishes returning users; it gets a keyed hash, and no address.
    user = ring.keyed_hash("geetest", client.network, client.user_agent)[:32]
    return {"user_id": user, "client_type": "web", "json_format": "1", "digestmod": "md5"}
