"""S11: who writes a key in Redis runs no code, signs nobody in, and breaks no page; nothing is pickled."""

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.core.cache import caches
from django.test import Client

from tests.operators import text_of

pytestmark = pytest.mark.production_only("Redis")


class Code:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def write(staff: Client, value: bytes) -> str:
    """Puts a value where the session of this browser is cached, and returns its key."""
    cache: Any = caches["session"]
    key = cache.client.make_key(f"django.contrib.sessions.cached_db{staff.cookies['menpai_staff'].value}")
    connection = cache.client.get_client()
    assert connection.get(key)
    connection.set(key, value)
    return str(key)


def test_a_pickle_in_the_place_of_a_session_is_not_run(staff: Client, tmp_path: Path) -> None:
    write(staff, pickle.dumps(Code(tmp_path / "run")))
    assert "账户中心" in text_of(staff, "/admin/"), "the row decides"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("value", [b"1", b"null", b"[]", b'"x"', b'{"_auth_user_id": "1"}', b"", b"9" * 99])
def test_whatever_stands_there_the_row_decides(value: bytes, staff: Client) -> None:
    write(staff, value)
    assert staff.get("/admin/").status_code in (200, 302)


def test_a_session_that_somebody_else_signed_signs_nobody_in(staff: Client) -> None:
    session: Any = dict(staff.session)
    newcomer = Client(headers={"host": "127.0.0.1"})
    newcomer.cookies["menpai_staff"] = "0" * 32
    cache: Any = caches["session"]
    key = cache.client.make_key(f"django.contrib.sessions.cached_db{'0' * 32}")
    cache.client.get_client().set(key, signing.dumps(session, key="another key", salt="menpai.staff.sessions"))
    assert newcomer.get("/admin/").status_code == 302


def test_what_is_kept_in_redis_is_no_pickle(staff: Client, redis_server: Any) -> None:
    text_of(staff, "/admin/menpai/customer/")
    staff.get("/admin/search/?s=customer")
    connection = redis_server.client(1)
    values = [connection.get(key) for key in connection.keys("menpai*")]
    assert values and not any(value.startswith(b"\x80") for value in values)
