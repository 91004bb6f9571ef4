"""Yuntongxun (容联云, cloopen): TemplateSMS of the REST interface 2013-12-26, as its documents stood on 2026-11-21.

The template has two variables, in this order: the code, and how many whole minutes it lives. A second template, which
is optional, is for notices ("your mobile was changed") and has one: when it happened.
`reqId` makes a repeated request the same request for a day, so that an unanswered one can be asked again.
"""

import base64
import hashlib
import re
import time
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from django.utils import timezone

from menpai import environment, rules
from menpai.delivery import answers
from menpai.delivery.gateway import Sms

if TYPE_CHECKING:
    import httpx

name = "yuntongxun"
idempotent = True

BEIJING = ZoneInfo("Asia/Shanghai")  # the vendor reads the timestamp as its own local time
_LONGEST_ANSWER = 64 * 1024
_BUSY = {"172001", "160000", "160050"}
_LIMITS = {"160038", "160039", "160040", "160041"}
_RECIPIENT = {"160034", "160042"}
_MESSAGE = {"160031", "160033", "160037"}  # cannot be parsed, forbidden word, too long
_SETTINGS = {"113302", "160014", "160032", "160043"}  # and everything that begins with 111 or 1123


class _Report(msgspec.Struct):
    smsMessageSid: str | None = None  # the vendor's spelling


class _Answer(msgspec.Struct):
    statusCode: str
    templateSMS: _Report | None = None


def problems() -> list[str]:
    needed = ("ACCOUNT_SID", "AUTH_TOKEN", "APP_ID")
    missing = [f"MENPAI_YUNTONGXUN_{key} is not set" for key in needed if not _own(key)]
    base = urlsplit(_base_url())
    if base.scheme != "https" and base.hostname not in ("127.0.0.1", "localhost", "::1"):
        missing.append("MENPAI_YUNTONGXUN_BASE_URL must begin with https://")
    return missing


def carries(kind: str, region: str) -> bool:
    return region == "CN" and (kind.endswith("-code") or bool(_own("NOTICE_TEMPLATE_ID")))


def send(sms: Sms) -> str:
    """One SMS: one template of the vendor's for all codes, one for notices. Raises the exceptions of answers.py."""
    template, data = _own("TEMPLATE_ID", "1"), [sms.variables.get(name, "") for name in ("code", "minutes")]
    if "at" in sms.variables:
        template, data = _own("NOTICE_TEMPLATE_ID"), [sms.variables["at"]]
    if not all(re.fullmatch("[0-9]{1,8}|[0-9: -]{16}", one) for one in data):
        raise answers.Refused("variables")
    signature, authorization = signed(_own("ACCOUNT_SID"), _own("AUTH_TOKEN"), timezone.now())
    body = {"to": sms.mobile.removeprefix("+86"), "appId": _own("APP_ID"), "templateId": template, "datas": data}
    url = f"{_base_url()}/2013-12-26/Accounts/{quote(_own('ACCOUNT_SID'), safe='')}/SMS/TemplateSMS?sig={signature}"
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json;charset=utf-8",
        "Authorization": authorization,
    }
    return _understood(_post(url, headers, msgspec.json.encode({**body, "reqId": sms.reference.hex})))


def signed(account: str, token: str, at: datetime) -> tuple[str, str]:
    """The `sig` parameter and the Authorization header, made from one timestamp."""
    stamp = at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
    digest = hashlib.md5(f"{account}{token}{stamp}".encode(), usedforsecurity=False)  # the vendor's choice
    return digest.hexdigest().upper(), base64.b64encode(f"{account}:{stamp}".encode()).decode()


def _post(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """`from None` throughout: httpx's exceptions hold the address, which holds the account."""
    import httpx

    content, until = b"", time.monotonic() + rules.ANSWER_TIMEOUT.total_seconds()
    try:
        with _client().stream("POST", url, headers=headers, content=body, timeout=_patience()) as answer:
            if answer.status_code >= 500 or answer.status_code in (408, 425, 429):
                raise answers.Retry(f"http {answer.status_code}")
            if answer.status_code != 200:
                raise answers.Misconfigured(f"http {answer.status_code}")
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > _LONGEST_ANSWER or time.monotonic() > until:
                    raise answers.Unanswered("endless")
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as no:
        raise answers.Retry(type(no).__name__) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as no:
        raise answers.Misconfigured(type(no).__name__) from None
    except httpx.HTTPError as no:  # the request had left when this happened
        raise answers.Unanswered(type(no).__name__) from None
    return content


def _understood(content: bytes) -> str:
    try:
        answer = msgspec.json.decode(content, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise answers.Unanswered("unreadable") from None
    code = answer.statusCode if re.fullmatch("[0-9]{6}", answer.statusCode) else "?"
    if code == "000000":
        report = answer.templateSMS or _Report()
        return (report.smsMessageSid or "")[:128]
    if code in _LIMITS:
        raise answers.RateLimited(code)
    if code in _RECIPIENT:
        raise answers.BadRecipient(code)
    if code in _MESSAGE:
        raise answers.Refused(code)
    if code in _SETTINGS or code.startswith(("111", "1123")):
        raise answers.Misconfigured(code)
    # Unknown codes too: one strange message must not make the gateway rest for everybody.
    raise answers.Retry(code)


def _own(key: str, default: str = "") -> str:
    return environment.text(f"MENPAI_YUNTONGXUN_{key}", default)


def _base_url() -> str:
    return _own("BASE_URL", "https://app.cloopen.com:8883").rstrip("/")


def _patience() -> "httpx.Timeout":
    import httpx

    connect = rules.CONNECT_TIMEOUT.total_seconds()
    return httpx.Timeout(connect, read=rules.ANSWER_TIMEOUT.total_seconds() - connect)


@cache
def _client() -> "httpx.Client":
    """One for the process: a new one per SMS would load the root certificates each time (30 ms)."""
    import httpx

    return httpx.Client(follow_redirects=False, trust_env=False)
