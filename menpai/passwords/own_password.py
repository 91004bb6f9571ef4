"""The password that staff type again before their session may change how somebody signs in."""

from secrets import token_hex

from django.contrib.auth.models import AbstractBaseUser

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.ephemeral import Window, store
from menpai.keys import ring
from menpai.passwords import policy
from menpai.passwords.attempts import Attempt


def is_own_password(user: AbstractBaseUser, typed: str) -> bool:
    """Returns True if it is the password of this member of staff.

    Raises ClientTooFast, Busy, StoreUnavailable. Counted before it is compared: a stolen session must not become the
    password. Right ones are taken back.
    """
    key = ring.keyed_hash("window", "staff", "old-password", str(user.pk))
    window = Window(key, rules.OLD_PASSWORD_TRIES, token_hex(8))
    exceeded = store().count([window])
    if exceeded:
        audit.refuse(events.PASSWORD_CHANGE_FAILED, subject=audit.subject(user.get_username()), staff=True)
        raise errors.ClientTooFast(exceeded.retry_after)
    attempt = Attempt([window], False, False)
    try:
        is_right = not policy.is_too_long(typed) and user.check_password(typed)
    except errors.Busy:
        attempt.not_made()
        raise
    if is_right:
        attempt.succeeded()
    return is_right
