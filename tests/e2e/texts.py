"""The words of the pages, read from web/src/texts as they are written there."""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "web/src/texts"
_ENTRY = re.compile(r"""^\s*(\w+):\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`),?\s*$""", re.M)


@cache
def texts(language: str) -> dict[str, str]:
    """`language`: zh or en. The long legal texts are not among them."""
    found: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.ts")):
        if file.stem not in ("index", "legal"):
            for key, single, double, back in _ENTRY.findall(file.read_text(encoding="utf-8")):
                found[key] = re.sub(r"\\(.)", r"\1", single or double or back)
    return found


@cache
def standing() -> dict[str, object]:
    """What web/src/i18n.ts fills in by itself."""
    from menpai import rules  # not before the rig has set the environment

    return {
        "brand": "门牌",
        "resend_after": int(rules.RESEND_AFTER.total_seconds()),
        "password_min": rules.PASSWORD_MIN_LENGTH,
        "password_max": rules.PASSWORD_MAX_LENGTH,
        "sms_digits": rules.SMS_CODE_DIGITS,
        "mail_digits": rules.MAIL_CODE_DIGITS,
        "addresses": rules.LIVE_ADDRESSES,
    }


def text(language: str, key: str, **values: object) -> str:
    """As `t(key, values)` of the pages says it."""
    known = standing() | values
    return re.sub(r"\{(\w+)\}", lambda hole: str(known.get(hole[1], hole[0])), texts(language)[key])
