"""The metrics of real processes, as Prometheus reads them: its own promtool judges the text."""

import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection, transaction
from django.utils import timezone

from menpai import audit, ephemeral
from menpai.audit import events
from menpai.delivery import outbox, outcomes
from menpai.delivery.sms import breaker, budget
from menpai.environment import counters
from menpai.process import checks
from menpai.process.children import is_listening
from menpai.process.scrape import AGE
from menpai.reports import gauges
from menpai.worker import retention
from tests.customers import somebody_by_sms
from tests.leaks import leak_check
from tests.rig import debian
from tests.rig.children import ends_with_us, free_port, until
from tests.rig.service import HERE, Service
from tests.rig.tables import columns
from tests.sms.steps import a_code

SAMPLE = re.compile(r"(\w+)(\{.*\})? (-?[\d.e+-]+|NaN)")
Start = Callable[..., Service]
TOKEN = {"Authorization": "Bearer scrape me"}
ONCE = pytest.mark.once("a server of its own, which counts alike on both engines")


class Scrape:
    """One answer of a listener; `scrape["name"]` adds up the samples with these labels."""

    def __init__(self, text: str) -> None:
        self.text = text
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        self.samples = [(match[1], match[2] or "", float(match[3])) for match in map(SAMPLE.fullmatch, lines) if match]
        assert len(self.samples) == len(lines)

    def sum(self, name: str, *labels: str) -> float:
        return sum(value for of, text, value in self.samples if of == name and all(label in text for label in labels))


@pytest.fixture(scope="module")
def wire() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


def scrape(wire: httpx.Client, url: str) -> Scrape:
    answer = wire.get(url, headers=TOKEN)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    return Scrape(answer.text)


@pytest.fixture(scope="module")
def promtool() -> debian.Program:
    return debian.program("promtool", package="prometheus")


def judged(promtool: debian.Program, *arguments: str, text: str = "") -> str:
    """Returns what promtool complains of."""
    command = [str(promtool.path), *arguments]
    done = subprocess.run(command, env=promtool.environment, input=text, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


@pytest.fixture(scope="module")
def web(service: Start) -> Iterator[tuple[Service, str]]:
    """`menpai web` with two workers, and where its metrics are."""
    port = free_port()
    settings = {"MENPAI_METRICS_PORT": str(port), "MENPAI_METRICS_TOKEN": "scrape me", "MENPAI_WORKERS": "2"}
    running = service("web", **settings)
    yield running, f"http://127.0.0.1:{port}/metrics"
    running.stop()


@ONCE
def test_requests_of_all_workers_are_counted_even_of_one_that_was_killed(
    web: tuple[Service, str], wire: httpx.Client
) -> None:
    site, url = web

    def ask(times: int) -> None:
        for _ in range(times):
            asked = wire.get(f"{site.url}/v1/nothing?code=123456", headers={"Connection": "close"})
            assert asked.status_code == 404

    def count(name: str = "menpai_http_requests_total", *labels: str) -> float:
        return scrape(wire, url).sum(name, 'contract="v1"', *labels)

    ask(20)
    assert count() == count("menpai_http_requests_total", 'status="404"') == 20
    workers = [child for child in site.children() if os.getpgid(child) == os.getpgid(site.process.pid)]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: workers[0] not in site.children() and site._answers(), 30, "another worker answers")
    assert count() == 20
    ask(5)
    assert count() == count("menpai_http_request_seconds_count") == 25


@ONCE
def test_promtool_finds_nothing_to_mend(web: tuple[Service, str], wire: httpx.Client, promtool: debian.Program) -> None:
    until(lambda: scrape(wire, web[1]).sum("menpai_database_up"), 40, "the gauges were read")
    text = scrape(wire, web[1]).text
    leak_check.read("a scrape", text)
    assert judged(promtool, "check", "metrics", text=text) == ""
    assert "no help text" in judged(promtool, "check", "metrics", text="# TYPE x counter\nx 1\n")


@pytest.mark.proof_only("promtool judges the same text everywhere else")
@ONCE
def test_a_real_prometheus_scrapes_with_the_token_and_reads_the_alert_rules(
    web: tuple[Service, str], wire: httpx.Client, promtool: debian.Program, tmp_path: Path
) -> None:
    site, url = web
    port, target = free_port(), url.split("/")[2]
    job = {"job_name": "menpai", "scrape_interval": "1s", "scrape_timeout": "1s"}
    job |= {"authorization": {"credentials": "scrape me"}, "static_configs": [{"targets": [target]}]}
    configuration = {"scrape_configs": [job], "rule_files": [str(HERE / "docs/alerts.yml")]}
    (tmp_path / "prometheus.yml").write_text(json.dumps(configuration))  # JSON is YAML
    files = [f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data"]
    command = [promtool.path.with_name("prometheus"), *files, f"--web.listen-address=127.0.0.1:{port}"]
    log = (tmp_path / "log").open("w")
    with log, subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=ends_with_us(signal.SIGKILL)) as process:
        query = {"query": 'sum(menpai_http_requests_total{job="menpai",contract="health"})'}

        def answer() -> list[Any]:
            with contextlib.suppress(httpx.TransportError):
                asked = wire.get(f"http://127.0.0.1:{port}/api/v1/query", params=query)
                return asked.json().get("data", {}).get("result", []) if asked.status_code == 200 else []
            return []

        wire.get(f"{site.url}/livez")
        until(answer, 30, "Prometheus has scraped")
        counted = float(answer()[0]["value"][1])
        rules = wire.get(f"http://127.0.0.1:{port}/api/v1/rules").json()["data"]["groups"][0]["rules"]
        process.terminate()
    assert counted >= 1
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"} and len(rules) == 13


@ONCE
def test_a_scrape_needs_the_token_and_nothing_else_is_there(web: tuple[Service, str], wire: httpx.Client) -> None:
    site, url = web
    refused = [wire.get(url, headers={"Authorization": token}) for token in ("", "scrape me", "Bearer scrape", b"\xe9")]
    assert {(answer.status_code, answer.headers["www-authenticate"]) for answer in refused} == {(401, "Bearer")}
    assert wire.get(url.replace("/metrics", "/livez"), headers=TOKEN).status_code == 404
    assert wire.post(url, headers=TOKEN).status_code == 405
    assert "menpai_" not in wire.get(f"{site.url}/metrics", headers=TOKEN).text  # never on the public port


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
def test_a_workers_successor_takes_over_its_counters_and_none_of_its_gauges() -> None:
    counters.share(workers=2)
    try:
        for worker in (0, 1, 0, 0):  # twice replaced
            counters.start_worker(worker)
            counters.REQUESTS.add("v1", "200")
            counters.HASHING_JOBS.set("waiting", to=worker + 3)
        whole = Scrape(counters.text())
    finally:
        counters.share(workers=0)
    assert whole.sum("menpai_http_requests_total", 'contract="v1"', 'status="200"') == 4
    assert whole.sum("menpai_hashing_jobs") == 3 + 4


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


@pytest.mark.parametrize("command", ["run", "worker"])
@ONCE
def test_whoever_sends_counts_messages(command: str, service: Start, wire: httpx.Client) -> None:
    port, message = free_port(), a_code()
    running = service(command, MENPAI_METRICS_PORT=str(port), MENPAI_BROKER_URL="")
    url = f"http://127.0.0.1:{port}/metrics"
    until(lambda: is_listening("127.0.0.1", port), 60, f"the listener of {command}")
    sent = ("menpai_messages_total", 'channel="sms"', 'state="accepted"')
    until(lambda: scrape(wire, url).sum(*sent) and scrape(wire, url).sum("menpai_database_up"), 40, "it was sent")
    assert columns(message, "state") == ("accepted",)
    asked = scrape(wire, url).sum("menpai_http_requests_total", 'contract="health"', 'status="200"')
    assert bool(asked) == (command == "run")  # whose web server is another process
    running.stop()


def in_process() -> Scrape:
    text = counters.text() + gauges.text()
    leak_check.read("a scrape", text)
    return Scrape(text)


def test_a_registration_is_told_by_counters_and_gauges_and_outlives_the_sweep(
    http: httpx.Client, mailbox: Any, clock: Any
) -> None:
    before = Scrape(counters.text())

    def grown(name: str, *labels: str) -> float:
        return Scrape(counters.text()).sum(name, *labels) - before.sum(name, *labels)

    person = somebody_by_sms(http, mailbox, "13912345678")
    outbox.deliver_due()
    person.sign_in("wrong password 9")
    person.sign_in()
    now = in_process()
    stages = ("asked", "sent", "delivered", "used")
    assert [now.sum("menpai_codes_last_hour", f'stage="{stage}"') for stage in stages] == [1, 1, 0, 1]
    assert now.sum("menpai_messages_last_hour", 'state="accepted"') == 1
    assert now.sum("menpai_sessions") == now.sum("menpai_sessions_started_last_hour") == 2
    clock.advance(timedelta(days=91).total_seconds())
    assert retention.sweep()
    now = in_process()
    assert now.sum("menpai_messages_last_hour") == now.sum("menpai_sessions") == 0
    assert grown("menpai_events_total", 'event="authn_code_sent"', 'kind="registration-code"') == 1
    assert grown("menpai_events_total", 'event="authn_login_success"', 'kind="password"', 'by="customer"') == 1
    assert grown("menpai_events_total", 'event="authn_login_fail"') == 1
    assert grown("menpai_refusals_total", 'code="WrongCredentials"') == 1
    assert grown("menpai_messages_total", 'state="accepted"') == 1
    assert grown("menpai_hashing_wait_seconds_count") == 3
    assert min(map(grown, ("menpai_database_statement_seconds_count", "menpai_store_call_seconds_count"))) > 3
    assert (grown("menpai_hashing_jobs"), grown("menpai_hashing_refused_total")) == (0, 0)


def test_what_is_rolled_back_is_not_counted() -> None:
    before = counters.text()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(events.LOGIN, 1, how="password")
        _ = 1 / 0
    counted = Scrape(counters.text()).sum("menpai_events_total")
    assert counted == Scrape(before).sum("menpai_events_total")


def test_a_gateway_that_rests_and_the_budget_are_gauges(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "APP_ID"):
        monkeypatch.setenv(f"MENPAI_YUNTONGXUN_{name}", "x" * 32)
    settings.MENPAI_SMS_GATEWAYS, settings.MENPAI_SMS_BUDGET_DAY = ["yuntongxun"], 20_000_000
    breaker.record_outcome("yuntongxun", outcomes.Misconfigured(), trial=False)
    with transaction.atomic():
        budget.reserve(450_000, timezone.now(), known=True)
    a_code()
    now = in_process()
    states = ("paused", "open", "doubtful")
    assert [now.sum("menpai_gateway_state", f'gateway="yuntongxun",state="{state}"') for state in states] == [1, 1, 0]
    assert now.sum("menpai_sms_budget_yuan", 'period="day"') == 20
    assert now.sum("menpai_sms_budget_spent_yuan", 'period="day"') == 0.45
    assert now.sum("menpai_messages_waiting", 'channel="sms"', 'state="queued"') == 1
    assert 0 < now.sum("menpai_messages_oldest_due_seconds") < 600


def test_a_store_that_is_away_leaves_the_rest(settings: Any) -> None:
    settings.MENPAI_REDIS_URL = f"redis://127.0.0.1:{free_port()}/2"
    ephemeral.store.cache_clear()
    try:
        now = in_process()
    finally:
        ephemeral.store.cache_clear()
    assert (now.sum("menpai_store_up"), now.sum("menpai_database_up")) == (0, 1)
    assert "\nmenpai_messages_waiting{" in now.text and "\nmenpai_store_round_trip_seconds " not in now.text


def test_every_gauge_is_read_by_an_index() -> None:
    moment = timezone.now()
    by_hour = (gauges.messages_since(moment), gauges.submissions_since(moment), gauges.sessions_since(moment))
    with transaction.atomic():
        if connection.vendor == "postgresql":
            connection.cursor().execute("SET LOCAL enable_seqscan = off")  # the tables are empty here
        plans = [rows.explain() for rows in (outbox.open_messages().order_by(), gauges.live_sessions(moment), *by_hour)]
    for plan in plans:
        assert re.search("menpai_|Index", plan), plan
        assert not re.search(r"Seq Scan|SCAN menpai_\w+$", plan, re.MULTILINE), plan


@pytest.mark.once("reads the documents")
@pytest.mark.parametrize("page", ["metrics.md", "metrics.zh.md"])
def test_every_metric_is_documented_with_its_labels(page: str) -> None:
    rows = re.findall(r"^\| `(menpai_\w+)` \| (.*?) \|", (HERE / "docs" / page).read_text(), re.MULTILINE)
    documented = {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    assert documented == {metric.name: metric.labels for metric in (*counters.METRICS, *gauges.GAUGES.values(), AGE)}


SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}


@pytest.mark.once("reads the documents")
def test_the_dashboard_and_the_alerts_ask_for_what_a_scrape_has(promtool: debian.Program, tmp_path: Path) -> None:
    types = re.findall(r"^# TYPE (\w+) (\w+)$", in_process().text + "\n".join(AGE.lines({})), re.MULTILINE)
    known = {f"{name}{suffix}" for name, kind in types for suffix in SUFFIXES.get(kind, ("",))}
    panels = json.loads((HERE / "docs/grafana.json").read_text(encoding="utf-8"))["panels"]
    expressions = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    alerts = (HERE / "docs/alerts.yml").read_text(encoding="utf-8")
    for text in (alerts, *expressions):
        assert set(re.findall(r"\bmenpai_\w+", text)) <= known, text
    named = {name for text in expressions for name in re.findall(r"\bmenpai_\w+", text)}
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in named} == {name for name, _ in types}
    rules = [{"record": f"panel_{at}", "expr": text} for at, text in enumerate(expressions)]
    of_panels = json.dumps({"groups": [{"name": "panels", "rules": rules}]}).replace("$__rate_interval", "5m")
    (tmp_path / "panels.yml").write_text(of_panels)  # JSON is YAML: promtool reads every expression
    files = [str(tmp_path / "panels.yml"), str(HERE / "docs/alerts.yml")]
    assert judged(promtool, "check", "rules", *files) == ""


MANY = 1_000_000


def fill(days: int) -> None:
    """A message, its submission and for every second one a used code, so many times, spread over these days."""
    at, numbers, reference = (
        f"now() - interval '{days} days' * n / {MANY}",
        f"generate_series(1, {MANY}) AS n",
        "gen_random_uuid()",
    )
    if connection.vendor == "sqlite":
        at = f"strftime('%Y-%m-%d %H:%M:%f', 'now', -(86400.0 * {days} * n / {MANY}) || ' seconds')"
        numbers = f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {MANY}) SELECT n FROM s)"
        reference = "lower(hex(randomblob(16)))"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO menpai_message (reference, channel, kind, recipient, language, secret, known, sealed, state,"
            " attempts, gateway, vendor_reference, problem, created_at, due_at, expires_at)"
            f" SELECT {reference}, 'sms', 'sign-in-code', '+86' || n, 'zh-hans', 's' || n, 1 = 0, '',"
            " CASE WHEN n <= 100 THEN 'queued' WHEN n / 2 * 2 = n THEN 'delivered' ELSE 'accepted' END,"
            f" 1, 'aliyun', '', '', {at}, {at}, {at} FROM {numbers}"
        )
        cursor.execute(
            "INSERT INTO menpai_submission (message_id, gateway, region, carrier, state, vendor_reference, reason,"
            " price, handed_at) SELECT id, gateway, 'CN', '', state, '', '', 45000, created_at FROM menpai_message"
        )
        cursor.execute(
            "INSERT INTO menpai_spentsecret (id, purpose, spent_at)"
            " SELECT secret, 'sign-in', created_at FROM menpai_message WHERE state = 'delivered'"
        )
        cursor.execute("ANALYZE")


@pytest.mark.proof_only("it loads a million messages")
@pytest.mark.slow("it loads a million messages")
def test_a_million_messages_are_read_and_scraped_within_50_ms(proof: bool, record_property: Any) -> None:
    fill(days=90)
    times = []
    for read in (gauges.text, counters.text):
        runs = []
        for _ in range(7):
            begun = time.perf_counter()
            read()
            runs.append(time.perf_counter() - begun)
        times.append(statistics.median(runs))
    assert Scrape(gauges.text()).sum("menpai_codes_last_hour", 'stage="asked"') > 400
    record_property("seen", f"reading {times[0] * 1000:.0f} ms, scrape {times[1] * 1000:.1f} ms")
    assert max(times) <= 0.05
