"""Step-up: a way to sign in changes only in a session that was authenticated minutes ago.

A stolen token alone links no account, sets no password and changes no mobile or e-mail (ASVS 7.5.1).
"""

from django.utils import timezone

from menpai import errors, rules
from menpai.models import Session
from menpai.sessions.tokens import Caller

PASSWORD, SMS, EMAIL = "pwd", "sms", "email"  # or the name of a sign-in provider


def require(caller: Caller) -> None:
    """Raises StepUpRequired unless this session was authenticated within rules.STEP_UP_LIFE."""
    since = caller.authenticated_at
    if since is None or timezone.now() - since > rules.STEP_UP_LIFE:
        raise errors.StepUpRequired


def record(caller: Caller, method: str) -> None:
    """The customer of this session has just been authenticated again."""
    Session.objects.filter(pk=caller.session_id).update(authenticated_at=timezone.now(), amr=method)
