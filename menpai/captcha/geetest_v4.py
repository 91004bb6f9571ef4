"""GeeTest 4: the script needs only the id, and its result is validated.

As docs.geetest.com on 2026-11-21.
"""

import hashlib
import hmac

from menpai import rules
from menpai.captcha import geetest
from menpai.captcha.challenges import Kind
from menpai.captcha.protocol import CaptchaAnswer, Made
from menpai.ephemeral import Window, store
from menpai.identifiers import Client
from menpai.keys import ring
from menpai.rules import Limit

kind: Kind = "geetest_v4"
FIELDS = ("lot_number", "captcha_output", "pass_token", "gen_time")
LONGEST = 4096


def make(_client: Client) -> Made:
    return Made("", {"geetest": shown()})


def shown() -> dict[str, object]:
    return {"captcha_id": geetest.SETTINGS["ID"]}


def is_solved(_secret: str, answer: CaptchaAnswer, _client: Client) -> bool:
    fields = {} if isinstance(answer, str) else {name: answer.get(name, "") for name in FIELDS}
    if not fields or not all(0 < len(text) <= LONGEST for text in fields.values()):
        return False
    lot = fields["lot_number"]
    if store().count([Window(ring.keyed_hash("geetest-lot", lot), (Limit(1, rules.CAPTCHA_LIFE),))]):
        return False  # used before; the vendor does not document how long it would confirm it
    captcha_id, key = geetest.SETTINGS["ID"], geetest.SETTINGS["KEY"]
    sign = hmac.new(key.encode(), lot.encode(), hashlib.sha256).hexdigest()
    form = fields | {"captcha_id": captcha_id, "sign_token": sign}
    response = geetest.send("POST", "/validate", query={"captcha_id": captcha_id}, form=form)
    return response.get("status") == "success" and response.get("result") == "success"
