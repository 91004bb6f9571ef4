"""Staff accounts: Django's own users and groups, in unfold's forms."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from menpai import audit
from menpai.admin.lists import AuditedViews
from menpai.audit import events


class AuditedChanges(AuditedViews):
    """Records changes of staff accounts in the audit trail."""

    def log_addition(self, request: HttpRequest, row: Any, message: Any) -> Any:
        self._record_change(request, "add", row)
        return super().log_addition(request, row, message)  # type: ignore[misc]  # Django's

    def log_change(self, request: HttpRequest, row: Any, message: Any) -> Any:
        self._record_change(request, "change", row)
        return super().log_change(request, row, message)  # type: ignore[misc]  # Django's

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            self._record_change(request, "delete", row)
        return super().log_deletions(request, queryset)  # type: ignore[misc]  # Django's

    def _record_change(self, request: HttpRequest, change: str, row: Any) -> None:
        change = f"{change}_{row._meta.model_name}"
        audit.record(events.ADMIN_ACTION, staff_id=request.user.pk, what=change, id=str(row.pk))


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class StaffAdmin(AuditedChanges, UserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]  # unfold has no types
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class StaffGroupAdmin(AuditedChanges, GroupAdmin, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    pass
