"""Settings that are URLs: every parameter is passed on, or refused with the name that it resembles."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from menpai import environment
from menpai.environment import BadSetting, urls
from menpai.process import secret_checks

HOME = "postgresql://menpai:s3cret@db.example/menpai"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (HOME, {"HOST": "db.example", "NAME": "menpai", "PASSWORD": "s3cret", "PORT": "", "USER": "menpai"}),
        ("postgresql:///menpai?host=/var/run/postgresql", {"HOST": "/var/run/postgresql", "NAME": "menpai"}),
        ("postgres://u@%2Fvar%2Frun%2Fpostgresql/menpai", {"HOST": "/var/run/postgresql", "USER": "u"}),
        ("postgresql://a:1,b:2/menpai?target_session_attrs=read-write", {"HOST": "a,b", "PORT": "1,2"}),
        ("postgresql://u:p%40%2F@[::1]:5433/%E9%97%A8", {"HOST": "::1", "PASSWORD": "p@/", "NAME": "门"}),
    ],
)
def test_a_database_is_read_as_libpq_reads_it(url: str, expected: dict[str, str]) -> None:
    assert urls.database(url).items() >= expected.items()


def test_parameters_of_a_database_are_passed_on() -> None:
    options = urls.database(f"{HOME}?sslmode=require&options=-c%20work_mem%3D8MB&connect_timeout=5")["OPTIONS"]
    limits = "-c lock_timeout=3000 -c statement_timeout=10000"
    asked = {"sslmode": "require", "connect_timeout": "5", "options": f"{limits} -c work_mem=8MB"}
    assert options == asked | {"prepare_threshold": 5}
    assert urls.database(HOME, pooled=True)["OPTIONS"] == {"connect_timeout": 2, "prepare_threshold": None}


@pytest.mark.parametrize(
    ("variable", "url", "words"),
    [
        ("DATABASE", f"{HOME}?sslmod=require", "no parameter 'sslmod'. Do you mean sslmode?"),
        ("DATABASE", f"{HOME}?sslmode=on", "sslmode='on': one of disable"),
        ("DATABASE", f"{HOME}?sslrootcert=/nowhere/ca.pem", "there is no such file"),
        ("DATABASE", "postgresql://menpai:s3cret%zz@db.example/menpai", "%40 for an @"),
        ("DATABASE", "postgresql://menpai:s3cret@db.example", "names no database"),
        ("DATABASE", "postgresql://menpai:s3cret#1@db.example/menpai", "%23 for a #"),
        ("DATABASE", "mysql://menpai:s3cret@db.example/menpai", "write postgresql://"),
        ("DATABASE", "postgresql://menpai:s3cret@db.example:port/menpai", "port cannot be read"),
        ("REDIS", "redis://:s3cret@host/2?timeout=1", "no parameter 'timeout'. Do you mean socket_timeout?"),
        ("REDIS", "redis://:s3cret@host/two", "the database is a number"),
        ("REDIS", "redis://:s3cret@host?db=two", "the database is a number"),
        ("REDIS", "redis://:s3cret@host?tls=1", "write rediss:// for TLS"),
        ("REDIS", "unix://?db=2", "the database is a number"),
        ("REDIS", "redis://:s3cret@host?ssl_ca_certs=/etc/passwd", "ssl_ca_certs has no effect on redis://"),
        ("REDIS", "rediss://:s3cret@host?ssl_ca_certs=/nowhere/ca.pem", "there is no such file"),
        ("REDIS", "rediss://:s3cret@host?ssl_cert_reqs=maybe", "one of required, optional, none"),
        ("REDIS", "rediss://:s3cret@host?ssl_check_hostname=maybe", "write 1 or 0"),
        ("REDIS", "redis://:s3cret@host?socket_timeout=long", "write a number"),
        ("BROKER", "redis://:s3cret@host/14?socket_timeout=1", "no parameter 'socket_timeout'"),
        ("REDIS", "http://host/2", "write redis://"),
        ("BROKER", "unix:///run/redis.sock", "write redis://"),
        ("EMAIL", "smtp://u:s3cret@mail.example?starttls=1", "no parameter 'starttls'. Known: ssl_ca_certs, tls."),
        ("EMAIL", "smtp://u:s3cret@mail.example?ssl_ca_certs=/etc/passwd", "ssl_ca_certs has no effect without TLS"),
        ("EMAIL", "smtps://u:s3cret@mail.example?ssl_ca_certs=/nowhere/ca.pem", "there is no such file"),
        ("EMAIL", "smtp://u:s3cret@mail.example?tls=maybe", "tls='maybe': write 1 or 0"),
        ("EMAIL", "smtp://u:s3cret@mail.example:smtp", "port cannot be read"),
        ("EMAIL", "smtp://u:s3cret@mail.example/inbox", "write outbox://"),
    ],
)
def test_what_is_not_understood_is_refused_without_its_password(
    variable: str, url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"MENPAI_{variable}_URL", url)
    with pytest.raises(BadSetting, match=f"MENPAI_{variable}_URL") as refusal:
        {
            "DATABASE": lambda: urls.database(url),
            "REDIS": lambda: urls.redis("MENPAI_REDIS_URL"),
            "BROKER": lambda: urls.redis("MENPAI_BROKER_URL", urls.BROKER_SCHEMES),
            "EMAIL": lambda: urls.mail(url),
        }[variable]()
    assert words in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host?db=14", "redis://host/14"),
        ("redis://host/3?virtual_host=14", "redis://host/14"),
        ("redis+socket:///run/redis.sock?db=14", "redis+socket:///run/redis.sock?virtual_host=14"),
        ("rediss://host/14", "rediss://host/14?ssl_cert_reqs=required"),
        ("rediss://host/14?ssl_cert_reqs=CERT_NONE", "rediss://host/14?ssl_cert_reqs=none"),
        ("rediss://host?ssl_check_hostname=off", "rediss://host?ssl_check_hostname=false&ssl_cert_reqs=required"),
    ],
)
def test_a_broker_is_written_as_its_client_reads_it(url: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENPAI_BROKER_URL", url)
    assert urls.redis("MENPAI_BROKER_URL", urls.BROKER_SCHEMES) == expected


def test_a_start_says_it_in_one_line(tmp_path: Path) -> None:
    environ = os.environ | {"MENPAI_DATA_DIR": str(tmp_path), "MENPAI_DATABASE_URL": f"{HOME}?sslmod=require"}
    start = [sys.executable, "-m", "menpai", "check"]
    done = subprocess.run(start, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode
    assert "Do you mean sslmode?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("raw", ["1", "true", "YES", "On"])
def test_a_boolean_is_written_in_every_usual_way(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENPAI_TRIED", raw)
    assert environment.switch("MENPAI_TRIED")
    assert urls.mail(f"smtp://mail.example?tls={raw}")["EMAIL_USE_TLS"]


@pytest.mark.parametrize(
    ("url", "sessions"),
    [
        ("redis://:p%40@host:6379/2", "redis://:p%40@host:6379/1"),
        ("redis://host:6379?db=2", "redis://host:6379/1"),
        ("unix:///run/redis.sock?db=2", "unix:///run/redis.sock?db=1"),
        ("rediss://host/2?ssl_cert_reqs=none", "rediss://host/1?ssl_cert_reqs=none"),
        ("", ""),
    ],
)
def test_staff_sessions_are_in_the_next_database(url: str, sessions: str) -> None:
    assert urls.with_redis_database(url, 1) == sessions
    if url:
        assert redis.ConnectionPool.from_url(sessions).connection_kwargs["db"] == 1


@pytest.mark.parametrize(
    ("variable", "url", "finding"),
    [
        ("DATABASE", "postgresql://u:p@203.0.113.9/menpai", "W060"),  # documentation's addresses are not global
        ("DATABASE", "postgresql://u:p@8.8.8.8/menpai", "E060"),
        ("DATABASE", "postgresql://u:p@10.0.0.2/menpai?sslmode=prefer", "W060"),
        ("DATABASE", "postgresql://u:p@10.0.0.2/menpai?sslmode=disable", None),
        ("DATABASE", "postgresql://u:p@8.8.8.8/menpai?sslmode=require", None),
        ("DATABASE", "postgresql://u@8.8.8.8/menpai", None),
        ("DATABASE", "postgresql://u:p@/menpai?host=/var/run/postgresql", None),
        ("REDIS", "redis://:p@10.0.0.2/2", "W060"),
        ("REDIS", "redis://:p@8.8.8.8/2", "E060"),
        ("REDIS", "redis://:p@10.0.0.2/2?tls=0", None),
        ("REDIS", "rediss://:p@8.8.8.8/2", None),
        ("REDIS", "redis://:p@127.0.0.1/2", None),
        ("EMAIL", "smtp://u:p@10.0.0.2", "E060"),
        ("EMAIL", "smtp://u:p@10.0.0.2?tls=0", None),
        ("EMAIL", "smtp://u:p@8.8.8.8?tls=1", None),
        ("EMAIL", "smtp://10.0.0.2", None),
    ],
)
def test_a_password_in_clear_text_is_told_at_the_start(
    variable: str, url: str, finding: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"MENPAI_{variable}_URL", url)
    findings = list(secret_checks._clear_text(f"MENPAI_{variable}_URL"))
    assert [str(message.id) for message in findings] == ([f"menpai.{finding}"] if finding else [])
