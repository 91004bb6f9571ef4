"""The log as JSON, and the id of a request, which travels from X-Request-ID into its lines and its answer."""

import json
import logging
import os
import re
import subprocess
import sys

import httpx
import pytest

from menpai.addresses import book as address_book
from menpai.environment import logs
from tests.api.clients import newcomer
from tests.customers import a_mobile
from tests.rig.children import until

MADE = re.compile(r"[0-9a-f]{32}")


def entries(service):
    """Everything that a process and its children printed."""
    return [json.loads(line) for line in service.log().splitlines()]


def test_every_line_of_web_and_worker_is_an_object_and_leads_from_request_to_message(service):
    web, worker = (service(name, MENPAI_LOG_FORMAT="json", MENPAI_WORKERS="1") for name in ("web", "worker"))
    mobile, mine = a_mobile(), {"x-request-id": "edge-7.1:a=b"}
    answer = httpx.post(f"{web.url}/v1/users/sms/code", json={"phone": mobile}, headers=mine)
    assert (answer.json()["code"], answer.headers["x-request-id"]) == (200, "edge-7.1:a=b")
    httpx.get(f"{web.url}/user/mobile/{mobile}/?code=123456", headers=mine)
    httpx.get(f"{web.url}/nowhere/{mobile}", headers=mine)
    until(lambda: "sms, " in worker.log(), 20, "the worker says what it sent")
    for process in (web, worker):
        process.stop()
    accesses = [entry for entry in entries(web) if entry.get("request_id") == "edge-7.1:a=b"]
    said = [[entry[name] for name in ("logger", "contract", "method", "route", "status")] for entry in accesses]
    assert said == [
        ["menpai.access", "v1", "POST", "/v1/users/sms/code", 200],
        ["menpai.access", "user", "GET", "/users?/mobile/{mobile}", 200],
        ["menpai.access", "pages", "GET", "", 404],
    ]
    assert all(entry["duration_ms"] > 0 and entry["level"] == "INFO" and entry["time"] for entry in accesses)
    (message,) = accesses[0]["messages"]
    assert [entry for entry in entries(worker) if entry["message"].startswith(f"message {message} (sms, ")]


@pytest.mark.parametrize("good", ["a", "0f" * 16, "1-67891233-abcdef012345678912345678", "ab13812340001cd", "x" * 128])
def test_the_id_of_a_proxy_is_kept(http, good):
    assert http.get("/livez", headers={"x-request-id": good}).headers["x-request-id"] == good


@pytest.mark.parametrize("bad", ["", " ", "x" * 129, "a b", "a,b", 'a"b', "13812340001", "u-13812340001", "w@x.cn"])
def test_an_id_that_is_too_long_not_plain_or_somebodys_gives_way_to_a_new_one(http, bad):
    made = [http.get("/livez", headers={"x-request-id": bad}).headers["x-request-id"] for _ in range(2)]
    assert all(MADE.fullmatch(one) for one in made) and made[0] != made[1]


def test_a_fault_is_one_line_under_the_id_of_its_request(http, mailbox, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError(person.mobile)

    person = newcomer(http, mailbox)
    monkeypatch.setattr(address_book, "list_archived", broken)
    person.headers["x-request-id"] = "edge-1"
    answer = person.get("/me/addresses/set-aside")
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "edge-1")
    (record,) = [record for record in caplog.records if record.name == "menpai.contracts.responses"]
    with logs.request("edge-1"):
        written = logs.JsonFormatter().format(record)
    entry = json.loads(written)
    assert (entry["message"], entry["level"], entry["request_id"]) == ("fault edge-1", "ERROR", "edge-1")
    assert "in broken" in entry["exception"] and person.mobile not in written and len(written.splitlines()) == 1


@pytest.mark.without_database
@pytest.mark.parametrize("message", ["a\nb", "a\u2028b\x85c", "a\x00\x1b[0m", "门牌 \udcff", '"}{'])
def test_no_message_ends_its_line(message):
    written = logs.JsonFormatter().format(logging.LogRecord("menpai", logging.INFO, "", 0, message, None, None))
    assert json.loads(written)["message"] == message and written.isascii() and len(written.splitlines()) == 1


UNCAUGHT = """
import threading, warnings
from menpai.environment import logs
logs.catch_uncaught()
warnings.warn("old")
threading.Thread(target=lambda: 1 / 0).start()
raise ValueError("bad")
"""


@pytest.mark.without_database
def test_what_nobody_catches_is_an_entry_too():
    environment = os.environ | {"MENPAI_LOG_FORMAT": "json"}
    told = [
        subprocess.run([sys.executable, *command], env=environment | more, capture_output=True, text=True, check=False)
        for command, more in ((("-c", UNCAUGHT), {}), (("-m", "menpai", "web"), {"MENPAI_WORKERS": "many"}))
    ]
    uncaught, refused = ([json.loads(line) for line in done.stderr.splitlines()] for done in told)
    assert sorted(entry["exception"].splitlines()[-1] for entry in uncaught if "exception" in entry) == [
        "ValueError: bad",
        "ZeroDivisionError: division by zero",
    ]
    assert [(entry["level"], "MENPAI_WORKERS='many'" in entry["message"]) for entry in refused] == [("ERROR", True)]
