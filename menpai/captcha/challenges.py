"""A challenge on its way: sealed in the client's own hands, remembered here until it is answered, answered once."""

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
    """`secret` is what its kind needs to tell a right answer; `client` and `purposes` are whom and what it is for."""

    kind: Kind
    secret: str
    purposes: tuple[ChallengePurpose, ...]
    client: str
    id: str
    ends: float

    def seal(self) -> str:
        """What the client holds: unreadable, and good in an address."""
        return ring.seal(json.dumps(asdict(self)), _BELONGS_TO).translate(_TO_ADDRESS)


_TO_ADDRESS, _FROM_ADDRESS = str.maketrans("+/:=", "-_.~"), str.maketrans("-_.~", "+/:=")


def create(kind: Kind, secret: str, purposes: tuple[ChallengePurpose, ...], client: Client) -> Challenge:
    """Raises StoreUnavailable."""
    ends = time.time() + rules.CAPTCHA_LIFE.total_seconds()
    made = Challenge(kind, secret, purposes, hash_client(client), secrets.token_hex(16), ends)
    remember(made.id)
    return made


def read(sealed: str) -> Challenge:
    """Raises CaptchaExpired for what we did not seal, or what is over."""
    if len(sealed) > _LONGEST or not sealed.isascii():
        raise errors.CaptchaExpired
    try:
        text = ring.unseal(sealed.translate(_FROM_ADDRESS), _BELONGS_TO)
    except ValueError as no:  # too short, or no base64
        raise errors.CaptchaExpired from no
    if text is None:
        raise errors.CaptchaExpired
    found = json.loads(text)
    challenge = Challenge(**found | {"purposes": tuple(found["purposes"])})
    if challenge.ends <= time.time():
        raise errors.CaptchaExpired
    return challenge


def remember(name: str, what: str = "") -> None:
    """Something that will be answered once. Raises StoreUnavailable."""
    store().put(_key(name), {_key(name): what}, life=rules.CAPTCHA_LIFE, tries=1)


def claim(name: str) -> str:
    """The one answer, right or wrong, before anybody looks at it: what was remembered with the name.

    Raises CaptchaExpired, StoreUnavailable.
    """
    found = store().guess(_key(name), _key(name), tries=1, count_right=True)
    if found.outcome != "right":
        raise errors.CaptchaExpired
    return found.subject


def hash_client(client: Client) -> str:
    """Whose challenge or pass it is: network and browser (decisions.md 22)."""
    return ring.keyed_hash("captcha-client", client.network, client.user_agent)


def _key(name: str) -> str:
    return ring.keyed_hash("captcha", name)
