"""S18: what was answered with 503 may have happened, so a client may repeat: one effect, and the first answer."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from menpai.models import Address, Customer, Message, Session, SocialLink
from tests.concurrency import ConcurrentClients
from tests.contracts import endpoints, test_v1_weibo
from tests.contracts.test_v1_weibo import weibo
from tests.customers import PASSWORD, a_mobile, activation_code, an_address_v1, ask_for_code, body, somebody
from tests.rig.children import until
from tests.rig.receiver import Receiver

__all__ = ["weibo"]  # a fixture
NEW = {"password1": "another horse 9", "password2": "another horse 9"}


@pytest.fixture
def scene(http, mailbox, weibo):
    return Scene(http, mailbox, weibo)


class Scene:
    """What a request needs that can be made: one method for each, which answers its parts for httpx."""

    def __init__(self, http, mailbox, weibo):
        self.http, self.mailbox, self.weibo, self.person = http, mailbox, weibo, somebody(http)

    def signed_in(self, path, **fields):
        return {"url": path, "headers": self.person.auth} | ({"json": fields} if fields else {})

    def add(self):
        return self.signed_in(self.person.book, **an_address_v1())

    def edit(self):
        return self.signed_in(f"{self.person.book}/{self.person.add_address()[0]['id']}", **an_address_v1(tag="家"))

    def remove(self):
        return {"url": f"{self.person.book}/{self.person.add_address()[0]['id']}", "headers": self.person.auth}

    def set_default(self):
        return self.signed_in(f"{self.person.book}/default", id=self.person.add_address()[0]["id"])

    def register_named(self):
        sent = {"uname": "lao_wang", "password": PASSWORD, "email": "lao@example.com", "phone": a_mobile()}
        return {"url": "/v1/users", "json": sent}

    def register(self):
        mobile = a_mobile()
        code = ask_for_code(self.http, self.mailbox, mobile)
        return {"url": "/user/register/", "json": {"mobile": mobile, "password": PASSWORD, "sms_code": code}}

    def activate(self):
        code = activation_code(self.mailbox, self.person.email)
        return {"url": "/v1/users/activation", "params": {"code": code}}

    def change_password(self):
        return self.signed_in(f"/v1/users/{self.person.name}/password", oldpassword=PASSWORD, **NEW)

    def recovery_code(self):
        return {"url": "/v1/users/password/sms", "json": {"email": self.person.email}}

    def recovery_ticket(self):
        body(self.http.post(**self.recovery_code()))
        sent = {"email": self.person.email, "code": self.mailbox.last(self.person.email).code}
        return {"url": "/v1/users/password/verification", "json": sent}

    def recovery(self):
        ticket = body(self.http.post(**self.recovery_ticket()))["ticket"]
        return {"url": "/v1/users/password/new", "json": {"email": self.person.email, "ticket": ticket} | NEW}

    def weibo_returns(self):
        said = self.weibo.consent(test_v1_weibo.leave(self.http), "wang")
        return {"url": "/v1/users/weibo/users", "params": said}

    def weibo_returns_known(self):
        test_v1_weibo.bind(self.http, test_v1_weibo.ticket(self.http, self.weibo), self.person.name)
        return self.weibo_returns()

    def weibo_registers(self):
        sent = test_v1_weibo.newcomer(uid=test_v1_weibo.ticket(self.http, self.weibo))
        return {"url": "/v1/users/weibo/users", "json": sent}

    def weibo_binds(self):
        ticket = test_v1_weibo.ticket(self.http, self.weibo)
        sent = {"uid": ticket, "username": self.person.name, "password": PASSWORD}
        return {"url": "/v1/users/weibo/users/binduser", "json": sent}


ANSWERED_AGAIN = {
    "POST /v1/users/{name}/address": [Scene.add],
    "PUT /v1/users/{name}/address/{address_id}": [Scene.edit],
    "DELETE /v1/users/{name}/address/{address_id}": [Scene.remove],
    "POST /v1/users/{name}/address/default": [Scene.set_default],
    "POST /v1/users": [Scene.register_named],
    "GET /v1/users/activation": [Scene.activate],
    "POST /v1/users/{name}/password": [Scene.change_password],
    "POST /v1/users/password/sms": [Scene.recovery_code],
    "POST /v1/users/password/verification": [Scene.recovery_ticket],
    "POST /v1/users/password/new": [Scene.recovery],
    "GET /v1/users/weibo/users": [Scene.weibo_returns, Scene.weibo_returns_known],
    "POST /v1/users/weibo/users": [Scene.weibo_registers],
    "POST /v1/users/weibo/users/binduser": [Scene.weibo_binds],
    "POST /user/register/": [Scene.register],
}
ALIASES = (
    "POST /v1/users/address/{name}/default",
    "POST /v1/users/register",
    "POST /v1/users/login",
    "POST /user/authorizations/",
)
READ = ("GET /v1/users/{name}/address", "GET /user/login/", "GET /user/mobile/{mobile}/", "GET /user/sms/valid/")
# A repeat is an act of its own, and harmless: another session, another state, another picture…
SIGN_IN = ("POST /v1/tokens", "POST /v1/users/login", "POST /user/login/", "POST /user/authorizations/")
NEW_EACH_TIME = (*SIGN_IN, "GET /v1/users/weibo/authorization", "GET /user/captcha/")
# …or refused as published, because nothing is sent twice within a minute, and a captcha's answer is good once.
REFUSED = ("POST /v1/users/sms/code", "GET /user/sms/{mobile}/", "GET /user/sms/valid/", "POST /user/captcha/")


def effects():
    live = Address.objects.filter(deleted_at=None).count()
    return [live, *(model.objects.count() for model in (Customer, Message, Session, SocialLink))]


def test_every_published_endpoint_has_its_place():
    published = {str(one) for one in endpoints.all_endpoints() if one.contract != endpoints.API}
    assert published == {*ANSWERED_AGAIN, *ALIASES, *READ, *NEW_EACH_TIME, *REFUSED}


@pytest.mark.parametrize(
    ("endpoint", "prepare"), [(name, one) for name, all_ in ANSWERED_AGAIN.items() for one in all_]
)
def test_the_same_client_gets_the_first_answer_again_and_nobody_else(scene, client_from, clock, endpoint, prepare):
    method, request = endpoint.partition(" ")[0], prepare(scene)
    first = scene.http.request(method, **request)
    assert first.json().get("code", 200) in (200, 201), first.text
    after = effects()
    again = scene.http.request(method, **request)
    assert (again.status_code, again.json(), effects()) == (first.status_code, first.json(), after)
    secret = first.json().get("token") or first.json().get("ticket") or first.json().get("uid")
    stranger = client_from("203.0.113.9").request(method, **request)
    assert not secret or secret not in stranger.text
    clock.advance(11)
    late = scene.http.request(method, **request)
    assert not secret or secret not in late.text


def test_a_browser_is_the_same_client_on_another_network(scene, client_from):
    cookie = {"cookie": f"menpai_device={'A' * 22}"}
    request = scene.register_named() | {"headers": cookie}
    first = body(scene.http.post(**request))
    assert body(client_from("203.0.113.9").post(**request)) == first
    stranger = {"headers": {"cookie": f"menpai_device={'B' * 22}"}}
    assert body(client_from("203.0.113.9").post(**(request | stranger)))["code"] == 10128


def test_a_cart_that_is_handed_over_again_is_known_by_its_message_id(http, settings, clock):
    person, items = somebody(http), [{"sku": 1}]
    with Receiver(b'{"count": 1}').running() as cart:
        settings.MENPAI_CART_MERGE_URL = f"{cart.url}/merge"
        for seconds in (0, 9, 2):
            clock.advance(seconds)
            sent = {"username": person.name, "password": PASSWORD, "carts": items}
            body(http.post("/v1/tokens", json=sent))
    first, again, later = (headers["webhook-id"] for headers, _ in cart.seen)
    assert first == again != later


def test_the_same_address_after_ten_seconds_is_another_one(http, clock):
    person = somebody(http)
    counts = []
    for seconds in (0, 9, 2, 11):
        clock.advance(seconds)
        answer = http.post(person.book, json=an_address_v1(), headers=person.auth)
        counts.append(len(body(answer)["addresslist"]))
    assert counts == [1, 1, 2, 3]


def test_a_double_click_is_one_address_and_both_are_told_so(http):
    person = somebody(http)
    with ConcurrentClients(8) as clients:
        answers = clients.rush(lambda _: body(http.post(person.book, json=an_address_v1(), headers=person.auth)))
    assert len(person.addresses()) == 1
    assert all(answer == answers[0] for answer in answers), answers


def test_a_spent_code_is_not_guessed_by_repeating_with_others(scene):
    """A stranger behind the same address with the same browser knows all of the request but the code."""
    right = scene.recovery_ticket()
    assert body(scene.http.post(**right))["ticket"]
    sent, number = right["json"], int(right["json"]["code"])
    for guess in range(1, 6):
        wrong_code = f"{(number + guess) % 10**8:08d}"
        assert body(scene.http.post(right["url"], json=sent | {"code": wrong_code}))["code"] == 10106
    assert body(scene.http.post(**right))["code"] == 10106


def test_a_session_that_has_ended_is_not_answered_again(scene):
    request = scene.register_named()
    token = body(scene.http.post(**request))["token"]
    sent = {"oldpassword": PASSWORD} | NEW
    body(scene.http.post("/v1/users/lao_wang/password", json=sent, headers={"authorization": token}))
    assert body(scene.http.post(**request))["code"] == 10128


def die_while_committing(postgres, send):
    """The commit is on the disk, and waits for a standby that is not there, when the server is killed."""
    with psycopg.connect(settings.MENPAI_DATABASE_URL, autocommit=True) as other, ConcurrentClients(2) as clients:
        other.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        other.execute("SELECT pg_reload_conf()")
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"

        def kill():
            until(lambda: other.execute(waiting).fetchone()[0], 10, "a commit waits for the standby")
            other.execute("ALTER SYSTEM RESET synchronous_standby_names")
            postgres.kill()

        answer, _ = clients.rush(lambda number: (send, kill)[number]())
    postgres.start()
    connection.close()
    return answer


@pytest.mark.production_only("SQLite has no server that could die")
@pytest.mark.parametrize("prepare", [Scene.register, Scene.add])
def test_a_503_whose_commit_was_on_the_disk_is_answered_rightly_when_repeated(scene, postgres, prepare):
    request = prepare(scene)
    first = die_while_committing(postgres, lambda: scene.http.post(**request))
    assert first.status_code == 503
    after = effects()
    again = scene.http.post(**request)
    assert (again.status_code, effects()) == (201 if prepare is Scene.register else 200, after)
    assert again.json().get("token") or len(again.json()["addresslist"]) == 1
