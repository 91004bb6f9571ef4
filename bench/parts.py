"""The CPU time of one request, in µs for each part: `python -m bench.parts [--sqlite]`.

The requests go through the WSGI application of one process, one after the other: no server, no socket of a client.
A part is what the functions of PARTS take, without the parts within them.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import place

REQUESTS, ROUNDS = 300, 7
# part → (module, owner, function)…
PARTS = {
    "statements": [
        ("menpai.database.compiled", "", "execute"),
        ("menpai.database.compiled", "", "insert_together"),
        ("menpai.database.compiled", "", "execute_together"),
        ("django.db.backends.utils", "CursorWrapper", "execute"),
    ],
    "store": [("menpai.ephemeral.redis", "RedisStore", "_ask"), ("menpai.ephemeral.sql", "SqlStore", "_ask")],
    "transactions": [("django.db.transaction", "Atomic", "__enter__"), ("django.db.transaction", "Atomic", "__exit__")],
    "URL": [
        ("django.core.handlers.base", "BaseHandler", "resolve_request"),
        ("menpai.wsgi", "_Handler", "resolve_request"),
    ],
    "token": [("menpai.sessions.jwt", "", "session_of")],
    "sealing": [("menpai.keys.ring", "", "seal"), ("menpai.keys.ring", "", "keyed_hash")],
    "body": [("menpai.contracts.request_body", "", "json_object"), ("ninja.operation", "Operation", "_get_values")],
    "answer": [("ninja.operation", "Operation", "_result_to_response"), ("msgspec.json", "", "encode")],
    "view": [("menpai.contracts.api.addresses", "", "list_addresses"), ("menpai.codes.sending", "", "send_sms")],
}
_spent: dict[str, float] = defaultdict(float)
_running: list[str] = []
_since = 0.0


def main() -> int:
    if "--inside" in sys.argv:
        _measure()
        return 0
    os.sched_setaffinity(0, {place.LOAD})
    with place.prepared(1.0, 1, served=False) as here:
        environment = here.environment | {"MENPAI_MODE": "tool"}
        if "--sqlite" in sys.argv:
            environment |= {"MENPAI_DATABASE_URL": "", "MENPAI_REDIS_URL": "", "MENPAI_BROKER_URL": ""}
            environment["MENPAI_DATA_DIR"] = tempfile.mkdtemp(dir=here.environment["MENPAI_DATA_DIR"])
            environment["MENPAI_KEYS_FILE"] = str(Path(here.environment["MENPAI_DATA_DIR"]) / "keys.json")
        with place.on_core(place.MEASURED):
            command = [sys.executable, "-m", "bench.parts", "--inside"]
            subprocess.run(command, env=os.environ | environment, cwd=place.ROOT, check=True)
    return 0


def _measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from menpai.wsgi import application

    call_command("migrate", verbosity=0)
    token, addresses = _somebody()
    authorization = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    _time_parts()
    numbers = iter(range(10**8))
    requests: dict[str, Callable[[], dict[str, Any]]] = {
        "address list": lambda: _environ("GET", "/api/me/addresses") | authorization,
        "set the default address": lambda: (
            _environ(
                "PUT",
                "/api/me/addresses/default",
                json.dumps({"id": addresses[next(numbers) % len(addresses)]}).encode(),
            )
            | authorization
        ),
        "ask for an SMS code": lambda: _environ(
            "POST", "/api/sessions/code", json.dumps({"mobile": f"139{next(numbers):08}"}).encode()
        ),
    }
    for name, request in requests.items():
        print(f"\n{name}\n")
        for part, spent in _parts(application, request):
            print(f"{part:15} {spent:6.0f}")


def _parts(application: Any, request: Callable[[], dict[str, Any]]) -> Iterator[tuple[str, float]]:
    """The medians of the rounds, and the whole."""
    rounds = []
    for _ in range(ROUNDS + 1):
        _spent.clear()
        begun = time.thread_time()
        for _ in range(REQUESTS):
            with _part("the rest"):
                assert application(request(), _started)
        _spent["whole"] = time.thread_time() - begun
        rounds.append({name: spent / REQUESTS * 1e6 for name, spent in _spent.items()})
    for name in sorted(rounds[-1], key=lambda name: rounds[-1][name]):
        yield name, sorted(one[name] for one in rounds[1:])[ROUNDS // 2]


def _started(status: str, _headers: Any, *_: Any) -> None:
    assert status[0] == "2", status


def _environ(method: str, path: str, body: bytes = b"") -> dict[str, Any]:
    from menpai.process import rsgi

    return rsgi._BASE | {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_USER_AGENT": "bench",
        "CONTENT_TYPE": "application/json" if body else "",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }


def _somebody() -> tuple[str, list[int]]:
    """The access token of a customer with five addresses, and their ids."""
    from django.utils import timezone

    from menpai import identifiers
    from menpai.models import Address, Customer
    from menpai.sessions import tokens

    now = timezone.now()
    person = Customer.objects.create(mobile="13800138000", mobile_verified_at=now, password="x")
    texts = {"receiver": "小王", "mobile": "13800138000", "tag": "公司", "postcode": "100062"}
    texts |= {"province": "北京市", "city": "", "county": "东城区", "region_code": "110101"}
    for number in range(5):
        detail = f"珠市口大街{number}号楼"
        Address.objects.create(
            customer=person, **texts, detail=detail, address=f"北京市东城区{detail}", is_default=not number
        )
    client = identifiers.client("127.0.0.1", "bench")
    ids = list(person.addresses.values_list("pk", flat=True))
    return tokens.issue(tokens.person_of(person), client, tokens.Persistence.TOKEN).token, ids


# ── Timing ──
def _time_parts() -> None:
    for part, functions in PARTS.items():
        for module, owner, name in functions:
            try:
                place_of = getattr(import_module(module), owner) if owner else import_module(module)
                function = getattr(place_of, name)
            except (ImportError, AttributeError):
                continue  # another version's
            _replace(function, _timed(part, function))
            setattr(place_of, name, _timed(part, function))


def _replace(function: Any, timed: Any) -> None:
    """In every module that has imported it, and among django-ninja's operations."""
    for module in [module for name, module in sys.modules.items() if name.startswith("menpai")]:
        for name, value in list(vars(module).items()):
            if value is function:
                setattr(module, name, timed)
    if operation := getattr(function, "_ninja_operation", None):
        operation.view_func = timed


def _timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        with _part(part):
            return function(*arguments, **named)

    return run


@contextmanager
def _part(name: str) -> Iterator[None]:
    _switch()
    _running.append(name)
    try:
        yield
    finally:
        _switch()
        _running.pop()


def _switch() -> None:
    """Adds the time since the last switch to the innermost part."""
    global _since
    now = time.thread_time()
    if _running:
        _spent[_running[-1]] += now - _since
    _since = now


if __name__ == "__main__":
    sys.exit(main())
