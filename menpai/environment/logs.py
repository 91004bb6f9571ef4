"""The format of the log, and the id of the request that a line is about.

Text, or with MENPAI_LOG_FORMAT=json one JSON object a line, on standard error. Neither holds personal data: addresses
of requests are written as patterns.
"""

import json
import logging
import os
import re
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

FORMATS = ("text", "json")
VARIABLE = "MENPAI_LOG_FORMAT"
_ID = re.compile(r"[\w.~:=+/-]{1,128}", re.ASCII)
# What is shaped like a mobile is none, unless it is a part of a longer hexadecimal number.
_MOBILE = re.compile(r"(?<![0-9a-f])(?:\+?86|0086)?-?1[3-9]\d{9}(?![0-9a-f])", re.IGNORECASE | re.ASCII)
_BY_PATH = {
    **{name: name for name in ("v1", "user", "api", "admin", "receipts")},
    "users": "user",
    "livez": "health",
    "readyz": "health",
    ".well-known": "health",
}
CONTRACTS = (*dict.fromkeys(_BY_PATH.values()), "pages")
# In the patterns of Django's URLs: `(?P<name>…)`, `<int:id>`.
_PARAMETER = re.compile(r"\(\?P<(\w+)>(?:[^()\[\]]|\[[^\]]*\])*\)|<(?:\w+:)?(\w+)>")


@dataclass
class Request:
    """The request that is being answered, for the lines about it."""

    id: str
    message_ids: list[int] = field(default_factory=list)  # of the SMS and mails that it queued


_request: ContextVar[Request | None] = ContextVar("logged_request", default=None)


@contextmanager
def request(header: str) -> Iterator[Request]:
    """A context whose lines carry one id: that of the X-Request-ID header if it is good, else a new one."""
    is_good = _ID.fullmatch(header) and not _MOBILE.search(header)
    current = Request(header if is_good else secrets.token_hex(16))
    token = _request.set(current)
    try:
        yield current
    finally:
        _request.reset(token)


def request_id() -> str:
    """The id of the request that is being answered; blank outside of one."""
    current = _request.get()
    return current.id if current else ""


def note_message(message_id: int) -> None:
    """This request has queued a message, whose lines in the worker's log name this id."""
    if current := _request.get():
        current.message_ids.append(message_id)


def contract_of(path: str) -> str:
    """The contract to which a path belongs, by its first part; pages have all that is left."""
    return _BY_PATH.get(path[1:].partition("/")[0], "pages")


def route_of(pattern: str) -> str:
    """The pattern of a URL as people write it, such as `/v1/users/{name}/address`; blank for none."""
    plain = _PARAMETER.sub(lambda match: "{" + (match[1] or match[2]) + "}", pattern)
    plain = plain.removeprefix("^").replace(r"(?:/|\Z)", "/*").removesuffix(r"\Z").removesuffix("/?")
    return "/" + plain.replace(r"\.", ".") if pattern else ""


# ── Format ──
def is_json() -> bool:
    """True for MENPAI_LOG_FORMAT=json; settings.py refuses any other word."""
    return os.environ.get(VARIABLE, "").strip() == "json"


class JsonFormatter(logging.Formatter):
    """One object a line, in ASCII: no character of a message ends the line."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identifier := request_id():
            entry["request_id"] = identifier
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            entry["stack"] = self.formatStack(record.stack_info)
        return json.dumps(entry, default=str)


def formatter(text: str) -> dict[str, Any]:
    """The formatter for logging.config: this format, or JSON."""
    return {"()": "menpai.environment.logs.JsonFormatter"} if is_json() else {"format": text, "style": "{"}


def say(text: str, level: int = logging.WARNING) -> None:
    """Prints what an operator reads at a start; on standard error, or below WARNING on standard output."""
    if is_json():
        text = JsonFormatter().format(logging.LogRecord("menpai", level, "", 0, text, None, None))
    _write(text, sys.stderr if level > logging.INFO else sys.stdout)


def catch_uncaught() -> None:
    """With JSON, exceptions that nobody catches and Python's warnings become entries too."""
    if is_json():
        sys.excepthook = _print_uncaught
        threading.excepthook = lambda thrown: _print_uncaught(thrown.exc_type, thrown.exc_value, thrown.exc_traceback)
        logging.captureWarnings(capture=True)


def _print_uncaught(kind: Any, error: Any, traceback: Any) -> None:
    record = logging.LogRecord("menpai", logging.CRITICAL, "", 0, "uncaught", None, (kind, error, traceback))
    _write(JsonFormatter().format(record), sys.stderr)


def _write(line: str, stream: TextIO) -> None:
    stream.write(f"{line}\n")  # in one piece: other threads write too
    stream.flush()
