"""Asking the service while things are being killed: what an outage excuses, and what nothing does."""

import contextlib
import time
from dataclasses import dataclass
from typing import Any, Literal

import httpx

Excuse = Literal["none", "dropped connection", "503"]
PATIENCE = 30.0  # seconds without an answer, and the service is gone for good


class Interrupted(Exception):
    """No answer, excused by the outage: whether it happened is open."""


class Fault(Exception):
    """An answer that nothing excuses."""


@dataclass
class Answer:
    status: int
    body: dict[str, Any]
    repeated: bool = False  # asked more than once: an earlier asking may have been heard


class OutageClient:
    """To the service, for one person. `interruptions` counts what the excuse was good for; where the store `forgets`,
    a code or link of a moment ago may be refused."""

    def __init__(self, http: httpx.Client, excuse: Excuse, *, forgets: bool = False) -> None:
        self._http, self._excuse, self.forgets = http, excuse, forgets
        self.interruptions = 0

    def until_answered(
        self, method: str, path: str, fields: dict[str, Any] | None = None, token: str | None = None
    ) -> Answer:
        """For what may be asked again."""
        deadline, repeated = time.monotonic() + PATIENCE, False
        while True:
            try:
                answer = self.ask(method, path, fields, token)
                answer.repeated = repeated
                return answer
            except Interrupted as no:
                if time.monotonic() > deadline:
                    raise Fault(f"{method} {path}: no answer within {PATIENCE} s, at last: {no}") from no
                repeated = True
                time.sleep(0.05)

    def ask(self, method: str, path: str, fields: dict[str, Any] | None = None, token: str | None = None) -> Answer:
        headers = {"authorization": token} if token else {}
        try:
            answer = self._http.request(method, path, json=fields, headers=headers)
        except httpx.TransportError as no:
            if self._excuse == "dropped connection" and not isinstance(no, httpx.TimeoutException):
                raise self._interrupted(type(no).__name__) from no
            raise Fault(f"{method} {path}: {type(no).__name__} {no}") from no
        found = Answer(answer.status_code, _object(answer))
        if answer.status_code < 500:
            return found
        # luffy has a number of its own for a code that cannot be stored.
        honest = {507 if path.startswith("/user/sms/") else 503}
        shaped = {"code", "error", "reason"} <= set(found.body) if path.startswith("/v1/") else bool(found.body)
        if self._excuse == "503" and {found.status} == honest and shaped and answer.headers["retry-after"].isdigit():
            raise self._interrupted(str(answer.status_code))
        raise Fault(f"{method} {path}: {answer.status_code} {answer.text[:200]}")

    def _interrupted(self, how: str) -> Interrupted:
        self.interruptions += 1
        return Interrupted(how)


def demand(holds: bool, what: str, answer: Answer) -> None:
    if not holds:
        raise Fault(f"{what}: {answer}")


def _object(answer: httpx.Response) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        found = answer.json()
        if isinstance(found, dict):
            return found
    raise Fault(f"{answer.request.method} {answer.request.url.path}: no JSON object: {answer.text[:200]}")
