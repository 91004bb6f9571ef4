"""Delivery receipts from SMS vendors: one address for each gateway, which ends in a secret.

Not every vendor signs what it sends. A request with another secret, from another network or with a wrong signature gets
an empty 404, changes nothing, and is recorded in the audit trail. `menpai sms receipts` prints the addresses.
"""

import ipaddress
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.contracts import request_body, request_context
from menpai.delivery import wakeup
from menpai.delivery.sms import receipts, vendors
from menpai.delivery.sms.gateway import BadReceipt, Callback, Reporting

View = Callable[..., HttpResponse]


class _Refused(Exception):
    def __init__(self, gateway: str, why: str) -> None:
        """`gateway` is one of ours, or blank: never what somebody typed."""
        super().__init__(why)
        self.gateway, self.why = gateway, why


def on(**views: View) -> View:
    """One view for each method."""

    def view(request: HttpRequest, **named: str) -> HttpResponse:
        chosen = views.get(request.method or "")
        try:
            return chosen(request, **named) if chosen else HttpResponse(status=404)
        except _Refused as refusal:
            audit.refuse(events.ACCESS_REFUSED, gateway=refusal.gateway, why=refusal.why)
            return HttpResponse(status=404)

    return view


def take(request: HttpRequest, gateway: str, secret: str) -> HttpResponse:
    """Stores the receipts of one push, then acknowledges it: after a 503 the vendor sends it again."""
    vendor = _vendor(request, gateway, secret)
    try:
        reports = vendor.receipts(_callback(request))
    except BadReceipt:
        raise _Refused(gateway, "unreadable or wrongly signed") from None
    except errors.BodyTooLarge:
        return HttpResponse(status=413)
    for message_id in receipts.apply(gateway, reports):
        wakeup.wake(message_id)
    kind, text = vendor.acknowledgement
    return HttpResponse(text, content_type=kind)


def _vendor(request: HttpRequest, gateway: str, secret: str) -> Reporting:
    """The vendor whose address this is. Raises _Refused."""
    vendor = vendors.find_reporting_gateway(gateway)
    if vendor is None:
        raise _Refused("", "no such gateway")
    if not any(
        secrets.compare_digest(secret.encode(), secret_of_ours.encode()) for secret_of_ours in receipts.secrets(gateway)
    ):
        raise _Refused(gateway, "another secret")
    if not _may_come_from(request_context.client(request).address):
        raise _Refused(gateway, "another network")
    return vendor


def _may_come_from(address: str) -> bool:
    networks = settings.MENPAI_SMS_RECEIPT_NETWORKS
    if not networks:
        return True
    try:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False


def _callback(request: HttpRequest) -> Callback:
    """The push as the vendor's module reads it. Raises BodyTooLarge."""
    raw = request_body.read_raw(request, rules.RECEIPT_BYTES)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Callback(f"{settings.MENPAI_PUBLIC_URL}{request.get_full_path()}", headers, raw)
