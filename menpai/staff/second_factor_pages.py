"""The pages of the second factor: the code after the password, and the enrolment of a phone.

Nobody is signed in between the password and the code: the session only says whose password it was. A first phone is
enrolled with a link that an operator printed (`menpai staff enrol`), or from MENPAI_STAFF_NETWORKS, where a session is
asked for the password again; so neither a stolen password nor a stolen session enrols a phone.
"""

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from menpai import errors, rules
from menpai.codes import one_time
from menpai.keys import ring
from menpai.models import StaffFactor
from menpai.passwords.own_password import is_own_password
from menpai.staff import attempts, second_factor, sign_in
from menpai.staff.middleware import refusal

ASK, ENROL = "/admin/second-factor/", "/admin/second-factor/enrol/"
TICKET = "menpai_staff_enrolment"  # a cookie
SECRET = "enrolment_secret"  # in the session
WRONG = "验证码不对或已使用。The code is wrong or was used."


class CodeForm(forms.Form):
    code = forms.CharField(
        label="验证码 · Code",
        max_length=32,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class ReplaceForm(CodeForm):
    current = forms.CharField(
        label="原手机的验证码或备用码 · Code of the old phone, or a backup code",
        max_length=32,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


class FirstForm(CodeForm):
    own_password = forms.CharField(
        label="密码 · Password",
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self._user = user

    def clean_own_password(self) -> None:
        """Raises ClientTooFast, Busy."""
        if not is_own_password(self._user, self.cleaned_data["own_password"]):
            raise forms.ValidationError("密码不对。The password is wrong.")


def ask(request: HttpRequest) -> HttpResponse:
    """Takes the code of whoever has just typed the right password."""
    user = sign_in.pending_user(request)
    if user is None:
        return HttpResponseRedirect(reverse("admin:login"))
    if second_factor.find(user.pk) is None:
        return HttpResponseRedirect(ENROL)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        attempt = attempts.begin_code(user, request)
        try:
            how = second_factor.verify(user, form.cleaned_data["code"])
        except errors.CodeWrong:
            form.add_error("code", WRONG)
        else:
            attempt.succeeded()
            if how == "backup_code":
                left = second_factor.backup_codes_left(user.pk)
                messages.warning(request, f"已使用一个备用码，还剩 {left} 个。{left} backup codes are left.")
            return HttpResponseRedirect(sign_in.complete(request, user, how))
    return _page(request, "admin/second_factor.html", form=form)


def open_link(request: HttpRequest, ticket: str) -> HttpResponse:
    """Keeps the link's ticket until the password was typed; nothing is used up yet."""
    response = HttpResponseRedirect(ENROL)
    life = int(rules.STAFF_ENROLMENT_LIFE.total_seconds())
    response.set_cookie(TICKET, ticket, life, path=ASK, secure=settings.SECURE, httponly=True, samesite="Lax")
    return response


def enrol(request: HttpRequest) -> HttpResponse:
    """Shows a new secret and stores it once a code of it was typed; then shows the backup codes, once."""
    user: Any = request.user if request.user.is_authenticated else sign_in.pending_user(request)
    if user is None:
        return HttpResponseRedirect(reverse("admin:login"))
    factor = second_factor.find(user.pk)
    if factor and not request.user.is_authenticated:
        return HttpResponseRedirect(ASK)
    ticket = None if factor else _ticket(request, user)
    if not factor and ticket is None and not settings.MENPAI_STAFF_NETWORKS:
        zh = f"首次绑定手机需要运维人员执行 menpai staff enrol {user.username}，并把打印出的链接交给你。"
        en = f"To enrol a first phone, ask an operator for the link that `menpai staff enrol {user.username}` prints."
        return refusal(HTTPStatus.FORBIDDEN, zh, en)
    form = _form(request, user, factor, ticket)
    secret = _secret(request, user)
    if form.is_valid():
        attempt = attempts.begin_code(user, request)
        typed, replaced = form.cleaned_data, (factor, form.cleaned_data["current"]) if factor else None
        try:
            enrolled, codes = second_factor.enrol(user, secret, typed["code"], replaced=replaced, ticket=ticket)
        except errors.CodeWrong:
            form.add_error(None, WRONG)
        except (IntegrityError, errors.CodeExpired):
            return HttpResponseRedirect(ASK)  # somebody was faster
        else:
            attempt.succeeded()
            return _backup_codes(request, user, enrolled, codes)
    return _page(request, "admin/enrol.html", form=form, secret=secret, picture=_picture(user, secret))


def _form(request: HttpRequest, user: User, factor: StaffFactor | None, ticket: one_time.Secret | None) -> CodeForm:
    """Returns the form; a stolen session alone fills in none of them."""
    if request.user.is_authenticated and not factor and not ticket:
        return FirstForm(user, request.POST or None)
    return (ReplaceForm if factor else CodeForm)(request.POST or None)


def _backup_codes(request: HttpRequest, user: User, factor: StaffFactor, codes: list[str]) -> HttpResponse:
    """Signs in who was about to, and shows the codes."""
    request.session.pop(SECRET, None)
    destination = reverse("admin:index")
    if request.user.is_authenticated:
        request.session[sign_in.FACTOR] = str(factor.mark)
        request.signed_in_staff = user  # type: ignore[attr-defined]  # ours: the browser stays known
    else:
        destination = sign_in.complete(request, user, "totp")
    response = _page(request, "admin/backup_codes.html", codes=codes, destination=destination)
    response.delete_cookie(TICKET, path=ASK)
    return response


def _ticket(request: HttpRequest, user: User) -> one_time.Secret | None:
    """Returns the link's ticket if it is one for this member of staff."""
    ticket = request.COOKIES.get(TICKET, "")
    try:
        return second_factor.check_ticket(user, ticket) if ticket else None
    except (errors.CodeWrong, errors.CodeExpired):
        return None


def _secret(request: HttpRequest, user: User) -> str:
    """Returns the secret that this session is shown; it is sealed there."""
    owner = f"enrolment:{user.pk}"
    secret = ring.unseal(request.session.get(SECRET, ":"), owner)
    if secret is None:
        secret = second_factor.new_secret()
        request.session[SECRET] = ring.seal(secret, owner)
    return secret


def _picture(user: User, secret: str) -> str:
    import segno  # only here, and rarely

    picture: str = segno.make(second_factor.uri(user, secret), error="m").svg_data_uri(scale=5, light="#fff")
    return picture


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "title": "两步验证", **context})


URLS = [
    path("admin/login/", sign_in.SignIn.as_view()),  # in place of Django's own
    path("admin/second-factor/", ask),
    path("admin/second-factor/enrol/", enrol),
    path("admin/second-factor/link/<str:ticket>/", open_link),
]
