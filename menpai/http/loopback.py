"""This machine alone: its names, and whether the pages of development may answer."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def has_development_pages() -> bool:
    """True if MENPAI_DEV_MAILBOX is on and the public URL leads to this machine alone.

    Behind a proxy that adds no header, every request seems to come from this machine.
    """
    return settings.MENPAI_DEV_MAILBOX and is_loopback(urlsplit(settings.MENPAI_PUBLIC_URL).hostname)
