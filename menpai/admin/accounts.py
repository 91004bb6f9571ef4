"""Staff accounts: Django's own users and groups, in unfold's forms."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from menpai import audit
from menpai.admin.lists import Watched
from menpai.audit import events


class Noted(Watched):
    """Staff who change staff."""

    def log_addition(self, request: HttpRequest, row: Any, message: Any) -> Any:
        self._did(request, "add", row)
        return super().log_addition(request, row, message)  # type: ignore[misc]  # Django's

    def log_change(self, request: HttpRequest, row: Any, message: Any) -> Any:
        self._did(request, "change", row)
        return super().log_change(request, row, message)  # type: ignore[misc]  # Django's

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            self._did(request, "delete", row)
        return super().log_deletions(request, queryset)  # type: ignore[misc]  # Django's

    def _did(self, request: HttpRequest, what: str, row: Any) -> None:
        what = f"{what}_{row._meta.model_name}"
        audit.record(events.ADMIN_ACTION, staff_id=request.user.pk, what=what, id=str(row.pk))


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class StaffAdmin(Noted, UserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]  # unfold has no types
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class StaffGroupAdmin(Noted, GroupAdmin, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    pass
