"""The life of every one-time secret: digits in an SMS or a mail, recovery tickets, activation links.

The ephemeral store remembers a secret's keyed hash, its tries and its life; the database decides (docs/adr/0002).
`check` counts the guess and compares, and changes nothing else. `spend`, called inside the transaction of the effect,
inserts the secret's id into a table where it fits once: exactly one effect happens whatever races, crashes or is
restored, and a failure of ours costs nobody the code.
"""

import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import overload

from django.db import IntegrityError, transaction
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.codes import credential_mark
from menpai.database.compiled import CompiledInsert
from menpai.ephemeral import Put, Window, store
from menpai.identifiers import Client
from menpai.keys import ring
from menpai.keys.ring import Hasher
from menpai.models import Customer, SpentSecret
from menpai.rules import Purpose
from menpai.sessions import known_devices


@dataclass(frozen=True)
class Secret:
    """A secret that was guessed right, and whose effect has not happened yet."""

    id: str  # its mark stands behind the full stop
    subject: str
    purpose: Purpose
    _key: str
    _hash: str

    @property
    def mark(self) -> str:
        """The mark of its owner when it was issued (credential_mark.py); blank for nobody's."""
        return self.id.partition(".")[2]


def issue(purpose: Purpose, target: str, subject: str = "", secret_id: str | None = None) -> str | None:
    """A new secret for `target`, in place of the one before; None as in `issue_each`."""
    fresh, put = prepare(purpose, target, subject, secret_id)
    return fresh if _put(purpose, put) else None


def prepare(purpose: Purpose, target: str, subject: str = "", secret_id: str | None = None) -> tuple[str, Put]:
    """A new secret for `target`, and what puts it in place of the one before.

    It is put with the count of the request for it. Not for a purpose whose tries outlive a resend.
    """
    fresh = _new(purpose)
    return fresh, _put_of(purpose, target, {fresh: f"{secret_id or new_id()}|{subject}"})


def issue_each(
    purpose: Purpose, target: str, subjects: Collection[str], marks: Mapping[str, str] | None = None
) -> dict[str, str] | None:
    """A new secret for each of several subjects behind one target, as subject → secret.

    They replace the ones before and share their tries; `marks`: subject → its mark. None when the tries outlive the
    resend and are used up: a new one would be void. Raises StoreUnavailable.
    """
    fresh: set[str] = set()
    while len(fresh) < len(subjects):
        fresh.add(_new(purpose))
    made = dict(zip(subjects, fresh, strict=True))
    facts = {secret: f"{new_id((marks or {}).get(subject, ''))}|{subject}" for subject, secret in made.items()}
    return made if _put(purpose, _put_of(purpose, target, facts)) else None


def issue_known(purpose: Purpose, target: str, secret: str, subject: str, secret_id: str) -> None:
    """Like `issue`, of a secret that the caller chose."""
    _put(purpose, _put_of(purpose, target, {secret: f"{secret_id}|{subject}"}))


def issue_decoy(purpose: Purpose, target: str) -> None:
    """A fact nobody can guess, so that unknown people's codes are refused exactly like known people's."""
    _put(purpose, _put_of(purpose, target, {secrets.token_urlsafe(32): f"{new_id()}|"}))


def check(purpose: Purpose, target: str, guess: str, client: Client | None = None) -> Secret:
    """Count the guess, then compare. `client`: another than the one whose request this is.

    Raises CodeWrong, CodeExpired, ClientTooFast, StoreUnavailable.
    """
    windows = _guesses(purpose, target, client or audit.request_client())
    for mark in ring.hashers():
        # Under which pepper it was put; where it was not, nothing is counted.
        key, secret = _key(mark, purpose, target), _secret(mark, purpose, target, guess)
        answer = store().guess(
            key, secret, tries=purpose.tries, count_right=purpose.counts_right_guesses, windows=windows
        )
        if answer.outcome != "gone":
            break
    if answer.exceeded and windows[answer.exceeded.index].limits is rules.GUESSES_PER_CLIENT:
        raise errors.ClientTooFast(answer.exceeded.retry_after)
    if answer.outcome == "wrong":
        audit.refuse(events.CODE_FAILED, subject=audit.subject(target), purpose=purpose.name)
        raise errors.CodeWrong
    if answer.outcome != "right":
        audit.refuse(events.CODE_GONE, subject=audit.subject(target), purpose=purpose.name)
        raise errors.CodeExpired
    secret_id, _, subject = answer.subject.partition("|")
    return Secret(secret_id, subject, purpose, key, secret)


def _guesses(purpose: Purpose, target: str, client: Client | None) -> list[Window]:
    """The windows that count wrong guesses: by client over all targets, those of codes by target too.

    A browser in which the owner of the target signed in before has one count of its own, so that a stranger cannot use
    up the owner's (R04); five for each code hold for all together.
    """
    if purpose.digits and client and known_devices.is_known_to_owner(target, client):
        return [Window(_window(target, client.device), rules.GUESSES_PER_TARGET)]
    windows = [Window(_window("client", client.network), rules.GUESSES_PER_CLIENT)] if client else []
    if purpose.digits:
        windows.append(Window(_window(target), rules.GUESSES_PER_TARGET))
    return windows


def _window(*parts: str) -> str:
    return ring.keyed_hash("window", "guesses", *parts)


@overload
def spend(secret: Secret) -> None: ...


@overload
def spend(secret: Secret, hold: Callable[[], Customer]) -> Customer: ...


def spend(secret: Secret, hold: Callable[[], Customer] | None = None) -> Customer | None:
    """Inside the transaction of the effect: make it the only one.

    `hold` locks and returns the row of the customer whom it stands for. Raises CodeExpired, which must end the
    transaction; also for a secret from before a change of this customer's credentials.
    """
    try:
        insert_spent_secret(SpentSecret(id=secret.id, purpose=secret.purpose.name))
    except IntegrityError as already:
        raise errors.CodeExpired from already
    owner = hold() if hold else None
    if not _is_current(secret, owner):
        raise errors.CodeExpired
    if not secret.purpose.known_after_use:
        transaction.on_commit(lambda: _forget(secret))
    return owner


def _is_current(secret: Secret, owner: Customer | None) -> bool:
    if owner is None:
        return not credential_mark.has_owner(secret.mark)
    return credential_mark.is_current(secret.mark, owner, outlives_password=secret.purpose.outlives_password)


def new_id(mark: str = "") -> str:
    """A random id of at most 32 characters that ends with the mark of its owner, if there is one."""
    return f"{secrets.token_hex(7)}.{mark}" if mark else secrets.token_hex(16)


def new_id_of_nobody() -> str:
    """An id for a secret that stands for no customer yet: it carries the time instead of a mark."""
    return new_id(credential_mark.mark_of_time(timezone.now()))


def _put(purpose: Purpose, put: Put) -> bool:
    keep_tries = purpose.tries_outlive_resend
    return store().put(put.key, put.secrets, life=put.life, tries=put.tries, keep_tries=keep_tries, also=put.also)


def _put_of(purpose: Purpose, target: str, facts: Mapping[str, str]) -> Put:
    marks = ring.hashers()
    key, *also = (_key(mark, purpose, target) for mark in marks)
    secrets_of_target = {_secret(marks[0], purpose, target, secret): fact for secret, fact in facts.items()}
    return Put(key, secrets_of_target, purpose.life, purpose.tries, also)


def _forget(secret: Secret) -> None:
    # Should the store be away: the secret is spent, and the store forgets it by itself when its life is over.
    with suppress(errors.StoreUnavailable):
        store().drop(secret._key, secret._hash)


def _new(purpose: Purpose) -> str:
    if purpose.digits is None:
        return secrets.token_urlsafe(32)
    return f"{secrets.randbelow(10**purpose.digits):0{purpose.digits}d}"


def _key(mark: Hasher, purpose: Purpose, target: str) -> str:
    return mark("target", purpose.name, target)


def _secret(mark: Hasher, purpose: Purpose, target: str, secret: str) -> str:
    return mark("secret", purpose.name, target, secret)


insert_spent_secret = CompiledInsert(SpentSecret)
