"""Use cases that are limited, called from any address; what happened is told in a word."""

from menpai import errors, rules
from menpai.accounts import login
from menpai.codes import sending
from menpai.identifiers import Client, Mobile, client

AGENT = "a browser"


def from_address(number: int, cookie: str = "") -> Client:
    return client(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", AGENT, cookie)


def sent(mobile: str, caller: Client) -> str:
    """ "sent", or the name of the refusal of an SMS to this mobile."""
    try:
        sending.count_sms(rules.REGISTRATION, Mobile(mobile), caller)
    except errors.ComeBackLater as refusal:
        return type(refusal).__name__
    return "sent"


def tried(name: str, password: str, caller: Client) -> str:
    """ "in", or the name of the refusal of a sign-in."""
    try:
        login.sign_in_with_password(name, password, caller)
    except errors.Refusal as refusal:
        return type(refusal).__name__
    return "in"
