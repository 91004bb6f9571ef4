"""The second factor of staff: codes of an authenticator app, and backup codes.

A code is counted before it is compared (attempts.py). One conditional UPDATE decides that a step, or a backup code, is
used once. The secret is sealed, and backup codes are hashed with it, so neither is worth anything without the keys.
"""

import base64
import hashlib
import hmac
import logging
import secrets
import time
import unicodedata
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.codes import one_time
from menpai.keys import ring
from menpai.models import StaffBackupCode, StaffFactor
from menpai.staff import totp

logger = logging.getLogger(__name__)
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none looks like another


def is_required() -> bool:
    """Returns True if no staff may sign in without it."""
    return settings.MENPAI_STAFF_SECOND_FACTOR == "required" or settings.MENPAI_PASSWORD_PROFILE == "mlps"


def find(user_id: int | None) -> StaffFactor | None:
    return StaffFactor.objects.filter(pk=user_id or 0).first()


def new_secret() -> str:
    """Returns 160 random bits, in the base32 that apps read."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def uri(user: User, secret: str) -> str:
    """Returns the address that an app reads from the QR code."""
    issuer = quote(settings.MENPAI_BRAND_NAME)
    return f"otpauth://totp/{issuer}:{quote(user.username)}?secret={secret}&issuer={issuer}"


def verify(user: User, typed: str) -> str:
    """Uses up a code and returns which kind it was, for the audit trail. Raises CodeWrong."""
    factor, typed = find(user.pk), _normalize(typed)
    secret = ring.unseal(factor.secret, _owner(user.pk)) if factor else None
    if factor and secret is None:
        logger.error("the second factor of staff #%s was sealed with a key that is gone", user.pk)
    if factor and secret and _use_step(factor, secret, typed):
        return "totp"
    if secret and _use_backup_code(user.pk, secret, typed):
        return "backup_code"
    _refuse(user)
    raise errors.CodeWrong


def enrol(
    user: User,
    secret: str,
    typed: str,
    *,
    replaced: tuple[StaffFactor, str] | None = None,
    ticket: one_time.Secret | None = None,
) -> tuple[StaffFactor, list[str]]:
    """Stores a factor and returns it with its backup codes.

    `typed`: a code of the new secret. `replaced`: the factor before, and a code of it. Raises CodeWrong; CodeExpired if
    the link was used meanwhile; IntegrityError if somebody else enrolled this member of staff meanwhile.
    """
    step = totp.matching_step(_bytes(secret), _normalize(typed), time.time())
    if step is None:
        _refuse(user)
        raise errors.CodeWrong
    if replaced:
        verify(user, replaced[1])
    codes = [_backup_code() for _ in range(rules.STAFF_BACKUP_CODES)]
    sealed = ring.seal(secret, _owner(user.pk))
    with transaction.atomic():
        if ticket:
            one_time.spend(ticket)
        if replaced:
            delete(user.pk, mark=replaced[0].mark)
        factor = StaffFactor(user_id=user.pk, secret=sealed, last_step=step, enrolled_at=timezone.now())
        factor.save(force_insert=True)
        digests = (_digest(secret, _normalize(code)) for code in codes)
        StaffBackupCode.objects.bulk_create(StaffBackupCode(user_id=user.pk, digest=digest) for digest in digests)
        audit.record(events.ADMIN_ACTION, what="enrol_factor", id=str(user.pk))
    return factor, codes


def delete(user_id: int, mark: UUID | None = None) -> None:
    """Deletes a factor and its backup codes; with `mark` only if it is still this one."""
    factors = StaffFactor.objects.filter(pk=user_id, **({"mark": mark} if mark else {}))
    if factors.delete()[0] or mark is None:
        StaffBackupCode.objects.filter(user_id=user_id).delete()


def backup_codes_left(user_id: int) -> int:
    return StaffBackupCode.objects.filter(user_id=user_id, used_at=None).count()


# ── The link that an operator hands over ──
def new_link(user: User) -> str:
    """Returns the address at which this member of staff may enrol, once. Raises StoreUnavailable."""
    ticket = one_time.issue(rules.STAFF_ENROLMENT, _owner(user.pk))
    return f"{settings.MENPAI_PUBLIC_URL}/admin/second-factor/link/{ticket}/"


def check_ticket(user: User, ticket: str) -> one_time.Secret:
    """Raises CodeWrong, CodeExpired, StoreUnavailable."""
    return one_time.check(rules.STAFF_ENROLMENT, _owner(user.pk), ticket)


def _use_step(factor: StaffFactor, secret: str, typed: str) -> bool:
    step = totp.matching_step(_bytes(secret), typed, time.time())
    if step is None:
        return False
    current = ring.secrets_of("sealing")[0][0]
    # Sealed anew after a rotation, so that the old key can be retired.
    sealed = factor.secret if factor.secret.startswith(f"{current}:") else ring.seal(secret, _owner(factor.user_id))
    unused = StaffFactor.objects.filter(pk=factor.pk, mark=factor.mark, last_step__lt=step)
    return bool(unused.update(last_step=step, secret=sealed))


def _use_backup_code(user_id: int, secret: str, typed: str) -> bool:
    unused = StaffBackupCode.objects.filter(user_id=user_id, digest=_digest(secret, typed), used_at=None)
    return bool(unused.update(used_at=timezone.now()))


def _refuse(user: User) -> None:
    audit.refuse(events.CODE_FAILED, subject=audit.subject(user.username), staff=True)


def _normalize(typed: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", typed).lower() if char.isalnum() and char.isascii())


def _backup_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _digest(secret: str, code: str) -> str:
    return hmac.new(_bytes(secret), code.encode(), hashlib.sha256).hexdigest()


def _bytes(secret: str) -> bytes:
    return base64.b32decode(secret)


def _owner(user_id: int) -> str:
    return f"staff-factor:{user_id}"


@receiver(post_delete, sender=User)
def _forget(instance: User, **_: object) -> None:
    """Its key may be retired when nobody needs it any more."""
    if instance.pk is not None:
        delete(instance.pk)
