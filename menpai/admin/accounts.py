"""Staff accounts: Django's own users and groups, in unfold's forms.

Only superusers change them: the right to change an account, a group or a password is the right to everything.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.forms import AdminOwnPasswordChangeForm, AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from menpai import audit, errors, rules
from menpai.admin.lists import AuditedViews
from menpai.audit import events
from menpai.ephemeral import Window, store
from menpai.keys import ring


class AuditedChanges(AuditedViews):
    """Records changes of staff accounts in the audit trail, and leaves them to superusers."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, row: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, row: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, row: Any = None) -> bool:
        """Returns True for those who may view or, as Django has it, change these rows."""
        name = self.opts.model_name
        return any(request.user.has_perm(f"auth.{right}_{name}") for right in ("view", "change"))

    def log_addition(self, request: HttpRequest, row: Any, message: Any) -> Any:
        self._record_change("add", row)
        return super().log_addition(request, row, message)  # type: ignore[misc]  # Django's

    def log_change(self, request: HttpRequest, row: Any, message: Any) -> Any:
        self._record_change("change", row)
        return super().log_change(request, row, message)  # type: ignore[misc]  # Django's

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            self._record_change("delete", row)
        return super().log_deletions(request, queryset)  # type: ignore[misc]  # Django's

    def _record_change(self, change: str, row: Any) -> None:
        audit.record(events.ADMIN_ACTION, what=f"{change}_{row._meta.model_name}", id=str(row.pk))


class RecordedPassword:
    """A mixin that stores a password together with its row in the audit trail, or not at all."""

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit=False)  # type: ignore[misc]  # hashes before the transaction
        with transaction.atomic():
            user.save()
        return user


class PasswordForm(RecordedPassword, AdminPasswordChangeForm):  # type: ignore[misc]  # unfold has no types
    pass


class OwnPasswordForm(RecordedPassword, AdminOwnPasswordChangeForm):  # type: ignore[misc]
    def clean_old_password(self) -> str:
        """Counts before it hashes: a stolen session must not become the password. Raises ClientTooFast, Busy."""
        key = ring.keyed_hash("window", "staff", "old-password", str(self.user.pk))
        exceeded = store().count([Window(key, rules.OLD_PASSWORD_TRIES)])
        if exceeded:
            audit.refuse(events.PASSWORD_CHANGE_FAILED, subject=audit.subject(self.user.username), staff=True)
            raise errors.ClientTooFast(exceeded.retry_after)
        old: str = super().clean_old_password()
        return old


def change_own_password(request: HttpRequest) -> HttpResponse:
    """Shows and takes the form in which staff change their own password."""
    view = PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return view(request)  # type: ignore[return-value]  # rendered by Django


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class StaffAdmin(AuditedChanges, UserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]  # unfold has no types
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = PasswordForm


@admin.register(Group)
class StaffGroupAdmin(AuditedChanges, GroupAdmin, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    pass
