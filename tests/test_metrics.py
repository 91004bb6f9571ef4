"""The metrics of real processes, as Prometheus reads them: its own promtool judges the text."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from menpai.environment import counters
from menpai.process import checks
from tests.leaks import leak_check
from tests.rig import debian
from tests.rig.children import free_port, until
from tests.rig.service import Service

SAMPLE = re.compile(r"(\w+)(\{.*\})? (-?[\d.e+-]+|NaN)")
Start = Callable[..., Service]
TOKEN = {"Authorization": "Bearer scrape me"}
ONCE = pytest.mark.once("a server of its own, which counts alike on both engines")


class Scrape:
    """One answer of a listener; `scrape["name"]` adds up the samples with these labels."""

    def __init__(self, text: str) -> None:
        leak_check.read("a scrape", text)
        self.text = text
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        self.samples = [(match[1], match[2] or "", float(match[3])) for match in map(SAMPLE.fullmatch, lines) if match]
        assert len(self.samples) == len(lines)

    def sum(self, name: str, *labels: str) -> float:
        return sum(value for of, text, value in self.samples if of == name and all(label in text for label in labels))


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


def scrape(http: httpx.Client, url: str) -> Scrape:
    answer = http.get(url, headers=TOKEN)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    return Scrape(answer.text)


@pytest.fixture(scope="module")
def promtool() -> debian.Program:
    return debian.program("promtool", package="prometheus")


def judged(promtool: debian.Program, *arguments: str, text: str = "") -> str:
    """Returns what promtool complains of."""
    command = [str(promtool.path), *arguments]
    done = subprocess.run(command, env=promtool.environment, input=text, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode or "SUCCESS" not in done.stdout + "SUCCESS" else ""


@pytest.fixture(scope="module")
def web(service: Start) -> Iterator[tuple[Service, str]]:
    """`menpai web` with two workers, and where its metrics are."""
    port = free_port()
    settings = {"MENPAI_METRICS_PORT": str(port), "MENPAI_METRICS_TOKEN": "scrape me", "MENPAI_WORKERS": "2"}
    running = service("web", **settings)
    yield running, f"http://127.0.0.1:{port}/metrics"
    running.stop()


@ONCE
def test_requests_of_all_workers_are_counted_even_of_those_that_were_killed(
    web: tuple[Service, str], http: httpx.Client
) -> None:
    site, url = web

    def ask(times: int) -> None:
        for _ in range(times):
            asked = http.get(f"{site.url}/v1/nothing?code=123456", headers={"Connection": "close"})
            assert asked.status_code == 404

    def count(name: str = "menpai_http_requests_total", *labels: str) -> float:
        return scrape(http, url).sum(name, 'contract="v1"', *labels)

    ask(20)
    assert count() == count("menpai_http_requests_total", 'status="404"') == 20
    workers = [child for child in site.children() if os.getpgid(child) == os.getpgid(site.process.pid)]
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    until(lambda: not set(workers) & set(site.children()) and site._answers(), 30, "new workers answer")
    assert count() == 20
    ask(5)
    assert count() == count("menpai_http_request_seconds_count") == 25


@ONCE
def test_promtool_finds_nothing_to_mend(web: tuple[Service, str], http: httpx.Client, promtool: debian.Program) -> None:
    assert judged(promtool, "check", "metrics", text=scrape(http, web[1]).text) == ""
    assert "no help text" in judged(promtool, "check", "metrics", text="# TYPE x counter\nx 1\n")


@ONCE
def test_a_scrape_needs_the_token_and_nothing_else_is_there(web: tuple[Service, str], http: httpx.Client) -> None:
    site, url = web
    refused = [http.get(url, headers={"Authorization": token}) for token in ("", "scrape me", "Bearer scrape", b"\xe9")]
    assert {(answer.status_code, answer.headers["www-authenticate"]) for answer in refused} == {(401, "Bearer")}
    assert http.get(url.replace("/metrics", "/livez"), headers=TOKEN).status_code == 404
    assert http.post(url, headers=TOKEN).status_code == 405
    assert "menpai_" not in http.get(f"{site.url}/metrics", headers=TOKEN).text  # never on the public port


@pytest.mark.once("a check of settings")
def test_a_listener_that_others_reach_is_warned_of(settings: Any) -> None:
    def warned() -> bool:
        return "menpai.W061" in [finding.id for finding in checks.check_settings()]

    settings.MENPAI_METRICS_HOST = "0.0.0.0"
    assert not warned()  # there is no listener
    settings.MENPAI_METRICS_PORT = 9100
    assert warned()
    settings.MENPAI_METRICS_HOST = "127.0.0.1"
    assert not warned()


@pytest.mark.once("memory of this process")
def test_a_full_slot_counts_what_it_drops() -> None:
    counters.share(workers=1)
    try:
        for status in range(1100):
            counters.REQUESTS.add("<a>", str(status))
        whole = Scrape(counters.text())
    finally:
        counters.share(workers=0)
    counted = whole.sum("menpai_http_requests_total", '{contract="_a_"')
    assert counted + whole.sum("menpai_metrics_dropped_total") == 1100
    assert len(whole.samples) == 1024
