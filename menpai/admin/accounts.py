"""Staff accounts: Django's own users and groups, in unfold's forms.

Only superusers change them: the right to change an account, a group or a password is the right to everything. Setting
anybody's password, that of a new account included, asks for the superuser's own.
"""

from copy import copy
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.forms import AdminOwnPasswordChangeForm, AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminPasswordWidget

from menpai import audit
from menpai.admin.lists import AuditedViews
from menpai.audit import events
from menpai.passwords.own_password import is_own_password


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


class ConfirmedForm(forms.Form):
    """A mixin that asks who is acting for their own password: a stolen session must set nobody's."""

    is_confirmed = False
    own_password = forms.CharField(
        label="你自己的密码 · Your own password",
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )

    def clean_own_password(self) -> None:
        if not self.is_confirmed:
            raise _wrong_password()


class PasswordForm(RecordedPassword, ConfirmedForm, AdminPasswordChangeForm):  # type: ignore[misc]  # unfold has no types
    def clean(self) -> Any:
        """Compares a new password with nothing before the own one was right."""
        return super().clean() if "own_password" in self.cleaned_data else self.cleaned_data


class NewAccountForm(ConfirmedForm, UserCreationForm):  # type: ignore[misc]
    pass


class OwnPasswordForm(RecordedPassword, AdminOwnPasswordChangeForm):  # type: ignore[misc]
    def clean_old_password(self) -> str:
        """Raises ClientTooFast, Busy."""
        old: str = self.cleaned_data["old_password"]
        if not is_own_password(self.user, old):
            raise _wrong_password()
        return old

    def clean(self) -> Any:
        return super().clean() if "old_password" in self.cleaned_data else self.cleaned_data


def _wrong_password() -> ValidationError:
    return ValidationError(AdminOwnPasswordChangeForm.error_messages["password_incorrect"], "password_incorrect")


def _confirmed(request: HttpRequest, form: Any) -> Any:
    """Returns the form, which knows whether the right own password was sent with this request."""
    return type(form.__name__, (form,), {"is_confirmed": getattr(request, "is_confirmed", False)})


def _confirm(request: HttpRequest) -> None:
    """Compares what was sent as one's own password. Raises ClientTooFast, Busy.

    Before Django begins its transaction: nothing can be counted in it.
    """
    typed = request.POST.get("own_password", "")
    if typed and request.user.is_superuser:
        request.is_confirmed = is_own_password(request.user, typed)  # type: ignore[attr-defined]  # ours


def change_own_password(request: HttpRequest) -> HttpResponse:
    """Shows and takes the form in which staff change their own password."""
    view = PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    response = view(request)
    if response.status_code == HTTPStatus.FOUND:
        request.signed_in_staff = request.user  # type: ignore[attr-defined]  # the browser stays known (staff.attempts)
    return response  # type: ignore[return-value]  # rendered by Django


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class StaffAdmin(AuditedChanges, UserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]  # unfold has no types
    form = UserChangeForm
    add_form = NewAccountForm
    add_fieldsets = (*UserAdmin.add_fieldsets, (None, {"fields": ("own_password",)}))
    change_password_form = PasswordForm
    change_user_password_template = "admin/set_password.html"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **named: Any) -> Any:
        form = super().get_form(request, obj, change=change, **named)
        return form if obj else _confirmed(request, form)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        _confirm(request)
        return super().add_view(request, form_url, extra_context)

    def user_change_password(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        _confirm(request)
        view = copy(self)  # one serves all threads
        view.change_password_form = _confirmed(request, PasswordForm)
        return UserAdmin.user_change_password(view, request, *arguments, **named)


@admin.register(Group)
class StaffGroupAdmin(AuditedChanges, GroupAdmin, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    pass
