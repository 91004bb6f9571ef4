"""TLS and unix sockets to real servers: the right certificate serves, any other is refused, nothing goes in clear."""

import dataclasses
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connections

from menpai import ephemeral
from menpai.contracts import health
from menpai.delivery import outbox
from menpai.delivery.wakeup import celery_app
from menpai.environment import urls
from menpai.models import Message
from menpai.process import checks
from tests.customers import somebody
from tests.rig import debian
from tests.rig.children import ends_with_us, free_port, until
from tests.rig.mail_server import MailServer
from tests.rig.postgres import Postgres
from tests.rig.service import Service

pytestmark = pytest.mark.production_only("TLS to PostgreSQL, Redis and the broker")
LIBRARIES = ("redis-tools", "libatomic1", "libjemalloc2", "liblzf1", "libssl3", "libsystemd0")


def certify(file: Path) -> Path:
    """Writes a certificate of `localhost` that nobody signed but itself; the key is beside it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.with_suffix(".key").write_bytes(pem)
    return file


@dataclasses.dataclass
class Servers:
    ours: Path  # the certificate of all servers
    others: Path  # a certificate that no server has
    database: str  # host, port and name, for localhost
    sockets: Path  # PostgreSQL's folder of sockets
    port: int  # Redis', with TLS alone
    socket: Path  # Redis'
    redis: redis.Redis


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, database: None) -> Iterator[Servers]:
    from tests.conftest import rig

    program, folder, port = debian.program("redis-server", *LIBRARIES), tmp_path_factory.mktemp("tls"), free_port()
    ours, others = certify(folder / "ours.crt"), certify(folder / "others.crt")
    socket = folder / "redis.sock"
    options = {"port": 0, "tls-port": port, "bind": "127.0.0.1", "unixsocket": socket, "save": "", "dir": folder}
    options |= {"tls-cert-file": ours, "tls-key-file": ours.with_suffix(".key"), "tls-ca-cert-file": ours}
    options |= {"tls-auth-clients": "no"}
    command = [program.path, *(str(part) for name, value in options.items() for part in (f"--{name}", value))]
    postgres: Postgres = rig.postgres
    with (
        subprocess.Popen(
            command, env=program.environment, stdout=subprocess.DEVNULL, preexec_fn=ends_with_us(signal.SIGKILL)
        ) as process,
        redis.Redis(unix_socket_path=str(socket)) as client,
        postgres.encrypted(ours),
    ):
        until(lambda: _answers(client), 20, "Redis answers")
        place = f"menpai@localhost:{postgres.port}/menpai"
        yield Servers(ours, others, place, postgres.socket_folder, port, socket, client)
        process.kill()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


# ── The right certificate ──
def _by_tls(servers: Servers) -> dict[str, str]:
    place, authorities = f"rediss://localhost:{servers.port}", f"ssl_ca_certs={servers.ours}"
    parameters = f"sslmode=verify-full&sslrootcert={servers.ours}&application_name=tried"
    return {
        "MENPAI_DATABASE_URL": f"postgresql://{servers.database}?{parameters}",
        "MENPAI_REDIS_URL": f"{place}/2?{authorities}",
        "MENPAI_BROKER_URL": f"{place}/14?{authorities}",
        "MENPAI_RESULT_BACKEND_URL": f"{place}/15?{authorities}",
    }


def _by_sockets(servers: Servers) -> dict[str, str]:
    return {
        "MENPAI_DATABASE_URL": f"postgresql://menpai@/menpai?host={servers.sockets}&application_name=tried"
        f"&port={servers.database.partition(':')[2].partition('/')[0]}",
        "MENPAI_REDIS_URL": f"unix://{servers.socket}?db=2",
        "MENPAI_BROKER_URL": f"redis+socket://{servers.socket}?db=14",
        "MENPAI_RESULT_BACKEND_URL": f"redis+socket://{servers.socket}?db=15",
    }


@pytest.mark.slow("starts the whole product, twice")
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("way", "mail"), [(_by_tls, "implicit"), (_by_sockets, "STARTTLS")])
def test_a_customer_registers_and_the_mail_arrives(
    way: Callable[[Servers], dict[str, str]], mail: str, servers: Servers, service: Callable[..., Service]
) -> None:
    servers.redis.flushall()
    with _mail_server(servers, mail).running() as server:
        settings = way(servers) | {"MENPAI_EMAIL_URL": _mail_url(server, mail, "localhost", servers.ours)}
        site = service("run", **settings)
        with httpx.Client(base_url=site.url) as http:
            person = somebody(http)
            until(lambda: server.recipients, 90, f"the mail arrives\n{site.log()}")
            assert server.recipients == [person.email]
            until(lambda: http.get("/readyz").json() == {"status": "ok"}, 60, "everything is ready")
        databases = servers.redis.info("keyspace").keys()
        assert {"db2", "db14"} <= set(databases), "the store and the broker are where the URLs say"
        question = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = %s"
        with connections["default"].cursor() as cursor:
            cursor.execute(question, ["tried"])
            assert cursor.fetchall() == [(way is _by_tls,)]
        site.stop()


# ── Any other ──
@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer than half a second to refuse."""
    monkeypatch.setattr(health, "READY_WITHIN", 10)


REFUSED = [  # host, certificate, words in /readyz
    ("localhost", "others", "certificate refused"),
    ("127.0.0.1", "ours", "certificate refused"),
]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(("host", "authority", "words"), REFUSED)
def test_a_database_with_another_certificate_is_refused(
    host: str, authority: str, words: str, servers: Servers, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = servers.database.replace("localhost", host)
    url = f"postgresql://{place}?sslmode=verify-full&sslrootcert={getattr(servers, authority)}"
    usual = connections.settings["default"]
    monkeypatch.setitem(connections.settings, "default", usual | urls.database(url))
    assert http.get("/readyz").json() == {"status": "unavailable", "database": f"no answer ({words})"}
    with ThreadPoolExecutor(1) as thread:  # with a connection of its own
        [finding] = thread.submit(lambda: list(checks.migrations())).result()
    assert finding.id == "menpai.E017" and "certificate" in finding.msg


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(("host", "authority", "words"), REFUSED)
def test_a_redis_with_another_certificate_is_refused(
    host: str, authority: str, words: str, servers: Servers, http: httpx.Client, settings: Any
) -> None:
    settings.MENPAI_REDIS_URL = f"rediss://{host}:{servers.port}/2?ssl_ca_certs={getattr(servers, authority)}"
    ephemeral.store.cache_clear()
    try:
        [finding] = checks.stores()
        answers = [http.get("/readyz").json() for _ in range(5)]  # the circuit breaker knows the reason too
    finally:
        ephemeral.store.cache_clear()
    assert finding.id == "menpai.W062" and "certificate verify failed" in finding.msg
    assert answers == [{"status": "unavailable", "store": f"no answer ({words})"}] * 5


@pytest.mark.parametrize("parameters", ["", "?ssl_ca_certs={others}"])
def test_a_broker_with_another_certificate_gets_no_message(
    parameters: str, servers: Servers, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    url = f"rediss://localhost:{servers.port}/14{parameters.format(others=servers.others)}"
    monkeypatch.setenv("MENPAI_BROKER_URL", url)
    settings.MENPAI_BROKER_URL = urls.redis("MENPAI_BROKER_URL", urls.BROKER_SCHEMES)
    with celery_app.__wrapped__() as app, pytest.raises(Exception, match="certificate verify failed"):
        app.send_task("menpai.deliver", args=[1])


# ── Mail ──
def _mail_server(servers: Servers, offer: str) -> MailServer:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(servers.ours, servers.ours.with_suffix(".key"))
    return MailServer(**{"implicit": {"ssl_context": context}, "STARTTLS": {"tls_context": context}}.get(offer, {}))


def _mail_url(server: MailServer, way: str, host: str, authority: Path) -> str:
    place = f"{host}:{server.port}?ssl_ca_certs={authority}"
    return f"smtps://{place}" if way == "implicit" else f"smtp://{place}&tls=1"


@pytest.mark.parametrize(
    ("offer", "way", "host", "authority", "problem"),
    [
        ("implicit", "implicit", "localhost", "others", "misconfigured certificate: self-signed certificate"),
        ("implicit", "implicit", "127.0.0.1", "ours", "misconfigured certificate: IP address mismatch"),
        ("STARTTLS", "STARTTLS", "localhost", "others", "misconfigured certificate: self-signed certificate"),
        ("STARTTLS", "STARTTLS", "127.0.0.1", "ours", "misconfigured certificate: IP address mismatch"),
        ("nothing", "STARTTLS", "localhost", "ours", "misconfigured not supported"),
        ("nothing", "implicit", "localhost", "ours", "busy SSLError"),
    ],
)
def test_a_mail_server_with_another_certificate_or_none_gets_nothing(
    offer: str, way: str, host: str, authority: str, problem: str, servers: Servers, http: httpx.Client, settings: Any
) -> None:
    somebody(http)
    message = Message.objects.get()
    server = _mail_server(servers, offer)
    server.url = _mail_url(server, way, host, getattr(servers, authority))
    with server.in_use(settings):
        assert outbox.deliver(message.pk) == "queued"
    message.refresh_from_db()
    assert message.problem.startswith(f"smtp: {problem}")
    assert server.mails == []
