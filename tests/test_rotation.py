"""The rotation drill (R54): every key is changed, twice, under load, and nobody notices.

Real HTTP and two web workers. Shoppers do everything a customer can and excuse nothing; beside them a witness holds
what was made before the first rotation (a token, a refresh token, a code that is under way), and a sibling service
verifies new tokens with the key set that it fetched before they were made.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from django.db import connection
from django.db.models import Q

from menpai import rules
from menpai.keys import file as key_file
from menpai.keys import ring
from menpai.models import Customer, SpentSecret
from tests.api.clients import App, ok
from tests.customers import PASSWORD, body, somebody
from tests.load import Load
from tests.no_limits import NO_LIMITS, client
from tests.rig.children import until
from tests.rig.service import Service
from tests.test_command import menpai

pytestmark = [
    pytest.mark.production_only("the embedded run has one web worker"),
    pytest.mark.timeout(300),
    pytest.mark.slow("each rotation waits until every process has the new key"),
]
LEAD = 3  # seconds: longer than a process takes to look at the file again


@pytest.fixture
def path(keys_file: Path) -> Path:
    """A keys file that this process reads as well: the customers open the messages with it."""
    return keys_file


@pytest.fixture
def web(service: Callable[..., Service], path: Path) -> Iterator[Service]:
    started = service("web", MENPAI_WORKERS="2", MENPAI_KEYS_FILE=str(path), **NO_LIMITS)
    yield started
    started.stop()
    connection.close()


def rotate(path: Path, lead: int) -> None:
    before = {kind: ring.secrets_of(kind)[0] for kind in key_file.KINDS}
    done = menpai("keys", "rotate", "all", "--in", f"{lead}s", MENPAI_KEYS_FILE=str(path))
    assert done.returncode == 0, done.stderr
    until(lambda: all(ring.secrets_of(kind)[0] != old for kind, old in before.items()), 20, "every new key is in use")


class Sibling:
    """A service that verifies new tokens with the key set of a moment ago; each request may meet the other worker."""

    def __init__(self, url: str, name: str) -> None:
        self._http, self._name = client(base_url=url, timeout=15, headers={"connection": "close"}), name
        self._known: dict[str, Any] = {}
        self._over = threading.Event()
        self.kids: list[str] = []
        self.strangers: list[str] = []
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> "Sibling":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)
        self._http.close()

    def _go_on(self) -> None:
        while not self._over.is_set():
            published = self._http.get("/.well-known/jwks.json").json()
            known = {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(published).keys}
            token = body(self._http.post("/v1/tokens", json={"username": self._name, "password": PASSWORD}))["token"]
            kid = jwt.get_unverified_header(token)["kid"]
            self.kids.append(kid)
            if kid not in known:
                self.strangers.append(kid)
            else:
                jwt.decode(token, known[kid], algorithms=["EdDSA"], audience="menpai", options={"verify_iat": False})


def test_two_rotations_under_load_are_noticed_by_nobody(
    web: Service, path: Path, proof: bool, record_property: Callable[[str, object], None]
) -> None:
    times = 10 if proof else 2
    with httpx.Client(base_url=web.url, timeout=15) as http:
        person = somebody(http, uname="witness", email="witness@example.com")
        app = App(http, ok(http.post("/api/sessions", json={"name": person.name, "password": PASSWORD}), 201))
        sent = http.get("/user/sms/13700137000/")
        assert sent.status_code == 200, sent.text
        code = http.get("/dev/mailbox.json", params={"to": "13700137000"}).json()["messages"][-1]["code"]
        with Load(web.url, excuse="none", customers=4) as load, Sibling(web.url, person.name) as sibling:
            for _ in range(times):
                assert load.goes_on(5), load.check()
                rotate(path, LEAD)
                assert load.goes_on(15), load.check()
                assert person.is_signed_in()
                app.take(ok(app.renew()))
                assert app.is_signed_in()
        fields = {"mobile": "13700137000", "password": PASSWORD, "sms_code": code}
        assert http.post("/user/register/", json=fields).status_code == 201
    assert sibling.strangers == []
    assert len(set(sibling.kids)) == times + 1, "the sibling met every signing key"
    assert " fault " not in web.log()
    stored = Customer.objects.get(username=person.name).password
    assert stored.startswith(ring.secrets_of("password")[0][0]), "who signs in gets a hash of today"
    _leave(person.name, "13700137000")
    assert load.check() == []
    record_property("seen", f"{times} rotations, {load.acknowledged} acknowledged, 0 lost or wrong")


def _leave(*names: str) -> None:
    """The list of expected accounts knows of no others."""
    for customer in Customer.objects.filter(Q(username__in=names) | Q(mobile__in=names, username=None)):
        if customer.mobile_verified_at:
            SpentSecret.objects.filter(purpose="registration").latest("spent_at").delete()
        customer.message_set.all().delete()
        customer.delete()


def test_without_a_lead_the_drill_fails(web: Service, path: Path) -> None:
    """What the lead is for: a key that signs at once is met by somebody who does not know it yet."""
    with httpx.Client(base_url=web.url, timeout=15) as http:
        person = somebody(http)
        with Sibling(web.url, person.name) as sibling:
            for _ in itertools.takewhile(lambda _: not sibling.strangers, range(20)):
                key_file.rotate(path, ["signing"], timedelta(0))
                seen = len(sibling.kids)
                until(lambda seen=seen: len(sibling.kids) > seen + 20, 30, "the sibling goes on")
    assert sibling.strangers
    assert rules.KEY_LEAD > 2 * rules.KEYS_LOOKED_AT
