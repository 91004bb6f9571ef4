"""Notes of effects, written in their transactions, for a client that repeats a request.

Unlike an Idempotency-Key nothing has to be sent: a request is known by who sent it and what it says. A note holds a
keyed hash and what the first answer is made of once more: an id, never a secret. Within rules.REPEAT_WITHIN there is
one effect, whatever races, or dies in the middle of a commit (security.md S18).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection
from django.utils import timezone

from menpai import errors, rules
from menpai.models import RepeatableRequest

Marks = Callable[[], list[str]]  # a request's own mark first, then others under which its first time may be noted
_marks: ContextVar[Marks | None] = ContextVar("marks", default=None)


class Repeated(errors.Unavailable):
    """This request was carried out a moment ago; the transaction must be rolled back."""


@contextmanager
def noting(marks: Marks) -> Iterator[None]:
    """A context in which `note` writes for this request."""
    token = _marks.set(marks)
    try:
        yield
    finally:
        _marks.reset(token)


def note(subject: object) -> None:
    """Inside the transaction of an effect: one statement, or none where no repeat is answered.

    Raises Repeated.
    """
    marks = _marks.get()
    if marks is not None and not _insert(marks()[0], str(subject)):
        raise Repeated


def first_subject(marks: Marks, subject: str) -> str:
    """The note of the first of these requests, which is `subject` if this one is the first."""
    if _insert(marks()[0], subject):
        return subject
    return find(marks) or subject


def find(marks: Marks) -> str | None:
    """The note of this request, if it was carried out a moment ago."""
    recent = RepeatableRequest.objects.filter(pk__in=marks(), created_at__gt=timezone.now() - rules.REPEAT_WITHIN)
    return recent.order_by("-created_at").values_list("subject", flat=True).first()


def _insert(mark: str, subject: str) -> bool:
    """False if there is a note that is not over yet; one that is over gives way in the same statement."""
    now = timezone.now()
    adapted = [connection.ops.adapt_datetimefield_value(moment) for moment in (now, now - rules.REPEAT_WITHIN)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [mark, subject, *adapted])
        return bool(cursor.rowcount)


_INSERT = """
    INSERT INTO menpai_repeatablerequest (key, body, subject, created_at) VALUES (%s, '', %s, %s)
    ON CONFLICT (key) DO UPDATE SET subject = excluded.subject, created_at = excluded.created_at
    WHERE menpai_repeatablerequest.created_at <= %s
"""
