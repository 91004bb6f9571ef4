"""One mail over SMTP: Django's backend with a deadline, and smtplib's exceptions classified."""

import contextlib
import smtplib
import ssl
import time
from datetime import datetime
from email import charset
from email.utils import parseaddr
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from menpai import identifiers, rules
from menpai.delivery import outcomes
from menpai.delivery.rendering import TAGS, Letter

name = "smtp"


# Servers without 8BITMIME refuse bytes above 127 for good. Unlike quoted-printable, base64 folds no link with a `=`.
_SEVEN_BITS = charset.Charset("utf-8")
_SEVEN_BITS.body_encoding = charset.BASE64


def compose(letter: Letter, to: str, language: str, reference: UUID) -> EmailMultiAlternatives:
    """Text and HTML.

    A second sending of one message has the same Message-ID, so that mailboxes may drop it.
    """
    headers = {
        "Message-ID": f"<{reference.hex}@{_own_domain()}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": TAGS.get(language, "zh-CN"),
    }
    recipients, sender = [identifiers.deliverable(to)], settings.MENPAI_MAIL_FROM
    mail = EmailMultiAlternatives(letter.subject, letter.text, sender, recipients, headers=headers)
    mail.encoding = _SEVEN_BITS
    mail.attach_alternative(letter.html, "text/html")
    return mail


def send(mail: EmailMultiAlternatives, expires_at: datetime) -> str:
    """Hand it to the server. Raises the exceptions of outcomes.py, and nothing else."""
    life = (expires_at - timezone.now()).total_seconds()
    backend = _Backend(min(rules.ANSWER_TIMEOUT.total_seconds(), life))
    try:
        _open(backend)
        _hand_over(backend, mail)
        return ""
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            backend.close()


def _open(backend: "_Backend") -> None:
    """Connect and sign in. Failures here concern the server, not the message, which has not been sent yet."""
    try:
        backend.open()
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
        raise outcomes.Misconfigured(str(getattr(error, "smtp_code", "not supported"))) from None
    except ssl.SSLCertVerificationError as error:
        raise outcomes.Misconfigured(f"certificate: {error.verify_message}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise outcomes.Retry(str(getattr(error, "smtp_code", type(error).__name__))) from None


def _hand_over(backend: "_Backend", mail: EmailMultiAlternatives) -> None:
    """`from None`: the exceptions of smtplib quote addresses."""
    try:
        backend.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        raise (outcomes.BadRecipient if code >= 500 else outcomes.Retry)(str(code)) from None
    except (smtplib.SMTPHeloError, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _classify(error)(str(error.smtp_code)) from None
    except (smtplib.SMTPException, OSError) as error:
        lost = outcomes.Unanswered if backend.body_sent else outcomes.Retry
        raise lost(type(error).__name__) from None


def _classify(error: smtplib.SMTPResponseException) -> type[outcomes.NotAccepted]:
    if isinstance(error, smtplib.SMTPHeloError) or error.smtp_code in _SIGN_IN_FIRST:
        return outcomes.Misconfigured
    if error.smtp_code < 400:  # not a valid reply, after the message was sent
        return outcomes.Unanswered
    return outcomes.Refused if error.smtp_code >= 500 else outcomes.Retry


_SIGN_IN_FIRST = (530, 534, 535, 538)  # RFC 4954


def _own_domain() -> str:
    return parseaddr(settings.MENPAI_MAIL_FROM)[1].rpartition("@")[2] or urlsplit(settings.MENPAI_PUBLIC_URL).netloc


class _Backend(EmailBackend):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.until = time.monotonic() + seconds
        self.body_sent = False

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=settings.MENPAI_EMAIL_AUTHORITIES or None)

    @property
    def connection_class(self) -> Any:
        return partial(_SecureClient if self.use_ssl else _Client, self)


class _Client(smtplib.SMTP):
    """With a deadline for the whole session, since smtplib's time-out is for each of many replies."""

    def __init__(self, backend: _Backend, *arguments: Any, **named: Any) -> None:
        self.backend = backend
        super().__init__(*arguments, **named)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock:
            self.sock.settimeout(max(0.01, self.backend.until - time.monotonic()))
        return super().getreply()

    def send(self, s: Any) -> None:
        # Commands are text; bytes are the message itself. From here on the server may have it.
        self.backend.body_sent = self.backend.body_sent or not isinstance(s, str)
        super().send(s)


class _SecureClient(_Client, smtplib.SMTP_SSL):
    pass
