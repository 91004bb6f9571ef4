"""What a contract has said: a success with its facts, or the refusals that its words can stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from menpai import errors, rules
from menpai.contracts.api import problem_texts
from menpai.contracts.user import texts
from menpai.contracts.v1 import codes

REFUSALS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refusal)]


@dataclass(frozen=True)
class Me:
    """Who is signed in, wherever that was."""

    token: str
    name: str

    @property
    def auth(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Outcome:
    """`refusals`: every class that the contract words like this; the older contracts have one word for several."""

    status: int
    content: bytes
    retry_after: str | None
    cookies: tuple[str, ...]
    refusals: frozenset[str] = frozenset()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.refusals

    def says(self, *names: str) -> bool:
        return bool(self.refusals & set(names))

    @property
    def me(self) -> Me:
        assert self.ok, self
        return Me(self.facts["token"], self.facts["name"])

    @property
    def book(self) -> list[dict[str, Any]]:
        assert self.ok, self
        book: list[dict[str, Any]] = self.facts["book"]
        return book


def nearest(kind: type[errors.Refusal], rows: Mapping[type[errors.Refusal], object]) -> type[errors.Refusal]:
    """The class whose row a refusal is told with: its own, or that of the nearest class above it."""
    return next(ancestor for ancestor in kind.__mro__ if ancestor in rows)


def meant_by_v1(code: int, text: str, status: int) -> set[str]:
    if code == 10102:  # published for the change alone, which has its own number for this
        return {"PasswordsDiffer"}
    if (code, text[:7], status) == (10104, codes.WAIT[0][:7], 200):  # at the sign-in, with the wait
        return {"ClientTooFast", "CaptchaRequired"}
    meant = set()
    for kind in REFUSALS:
        row = nearest(kind, codes.CODES)
        numbers = set(codes.ADDRESS_FIELDS.values()) if row is errors.AddressFieldInvalid else {codes.CODES[row]}
        wording = codes.REPEATED if issubclass(kind, errors.ComeBackLater) else codes.TEXTS[code]
        if code in numbers and text == wording[0] and status == codes.STATUSES.get(row, 200):
            meant.add(kind.__name__)
    assert meant, (code, text, status)
    return meant


def meant_by_user(name: str | None, text: str, status: int) -> set[str]:
    if text == "手机号已经被注册过！":  # the check's own sentence
        return {"MobileTaken"}
    if text.endswith("后再试!") and (name, status) == (texts.NO_FIELD, 400):  # at the sign-in, with the wait
        return {"ClientTooFast", "CaptchaRequired"}
    bounds = {"shortest": settings.MENPAI_PASSWORD_MIN_LENGTH, "longest": rules.PASSWORD_MAX_LENGTH}
    meant = {
        kind.__name__
        for kind in REFUSALS
        if (row := texts.REFUSALS[nearest(kind, texts.REFUSALS)]).text.format(**bounds) == text
        and name in (None, row.field)
        and status == row.status
    }
    assert meant, (name, text, status)
    return meant


def meant_by_api(code: str, status: int) -> set[str]:
    problems = problem_texts.PROBLEMS.items()
    meant = {kind.__name__ for kind, problem in problems if (problem.code, problem.status) == (code, status)}
    assert meant, (code, status)
    return meant
