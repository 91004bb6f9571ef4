"""What a password of staff must be: Django's rules and our list; with the profile `mlps` what 等保 asks for (R42).

GB/T 22239-2019 8.1.4.1: of some complexity, and changed from time to time. ASVS and NIST forbid the latter for people
who are customers, so customers never meet it.
"""

import unicodedata
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from menpai import rules
from menpai.models import StaffPassword
from menpai.passwords import common as common_passwords

_KINDS = {"Lu": "大写字母", "Ll": "小写字母", "Nd": "数字", "": "其他字符"}


class NotCommon:
    """Against the same list as customers' passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        if common_passwords.contains(password):
            raise ValidationError("这个密码太常见了。", code="password_too_common")

    def get_help_text(self) -> str:
        return "密码不能是常见密码。"


class Mlps:
    """Three of four kinds of characters, and another one than before."""

    def validate(self, password: str, user: Any = None) -> None:
        if settings.MENPAI_PASSWORD_PROFILE != "mlps":
            return
        category = unicodedata.category
        if (
            len({name if (name := category(char)) in _KINDS else "" for char in password})
            < rules.STAFF_PASSWORD_CLASSES
        ):
            raise ValidationError(self.get_help_text(), code="password_too_plain")
        if user is not None and user.pk and user.check_password(password):
            raise ValidationError("新密码不能与原密码相同。", code="password_unchanged")

    def get_help_text(self) -> str:
        if settings.MENPAI_PASSWORD_PROFILE != "mlps":
            return ""
        return f"密码须包含{'、'.join(_KINDS.values())}中的至少 {rules.STAFF_PASSWORD_CLASSES} 种。"

    def password_changed(self, password: str, user: Any = None) -> None:
        """In every profile, so that the one that asks for it finds the times of before."""
        StaffPassword.objects.update_or_create(user_id=user.pk, defaults={"changed_at": timezone.now()})


def is_due(user: Any) -> bool:
    """Whether this member of staff has to choose a new password before anything else."""
    if settings.MENPAI_PASSWORD_PROFILE != "mlps":
        return False
    chosen = StaffPassword.objects.filter(pk=user.pk).values_list("changed_at", flat=True).first()
    return bool((chosen or user.date_joined) + rules.STAFF_PASSWORD_LIFE <= timezone.now())
