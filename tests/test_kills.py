"""kill -9 of a web worker, of PostgreSQL and of Redis under load: what was answered with success is there afterwards.

Real HTTP, two web workers, PostgreSQL and Redis; web workers on SQLite too, where a killed one may be writing. The
customers remember what they were told (load_customers.py); at the end the database is compared with it
(expected_accounts.py), exactly.
"""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.db import connection, transaction

from menpai.models import Address, Customer, Message, Session, SpentSecret
from tests.load import Load, check
from tests.load_customers import LoadCustomer
from tests.no_limits import NO_LIMITS, lift_limits, wandering
from tests.outage_client import OutageClient
from tests.rig.children import end
from tests.rig.postgres import Postgres
from tests.rig.redis import Redis
from tests.rig.service import Service

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.slow("between two kills customers do things, and a server starts"),
]
needs_servers = pytest.mark.production_only("the embedded run has no server to kill")


@pytest.fixture(scope="module")
def running(service: Callable[..., Service]) -> Iterator[Service]:
    started = service("web", MENPAI_WORKERS="2", **NO_LIMITS)
    yield started
    started.stop()


@pytest.fixture
def web(running: Service) -> Iterator[Service]:
    yield running
    connection.close()  # it may have been the killed server's


@pytest.fixture
def restart(postgres: Postgres) -> Callable[[], None]:
    def kill_and_start() -> None:
        postgres.kill()
        postgres.start()

    return kill_and_start


def kill_again_and_again(kill: Callable[[], None], times: int, load: Load) -> int:
    """Each kill meets a service that works. How many there were: fewer when something went wrong."""
    between = 10 if times < 100 else 35  # T6: at least 20,000 acknowledged operations over all the kills of a proof
    for number in range(times):
        if not load.goes_on(between):
            return number
        time.sleep(random.uniform(0.0, 0.3))  # the moment is the point
        kill()
    load.goes_on(50)
    return times


@pytest.fixture
def nothing_is_lost(
    capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> Callable[[str, int, Load], None]:
    """The check, and one line about it that is seen in every run."""

    def look(what: str, kills: int, load: Load) -> None:
        wrong = load.check()
        told = f"{load.acknowledged} acknowledged, {load.interrupted} interrupted, {len(wrong)} lost or wrong"
        record_property("seen", f"{kills} kills, {told}")
        with capsys.disabled():
            print(f"\nkill -9 of {what}: {kills} kills, {told}", flush=True)
        assert wrong == []
        assert load.interrupted > 0, "no kill met a request"

    return look


def test_kills_of_web_workers_lose_nothing(web: Service, proof: bool, nothing_is_lost: Any) -> None:
    """A killed worker costs its connections, and nothing else: no other answer is out of order."""
    with Load(web.url, excuse="dropped connection") as load:
        kills = kill_again_and_again(lambda: end(random.choice(web.children())), 200 if proof else 5, load)
    nothing_is_lost("web workers", kills, load)
    assert " fault " not in web.log()


@needs_servers
def test_kills_of_postgresql_lose_nothing(web: Service, restart: Any, proof: bool, nothing_is_lost: Any) -> None:
    """While it is away there are honest 503s, and nothing else: no 500, no dropped connection."""
    with Load(web.url, excuse="503") as load:
        kills = kill_again_and_again(restart, 200 if proof else 3, load)
    nothing_is_lost("PostgreSQL", kills, load)
    assert " fault " not in web.log()


@needs_servers
def test_kills_of_redis_lose_codes_and_nothing_else(
    web: Service, redis_server: Redis, proof: bool, nothing_is_lost: Any
) -> None:
    """It keeps nothing on the disk: people ask for a new code. Whatever was acknowledged is in the database."""

    def restart() -> None:
        redis_server.kill()
        time.sleep(random.uniform(0.0, 0.2))  # long enough to be noticed
        redis_server.start()

    with Load(web.url, excuse="503", forgets=True) as load:
        kills = kill_again_and_again(restart, 200 if proof else 3, load)
    nothing_is_lost("Redis", kills, load)
    assert " fault " not in web.log()


@pytest.fixture
def hasty() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER DATABASE menpai SET synchronous_commit = off")
    connection.close()
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER DATABASE menpai RESET synchronous_commit")
    connection.close()


@needs_servers
def test_a_database_that_does_not_wait_for_its_disk_is_caught(hasty: None, web: Service, restart: Any) -> None:
    """The same story, told naively: what is acknowledged before it is written is missed."""
    with Load(web.url, excuse="503") as load:
        for _ in range(20):
            if not load.goes_on(30):
                break
            restart()
    missed = load.check()
    assert missed
    assert not any("Traceback" in one for one in missed), missed


# What somebody's hand does to the database, and what the check then says.
DAMAGE: dict[str, Callable[[], object]] = {
    "registered, and not there": lambda: Customer.objects.all().delete(),
    "nobody was told about it": lambda: Customer.objects.create(username="x", username_key="x", password="$argon2id$x"),
    "another name or mailbox": lambda: Customer.objects.update(email="somebody@example.com"),
    "the password does not work": lambda: Customer.objects.update(password="$argon2id$x"),
    "customers have a password": lambda: Customer.objects.update(password=""),
    "mail proven should be True": lambda: Customer.objects.update(email_verified_at=None),
    "changes, 1 notices": lambda: Message.objects.filter(kind="password-changed").latest("pk").delete(),
    "the book is": lambda: Address.objects.filter(is_default=False, deleted_at=None).update(receiver="别人"),
    "one default among them": lambda: Address.objects.update(is_default=False),
    "deleted, and not so": lambda: Address.objects.filter(set_aside_at=None).update(deleted_at=None),
    "set aside, and not so": lambda: Address.objects.update(set_aside_at=None),
    "the session is not there": lambda: Session.objects.all().delete(),
    "a session that should be": lambda: Session.objects.update(ended_at=None),
    "no session outlives": lambda: Session.objects.update(ended_at=None),
    "no living session": lambda: Customer.objects.update(disabled_at="2026-01-01T00:00Z"),
    "tickets spent": lambda: SpentSecret.objects.filter(purpose="recovery-ticket").delete(),
    "one spent code": lambda: SpentSecret.objects.filter(purpose="registration").delete(),
    "accepted, and not there": lambda: Message.objects.filter(kind="registration-code").delete(),
    "has its activation mail": lambda: Message.objects.filter(kind="activation-link").delete(),
    "a message has its cause": lambda: Message.objects.update(customer=None),
}


@pytest.fixture
def shopper(http: httpx.Client, set_rule: Callable[[str, Any], None], settings: Any) -> LoadCustomer:
    """One who did everything once, undisturbed."""
    lift_limits(set_rule, settings)
    shopper = LoadCustomer(OutageClient(wandering(http), excuse="none"))
    shopper.register_by_sms()
    person = shopper.register_named()
    shopper.add_address(person)
    shopper.recover(person)
    for _ in range(3):
        shopper.add_address(person)
    shopper.delete_address(person)
    shopper.change_password(person)
    return shopper


@needs_servers
def test_the_check_sees_every_loss(shopper: LoadCustomer) -> None:
    assert check([shopper]) == []
    for words, damage in DAMAGE.items():
        with transaction.atomic():
            damage()
            found = check([shopper])
            transaction.set_rollback(True)
        assert any(words in one for one in found), (words, found)
    assert check([shopper]) == []
