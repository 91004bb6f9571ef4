"""How passwords are stored (R46): argon2id over a pepper, hashes of before, hashes of other systems, the same work."""

import hashlib
from datetime import timedelta

import bcrypt
import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher, PBKDF2SHA1PasswordHasher

from menpai import rules
from menpai.keys import file as key_file
from menpai.keys import ring
from menpai.models import Customer
from menpai.passwords import foreign_hashes, hashing
from tests.customers import somebody

pytestmark = [pytest.mark.real_hashes, pytest.mark.without_database]
SECRET = "correct horse 9"


def at_once(path, *kinds):
    key_file.rotate(path, kinds, timedelta(0))
    ring._known.clear()


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def of_bcrypt(raw: str) -> str:
    return bcrypt.hashpw(raw.encode(), bcrypt.gensalt(4)).decode()


STORED = {
    "md5": md5,
    "MD5 in capitals": lambda raw: md5(raw).upper(),
    "md5 of Django": lambda raw: "md5$pepper7$" + md5(f"pepper7{raw}"),
    "md5 without salt": lambda raw: "md5$$" + md5(raw),
    "sha1": sha1,
    "sha1 of Django": lambda raw: "sha1$a b,c$" + sha1(f"a b,c{raw}"),
    "bcrypt": of_bcrypt,
    "bcrypt of PHP": lambda raw: of_bcrypt(raw).replace("$2b$", "$2y$"),
    "bcrypt of Django": lambda raw: "bcrypt$" + of_bcrypt(raw),
    "bcrypt_sha256 of Django": lambda raw: "bcrypt_sha256$" + of_bcrypt(hashlib.sha256(raw.encode()).hexdigest()),
    "pbkdf2 of Django": lambda raw: PBKDF2PasswordHasher().encode(raw, "c2FsdHNhbHQ", iterations=1000),
    "pbkdf2_sha1 of Django": lambda raw: PBKDF2SHA1PasswordHasher().encode(raw, "c2FsdHNhbHQ", iterations=1000),
    "argon2": PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash,
    "argon2 of Django": lambda raw: Argon2PasswordHasher().encode(raw, "c2FsdHNhbHQ"),
}


def imported(text: str) -> str:
    found = foreign_hashes.parsed(text)
    assert found is not None
    return hashing.wrapped(found) if isinstance(found, foreign_hashes.Fast) else found.stored


# ── Ours ──
def test_the_pepper_decides_and_its_id_stands_in_front(keys_file):
    stored = hashing.hash_password(SECRET)
    key_id, _, rest = stored.partition("$")
    assert key_id == ring.secrets_of("password")[0][0]
    assert rest.startswith(f"argon2id$v=19$m={rules.ARGON2_MEMORY_KIB},t=2,p=1$")
    assert hashing.verify(SECRET, stored)
    assert not hashing.verify(SECRET + "!", stored)
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(f"${rest}", SECRET)  # whoever has the database alone can try no password at all


def test_the_peppers_of_codes_and_of_passwords_are_two(keys_file):
    stored = hashing.hash_password(SECRET)
    at_once(keys_file, "pepper")
    assert hashing.verify(SECRET, stored)
    assert not hashing.is_outdated(stored)


def test_after_a_rotation_the_old_pepper_verifies_and_is_replaced(keys_file):
    stored = hashing.hash_password(SECRET)
    at_once(keys_file, "password")
    assert hashing.verify(SECRET, stored)
    assert hashing.is_outdated(stored)
    assert not hashing.is_outdated(hashing.hash_password(SECRET))


def test_a_hash_whose_pepper_is_gone_matches_nothing_and_is_told_in_the_log(keys_file, caplog):
    stored = hashing.hash_password(SECRET)
    at_once(keys_file, "password")
    key_file.remove(keys_file, [stored.partition("$")[0]])
    ring._known.clear()
    assert not hashing.verify(SECRET, stored)
    assert "is not in the keys file" in caplog.text
    assert SECRET not in caplog.text


def test_hashes_from_before_the_pepper_verify_and_are_replaced():
    before = hashing._hasher.hash(SECRET)
    assert hashing.verify(SECRET, before)
    assert hashing.is_outdated(before)


@pytest.mark.parametrize(
    "stored", [None, "", "!unusable", "nonsense", "$argon2id$broken", "md5$$", "deadbeef$argon2id$"]
)
def test_nobody_and_nonsense_match_nothing(stored):
    for raw in ("", SECRET, "!unusable"):
        assert not hashing.verify(raw, stored)


def test_typed_on_another_keyboard_it_is_the_same_password():
    assert hashing.verify("ｃｏｒｒｅｃｔ　ｈｏｒｓｅ　９", hashing.hash_password(SECRET))


# ── Other systems' ──
@pytest.mark.parametrize("scheme", STORED)
def test_an_imported_hash_signs_in_and_becomes_ours_at_the_first_time(http, scheme):
    person = somebody(http)
    stored = imported(STORED[scheme](SECRET))
    Customer.objects.filter(username=person.name).update(password=stored)
    assert person.sign_in("correct horse 8")["code"] == 10104
    assert Customer.objects.get(username=person.name).password == stored
    assert person.sign_in(SECRET)["code"] == 200
    now = Customer.objects.get(username=person.name).password
    assert not hashing.is_outdated(now)
    assert person.sign_in(SECRET)["code"] == 200
    assert Customer.objects.get(username=person.name).password == now


@pytest.mark.parametrize("scheme", [name for name in STORED if name.lower().startswith(("md5", "sha1"))])
def test_a_fast_hash_is_never_stored_as_it_is(scheme):
    given = STORED[scheme](SECRET)
    stored = imported(given)
    assert "$argon2id$" in stored
    assert given.rpartition("$")[2].lower() not in stored.lower()
    assert not hashing.verify(given, stored)  # the hash itself opens nothing
    assert len(stored) <= foreign_hashes.LONGEST


def test_no_password_stays_none():
    assert foreign_hashes.parsed("") is None
    assert foreign_hashes.parsed("!mmuxH7HN") is None


@pytest.mark.parametrize(
    "text",
    [
        *("secret", "plain$text", "md5$salt$short", "md5$salt$" + "g" * 32, "crypt$ab$abJnggxhB", "a" * 31, "g" * 32),
        *("md5$" + "s" * 41 + "$" + "0" * 32, "md5$ключ$" + "0" * 32, "sha1$salt$" + "0" * 32),
        *("$2b$15$" + "a" * 53, "$2b$12$" + "a" * 52, "$2x$12$" + "a" * 53, "bcrypt$$1$12$" + "a" * 53),
        *("pbkdf2_sha256$2000001$salt$" + "a" * 43 + "=", "pbkdf2_md5$1000$salt$" + "a" * 43 + "="),
        "$argon2id$v=19$m=262145,t=2,p=1$c2FsdHNhbHQ$" + "a" * 43,
        "$argon2id$v=19$m=64,t=17,p=1$c2FsdHNhbHQ$" + "a" * 43,
        "$argon2id$v=16$m=64,t=2,p=1$c2FsdHNhbHQ$" + "a" * 43,
        "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQ$" + "a" * 300,
    ],
)
def test_what_cannot_be_verified_or_would_take_too_long_is_refused_without_being_quoted(text):
    with pytest.raises(foreign_hashes.Unknown) as no:
        foreign_hashes.parsed(text)
    assert text not in str(no.value)


# ── The same work for everybody (R37, CVE-2024-39329) ──
FORMS = ("ours", "of before", "wrapped", "unusable", "nobody", "its pepper is gone")


@pytest.mark.parametrize("raw", [SECRET, "", "x" * 512, "💥" * 100])
def test_every_form_of_ours_costs_one_argon2_and_no_more(monkeypatch, raw):
    hashing.verify(raw, None)  # the hash of nobody is made once
    forms = {
        "ours": hashing.hash_password("another"),
        "of before": hashing._hasher.hash("another"),
        "wrapped": imported("md5$salt$" + "0" * 32),
        "unusable": "",
        "nobody": None,
        "its pepper is gone": "00000000" + hashing._hasher.hash("another"),
    }
    asked = []

    class Counted:
        def verify(self, phc, secret):
            asked.append(phc.split("$")[3])
            return hasher.verify(phc, secret)

    hasher = hashing._hasher
    monkeypatch.setattr(hashing, "_hasher", Counted())
    for name in FORMS:
        assert not hashing.verify(raw, forms[name])
        assert asked == [f"m={rules.ARGON2_MEMORY_KIB},t=2,p=1"], name
        asked.clear()
