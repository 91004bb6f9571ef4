"""Each kind of leak, in each place, is found. (That there is none is looked for after every test.)"""

import logging

import pytest
import redis

from menpai import audit
from menpai.audit import events
from tests import audit_trail, leaks
from tests.customers import PASSWORD, ask_for_code, recover, somebody, somebody_by_sms
from tests.customers import activate as proven
from tests.leaks import Leak, leak_check
from tests.rig import tables

logger = logging.getLogger("menpai.somewhere")


def kinds_of(found):
    return [one.partition(" in ")[0] for one in found]


def test_every_kind_of_secret_in_a_log_line(http, mailbox, clock):
    person = somebody(http)
    proven(http, mailbox, person)
    code = ask_for_code(http, mailbox, "13912345678")
    browser = http.post(
        "/api/sessions",
        json={"name": person.name, "password": PASSWORD, "session": "cookie"},
        headers={"origin": "http://127.0.0.1:8000"},
    )
    cookie = browser.headers["set-cookie"].partition("=")[2].partition(";")[0]
    clock.advance(61)
    recover(http, mailbox, person.email, "staple battery 7")
    ticket = next(word for word in leak_check.words if "." in word and len(word) < 80 and word.count(".") == 1)
    with leak_check.expecting_leaks() as found:
        logger.warning("sent to %s", person.phone)
        logger.info("mailbox {'to': '%s'}", person.email)
        logger.error("password=%s", PASSWORD)
        logger.warning("code=%s&x", code)
        logger.warning("code %s.", code)
        logger.info("Authorization: JWT %s", person.token)
        logger.info("Cookie: menpai_session=%s; x=y", cookie)
        logger.info("ticket:%s", ticket)
    assert kinds_of(found) == ["mobile", "e-mail", "password", "code", "code", "token", "token", "token"]


def test_a_traceback_is_read_too(http, mailbox):
    person = somebody_by_sms(http, mailbox)
    with leak_check.expecting_leaks() as found:
        try:
            raise ValueError(f"no such customer: {person.phone}")
        except ValueError:
            logger.exception("a fault")
    assert kinds_of(found) == ["mobile"]


def test_what_is_masked_or_harmless_is_no_leak(http):
    somebody(http)
    with leak_check.expecting_leaks() as found:
        logger.info("message 123456 to 139****0001 and w***@example.com took 0.123456 s; pid 4123456; celery@host")
        logger.info(
            "fault 1f3a9c; 2026-11-21 10:00:00,123456; 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15"
        )
    assert found == []


def test_what_a_process_printed_is_read(service, http):
    person = somebody(http)
    with leak_check.expecting_leaks() as found:
        leak_check.read("menpai web", f"started\n{person.email} signed in\n")
    assert kinds_of(found) == ["e-mail"]
    running = service("web", MENPAI_WORKERS="1")
    assert "web starts" in running.log()
    leak_check.read("menpai web", running.log())
    leak_check.check()


@pytest.mark.production_only("there is no broker")
def test_the_broker_is_read(http, mailbox, redis_server):
    code = ask_for_code(http, mailbox, "13912345678")
    with redis.Redis.from_url(redis_server.url(14)) as broker:
        broker.lpush("menpai", f'{{"body": {{"code": "{code}"}}}}')
    with leak_check.expecting_leaks() as found:
        leaks.read_redis(redis_server.client(14))
    assert kinds_of(found) == ["code"]
    redis_server.flush()


def test_the_audit_trail_is_read(http):
    person = somebody(http)
    with leak_check.expecting_leaks() as found:
        audit.record(events.UPDATED, what="mobile", to=person.phone)
        leaks.read_rows(tables.filled())
    assert kinds_of(found) == ["mobile"]
    audit_trail.forget()


def test_a_leak_fails_the_test_that_it_happened_in(http):
    person = somebody(http)
    logger.warning("%s", person.phone)
    with pytest.raises(Leak, match="mobile in log: WARNING menpai"):
        leak_check.check()
    leak_check.check()
