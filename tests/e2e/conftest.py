"""A real server and a real browser. `walker` is a customer in front of it; `arrive()` brings another one.

Whatever a test is about, it fails on an error in the console, a 5xx or a request to another host (guard.py).
How a failed page looked is kept in MENPAI_ARTIFACTS, or in a folder that the failure names.
"""

import os
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.customers import Person
from tests.e2e import guard as guards
from tests.e2e import ways
from tests.e2e.mishaps import FAILURES, Failure
from tests.e2e.walker import Walker, a_customer
from tests.e2e.ways import Way
from tests.rig import browser as installed
from tests.rig.service import Service

PATIENCE_MS = 15_000  # both engines run at once on two cores
FAILED = pytest.StashKey[bool]()


# How a page looks and what its keys do is the same on both engines; other providers are played in development only.
EMBEDDED = ("test_keyboard.py", "test_looks.py", "test_journeys_social.py", "test_unhappy_social.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In `make test` each journey is made on one engine, in `make proof` on both."""
    journeys = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in journeys:
        if item.path.name not in EMBEDDED and not item.get_closest_marker("production_only"):
            item.add_marker(pytest.mark.once("the pages know no engine"))
    elsewhere = [item for item in journeys if item.path.name in EMBEDDED]
    if elsewhere and config.getoption("--engine") == "production":
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "way" in metafunc.fixturenames:
        proof = metafunc.config.getoption("--proof")
        metafunc.parametrize("way", ways.of(metafunc.definition.nodeid, proof), ids=str)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    environment = {**os.environ, **installed.environment()}
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop lives in this thread; Django takes that for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(
            executable_path=installed.executable(), args=["--no-sandbox"], env=environment
        )
        yield chromium
        chromium.close()
        connections.close_all()
    # While that loop was there Django kept connections of its own for it; those of before may have died meanwhile.
    connections.close_all()


@pytest.fixture(scope="package")
def site(service: Callable[..., Service], request: pytest.FixtureRequest) -> Iterator[Service]:
    yield from running_site(service, request)


def running_site(
    service: Callable[..., Service], request: pytest.FixtureRequest, **environment: str
) -> Iterator[Service]:
    """The product as it is run: one process with everything, or the web server and Celery's worker."""
    if request.config.getoption("--engine") == "embedded":
        parts = [service("run", **environment)]
    else:
        parts = [service("web", MENPAI_WORKERS="1", **environment), service("worker")]
    yield parts[0]
    for part in parts:
        part.stop()


@pytest.fixture(scope="session")
def artifacts() -> Path:
    folder = Path(artifacts_wanted() or Path(tempfile.gettempdir()) / "menpai-e2e")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def artifacts_wanted() -> str:
    """MENPAI_ARTIFACTS. The rig has dropped every MENPAI_ variable from os.environ by now."""
    environment = dict(line.partition("=")[::2] for line in Path("/proc/self/environ").read_text().split("\0"))
    return environment.get("MENPAI_ARTIFACTS", "")


@pytest.fixture
def guard(site: Service, request: pytest.FixtureRequest, artifacts: Path) -> Iterator[guards.Guard]:
    """`guard.expect("503: ")` where a test makes happen what is otherwise a fault."""
    yield guards.Guard(site.url)


@pytest.fixture
def arrive(
    browser: Browser, guard: guards.Guard, way: Way, artifacts: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Walker]]:
    """`arrive()`: somebody with a browser of their own; options as for Playwright's new_context."""
    contexts: list[BrowserContext] = []

    def come(**options: Any) -> Walker:
        context = browser.new_context(base_url=guard.url, **(way.context() | options))
        context.set_default_timeout(PATIENCE_MS)
        guard.watch(context)
        contexts.append(context)
        return Walker(context.new_page(), way, guard)

    yield come
    complaints = guard.complaints()
    kept = ""
    if complaints or request.node.stash.get(FAILED, False):
        kept = str(artifacts / re.sub(r"\W+", "-", request.node.name))
        pages = [page for context in contexts for page in context.pages]
        for number, page in enumerate(pages):
            guards.keep(page, f"{kept}-{number}")
        print(f"pages kept: {kept}-*")
    for context in contexts:
        context.close()
    assert not complaints, "\n".join([f"pages kept: {kept}-*", *complaints])


@pytest.fixture
def walker(arrive: Callable[..., Walker]) -> Walker:
    return arrive()


@pytest.fixture
def person(http: httpx.Client, mailbox: Any) -> Person:
    return a_customer(http, mailbox)


@pytest.fixture
def failure(request: pytest.FixtureRequest, engine: str, way: Way) -> Failure:
    """One on this engine and the other on the other; in the long run both on both."""
    number = zlib.crc32(request.node.originalname.encode()) + (engine == "production")
    return FAILURES[number + (request.config.getoption("--proof") and way.theme == "dark") & 1]
