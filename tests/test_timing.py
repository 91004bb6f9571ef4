"""The time of an answer does not tell who is a customer (R38, T8): known and unknown people, in pairs, in turn.

The figure is the AUC: how often a request about somebody known takes longer than one about a stranger. One half says
nothing. With 2,000 pairs chance alone stays between 0.47 and 0.53 in 999 of 1,000 runs.
"""

import base64
import bisect
import gc
import itertools
import random
import statistics
import time
import uuid
from collections.abc import Callable

import httpx
import pytest

from menpai import rules
from menpai.codes import one_time
from menpai.models import Customer, Message
from menpai.passwords import password
from tests.customers import PASSWORD, a_mobile, somebody, somebody_by_sms
from tests.no_limits import MANY, NO_LIMITS, client, lift_limits, wandering

pytestmark = [
    pytest.mark.real_hashes,
    pytest.mark.proof_only("time is noise in a busy test run"),
    pytest.mark.timeout(1800),
]
PAIRS, WARM_UP, PEOPLE = 2000, 50, 20
Ask = Callable[[int], httpx.Response]


@pytest.fixture
def far(service):
    """Everybody, from everywhere, over HTTP to one web worker: nobody outside can see more than this."""
    tries = dict.fromkeys(("MENPAI_RULE_SMS_CODE_TRIES", "MENPAI_RULE_MAIL_CODE_TRIES"), MANY)
    web = service("web", MENPAI_WORKERS="1", MENPAI_MOBILE_CHECK="off", **NO_LIMITS, **tries)
    with client(base_url=web.url, timeout=30) as http:
        yield http
    web.stop()


@pytest.fixture
def near(client_from, set_rule, settings):
    """In this process, where a naive way can be tried."""
    lift_limits(set_rule, settings)
    with wandering(client_from("127.0.0.1")) as http:
        yield http


@pytest.fixture
def customers(far, mailbox):
    """Who is a customer: names, proven mobiles, mailboxes; and as many strangers of the same shape."""
    named = [somebody(far) for _ in range(PEOPLE)]
    return {
        "name": [person.name for person in named],
        "email": [person.email for person in named],
        "mobile": [somebody_by_sms(far, mailbox).phone for _ in range(PEOPLE)],
        "id": [Customer.objects.get(username=person.name).public_id.hex for person in named],
    }


@pytest.fixture
def strangers(customers):
    return {
        "name": [f"n{name[1:]}" for name in customers["name"]],
        "email": [f"n{email[1:]}" for email in customers["email"]],
        "mobile": [a_mobile() for _ in customers["mobile"]],
        "id": [uuid.uuid4().hex for _ in customers["id"]],
    }


def auc(known: list[float], unknown: list[float]) -> float:
    """The chance that one of the first is larger than one of the second."""
    ordered = sorted(unknown)
    ranks = (bisect.bisect_left(ordered, span) + bisect.bisect_right(ordered, span) for span in known)
    return sum(ranks) / (2 * len(known) * len(unknown))


def spent(ask: Ask, number: int) -> tuple[float, bytes]:
    begun = time.perf_counter()
    answer = ask(number)
    return (time.perf_counter() - begun) * 1000, answer.content


@pytest.fixture
def alike(record_property):
    """Asks both in pairs, in an order that a coin decides; the answers are the same, and so is their time."""

    def compare(known: Ask, unknown: Ask, pairs: int = PAIRS) -> float:
        times: dict[Ask, list[float]] = {known: [], unknown: []}
        gc.collect()
        gc.disable()
        try:
            for number in range(pairs + WARM_UP):
                contents = set()
                for ask in random.sample([known, unknown], 2):
                    took, content = spent(ask, number)
                    contents.add(content)
                    times[ask].append(took)
                assert len(contents) == 1, contents
        finally:
            gc.enable()
        first, second = (times[ask][WARM_UP:] for ask in (known, unknown))
        figure, gap = auc(first, second), statistics.median(first) - statistics.median(second)
        record_property("seen", f"AUC {figure:.3f}, medians {gap:+.2f} ms apart, {pairs} pairs")
        return figure

    return compare


def in_turn(ask: Callable[[httpx.Client, str], httpx.Response], http: httpx.Client, people: list[str]) -> Ask:
    return lambda number: ask(http, people[number % PEOPLE])


def log_in(path: str) -> Callable[[httpx.Client, str], httpx.Response]:
    return lambda http, who: http.post(path, json={"username": who, "password": "wrong 1"})


def guess_recovery_code(http, who):
    return http.post("/v1/users/password/verification", json={"email": who, "code": "wrong"})


def register_without_the_code(http, who):
    return http.post("/user/register/", json={"mobile": who, "password": PASSWORD, "sms_code": "wrong"})


def follow_a_made_up_link(http, who):
    link = base64.urlsafe_b64encode(f"{who}{'x' * 43}/name".encode()).decode()
    return http.get("/v1/users/activation", params={"code": link})


# What is asked, with which field of a person.
QUESTIONS = {
    "login by name": ("name", log_in("/v1/tokens")),
    "login by mobile": ("mobile", log_in("/user/login/")),
    "a recovery code by mail": ("email", lambda http, who: http.post("/v1/users/password/sms", json={"email": who})),
    "a recovery code by sms": ("mobile", lambda http, who: http.post("/api/recovery/code", json={"target": who})),
    "a registration code": ("mobile", lambda http, who: http.get(f"/user/sms/{who}/")),
    "a sign-in code": ("mobile", lambda http, who: http.post("/api/sessions/code", json={"mobile": who})),
    "the check of a mobile, blind": ("mobile", lambda http, who: http.get(f"/user/mobile/{who}/")),
    "a wrong recovery code": ("email", guess_recovery_code),
    "a registration without the code": ("mobile", register_without_the_code),
    "a made up link": ("id", follow_a_made_up_link),
}
# What was done for everybody before; the tries are not worn out, so that every guess is compared.
BEFORE = {
    "a wrong recovery code": lambda http, who: http.post("/v1/users/password/sms", json={"email": who}),
    "a registration without the code": lambda _http, who: one_time.issue(rules.REGISTRATION, who),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_time_of_an_answer_tells_nothing_about(question, far, customers, strangers, alike):
    field, ask = QUESTIONS[question]
    known, unknown = customers[field], strangers[field]
    for who in known + unknown if question in BEFORE else ():
        answer = BEFORE[question](far, who)
        assert getattr(answer, "status_code", 200) == 200
    assert 0.47 < alike(in_turn(ask, far, known), in_turn(ask, far, unknown)) < 0.53


def test_a_login_that_hashes_for_customers_only_is_caught(near, customers, strangers, alike, monkeypatch):
    """The same measurement of the naive way: nobody's password is not compared."""
    real = password.matches
    monkeypatch.setattr(password, "matches", lambda raw, stored: stored is not None and real(raw, stored))
    known, unknown = (in_turn(log_in("/v1/tokens"), near, people["name"]) for people in (customers, strangers))
    assert alike(known, unknown, pairs=100) > 0.9


def test_one_statement_more_is_caught(near, customers, strangers, alike):
    """What one look-up more costs is seen by the same measurement."""
    turn = itertools.count()

    _, check = QUESTIONS["the check of a mobile, blind"]

    def look_up_and_check(http, who):
        Message.objects.filter(pk=next(turn)).first()
        return check(http, who)

    mobiles = strangers["mobile"]
    assert alike(in_turn(look_up_and_check, near, mobiles), in_turn(check, near, mobiles)) > 0.55
