"""Tokens and the sessions behind them.

A token only says which session; the session's row says whether it lives.

So a token is dead, on every worker and at once, when its session has ended, its customer is disabled or the password
was changed. A browser holds a cookie in its place: random, and kept as a hash on the row.
"""

import base64
import contextlib
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.database import compiled, repeats
from menpai.database.compiled import CompiledInsert, CompiledSelect, CompiledUpdate
from menpai.identifiers import Client
from menpai.keys import ring, signatures
from menpai.models import Customer, Session
from menpai.sessions import changes, jwt


class Persistence(Enum):
    """How somebody stays signed in."""

    CONTRACT = "contract", Session.Kind.CONTRACT, rules.CONTRACT_TOKEN_LIFE  # the published contracts' token
    TOKEN = "token", Session.Kind.TOKEN, rules.REFRESH_LIFE  # an access token, and one to renew it with
    BROWSER = "browser", Session.Kind.COOKIE, rules.BROWSER_LIFE  # a cookie, until the browser closes
    REMEMBERED = "remembered", Session.Kind.COOKIE, rules.REMEMBERED_LIFE  # a lasting cookie

    def __init__(self, _name: str, kind: Session.Kind, life: timedelta) -> None:
        self.kind, self.life = kind, life


@dataclass(frozen=True)
class Person:
    """The customer that a token or a session is made for: the columns that sign-in reads."""

    id: int
    public_id: uuid.UUID
    name: str  # the user name, else the verified mobile
    email_verified: bool


@dataclass(frozen=True)
class Credentials:
    """The credentials of a new session: a cookie, or a token, perhaps with a refresh token."""

    persistence: Persistence
    token: str = ""
    refresh: str = ""
    cookie: str = ""


@dataclass(frozen=True)
class Caller:
    """The customer behind a living token or cookie."""

    id: int
    session_id: uuid.UUID
    public_id: uuid.UUID
    name: str
    username_key: str | None
    mobile: str | None  # only a verified one
    email_verified: bool
    language: str
    authenticated_at: datetime | None = None  # step_up.py
    rows: Sequence[Any] = ()  # what the statement of the session has read besides

    def bound(self, target: str) -> str:
        """The target of a code that is good in this session alone: reading it out helps nobody."""
        return f"{self.session_id.hex}|{target}"


_METHODS = {"password": "pwd", "code": "sms", "retry": ""}  # as of RFC 8176; a provider keeps its name


def issue(
    person: Person,
    client: Client,
    persistence: Persistence = Persistence.CONTRACT,
    *,
    first: bool = False,
    how: str = "",
) -> Credentials:
    """Opens a session. One INSERT; unless it is the first, one UPDATE ends those beyond the limit.

    `how`: what the customer was authenticated by just now, as the audit trail says it (step_up.py).
    """
    method = _METHODS.get(how, how)
    now = timezone.now()
    cookie = secrets.token_urlsafe(32) if persistence.kind == Session.Kind.COOKIE else ""
    session = Session(
        customer_id=person.id,
        expires_at=now + persistence.life,
        last_seen_at=now,
        user_agent=client.user_agent,
        network=client.network,
        device=client.device,
        kind=persistence.kind.value,
        cookie_hash=_hash(cookie) if cookie else "",
        authenticated_at=now if method else None,
        amr=method,
    )
    insert_session(session)
    repeats.note(session.pk.hex)
    audit.set_session(session.pk)
    if not first and (ended := end_surplus_sessions(person.id, now)):
        audit.record(events.SESSION_ENDED, person.id, how="surplus", many=ended)
    if cookie:
        return Credentials(persistence, cookie=f"{session.pk.hex}.{cookie}")
    refresh = _refresh_token(session) if persistence is Persistence.TOKEN else ""
    return Credentials(persistence, _token(person, session, now), refresh)


def reissue(session_id: uuid.UUID) -> tuple[Person, Credentials, str] | None:
    """The token of a living session of a published contract, as it was issued, and its device.

    None if it has ended.
    """
    living = Session.objects.filter(ended_at__isnull=True, expires_at__gt=timezone.now(), kind=Session.Kind.CONTRACT)
    session = living.filter(pk=session_id, customer__disabled_at__isnull=True).select_related("customer").first()
    if session is None:
        return None
    person, issued_at = person_of(session.customer), session.expires_at - Persistence.CONTRACT.life
    return person, Credentials(Persistence.CONTRACT, _token(person, session, issued_at)), session.device


def caller_by_token(token: str, *, shared_key: bool = True, select: "SessionSelect | None" = None) -> Caller:
    """The customer whose token this is, by one SQL statement: `select`, or that of the session alone.

    `shared_key` False: a token made with MENPAI_TOKEN_SHARED_KEY, which sibling services could have made as well, is
    refused (decisions.md 20). Raises NotSignedIn.
    """
    expires, session_id, own = jwt.session_of(token)
    if expires + rules.TOKEN_LEEWAY.total_seconds() < timezone.now().timestamp() or not (own or shared_key):
        raise errors.NotSignedIn
    return _caller(session_id, select=select)


def caller_by_cookie(cookie: str, select: "SessionSelect | None" = None) -> Caller:
    """The customer whose cookie this is, by one SQL statement as above. Raises NotSignedIn."""
    selector, _, secret = cookie.partition(".")
    try:
        session_id = uuid.UUID(hex=selector)
    except ValueError as error:
        raise errors.NotSignedIn from error
    return _caller(session_id, _hash(secret), select)


def _caller(session_id: uuid.UUID, cookie_hash: str | None = None, select: "SessionSelect | None" = None) -> Caller:
    now, rows = timezone.now(), (select or select_session)(session_id)
    found = rows[0][0] if rows else None
    if found is None or found.is_ended or found.is_disabled or compiled.aware(found.expires_at) <= now:
        raise errors.NotSignedIn
    if cookie_hash is not None and not hmac.compare_digest(cookie_hash, found.cookie_hash):
        raise errors.NotSignedIn
    audit.set_session(session_id)
    if found.last_seen_at is None or now - compiled.aware(found.last_seen_at) > rules.SEEN_EVERY:
        with contextlib.suppress(DatabaseError):  # a database that can only be read still answers
            Session.objects.filter(pk=session_id).update(last_seen_at=now)
    proven_mobile = found.mobile if found.is_mobile_verified else None
    return Caller(
        id=found.customer_id,
        session_id=session_id,
        public_id=uuid.UUID(str(found.public_id)),
        name=found.username or proven_mobile or "",
        username_key=found.username_key,
        mobile=proven_mobile,
        email_verified=bool(found.is_email_verified),
        language=found.language,
        authenticated_at=found.authenticated_at and compiled.aware(found.authenticated_at),
        rows=[beside for _, beside in rows if beside is not None],
    )


# ── Refresh tokens ──
def refresh(refresh: str) -> tuple[Person, Credentials]:
    """A new pair for an old refresh token. Raises NotSignedIn, ClientTooFast.

    The token is an HMAC over the session and its generation, so a retry within rules.REFRESH_GRACE gets the same new
    one; whoever comes later with a used one holds a copy, and the session ends for both (RFC 9700 4.14).
    """
    session_id, generation = _opened(refresh)
    now = timezone.now()
    with transaction.atomic():
        session = (
            Session.objects.select_for_update(no_key=True, of=("self",))
            .select_related("customer")
            .filter(pk=session_id, ended_at__isnull=True, expires_at__gt=now, customer__disabled_at__isnull=True)
            .first()
        )
        if session is not None and session.generation == generation:
            changes.count(session.pk)
            _next_generation(session, now)
        elif session is not None and not _is_retry(session, generation, now):
            session.ended_at = now
            session.save(update_fields=["ended_at"])
            audit.set_session(session.pk)
            audit.record(events.TOKEN_REUSED, session.customer_id)
    if session is None or session.ended_at:
        raise errors.NotSignedIn
    person = person_of(session.customer)
    return person, Credentials(Persistence.TOKEN, _token(person, session, now), _refresh_token(session))


def person_of(customer: Customer) -> Person:
    return Person(customer.pk, customer.public_id, customer.name, customer.email_verified_at is not None)


def _next_generation(session: Session, now: datetime) -> None:
    session.generation += 1
    session.renewed_at = session.last_seen_at = now
    session.expires_at = min(now + rules.REFRESH_LIFE, session.created_at + rules.SESSION_LONGEST)
    session.save(update_fields=["generation", "renewed_at", "last_seen_at", "expires_at"])


def _is_retry(session: Session, generation: int, now: datetime) -> bool:
    one_behind = generation == session.generation - 1
    return one_behind and session.renewed_at is not None and now - session.renewed_at <= rules.REFRESH_GRACE


def _refresh_token(session: Session) -> str:
    body = session.pk.bytes + session.generation.to_bytes(4, "big")
    return signatures.base64url(body + _refresh_mac(ring.secrets_of("pepper")[0][1], body))


def _refresh_mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"refresh token\x1f" + body, hashlib.sha256).digest()


def _opened(refresh: str) -> tuple[uuid.UUID, int]:
    """(session, generation) of a refresh token that we made, with whichever pepper. Raises NotSignedIn."""
    try:
        raw = base64.urlsafe_b64decode(refresh + "=" * (-len(refresh) % 4)) if len(refresh) == 70 else b""
    except ValueError as error:
        raise errors.NotSignedIn from error
    body, mac = raw[:20], raw[20:]
    if not any(hmac.compare_digest(mac, _refresh_mac(key, body)) for _, key in ring.secrets_of("pepper")):
        raise errors.NotSignedIn
    return uuid.UUID(bytes=body[:16]), int.from_bytes(body[16:], "big")


# ── Ending ──
def end(customer_id: int, session_id: uuid.UUID) -> bool:
    """End one session of this customer; whether there was such a living one."""
    living = Session.objects.filter(pk=session_id, customer_id=customer_id, ended_at__isnull=True)
    return bool(living.update(ended_at=timezone.now()))


def end_others(customer_id: int, kept: uuid.UUID) -> int:
    """End every session of a customer but one; how many."""
    others = Session.objects.filter(customer_id=customer_id, ended_at__isnull=True).exclude(pk=kept)
    return others.update(ended_at=timezone.now())


def end_all(customer_id: int) -> int:
    """End every session of a customer; how many. Their tokens are dead when the transaction commits."""
    return Session.objects.filter(customer_id=customer_id, ended_at__isnull=True).update(ended_at=timezone.now())


# ── Statements ──
class SessionRow(NamedTuple):
    """A session and its customer; on SQLite times are naive and `public_id` is text."""

    expires_at: datetime
    is_ended: bool
    customer_id: int
    public_id: uuid.UUID | str
    username: str | None
    username_key: str | None
    mobile: str | None
    is_mobile_verified: bool
    is_email_verified: bool
    is_disabled: bool
    language: str
    last_seen_at: datetime | None
    cookie_hash: str
    authenticated_at: datetime | None


COLUMNS = (
    "expires_at",
    compiled.is_set("ended_at"),
    "customer_id",
    "customer__public_id",
    "customer__username",
    "customer__username_key",
    "customer__mobile",
    compiled.is_set("customer__mobile_verified_at"),
    compiled.is_set("customer__email_verified_at"),
    compiled.is_set("customer__disabled_at"),
    "customer__language",
    "last_seen_at",
    "cookie_hash",
    "authenticated_at",
)
# The session in each row, and what stands beside it: a signed-in read is one round trip.
SessionSelect = CompiledSelect[tuple[SessionRow, Any]]


def with_session(row: Callable[..., Any]) -> Callable[..., tuple[SessionRow, Any]]:
    """Returns what makes a row of a SessionSelect: its columns are COLUMNS, then those of `row`.

    None for `row` where the first of its columns is null: an outer join has found nothing.
    """

    def make(*columns: Any) -> tuple[SessionRow, Any]:
        rest = columns[len(COLUMNS) :]
        return SessionRow(*columns[: len(COLUMNS)]), None if not rest or rest[0] is None else row(*rest)

    return make


def _session(session_id: uuid.UUID) -> "QuerySet[Any, Any]":
    return Session.objects.filter(pk=session_id).values_list(*COLUMNS)


def _end_surplus(customer_id: int, now: datetime) -> tuple["QuerySet[Any, Any]", dict[str, Any]]:
    living = Session.objects.filter(customer_id=customer_id, ended_at__isnull=True, expires_at__gt=now)
    surplus = living.order_by("-id").values("id")[rules.SESSIONS_PER_CUSTOMER :]  # the keys rise with time
    return Session.objects.filter(pk__in=surplus), {"ended_at": now}


select_session = CompiledSelect(_session, uuid.UUID(int=1), row=with_session(tuple))
insert_session = CompiledInsert(Session)
end_surplus_sessions = CompiledUpdate(_end_surplus, -7, datetime(2000, 1, 1, tzinfo=UTC))


def _token(person: Person, session: Session, now: datetime) -> str:
    until = session.expires_at
    if session.kind == Session.Kind.TOKEN:
        until = min(until, now + rules.ACCESS_LIFE)
    claims = {
        "sub": str(person.public_id),
        "sid": str(session.pk),
        # The same when it is reissued.
        "jti": uuid.uuid5(session.pk, f"{session.generation} {now.timestamp():.6f}").hex,
        "id": person.id,
        "user_id": person.id,
        "username": person.name,
        "email_verified": person.email_verified,
    }
    return jwt.sign(claims, now, until, shared_key=session.kind == Session.Kind.CONTRACT)


def _hash(cookie: str) -> str:
    # 256 random bits: a plain hash keeps them, and no key has to outlive the sessions.
    return hashlib.sha256(cookie.encode()).hexdigest()
