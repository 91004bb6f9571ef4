"""Challenges: sealed and held by the client, remembered here until they are answered, once."""

import json
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Literal

from menpai import errors, rules
from menpai.ephemeral import store
from menpai.identifiers import Client
from menpai.keys import ring

ChallengePurpose = Literal["sms", "mail", "sign-in", "mobile-check"]
Kind = Literal["proof_of_work", "image", "geetest_v3", "geetest_v4"]
_BELONGS_TO = "captcha"
_LONGEST = 2000


@dataclass(frozen=True)
class Challenge:
    """`secret` is what its kind needs to check an answer; it is valid for `client` and `purposes` only."""

    kind: Kind
    secret: str
    purposes: tuple[ChallengePurpose, ...]
    client: str
    id: str
    ends: float

    def seal(self) -> str:
        """The challenge as the client holds it: encrypted, and safe in a URL."""
        return ring.seal(json.dumps(asdict(self)), _BELONGS_TO).translate(_TO_ADDRESS)


_TO_ADDRESS, _FROM_ADDRESS = str.maketrans("+/:=", "-_.~"), str.maketrans("-_.~", "+/:=")


def create(kind: Kind, secret: str, purposes: tuple[ChallengePurpose, ...], client: Client) -> Challenge:
    """Raises StoreUnavailable."""
    ends = time.time() + rules.CAPTCHA_LIFE.total_seconds()
    challenge = Challenge(kind, secret, purposes, hash_client(client), secrets.token_hex(16), ends)
    remember(challenge.id)
    return challenge


def read(sealed: str) -> Challenge:
    """The challenge; raises CaptchaExpired if we did not seal it, or if it is over."""
    if len(sealed) > _LONGEST or not sealed.isascii():
        raise errors.CaptchaExpired
    try:
        text = ring.unseal(sealed.translate(_FROM_ADDRESS), _BELONGS_TO)
    except ValueError as error:  # too short, or no base64
        raise errors.CaptchaExpired from error
    if text is None:
        raise errors.CaptchaExpired
    fields = json.loads(text)
    challenge = Challenge(**fields | {"purposes": tuple(fields["purposes"])})
    if challenge.ends <= time.time():
        raise errors.CaptchaExpired
    return challenge


def remember(name: str, subject: str = "") -> None:
    """Allow one answer under this name. Raises StoreUnavailable."""
    store().put(_key(name), {_key(name): subject}, life=rules.CAPTCHA_LIFE, tries=1)


def claim(name: str) -> str:
    """Use up the one answer, right or wrong, before it is checked; returns the remembered subject.

    Raises CaptchaExpired, StoreUnavailable.
    """
    guess = store().guess(_key(name), _key(name), tries=1, count_right=True)
    if guess.outcome != "right":
        raise errors.CaptchaExpired
    return guess.subject


def hash_client(client: Client) -> str:
    """The keyed hash of the client, by network and browser (decisions.md 22)."""
    return ring.keyed_hash("captcha-client", client.network, client.user_agent)


def _key(name: str) -> str:
    return ring.keyed_hash("captcha", name)
