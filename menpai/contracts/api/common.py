"""Shared by the subjects of /api: refusals of one step, answers to sending, the Idempotency-Key."""

from django.conf import settings
from django.http import HttpRequest

from menpai import errors, rules
from menpai.contracts.api import schemas
from menpai.database import idempotency
from menpai.database.idempotency import IdempotencyKey, run_once

__all__ = [
    "CODE",
    "MAIL_SENT",
    "PASSWORD",
    "SENDING",
    "SIGN_IN",
    "SMS_SENT",
    "TOO_MANY_SENDS",
    "accepted_terms",
    "idempotency_key",
    "run_once",
]

TOO_MANY_SENDS = (errors.TargetTooSoon, errors.ClientTooFast, errors.CaptchaRequired, errors.SendingPaused)
SENDING = (errors.MobileInvalid, *TOO_MANY_SENDS, errors.NoGateway)
PASSWORD = (errors.PasswordRefused, errors.PasswordsDiffer)
CODE = (errors.CodeWrong, errors.CodeExpired)
SIGN_IN = (errors.WrongCredentials, errors.ClientTooFast, errors.CaptchaRequired, errors.Busy)
SMS_SENT = schemas.CodeSent(
    resend_after=int(rules.RESEND_AFTER.total_seconds()), expires_in=int(rules.SMS_CODE_LIFE.total_seconds())
)
MAIL_SENT = schemas.CodeSent(
    resend_after=int(rules.RESEND_AFTER.total_seconds()), expires_in=int(rules.MAIL_CODE_LIFE.total_seconds())
)


def accepted_terms(version: str | None) -> str | None:
    """The version of the terms that the customer accepted; None unless it is the current one."""
    return version if version == settings.MENPAI_TERMS_VERSION else None


def idempotency_key(request: HttpRequest, operation: str, who: str, about: str = "") -> IdempotencyKey | None:
    """None without the header. Raises BadRequest for one that is no key.

    `about`: what the path says and must be the same in a repeat, as the body must.
    """
    raw = request.META.get("HTTP_IDEMPOTENCY_KEY")
    return None if raw is None else idempotency.parse_key(operation, who, raw, about.encode() + request.body)
