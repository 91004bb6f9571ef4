"""The development mailbox: every SMS and mail that was not really sent. Never present in production.

It answers only where the public URL is on this machine, and there only loopback peers with a loopback Host and without
a sign of a proxy. So neither another machine nor a web page, by DNS rebinding, can read codes here.
"""

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
from menpai.http import loopback
from menpai.models import Message
from menpai.pages import shell

MOST = 200  # messages on one answer, the newest
_HTTP_1_0 = ("HTTP/1.0", "HTTP/1")  # no browser speaks it, a bare proxy_pass of nginx does
_FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")


def messages(request: HttpRequest) -> HttpResponse:
    """GET /dev/mailbox.json?to=&since="""
    _require_mailbox(request)
    shown = _shown(request.GET.get("to", ""), identifiers.row_id(request.GET.get("since", "0")) or 0)
    return HttpResponse(msgspec.json.encode({"messages": shown}), content_type="application/json")


def page(request: HttpRequest) -> HttpResponse:
    """GET /dev/mailbox"""
    _require_mailbox(request)
    shown = _shown(request.GET.get("to", ""), 0)
    context = {
        "messages": shown[::-1],
        "shown": ",".join(
            f"{message['id']}{message['status']}" for message in shown
        ),  # mailbox.js sees what came since
        "brand": settings.MENPAI_BRAND_NAME,
        "logo": settings.MENPAI_BRAND_LOGO_URL,
        "theme": shell.theme(request),
        "color": shell.color_version(),
    }
    response = render(request, "dev/mailbox.html", context)
    # A mail contains its own styles; everything else comes from this host.
    policy = shell.policy(style_src="'self' 'unsafe-inline'", frame_src="'self'")
    response.headers["Content-Security-Policy"] = policy
    return response


def _require_mailbox(request: HttpRequest) -> None:
    if not _channels():
        raise Http404
    require_local(request)


def require_local(request: HttpRequest) -> None:
    """Raises Http404, as for an unknown path, unless the request is local."""
    meta = request.META
    proxied = any(name.startswith("HTTP_X_FORWARDED") or name in _FORWARDED for name in meta)
    proxied = proxied or meta.get("SERVER_PROTOCOL") in _HTTP_1_0
    if proxied or not loopback.has_development_pages():
        raise Http404
    try:
        host = urlsplit(f"//{meta.get('HTTP_HOST', '')}").hostname or ""
    except ValueError as error:
        raise Http404 from error
    if not loopback.is_loopback(meta.get("REMOTE_ADDR", "")) or not loopback.is_loopback(host):
        raise Http404


def _channels() -> list[str]:
    """Returns the channels whose messages stay here."""
    names = [Message.Channel.EMAIL.value] if settings.MENPAI_EMAIL_IS_OUTBOX else []
    return names + ([Message.Channel.SMS.value] if channels.OUTBOX in routes.gateway_names() else [])


def _shown(to: str, since: int) -> list[dict[str, Any]]:
    """Returns the messages, newest last."""
    rows = Message.objects.filter(channel__in=_channels(), pk__gt=since).exclude(recipient="")
    if to:
        rows = rows.filter(recipient__iexact=to.strip())
    return [_content(message) for message in reversed(rows.order_by("-pk")[:MOST])]


def _content(message: Message) -> dict[str, Any]:
    content: dict[str, Any] = {
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
    if params is None:  # expired, or sent by a gateway: no content is left
        return content
    if message.channel == Message.Channel.SMS:
        return {
            **content,
            "text": rendering.render_sms_text(message.kind, message.language, params, message.created_at),
            "code": params.get("code"),
        }
    letter = rendering.render_mail(message.kind, message.language, params, message.created_at)
    parts = {"subject": letter.subject, "text": letter.text, "html": letter.html}
    return {**content, **parts, "code": letter.code, "link": letter.link}
