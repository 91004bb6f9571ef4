"""The development mailbox: every SMS and mail that nobody sent. Never there in production (decisions.md 15).

It answers a loopback peer that asks for a loopback Host and comes through no proxy: neither another machine nor a page
that a browser was lured to (whatever name it gave this address) can read codes here.
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from menpai import identifiers
from menpai.delivery import channels, outbox, rendering
from menpai.delivery.sms import routes
from menpai.models import Message
from menpai.pages import shell

MOST = 200  # messages on one answer, the newest
_FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")


def messages(request: HttpRequest) -> HttpResponse:
    """GET /dev/mailbox.json?to=&since="""
    _only_here(request)
    shown = _shown(request.GET.get("to", ""), identifiers.row_id(request.GET.get("since", "0")) or 0)
    return HttpResponse(msgspec.json.encode({"messages": shown}), content_type="application/json")


def page(request: HttpRequest) -> HttpResponse:
    """GET /dev/mailbox"""
    _only_here(request)
    shown = _shown(request.GET.get("to", ""), 0)
    context = {
        "messages": shown[::-1],
        "shown": ",".join(f"{one['id']}{one['status']}" for one in shown),  # mailbox.js sees what came since
        "brand": settings.MENPAI_BRAND_NAME,
        "logo": settings.MENPAI_BRAND_LOGO_URL,
        "theme": shell.theme(request),
        "color": shell.own_color(),
    }
    response = render(request, "dev/mailbox.html", context)
    # A mail brings its own style, in attributes and for the dark; everything else comes from us or not at all.
    own = shell.policy(style_src="'self' 'unsafe-inline'", frame_src="'self'")
    response.headers["Content-Security-Policy"] = own
    return response


def _only_here(request: HttpRequest) -> None:
    if not _channels():
        raise Http404
    only_here(request)


def only_here(request: HttpRequest) -> None:
    """Raises Http404, which says no more than any unknown path."""
    meta = request.META
    proxied = any(name.startswith("HTTP_X_FORWARDED") or name in _FORWARDED for name in meta)
    if proxied or not settings.MENPAI_DEV_MAILBOX:
        raise Http404
    try:
        host = urlsplit(f"//{meta.get('HTTP_HOST', '')}").hostname or ""
    except ValueError as no:
        raise Http404 from no
    if not _loopback(meta.get("REMOTE_ADDR", "")) or not (host == "localhost" or _loopback(host)):
        raise Http404


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _channels() -> list[str]:
    """Those whose messages stay here."""
    found = [Message.Channel.EMAIL.value] if settings.MENPAI_EMAIL_IS_OUTBOX else []
    return found + ([Message.Channel.SMS.value] if channels.OUTBOX in routes.gateway_names() else [])


def _shown(to: str, since: int) -> list[dict[str, Any]]:
    """Newest last."""
    found = Message.objects.filter(channel__in=_channels(), pk__gt=since).exclude(recipient="")
    if to:
        found = found.filter(recipient__iexact=to.strip())
    return [_told(message) for message in reversed(found.order_by("-pk")[:MOST])]


def _told(message: Message) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": message.pk,
        "channel": message.channel,
        "to": message.recipient,
        "subject": "",
        "text": "",
        "html": "",
        "code": None,
        "link": None,
        "created_at": timezone.localtime(message.created_at).isoformat(),
        "status": message.state,
    }
    kept = message.finished_at is None or message.gateway == channels.OUTBOX
    params = outbox.open_params(message) if kept else None
    if params is None:  # expired, or sent by a gateway: there is nothing left to show
        return told
    if message.channel == Message.Channel.SMS:
        return {
            **told,
            "text": rendering.render_sms_text(message.kind, message.language, params, message.created_at),
            "code": params.get("code"),
        }
    letter = rendering.render_mail(message.kind, message.language, params, message.created_at)
    parts = {"subject": letter.subject, "text": letter.text, "html": letter.html}
    return {**told, **parts, "code": letter.code, "link": letter.link}
