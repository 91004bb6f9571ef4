"""Health, and the public keys. Always JSON."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from menpai import errors, rules
from menpai.ephemeral import store
from menpai.keys import signatures

READY_WITHIN = 0.5  # seconds for everything together (running.md)
JWKS_SECONDS = 300  # a service that meets an unknown key id asks again anyway
View = Callable[[HttpRequest], HttpResponse]


def _read_only(view: View) -> View:
    def run(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request)
        return JsonResponse({"detail": "不支持的请求方法。"}, status=405, headers={"Allow": "GET, HEAD"})

    return run


@_read_only
def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing."""
    return JsonResponse({"status": "ok"})


@_read_only
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when migrations are applied and database and store answer in time; else 503 with reasons.

    Staff sessions survive their Redis in the database, only slower: that it is away is no reason for a 503.
    """
    sessions = {"sessions": _sessions} if settings.MENPAI_SESSION_REDIS_URL else {}
    trouble = _ask({"database": _database, "store": _store, **sessions}, READY_WITHIN)
    if not trouble.keys() - {"sessions"}:
        return JsonResponse({"status": "ok"} | ({"slower": trouble} if trouble else {}))
    retry_after = str(int(rules.COME_BACK_AFTER.total_seconds()))
    return JsonResponse({"status": "unavailable", **trouble}, status=503, headers={"Retry-After": retry_after})


@_read_only
def jwks(_request: HttpRequest) -> HttpResponse:
    return _key_set("signing")


@_read_only
def snapshot_jwks(_request: HttpRequest) -> HttpResponse:
    """The keys of snapshots, apart from those of tokens: neither passes as the other."""
    return _key_set("snapshots")


def _key_set(kind: str) -> HttpResponse:
    response = JsonResponse(signatures.key_set(kind), headers={"Cache-Control": f"public, max-age={JWKS_SECONDS}"})
    response.headers["Content-Type"] = "application/jwk-set+json"
    return response


def missing_migrations() -> list[str]:
    """The migrations that the database lacks, as `app.name`. Raises DatabaseError."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def why_store_is_away() -> str:
    """Returns why Redis does not answer; blank if it does, or if there is none."""
    try:
        if settings.MENPAI_REDIS_URL:
            store().ping()
    except errors.StoreUnavailable as error:
        return str(error) or type(error).__name__
    return ""


_migrated = False  # what was applied once stays applied for as long as this code runs


def _database() -> str:
    global _migrated
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _migrated:
        if missing_migrations():
            return "migrations missing: run `menpai migrate`"
        _migrated = True
    return ""


def _store() -> str:
    store().ping()
    return ""


def _sessions() -> str:
    caches["session"].client.get_client().ping()  # type: ignore[attr-defined]  # django-redis
    return ""


def _category(error: BaseException) -> str:
    """The error's class, or that a certificate was refused: details are not for the public."""
    texts = [str(one) for one in (error, error.__cause__, error.__context__) if one]
    return "certificate refused" if any("certificate" in text for text in texts) else type(error).__name__


_under_way: dict[str, Future[str]] = {}
_starting = threading.Lock()


def _ask(questions: dict[str, Callable[[], str]], within: float) -> dict[str, str]:
    """Asks all at once and waits no longer than `within`; name → complaint.

    A question that is being asked already is not asked again: a dead host must not collect threads.
    """
    answers = {name: _asked(name, question) for name, question in questions.items()}
    wait(answers.values(), within)
    complaints = {name: answer.result() if answer.done() else "no answer in time" for name, answer in answers.items()}
    return {name: text for name, text in complaints.items() if text}


def _asked(name: str, question: Callable[[], str]) -> Future[str]:
    answer: Future[str] = Future()

    def ask() -> None:
        try:
            text = question()
        except Exception as error:  # noqa: BLE001  (whatever it is, it is not ready)
            text = f"no answer ({_category(error)})"
        connections.close_all()  # this thread's own
        answer.set_result(text)

    with _starting:
        if name in _under_way and not _under_way[name].done():
            return _under_way[name]
        _under_way[name] = answer
    threading.Thread(target=ask, name=f"ready-{name}", daemon=True).start()
    return answer
