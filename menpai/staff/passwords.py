"""Rules for passwords of staff: no common ones and, with the profile `mlps`, those of 等保 (R42).

GB/T 22239-2019 8.1.4.1 requires some complexity and regular changes. ASVS and NIST advise against the latter, so it
does not apply to customers.
"""

import unicodedata
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from menpai import audit, rules
from menpai.audit import events
from menpai.models import StaffPassword
from menpai.passwords import common as common_passwords

_KINDS = {"Lu": "大写字母", "Ll": "小写字母", "Nd": "数字", "": "其他字符"}


class NotCommon:
    """Refuses common passwords, by the same list as for customers."""

    def validate(self, password: str, user: Any = None) -> None:
        if common_passwords.contains(password):
            raise ValidationError("这个密码太常见了。", code="password_too_common")

    def get_help_text(self) -> str:
        return "密码不能是常见密码。"


class Mlps:
    """With the profile `mlps` requires three of four kinds of characters, and a change of the password."""

    def validate(self, password: str, user: Any = None) -> None:
        if settings.MENPAI_PASSWORD_PROFILE != "mlps":
            return
        categories = map(unicodedata.category, password)
        if len({name if name in _KINDS else "" for name in categories}) < rules.STAFF_PASSWORD_CLASSES:
            raise ValidationError(self.get_help_text(), code="password_too_plain")
        if user is not None and user.pk and user.check_password(password):
            raise ValidationError("新密码不能与原密码相同。", code="password_unchanged")

    def get_help_text(self) -> str:
        if settings.MENPAI_PASSWORD_PROFILE != "mlps":
            return ""
        return f"密码须包含{'、'.join(_KINDS.values())}中的至少 {rules.STAFF_PASSWORD_CLASSES} 种。"

    def password_changed(self, password: str, user: Any = None) -> None:
        """Records the change and its time, in every profile, so that a later profile finds it."""
        audit.record(events.PASSWORD_CHANGED, how="staff", id=str(user.pk))
        StaffPassword.objects.update_or_create(user_id=user.pk, defaults={"changed_at": timezone.now()})


def is_due(user: Any) -> bool:
    """Returns True if this member of staff has to choose a new password first."""
    if settings.MENPAI_PASSWORD_PROFILE != "mlps":
        return False
    chosen = StaffPassword.objects.filter(pk=user.pk).values_list("changed_at", flat=True).first()
    return bool((chosen or user.date_joined) + rules.STAFF_PASSWORD_LIFE <= timezone.now())
