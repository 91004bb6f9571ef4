"""An upgrade under load and the way back: the version before, then both on the same data, then the one before again.

Real processes of both versions behind what a load balancer would do. Nothing that one acknowledged is lost at the
other, and nobody is refused because of the version that they meet.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.clients import ORIGIN
from tests.conftest import Mailbox, rig
from tests.customer_state import CustomerState
from tests.customers import an_address, an_address_in_parts, somebody
from tests.invariants import ALWAYS, broken_at
from tests.no_limits import NO_LIMITS, client
from tests.operators import STAFF, credentials
from tests.rig.children import until
from tests.rig.releases import TODAY, Release, previous
from tests.rig.service import Service
from tests.upgrade_load import UpgradeLoad

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.slow("two versions start, serve and are upgraded under load"),
]
Start = Callable[[Release, str], Service]
DONGGUAN = {"province": "广东省", "city": "东莞市"}


@pytest.fixture(scope="session")
def before() -> Release:
    return previous()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Data of its own, with an address of its own in front of every version: tokens name their issuer."""
    found = NO_LIMITS | {
        "MENPAI_DATA_DIR": str(tmp_path),
        "MENPAI_KEYS_FILE": str(tmp_path / "keys.json"),
        "MENPAI_SECRET_KEY": "for tests only, as long as it has to be",
        "MENPAI_PUBLIC_URL": ORIGIN,
        "MENPAI_WORKERS": "1",
        "DJANGO_SUPERUSER_PASSWORD": STAFF[1],
    }
    if rig.postgres:
        found |= {
            "MENPAI_DATABASE_URL": rig.postgres.create(f"upgrade_{tmp_path.name}"),
            "MENPAI_REDIS_URL": rig.redis.url(5),
            "MENPAI_SESSION_REDIS_URL": rig.redis.url(6),
            "MENPAI_BROKER_URL": rig.redis.url(7),
        }
    return found


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """`start(release, "web")`: one more process on that data."""
    with contextlib.ExitStack() as stack:
        yield lambda release, command: stack.enter_context(release.service(command, environment))


@pytest.fixture
def old(before: Release, environment: dict[str, str], start: Start) -> Service:
    """The version before, on a schema and a keys file that it made."""
    before.run("keys", environment=environment)
    before.run("migrate", environment=environment)
    return start(before, "web")


@contextlib.contextmanager
def database(environment: dict[str, str], tmp_path: Path) -> Iterator[Any]:
    """A connection past both versions."""
    if url := environment.get("MENPAI_DATABASE_URL"):
        connection: Any = psycopg.connect(url, autocommit=True)
    else:
        connection = sqlite3.connect(tmp_path / "menpai.sqlite3")
    with contextlib.closing(connection):
        yield connection


@pytest.fixture
def at() -> Iterator[Callable[[Service], httpx.Client]]:
    """A client of that process."""
    with contextlib.ExitStack() as stack:
        yield lambda service: stack.enter_context(client(base_url=service.url, timeout=15))


@pytest.fixture
def worker_sends(environment: dict[str, str], start: Start, tmp_path: Path, engine: str) -> Callable[[Release], None]:
    """`worker_sends(release)`: the worker of that version sends everything that waits. SQLite has no worker process."""

    def send(release: Release) -> None:
        with database(environment, tmp_path) as connection:
            last = number(connection, "SELECT max(id) FROM menpai_message")
            unsent = (
                f"SELECT count(*) FROM menpai_message WHERE state NOT IN ('accepted', 'delivered') AND id <= {last}"
            )
            assert number(connection, unsent) > 0
            worker = start(release, "worker")
            until(lambda: number(connection, unsent) == 0, 60, "the worker sends everything")
        worker.stop()
        assert " fault " not in worker.log()

    return send if engine == "production" else lambda _: None


def number(connection: Any, statement: str) -> int:
    cursor = connection.cursor()
    cursor.execute(statement)
    return int(cursor.fetchone()[0])


def state_at(http: httpx.Client) -> CustomerState:
    """Made at that version, whose development mailbox answers only who comes through no proxy."""
    with httpx.Client(base_url=http.base_url, timeout=15) as reader:
        return CustomerState(http, Mailbox(reader))


@pytest.fixture
def staff(before: Release, old: Service, environment: dict[str, str]) -> Iterator[httpx.Client]:
    """A browser in which staff signed in at the version before."""
    account = ["--username", STAFF[0], "--email", "ops@example.com"]
    before.run("createsuperuser", "--noinput", *account, environment=environment)
    with httpx.Client(timeout=15) as browser:
        url = f"{old.url}/admin/login/?next=/admin/"
        answer = browser.post(url, data=credentials(browser.get(url).text), headers={"origin": old.url})
        assert answer.status_code == 302
        yield browser


@dataclass
class Upgrade:
    """One upgrade and the way back; each step leaves customers behind, with whom the next ones go on."""

    before: Release
    old: Service
    environment: dict[str, str]
    start: Start
    at: Callable[[Service], httpx.Client]
    worker_sends: Callable[[Release], None]
    load: UpgradeLoad
    states: list[CustomerState] = field(default_factory=list)
    in_dongguan: Any = None  # a customer whose address has a code that was made up

    def goes_on(self) -> None:
        assert self.load.goes_on(8), self.load.faults

    def migrate(self) -> None:
        self.states = [state_at(self.at(self.old))]
        self.in_dongguan = somebody(self.at(self.old))
        made_up = an_address_in_parts(**DONGGUAN, county="长安镇", detail="振安路1号", region_code="441904")
        added = self.in_dongguan.http.post("/api/me/addresses", json=made_up, headers=self.in_dongguan.auth)
        assert added.status_code == 201, added.text
        self.goes_on()
        try:
            TODAY.run("keys", environment=self.environment)
        except AssertionError as error:
            assert "is there already; nothing was changed" in str(error), error
        done = self.load.acknowledged
        TODAY.run("migrate", environment=self.environment)
        assert self.load.acknowledged > done, "requests go on during the migration"
        self.goes_on()

    def serve_both(self, staff: httpx.Client) -> Service:
        """Each honours what the other made, and the new worker sends what the old one was asked to send."""
        new = self.start(TODAY, "web")
        at_old, at_new = self.at(self.old), self.at(new)
        self.load.go_to(self.old.url, new.url)
        (made_before,) = self.states
        made_before.still_hold(at_new)
        made_before.are_used(at_new)
        assert all("账户中心" in staff.get(f"{one.url}/admin/").text for one in (new, self.old))
        self.worker_sends(TODAY)
        self.states += [state_at(at_new), state_at(at_new)]
        self.states[1].still_hold(at_old)
        self.states[1].are_used(at_old)
        self.shows_wider_rows(at_new, at_old)
        self.shows_real_codes(at_new, at_old)
        self.goes_on()
        return new

    def shows_wider_rows(self, at_new: httpx.Client, at_old: httpx.Client) -> None:
        """What the old one would not take from a customer it shows and removes; a town that it edits stays."""
        person = somebody(at_new)
        wide = an_address(receiver="阿卜杜热依木江·买买提艾力", mobile="010-65551234-802", address="号" * 200)
        town = an_address_in_parts(town="东华门街道", region_code="110101", town_code="110101001")
        added = [at_new.post("/api/me/addresses", json=each, headers=person.auth) for each in (wide, town)]
        assert [answer.status_code for answer in added] == [201, 201], added[0].text + added[1].text
        book = person.addresses()
        person.http = at_old
        assert person.addresses() == book
        shown = {
            name: book[1][name] for name in ("receiver", "receiver_mobile", "province", "city", "county", "detail")
        }
        assert person.put(f"{person.book}/{book[1]['id']}", **shown, tag="家")["code"] == 200
        [_, row] = at_new.get("/api/me/addresses", headers=person.auth).json()["addresses"]
        assert row | town | {"tag": "家"} == row
        person.delete(f"{person.book}/{book[1]['id']}")
        assert person.delete(f"{person.book}/{book[0]['id']}")["addresslist"] == []

    def shows_real_codes(self, at_new: httpx.Client, at_old: httpx.Client) -> None:
        """A code that the old picker made up was mapped; the old one shows the same address and edits it."""
        person = self.in_dongguan
        real = DONGGUAN | {"county": "", "town": "长安镇", "region_code": "441900", "town_code": "441900119"}
        [row] = at_new.get("/api/me/addresses", headers=person.auth).json()["addresses"]
        assert row | real == row
        person.http = at_old
        [shown] = person.addresses()
        assert shown["address"] == row["address"] == "广东省东莞市长安镇振安路1号"
        names = ("receiver", "receiver_mobile", "province", "city", "county", "detail")
        edited = person.put(f"{person.book}/{row['id']}", **{name: shown[name] for name in names}, tag="家")
        assert edited["addresslist"][0] == shown | {"tag": "家"}

    def go_back(self, new: Service) -> None:
        """The old one honours what the new one left, and starts on the schema of today."""
        self.load.go_to(self.old.url)
        new.stop()
        at_old = self.at(self.old)
        for state in self.states:
            state.still_hold(at_old)
        self.states[2].are_used(at_old)
        self.worker_sends(self.before)
        self.goes_on()
        at_another = self.at(self.start(self.before, "web"))
        for state in self.states:
            state.were_used(at_another)


def test_an_upgrade_under_load_and_the_way_back_lose_nothing(
    before: Release,
    old: Service,
    staff: httpx.Client,
    environment: dict[str, str],
    start: Start,
    at: Any,
    worker_sends: Any,
    tmp_path: Path,
    engine: str,
) -> None:
    with UpgradeLoad(old.url, customers=3 if engine == "production" else 1) as load:
        upgrade = Upgrade(before, old, environment, start, at, worker_sends, load)
        upgrade.migrate()
        new = upgrade.serve_both(staff)
        upgrade.go_back(new)
    assert load.check() == []
    assert " fault " not in old.log() + new.log()
    with database(environment, tmp_path) as connection:
        assert broken_at(connection.cursor(), ALWAYS) == []
    TODAY.run("audit", "seal", environment=environment)
    assert "whole" in before.run("audit", "verify", environment=environment)


@pytest.mark.proof_only("the story above is what decides; this shows that it would see a fault")
@pytest.mark.production_only("SQLite has no such column")
def test_a_column_that_the_version_before_cannot_fill_is_caught(
    old: Service, environment: dict[str, str], tmp_path: Path
) -> None:
    with UpgradeLoad(old.url, customers=2) as load:
        assert load.goes_on(8), load.faults
        with database(environment, tmp_path) as connection:
            connection.execute("ALTER TABLE menpai_address ADD COLUMN locker text NOT NULL DEFAULT ''")
            connection.execute("ALTER TABLE menpai_address ALTER COLUMN locker DROP DEFAULT")
        assert not load.goes_on(100)
    first, *_ = load.check()
    assert "(500, " in first
