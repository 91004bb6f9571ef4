"""The database or the store is really away. The page says so, keeps what was typed, and goes on afterwards."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connection
from playwright.sync_api import expect

from tests.customers import PASSWORD, Person, a_mobile
from tests.e2e.mishaps import AWAY
from tests.e2e.walker import Walker
from tests.rig.children import until
from tests.rig.service import Service
from tests.test_unavailable import away

Without = Callable[..., contextlib.AbstractContextManager[None]]
pytestmark = pytest.mark.slow("servers are stopped and started")
THREADS = 32  # at least as many as the server has
SAID = {"zh": "服务暂时不可用，请稍后再试。", "en": "The service is temporarily unavailable. Please try again later."}


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Somebody holds the only writer's place of SQLite for longer than anybody waits."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


@pytest.fixture
def without(request: pytest.FixtureRequest, site: Service) -> Without:
    """`with without("postgres"):` on the production engine; `without("database")` on either."""
    if request.config.getoption("--engine") == "production":
        request.getfixturevalue("postgres")  # which waits for its disk from here on: what is committed outlives its end

    @contextlib.contextmanager
    def stopped(name: str) -> Iterator[None]:
        with away(request.getfixturevalue(name)):
            yield
        connection.close()  # the test's own, which broke as well
        until(lambda: all_well(site), 20, "the server has found out that it is back")

    def stop(name: str = "database") -> contextlib.AbstractContextManager[None]:
        if name == "database" and request.config.getoption("--engine") == "embedded":
            return locked()
        return stopped("postgres" if name == "database" else name)

    return stop


def all_well(site: Service) -> bool:
    """Each thread of the server has a connection of its own, and finds only by using it that it is broken."""
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda _: httpx.get(f"{site.url}/dev/mailbox.json"), range(THREADS)))
    answers.append(httpx.get(f"{site.url}/readyz"))
    return all(answer.status_code == 200 for answer in answers)


def is_told(walker: Walker) -> None:
    expect(walker.main.get_by_role("alert").filter(has_text=SAID[walker.language])).to_be_visible()


def test_registering_without_the_database(walker: Walker, without: Without) -> None:
    mobile = a_mobile()
    walker.fills_in_registration(mobile)
    walker.guard.expect(*AWAY)
    with without():
        walker.press("register_submit")
        is_told(walker)
    walker.holds("register_mobile", mobile).holds("register_password", PASSWORD)
    expect(walker.box("consent_before")).to_be_checked()
    walker.press("register_submit").sees("register_done").is_signed_in(mobile)


def test_signing_in_without_the_database(walker: Walker, person: Person, without: Without) -> None:
    walker.open("/login").guard.expect(*AWAY)
    with without():
        walker.signs_in(person.name, person.password)
        is_told(walker)
    walker.holds("login_password", person.password)
    walker.press("login_button").is_signed_in(person.name)


@pytest.mark.production_only("SQLite can always be read")
def test_a_page_that_cannot_say_who_is_signed_in_looks_again_by_itself(
    walker: Walker, person: Person, without: Without
) -> None:
    walker.signs_in_as(person).guard.expect(*AWAY)
    with without("postgres"):
        walker.open("/account").reads({"zh": "本页会自动重试", "en": "retry automatically"}[walker.language])
    walker.is_signed_in(person.name).is_at("/account")


@pytest.mark.production_only("the embedded run has no Redis to lose")
def test_a_code_without_the_store(walker: Walker, without: Without) -> None:
    mobile = a_mobile()
    walker.open("/register").fill("register_mobile", mobile)
    walker.guard.expect(*AWAY)
    with without("redis_server"):
        walker.press("send_sms").sees("send_sms_failed").reads(SAID[walker.language])
    walker.press("send_sms").sees("send_sms_done")
