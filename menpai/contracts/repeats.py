"""A repeated request gets the first answer again, which may have been lost (luffy.md ruling 0)."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from menpai import errors, rules
from menpai.accounts import login
from menpai.contracts import request_context
from menpai.database import repeats
from menpai.ephemeral import Window, store
from menpai.keys import ring

Again = Callable[..., Any]  # (request, what the first time noted, parts of the path) → the answer of the view
# What a request meets whose first time had its effect.
_REFUSED = (
    errors.AddressBookFull,
    errors.AddressUnknown,
    errors.CodeExpired,
    errors.EmailTaken,
    errors.MobileTaken,
    errors.NotSignedIn,
    errors.OldPasswordWrong,
    errors.PasswordUnchanged,
    errors.ProviderTaken,
    errors.SocialStateExpired,
    errors.SocialTaken,
    errors.SocialTicketExpired,
    errors.TicketExpired,
    errors.UsernameTaken,
)


def signed_in(shape: Callable[[login.SignInResult], Any]) -> Again:
    """For a view that signs in: `shape` makes its answer. None if the session has ended."""

    def again(request: HttpRequest, subject: str, **_path: str) -> Any:
        resumed = login.resume(subject)
        if resumed is None:
            return None
        result, device = resumed
        request_context.remember_device(request, device)
        return shape(result)

    return again


def run(view: Callable[..., Any], again: Again, request: HttpRequest, path: dict[str, str]) -> Any:
    """The view's answer, or `again` to a repeat. Raises what the view raises."""
    with repeats.noting(lambda: marks(request)):
        try:
            return view(request, **path)
        except (repeats.Repeated, *_REFUSED) as refusal:
            if isinstance(refusal, errors.CodeExpired):
                _count_look_up(request, refusal)
            subject = repeats.find(lambda: marks(request))
            if subject is None:
                raise
            answer = again(request, subject, **path)
            if answer is None:  # what the first time gave has ended since
                raise
            return answer


def _count_look_up(request: HttpRequest, refusal: errors.CodeExpired) -> None:
    """Raises the refusal if the network repeats more often than a code may be tried.

    A code that was spent counts no guesses any more, and the first answer to the right one is a ticket.
    """
    key = ring.keyed_hash("window", "repeats", request_context.client(request).network)
    if store().count([Window(key, (rules.Limit(rules.SMS_CODE_TRIES, rules.REPEAT_WITHIN),))]):
        raise refusal


def first_id(request: HttpRequest) -> str:
    """An id that a repeat of this request gets too."""
    return repeats.first_subject(lambda: marks(request), uuid.uuid4().hex)


def marks(request: HttpRequest) -> list[str]:
    """Keyed hashes of who asks and what: the device where its cookie came, else network and browser.

    A browser that has just got its cookie repeats what it sent without.
    """
    client = request_context.client(request)
    who = [client.device] if client.known else []
    who.append(f"{client.network}|{client.user_agent}")
    meta, body = request.META, getattr(request, "menpai_body", b"")
    what = (request.method or "", request.path, meta.get("QUERY_STRING", ""), meta.get("HTTP_AUTHORIZATION", ""))
    return [mark("repeat", one, *what, body.hex()) for one in who for mark in ring.hashers()]
