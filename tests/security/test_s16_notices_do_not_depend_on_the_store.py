"""S16: a notice to a proven channel is sent whatever becomes of Redis; a limit speaks only for unproven ones."""

import threading

import psycopg
import pytest
from django.conf import settings

from menpai.models import Message
from tests.concurrency import ConcurrentClients
from tests.customers import PASSWORD, activate, body, somebody
from tests.rig.children import until
from tests.test_unavailable import away, store_answers

pytestmark = pytest.mark.production_only("the embedded run has no Redis to lose")


def lose_redis_once_somebody_looks_for_a_customer(redis_server, prepared):
    with psycopg.connect(settings.MENPAI_DATABASE_URL) as holder:
        holder.execute("LOCK TABLE menpai_customer IN ACCESS EXCLUSIVE MODE")
        prepared.set()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        until(lambda: holder.execute(waiting).fetchone()[0], 10, "a request looks for its customer")
        redis_server.kill()


def notices(kind, person):
    return Message.objects.filter(kind=kind, recipient=person.email).count()


def test_a_recovery_that_redis_dies_under_is_told_to_the_mailbox_that_its_code_proved(http, mailbox, redis_server):
    person = somebody(http)
    body(http.post("/v1/users/password/sms", json={"email": person.email}))
    code = mailbox.last(person.email).code
    step2 = body(http.post("/v1/users/password/verification", json={"email": person.email, "code": code}))
    new = {"password1": "another horse 9", "password2": "another horse 9"}
    prepared = threading.Event()

    def set_new_password():
        prepared.wait(10)
        return http.post("/v1/users/password/new", json=new | {"email": person.email, "ticket": step2["ticket"]})

    def lose_redis():
        lose_redis_once_somebody_looks_for_a_customer(redis_server, prepared)

    try:
        with ConcurrentClients(2) as clients:
            step3, _ = clients.rush(lambda number: (set_new_password, lose_redis)[number]())
    finally:
        redis_server.start()
        until(store_answers, 5, "the store is asked again")
    assert body(step3)["code"] == 200
    assert notices("password-changed", person) == 1


def test_a_new_device_is_told_to_a_proven_mailbox_while_redis_is_away(http, mailbox, redis_server):
    person = somebody(http)
    activate(http, mailbox, person)
    agent = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"}
    with away(redis_server):
        body(http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD}, headers=agent))
    assert notices("new-device", person) == 1
