"""Settings that are URLs: every parameter is passed on, or refused with the name that it resembles."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from menpai import environment
from menpai.environment import BadSetting, urls
from menpai.process import secret_checks
from tests.rig.postgres import Postgres

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
        ("REDIS", "http://host/2", "write redis://"),
        ("BROKER", "unix:///run/redis.sock", "write redis://"),
        ("EMAIL", "smtp://u:s3cret@mail.example?starttls=1", "no parameter 'starttls'. Known: tls."),
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


def certify(folder: Path) -> Path:
    """A certificate of `localhost` that nobody signed but itself; returns its file. The key is beside it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "server.key").write_bytes(pem)
    return folder / "server.crt"


@pytest.fixture(scope="module")
def tls_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgres, Path]]:
    server = Postgres(durable=False)
    certificate = certify(tmp_path_factory.mktemp("tls"))
    server.encrypt(certificate)
    server.start()
    yield server, certificate
    server.remove()


@pytest.mark.parametrize(
    ("parameters", "is_encrypted"),
    [("sslmode=verify-full&sslrootcert={ca}", True), ("sslmode=require", True), ("sslmode=disable", False)],
)
def test_a_database_is_reached_as_encrypted_as_asked(
    parameters: str, is_encrypted: bool, tls_postgres: tuple[Postgres, Path]
) -> None:
    from django.db.backends.postgresql.base import DatabaseWrapper

    server, certificate = tls_postgres
    url = server.url("postgres").replace("127.0.0.1", "localhost") + "?" + parameters.format(ca=certificate)
    settings = {"TIME_ZONE": None, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False}
    connection = DatabaseWrapper(settings | urls.database(url))
    with connection.cursor() as cursor:
        cursor.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert cursor.fetchone() == (is_encrypted,)
    connection.close()


def test_a_certificate_of_another_host_is_refused(tls_postgres: tuple[Postgres, Path]) -> None:
    server, certificate = tls_postgres
    url = f"{server.url('postgres')}?sslmode=verify-full&sslrootcert={certificate}"
    with pytest.raises(psycopg.OperationalError, match=r"127\.0\.0\.1"):
        psycopg.connect(url)
