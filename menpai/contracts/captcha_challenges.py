"""A captcha challenge, as every contract shows it."""

from typing import Any

from menpai import captcha, rules
from menpai.captcha import image


def describe(offer: captcha.Offer) -> dict[str, Any]:
    """The fields that a client of this kind needs; those of other kinds are null."""
    pictured = offer.kind == image.kind
    path = f"/api/captcha/challenges/{offer.challenge}"
    return {
        "kind": offer.kind,
        "challenge": offer.challenge,
        "expires_in": int(rules.CAPTCHA_LIFE.total_seconds()),
        "altcha": offer.shown.get("altcha"),
        "picture": f"{path}/picture" if pictured else None,
        "sound": f"{path}/sound" if pictured else None,
        "digits": rules.CAPTCHA_DIGITS if pictured else None,
        "geetest": offer.shown.get("geetest"),
    }
