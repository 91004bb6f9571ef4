"""Sign-in of staff: the attempt is counted, then the password is compared.

The second factor comes after that.

Both ends are recorded.
"""

import time
from typing import Any

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import get_hasher, make_password
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.passwords import policy
from menpai.staff import attempts, hashing, second_factor

FACTOR = "factor"  # in the session: the mark of the second factor that it was opened with
PENDING = "pending_sign_in"
SESSION_BACKEND = "django.contrib.auth.backends.ModelBackend"  # the version before knows it too


class SignIn(LoginView):
    """The form for name and password, in the admin's own page."""

    template_name = "admin/login.html"

    def dispatch(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        self.authentication_form = admin.site.login_form
        if request.method == "GET" and admin.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return super().dispatch(request, *arguments, **named)

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        context = {"title": gettext("Log in"), "app_path": self.request.get_full_path()}
        context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        return {**admin.site.each_context(self.request), **context, **super().get_context_data(**named)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Signs in, or asks for the second factor of those who have one or need one."""
        user, destination = form.get_user(), self.get_success_url()
        if second_factor.find(user.pk) is None and not second_factor.is_required():
            login(self.request, user, backend=SESSION_BACKEND)
            return HttpResponseRedirect(destination)
        _keep_pending(self.request, user, destination)
        return HttpResponseRedirect("/admin/second-factor/")


def _keep_pending(request: HttpRequest, user: User, destination: str) -> None:
    """Notes in a fresh session whose password was right."""
    request.session.flush()
    until = int(time.time() + rules.STAFF_SIGN_IN_LIFE.total_seconds())
    request.session[PENDING] = [user.pk, user.get_session_auth_hash(), until, destination]


def pending_user(request: HttpRequest) -> User | None:
    """Returns whose password was typed a moment ago, and is still the same."""
    user_id, mark, until, _ = request.session.get(PENDING, (None, "", 0, ""))
    user = User.objects.filter(pk=user_id, is_active=True, is_staff=True).first()
    if user is None or time.time() > until or not constant_time_compare(mark, user.get_session_auth_hash()):
        return None
    return user


def complete(request: HttpRequest, user: User, how: str) -> str:
    """Signs in whoever has passed the second factor, and returns where they wanted to go."""
    *_, destination = request.session.pop(PENDING)
    factor = second_factor.find(user.pk)
    request.second_factor = how  # type: ignore[attr-defined]  # ours
    login(request, user, backend=SESSION_BACKEND)
    request.session[FACTOR] = str(factor.mark) if factor else ""
    return str(destination)


class Backend(BaseBackend):
    """Compares names and passwords of staff. A refusal is final: Django asks no other backend after it."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User:
        """Raises PermissionDenied, ClientTooFast, Busy."""
        name = username or ""
        user = User.objects.filter(username=name).first()
        attempt = attempts.begin(user, name, request)
        try:
            is_right = _matches(user, password or "")
        except errors.Busy:
            attempt.not_made()
            raise
        if user is None or not is_right:
            raise PermissionDenied
        attempt.succeeded()
        return user


def _matches(user: User | None, password: str) -> bool:
    """Returns True if staff may sign in with this password; costs the same for every name. Raises Busy."""
    if policy.is_too_long(password):
        password = ""
    if user is None:
        make_password(password)
    elif user.check_password(password):
        return user.is_active and user.is_staff
    is_old_in_use = User.objects.filter(password__startswith=f"{hashing.Pbkdf2.algorithm}$").exists()
    in_use = {get_hasher().algorithm, *([hashing.Pbkdf2.algorithm] if is_old_in_use else ())}
    hashing.even_out(password, user.password if user and user.has_usable_password() else None, in_use)
    return False


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    request.signed_in_staff = user  # type: ignore[attr-defined]  # ours (attempts.remember_device)
    audit.set_staff(user.pk)
    factor = getattr(request, "second_factor", "")
    details: dict[str, Any] = {"factor": factor} if factor else {}
    audit.record(events.LOGIN, how="password", **details)


@receiver(user_logged_out)
def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record(events.SESSION_ENDED, how="sign_out")


@receiver(user_login_failed)
def _refused(credentials: dict[str, Any], **_: Any) -> None:
    audit.refuse(events.LOGIN_FAILED, subject=audit.subject(str(credentials.get("username", ""))), staff=True)
