"""Which tokens are none (R49): one algorithm a key, no key that a token brings along, nothing missing, nothing extra.

Every forgery is signed as well as its forger can: what is refused is refused for the reason that its name tells.
"""

import base64
import hmac
import json
import time
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from menpai import errors
from menpai.keys import ring, signatures
from menpai.sessions import jwt as session_jwt

pytestmark = [
    pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning"),  # forgers do not care
    pytest.mark.without_database,
]
NOW = int(time.time())
SHARED = "k" * 32
FOREIGN = Ed25519PrivateKey.generate()


@pytest.fixture(autouse=True)
def nothing_remembered():
    session_jwt._verified.cache_clear()
    yield
    session_jwt._verified.cache_clear()


def claims(**changes):
    whole = {
        "iss": "http://127.0.0.1:8000",
        "aud": "menpai",
        "sub": str(uuid.UUID(int=1)),
        "sid": str(uuid.UUID(int=2)),
        "jti": "j",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 600,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def ours():
    kid, raw = ring.secrets_of("signing")[0]
    return kid, Ed25519PrivateKey.from_private_bytes(raw)


def made(header=None, algorithm="EdDSA", key=None, **changes):
    """A token with our own key, unless told otherwise; a header's None takes the field away."""
    kid, private = ours()
    whole = {"kid": kid, "typ": "at+jwt"} | (header or {})
    return jwt.encode(claims(**changes), private if key is None else key, algorithm, headers=whole)


def by_hand(header, key=None, **changes):
    """Like `made`, for headers that the library does not write."""
    kid, private = ours()
    whole = {"alg": "EdDSA", "kid": kid, "typ": "at+jwt"} | header
    parts = (json.dumps(one).encode() for one in (whole, claims(**changes)))
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return (signed + b"." + base64.urlsafe_b64encode((key or private).sign(signed)).rstrip(b"=")).decode()


def public(private):
    return private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def own_jwk():
    x = base64.urlsafe_b64encode(public(FOREIGN)).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x}


def spliced():
    """The header and signature of one token around the claims of another."""
    header, _, signature = made().split(".")
    return f"{header}.{made(sid=str(uuid.UUID(int=9))).split('.')[1]}.{signature}"


def with_no_key():
    """HMAC with the empty key, which is what an unset MENPAI_TOKEN_SHARED_KEY would be."""
    unsigned = jwt.encode(claims(), "x", "HS256", headers={"typ": "at+jwt"}).rpartition(".")[0]
    return f"{unsigned}.{base64.urlsafe_b64encode(hmac.digest(b'', unsigned.encode(), 'sha256')).rstrip(b'=').decode()}"


FORGED = {
    "no signature": lambda: made(algorithm="none", key=""),
    "none with a signature": lambda: by_hand({"alg": "none"}),
    "None in capitals": lambda: by_hand({"alg": "NONE"}),
    "the public key as a shared one": lambda: made(algorithm="HS256", key=public(ours()[1])),
    "…without naming the key": lambda: jwt.encode(claims(), public(ours()[1]), "HS256", headers={"typ": "at+jwt"}),
    "the empty shared key": with_no_key,
    "ES256 under our key's name": lambda: made(algorithm="ES256", key=generate_private_key(SECP256R1())),
    "another algorithm's name": lambda: by_hand({"alg": "Ed448"}),
    "no algorithm": lambda: by_hand({"alg": None}),
    "a stranger's key under our key's name": lambda: made(key=FOREIGN),
    "an unknown key": lambda: made({"kid": "ffffffff"}),
    "a key id that is no text": lambda: by_hand({"kid": ["a"]}),
    "a key id that is a path": lambda: made({"kid": "../../dev/null"}, key=FOREIGN),
    "no key id": lambda: by_hand({"kid": None}),
    "jwk": lambda: made({"jwk": own_jwk()}, key=FOREIGN),
    "jwk beside our own signature": lambda: made({"jwk": own_jwk()}),
    "jku": lambda: made({"jku": "https://evil.example/keys"}),
    "x5u": lambda: made({"x5u": "https://evil.example/cert"}),
    "x5c": lambda: made({"x5c": ["MIIB"]}),
    "crit": lambda: by_hand({"crit": ["exp"]}),
    "an empty crit": lambda: by_hand({"crit": []}),
    "b64": lambda: by_hand({"b64": False}),
    "a header that we do not write": lambda: made({"zip": "DEF"}),
    "no type": lambda: by_hand({"typ": None}),
    "another type": lambda: made({"typ": "JWT"}),
    "an id token": lambda: made({"typ": "id+jwt"}),
    "changed claims": spliced,
    "another issuer": lambda: made(iss="https://evil.example"),
    "another audience": lambda: made(aud="shop"),
    "expiry that is no number": lambda: made(exp="tomorrow"),
    "a session that is none": lambda: made(sid="1 OR 1=1"),
    "a customer that is none": lambda: made(sub="1"),
    "from the future": lambda: made(nbf=NOW + 3600),
    "issued in the future": lambda: made(iat=NOW + 3600),
    "longer than any of ours": lambda: made(username="x" * 2000),
    "four parts": lambda: made() + ".x",
    "five parts, as if encrypted": lambda: "a.b.c.d.e",
    "nothing": lambda: "",
    "no base64": lambda: "💥.💥.💥",
} | {f"without {name}": lambda name=name: made(**{name: None}) for name in claims()}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_none(forge):
    with pytest.raises(errors.NotSignedIn):
        session_jwt.session_of(forge())


def test_the_forger_of_these_tests_can_make_good_ones():
    for good in (made(), by_hand({}), made(username="小王", nbf=NOW + 20, iat=NOW + 20)):  # clocks differ by that much
        assert session_jwt.session_of(good) == (NOW + 600, uuid.UUID(int=2), True)


# ── With a shared key ──
@pytest.fixture
def shared(settings):
    settings.MENPAI_TOKEN_ALGORITHM, settings.MENPAI_TOKEN_SHARED_KEY = "HS256", SHARED


def with_shared(header=None, key=SHARED, algorithm="HS256", **changes):
    return jwt.encode(claims(**changes), key, algorithm, headers={"typ": "at+jwt"} | (header or {}))


def test_a_shared_key_verifies_its_own_tokens_and_says_so(shared):
    assert session_jwt.session_of(with_shared(aud=None)) == (NOW + 600, uuid.UUID(int=2), False)
    assert session_jwt.session_of(made())[2]


MISUSED = {
    "under our key's name": lambda: with_shared({"kid": ours()[0]}, aud=None),
    "another length of it": lambda: with_shared(algorithm="HS512", key=SHARED * 2, aud=None),
    "another key": lambda: with_shared(key="x" * 32, aud=None),
    "no type": lambda: with_shared({"typ": "JWT"}, aud=None),
    "crit": lambda: with_shared({"crit": ["exp"]}, aud=None),
    "without sid": lambda: with_shared(aud=None, sid=None),
}


@pytest.mark.parametrize("misuse", MISUSED.values(), ids=MISUSED)
def test_a_shared_key_opens_nothing_else(shared, misuse):
    with pytest.raises(errors.NotSignedIn):
        session_jwt.session_of(misuse())


def test_without_the_setting_a_shared_key_is_worth_nothing(settings):
    settings.MENPAI_TOKEN_SHARED_KEY = SHARED
    with pytest.raises(errors.NotSignedIn):
        session_jwt.session_of(with_shared(aud=None))


def test_the_published_set_holds_public_keys_only():
    (key,) = signatures.key_set("signing")["keys"]
    assert set(key) == {"kty", "crv", "alg", "use", "kid", "x"}
    assert key["x"] == base64.urlsafe_b64encode(public(ours()[1])).rstrip(b"=").decode()
