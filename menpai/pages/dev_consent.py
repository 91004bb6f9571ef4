"""The consent page of simulated providers (social/providers/locmem.py), for development only."""

import secrets
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from menpai import errors
from menpai.pages import dev_mailbox, shell
from menpai.social import providers
from menpai.social.providers import locmem


def page(request: HttpRequest) -> HttpResponse:
    """GET /dev/consent?provider=&redirect_uri=&state="""
    dev_mailbox.require_local(request)
    name, back = request.GET.get("provider", ""), request.GET.get("redirect_uri", "")
    state = request.GET.get("state", "")
    try:
        played = isinstance(providers.choose_provider(name, ""), locmem.StandIn)
    except errors.ProviderUnknown as refusal:
        raise Http404 from refusal
    if not played or back != providers.redirect_uri(name):  # as strict as providers are
        raise Http404
    people = [*locmem.PEOPLE.items(), (f"new{secrets.token_hex(6)}", "新朋友 Somebody new")]
    parameter = locmem.CODE_NAMES.get(name, "code")
    choices = [
        (label, _back(back, {parameter: locmem.grant(person, name, back), "state": state})) for person, label in people
    ]
    context = {
        "provider": name,
        "choices": choices,
        "refuse": _back(back, {"error": "access_denied", "state": state}),
        "brand": settings.MENPAI_BRAND_NAME,
        "logo": settings.MENPAI_BRAND_LOGO_URL,
        "theme": shell.theme(request),
        "color": shell.color_version(),
    }
    response = render(request, "dev/consent.html", context)
    response.headers["Content-Security-Policy"] = shell.policy()
    return response


def _back(redirect_uri: str, answer: dict[str, str]) -> str:
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"
