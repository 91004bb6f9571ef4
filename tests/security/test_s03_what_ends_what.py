"""S3: a change of credentials ends what came before. The table is docs/security.md's; each cell is tried from outside.

Something is had from before, the event happens, and then it is used: it works (the cell is blank) or it does not.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from menpai import rules
from menpai.accounts import recovery, recovery_codes
from menpai.codes import credential_mark, one_time, tickets
from menpai.identifiers import email
from menpai.models import Customer
from menpai.passwords import hashing, password
from tests.api.clients import a_code, ok, terms
from tests.concurrency import CLIENT, outcomes
from tests.contracts.clients import V1, Api, ContractClient, Newcomer, User, living
from tests.customers import PASSWORD, a_mobile, activation_code
from tests.naive import is_caught, promised
from tests.operators import act
from tests.social.clients import Visitor, arrive, come_back, leave, ticket

NEW, THIRD = "another horse 8", "third horse 7"
CLIENTS = 2  # at once
_devices = (f"device{number:016d}" for number in itertools.count(1))


@dataclass
class World:
    """A customer in a browser of theirs. `proven`: the mobile, the e-mail, both or neither."""

    http: httpx.Client
    mailbox: Any
    clock: Any
    hire: Callable[[], Any]  # staff
    proven: frozenset[str]
    new: Newcomer = field(default_factory=Newcomer)
    password: str = PASSWORD
    home: Visitor = field(init=False)  # the acting session

    def __post_init__(self) -> None:
        if "mobile" in self.proven:
            assert User(self.http).ask_code(self.new.mobile).ok
            assert Api(self.http).register_named(self.new, self.mailbox.last(self.new.mobile).code).ok
        else:
            assert V1(self.http).register(self.new, "").ok
        self.link = activation_code(self.mailbox, self.new.email)
        if "email" in self.proven:
            assert Api(self.http).activate(self.link).ok
        self.clock.advance(61)
        self.home = Visitor(self.http, next(_devices))
        ok(self.home.sign_in(self.new.name), 201)

    def code_for(self, target: str) -> str:
        self.clock.advance(61)
        assert V1(self.http).ask_recovery(target).ok
        return str(self.mailbox.last(target).code)

    def recover(self, contract: type[ContractClient], target: str) -> None:
        there = contract(self.http)
        given = there.redeem(target, self.code_for(target)).facts["ticket"]
        assert there.set_password(target, given, NEW).ok
        self.password = NEW


# ── What happens ──
def changed_at_v1(world: World) -> None:
    me = V1(world.http).sign_in(world.new.name).me
    assert V1(world.http).change_password(me, PASSWORD, NEW).ok
    assert living(world.http, [me]) == [False, False]  # the acting session ends, as published
    world.password = NEW


def changed_at_api(world: World) -> None:
    ok(world.home.put("/me/password", old_password=PASSWORD, password=NEW, password2=NEW), 204)
    world.password = NEW


def recovered_by_sms(world: World) -> None:
    world.recover(V1, world.new.mobile)


def recovered_by_mail(world: World) -> None:
    world.recover(Api, world.new.email)


def changed_contact(world: World, kind: str, new: str) -> None:
    world.clock.advance(61)
    ok(world.home.post(f"/me/{kind}/code", password=PASSWORD, **{kind: new}), 202)
    ok(world.home.put(f"/me/{kind}", code=world.mailbox.last(new).code, **{kind: new}))


def email_changed(world: World) -> None:
    changed_contact(world, "email", f"new{a_mobile()}@example.com")


def mobile_changed(world: World) -> None:
    changed_contact(world, "mobile", a_mobile())


def email_there_and_back(world: World) -> None:
    email_changed(world)
    changed_contact(world, "email", world.new.email)


def mobile_there_and_back(world: World) -> None:
    mobile_changed(world)
    changed_contact(world, "mobile", world.new.mobile)


def email_detached(world: World) -> None:
    ok(world.http.post("/api/activation/refuse", json={"code": world.link}), 204)


def disabled(world: World) -> None:
    """…and enabled again: what ended has ended."""
    act(world.hire(), "disable", username=world.new.name)
    act(world.hire(), "enable", username=world.new.name)


def something_proven_and_added(world: World) -> None:
    assert Api(world.http).activate(world.link).ok
    if "mobile" in world.proven:
        changed_contact(world, "mobile", world.new.mobile)  # once more
    arrive(world.home, "li", "qq", purpose="link")


# ── What is had from before: each returns what tries it afterwards ──
Probe = Callable[[], bool]


def the_acting_session(world: World) -> Probe:
    return world.home.is_signed_in


def a_session_elsewhere(world: World) -> Probe:
    had = [contract(world.http).sign_in(world.new.mobile).me for contract in (V1, User, Api)]
    return lambda: any(living(world.http, had))


def a_refresh_token(world: World) -> Probe:
    sent = {"name": world.new.mobile, "password": PASSWORD}
    had = ok(world.http.post("/api/sessions", json=sent), 201)["refresh_token"]
    return lambda: world.http.post("/api/sessions/refresh", json={"refresh_token": had}).status_code == 200


def a_recovery_code_by_sms(world: World) -> Probe:
    code = world.code_for(world.new.mobile)
    return lambda: Api(world.http).redeem(world.new.mobile, code).ok


def a_recovery_code_by_mail(world: World) -> Probe:
    code = world.code_for(world.new.email)
    return lambda: V1(world.http).redeem(world.new.email, code).ok


def a_ticket_by_sms(world: World) -> Probe:
    had = Api(world.http).redeem(world.new.mobile, world.code_for(world.new.mobile)).facts["ticket"]
    return lambda: V1(world.http).set_password(world.new.mobile, had, THIRD).ok


def a_ticket_by_mail(world: World) -> Probe:
    had = V1(world.http).redeem(world.new.email, world.code_for(world.new.email)).facts["ticket"]
    return lambda: Api(world.http).set_password(world.new.email, had, THIRD).ok


def a_sign_in_code(world: World) -> Probe:
    world.clock.advance(61)
    sent = {"mobile": world.new.mobile, "code": a_code(world.http, world.mailbox, world.new.mobile, "sessions")}
    return lambda: world.http.post("/api/sessions/by-code", json=sent | {"terms_version": terms()}).status_code == 201


def an_activation_link(world: World) -> Probe:
    return lambda: V1(world.http).activate(world.link).ok


def a_bind_ticket(world: World) -> Probe:
    visitor = Visitor(world.http, next(_devices))
    had = ticket(visitor)

    def bind() -> bool:
        answer = visitor.post("/social/links", ticket=had, name=world.new.name, password=world.password)
        return answer.status_code == 201

    return bind


def a_state_to_link(world: World) -> Probe:
    state = leave(world.home, purpose="link")
    return lambda: come_back(world.home, state).status_code == 200


def a_state_to_sign_in(world: World) -> Probe:
    visitor = Visitor(world.http, next(_devices))
    sent = {"ticket": ticket(visitor), "name": world.new.name, "password": PASSWORD}
    ok(visitor.post("/social/links", **sent), 201)
    state = leave(visitor)
    return lambda: come_back(visitor, state).status_code == 200


def a_request_to_repeat(world: World) -> Probe:
    world.clock.advance(61)
    sent = {"mobile": world.new.mobile, "code": a_code(world.http, world.mailbox, world.new.mobile, "sessions")}
    request = lambda: world.http.post("/api/sessions/by-code", json=sent, headers={"idempotency-key": "x"})  # noqa: E731
    ok(request(), 201)
    return lambda: request().status_code == 201


def known_here(world: World, device: str) -> bool:
    """Strangers are held up after five wrong passwords; a browser that was here before is not."""
    browser = Visitor(world.http, device)
    for _ in range(5):
        assert browser.sign_in(world.new.name, "wrong horse 1").status_code == 401
    return browser.sign_in(world.new.name, world.password).status_code == 201


def the_acting_device(world: World) -> Probe:
    """The one that sends every request of the event, a recovery too."""
    world.http.headers["cookie"] = f"menpai_device={world.home.device}"
    return lambda: known_here(world, world.home.device)


def a_known_device(world: World) -> Probe:
    other = Visitor(world.http, next(_devices))
    ok(other.sign_in(world.new.mobile), 201)
    return lambda: known_here(world, other.device)


CHANGED, RECOVERED = (changed_at_v1, changed_at_api), (recovered_by_sms, recovered_by_mail)
CREDENTIALS = (*CHANGED, *RECOVERED, disabled)
EMAIL, MOBILE = (email_changed, email_there_and_back, email_detached), (mobile_changed, mobile_there_and_back)
EVENTS = (*CREDENTIALS, *EMAIL, *MOBILE, something_proven_and_added)
# What is had from before → the events that end it. Nothing else does.
ENDS = {
    the_acting_session: (changed_at_v1, *RECOVERED, disabled, email_detached),
    a_session_elsewhere: (*CREDENTIALS, *EMAIL, *MOBILE),
    a_refresh_token: (*CREDENTIALS, *EMAIL, *MOBILE),
    a_recovery_code_by_sms: (*CREDENTIALS, *MOBILE),
    a_recovery_code_by_mail: (*CREDENTIALS, *EMAIL),
    a_ticket_by_sms: (*CREDENTIALS, *MOBILE),
    a_ticket_by_mail: (*CREDENTIALS, *EMAIL),
    a_sign_in_code: (*CREDENTIALS, *MOBILE),
    an_activation_link: (disabled, *EMAIL),
    a_bind_ticket: CREDENTIALS,
    a_state_to_link: (*CREDENTIALS, email_detached),  # the last one with the session that set out
    a_state_to_sign_in: CREDENTIALS,
    a_request_to_repeat: CREDENTIALS,
    the_acting_device: (disabled,),
    a_known_device: (*RECOVERED, disabled),
}
# An e-mail with a link that waits is not proven yet, and recovers only who has proven nothing.
LINKS = (an_activation_link, email_detached, something_proven_and_added)
BY_MAIL = (a_recovery_code_by_mail, a_ticket_by_mail)
NO_SUCH_THING = {(an_activation_link, recovered_by_mail), (an_activation_link, email_there_and_back)}
CELLS = [(had, event) for had in ENDS for event in EVENTS if (had, event) not in NO_SUCH_THING]


@pytest.mark.parametrize(("had", "event"), CELLS, ids=lambda story: story.__name__)
def test_what_ends_what(http, mailbox, clock, request, had, event):
    proven = {"mobile", "email"} - ({"email"} if {had, event} & set(LINKS) else set())
    proven -= {"mobile"} if "email" not in proven and had in BY_MAIL else set()
    world = World(http, mailbox, clock, lambda: request.getfixturevalue("staff"), frozenset(proven))
    works = had(world)
    event(world)
    assert works() is (event not in ENDS[had])


# ── At the same moment ──
def a_ticket_and_a_change_have_one_winner(clients):
    """Whichever comes second has proven what is not true any more: two new passwords are one too many."""
    name, stored = f"racer_{a_mobile()}", hashing.hash_password(PASSWORD)
    target = email(f"{name}@example.com")
    customer = Customer.objects.create(
        username=name, username_key=name, email=target.address, email_key=target.key, password=stored
    )
    secret_id = one_time.new_id(credential_mark.mark_of(customer, "email"))
    old = str(tickets.issue(rules.RECOVERY_TICKET, str(customer.pk), target.key, secret_id))
    jobs = (
        lambda: password.change(customer.pk, PASSWORD, NEW, NEW),
        lambda: recovery.set_new_password(target, old, recovery.NewPassword(THIRD, THIRD), CLIENT),
    )
    counts = outcomes(clients.rush(lambda number: jobs[number]()))
    promised(counts["done"] == 1 and set(counts) <= {"done", "OldPasswordWrong", "TicketExpired"}, counts)


@pytest.mark.production_only("SQLite lets one writer in at a time: there is nothing to race for")
def test_a_ticket_and_a_change_at_the_same_moment_are_one_new_password(clients, rounds):
    for _ in range(rounds):
        a_ticket_and_a_change_have_one_winner(clients)


@pytest.mark.production_only("SQLite lets one writer in at a time: there is nothing to race for")
def test_a_mark_that_is_compared_without_the_lock_is_caught(clients, monkeypatch):
    find = recovery_codes.find_owner
    monkeypatch.setattr(recovery_codes, "find_owner", lambda target, secret, locked=False: find(target, secret))
    assert is_caught(a_ticket_and_a_change_have_one_winner, clients)
