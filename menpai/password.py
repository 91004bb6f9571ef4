"""What a password must be, how it is stored, and what replacing one means.

Hashing runs on threads of its own, one per core that this worker may use and below everything else in the system's
priorities, so that a storm of logins never slows reads; requests beyond rules.HASH_QUEUE are told to come back.
"""

import contextlib
import hmac
import os
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from menpai import delivery, errors, limits, rules, tokens
from menpai.models import Customer

_P = ParamSpec("_P")
_T = TypeVar("_T")
_hasher = PasswordHasher(
    time_cost=rules.ARGON2_PASSES,
    memory_cost=rules.ARGON2_MEMORY_KIB,
    parallelism=rules.ARGON2_LANES,
)
_places = threading.BoundedSemaphore(rules.HASH_QUEUE)


def check(raw: str, *own: str | None) -> None:
    """The policy, for new passwords only. `own`: the customer's name, mobile and e-mail.

    Raises PasswordMissing, PasswordLength, PasswordWeak.
    """
    if not raw:
        raise errors.PasswordMissing
    password = _normal(raw)
    if not settings.MENPAI_PASSWORD_MIN_LENGTH <= len(password) <= rules.PASSWORD_MAX_LENGTH:
        raise errors.PasswordLength
    try:
        _common().validate(password)
    except ValidationError as no:
        raise errors.PasswordWeak from no
    folded = password.casefold()
    for word in own:
        if word and folded in (word.casefold(), word.casefold().partition("@")[0]):
            raise errors.PasswordWeak


def hashed(raw: str) -> str:
    """argon2id with OWASP's parameters. Raises Busy."""
    return _in_turn(_hasher.hash, _normal(raw))


def matches(raw: str, stored: str | None) -> bool:
    """Costs the same whether or not there is such a customer (`stored` is None) and whatever was typed. Raises Busy."""
    too_long = len(raw) > rules.PASSWORD_MAX_LENGTH * 4
    verified = _in_turn(_verify, "" if too_long else _normal(raw), stored or _nobody())
    return verified and stored is not None and not too_long


def wants_rehash(stored: str) -> bool:
    """Made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def change(customer_id: int, old: str, new: str, repeated: str | None) -> None:
    """The signed-in customer's own change; afterwards every session is dead, this one too.

    Raises PasswordMissing, PasswordLength, PasswordWeak, PasswordRepeatMissing, PasswordsDiffer, PasswordNotSet,
    OldPasswordWrong, PasswordUnchanged, Busy.
    """
    customer = Customer.objects.get(pk=customer_id)
    check(new, customer.username, customer.mobile, customer.email_key)
    if not repeated:
        raise errors.PasswordRepeatMissing
    if not same(new, repeated):
        raise errors.PasswordsDiffer
    prove(customer, old)
    if same(old, new):
        raise errors.PasswordUnchanged
    new_hash, tell = hashed(new), may_tell(customer)
    with transaction.atomic():
        # Two changes at once: the one that comes second proved a password that is no longer the password.
        locked = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
        if locked.password != customer.password:
            raise errors.OldPasswordWrong
        replace(locked, new_hash, tell=tell)


def prove(customer: Customer, raw: str) -> None:
    """That a signed-in customer knows their password; a stolen session does not. Raises PasswordNotSet,

    OldPasswordWrong, Busy.
    """
    if not customer.password:
        raise errors.PasswordNotSet
    limits.old_password(customer.pk)
    if not matches(raw, customer.password):
        raise errors.OldPasswordWrong


def may_tell(customer: Customer) -> bool:
    """Whether a notice may go out: always to a proven mailbox; to another, which may be a stranger's, within limits."""
    if customer.email_verified_at or customer.email_key is None:
        return True
    try:
        limits.notice(customer.email_key)
    except (errors.TargetTooSoon, errors.StoreUnavailable):
        return False
    return True


def replace(customer: Customer, new_hash: str, *, tell: bool) -> None:
    """Inside a transaction: store, end every session, tell the customer."""
    customer.password = new_hash
    customer.save(update_fields=["password"])
    tokens.end_all(customer.pk)
    if tell:
        delivery.password_changed(customer)


def same(first: str, second: str) -> bool:
    return hmac.compare_digest(_normal(first).encode(), _normal(second).encode())


def _normal(raw: str) -> str:
    # One password typed on two keyboards is one password (security.md R41).
    return unicodedata.normalize("NFKC", raw)


def _verify(raw: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, raw)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password has; verifying against it takes as long as against a real one."""
    return _hasher.hash(os.urandom(32))


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def _in_turn(work: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    if not _places.acquire(blocking=False):
        raise errors.Busy(rules.BUSY_COME_BACK_AFTER)
    try:
        return _pool().submit(work, *arguments, **named).result()
    finally:
        _places.release()


@cache
def _pool() -> ThreadPoolExecutor:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = max(1, cores // (settings.MENPAI_WORKERS or (cores if settings.PRODUCTION else 1)))
    return ThreadPoolExecutor(threads, thread_name_prefix="hash", initializer=_step_back)


def _step_back() -> None:
    """Below the threads that answer: on Linux a thread has a niceness of its own."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), rules.HASH_NICENESS)
