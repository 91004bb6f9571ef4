"""What customers do, in any order and through any contract, ends as in a page of plain Python."""

import itertools
import json

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from menpai.delivery import message_kinds, outbox
from menpai.models import Customer as Row
from menpai.models import Message
from menpai.sessions import tokens
from tests import shop_model
from tests.contracts.clients import V1, Api, Newcomer, User
from tests.contracts.outcomes import Me
from tests.customers import a_mobile, wrong
from tests.invariants import broken
from tests.no_limits import lift_limits, wandering
from tests.shop_model import MAIL, SMS, Customer, Shop

_serial = itertools.count(1)
few = st.integers(0, 2)
passwords = st.sampled_from(["correct horse 1", "another horse 2", "third horse 33"])
likely = st.sampled_from([True, True, True, False])
# Everything ends on a multiple of 50 s; the real time of a run is far below that.
spans = st.sampled_from([50, 50, 250, 300, 500, 3600, 80_000, 300_000])


def row_of(owner):
    return Row.objects.get(username=owner.name, **({} if owner.name else {"mobile": owner.mobile}))


class Comparison(RuleBasedStateMachine):
    def __init__(self, http, clock):
        super().__init__()
        self.http, self.clock, self.shop = http, clock, Shop()
        self.v1, self.user, self.api = V1(http), User(http), Api(http)
        run = next(_serial)
        self.names = [f"model_{run}_{number}" for number in range(3)]
        self.mobiles = [a_mobile() for _ in range(3)]
        self.emails = [f"model{run}.{number}@example.com" for number in range(3)]
        self.tickets, self.links, self.sent = [], [], {}

    # ── What the two say ──
    def agree(self, said, expected):
        assert said.ok if expected == "ok" else said.says(expected), (said, expected)
        return said.ok

    def message(self, kind, to):
        return outbox.open_params(Message.objects.filter(kind=kind, recipient=to).latest("pk"))

    def guess(self, key, right):
        """The newest code that was sent for this, or a wrong one."""
        code = self.sent.get(key, "00000000"[: 8 if "@" in key else 6])
        return code if right else wrong(code)

    def opened(self, said, owner):
        token = said.facts.get("token")
        refresh = json.loads(said.content).get("refresh_token") or ""
        self.shop.open(owner, token, refresh)

    def somebody(self, number):
        sessions = self.shop.sessions
        return sessions[-1 - number % len(sessions)]

    def me(self, session):
        return Me(session.token, session.owner.name or session.owner.mobile)

    # ── Registering ──
    @rule(who=few)
    def ask_registration(self, who):
        mobile = self.mobiles[who]
        assert self.v1.ask_code(mobile).ok
        code = self.sent[f"registration|{mobile}"] = self.message(message_kinds.REGISTRATION_CODE.id, mobile)["code"]
        self.shop.put(f"registration|{mobile}", {code: ""}, SMS)

    @rule(who=few, password=passwords, right=likely, modern=st.booleans())
    def register_by_mobile(self, who, password, right, modern):
        mobile = self.mobiles[who]
        code = self.guess(f"registration|{mobile}", right)
        new = Customer(None, mobile, None, password)
        contract = self.api if modern else self.user
        said = contract.register(Newcomer(mobile, password=password), code)
        if self.agree(said, self.shop.register(new, code)):
            self.opened(said, new)

    @rule(name=few, email=few, who=few, password=passwords, proves=st.sampled_from(["no", "right", "wrong"]))
    def register_named(self, name, email, who, password, proves):
        name, email, mobile = self.names[name], self.emails[email], self.mobiles[who]
        code = None if proves == "no" else self.guess(f"registration|{mobile}", proves == "right")
        new = Customer(name, mobile, email, password)
        said = self.v1.register(Newcomer(mobile, name, email, password), code)
        if self.agree(said, self.shop.register(new, code)):
            self.opened(said, new)
            link = self.message(message_kinds.ACTIVATION_LINK.id, email)["code"]
            self.shop.put(f"activation|{id(new)}", {link: new.disablings}, shop_model.LINK)
            self.links.append((new, email, link))

    @precondition(lambda self: self.links)
    @rule(which=few, modern=st.booleans())
    def activate(self, which, modern):
        owner, email, link = self.links[-1 - which % len(self.links)]
        self.agree((self.api if modern else self.v1).activate(link), self.shop.activate(owner, email, link))

    # ── Signing in ──
    @precondition(lambda self: self.shop.customers)
    @rule(data=st.data(), which=few, password=passwords, right=likely)
    def sign_in(self, data, which, password, right):
        owner = self.shop.customers[-1 - which % len(self.shop.customers)]
        name = data.draw(st.sampled_from([one for one in (owner.name, owner.mobile, owner.email) if one]))
        password = owner.password if right and owner.password else password
        said = data.draw(st.sampled_from([self.v1, self.user, self.api])).sign_in(name, password)
        if self.agree(said, self.shop.sign_in(name, password)):
            who = next(one for one in self.shop.customers if name in one.identifiers())
            self.opened(said, who)

    @rule(who=few, right=likely)
    def enter_by_code(self, who, right):
        mobile = self.mobiles[who]
        assert self.api.post("/api/sessions/code", mobile=mobile).ok
        sent = self.message(message_kinds.SIGN_IN_CODE.id, mobile)["code"]
        waiting = self.shop.owner_of_mobile(mobile)
        self.shop.put(f"sign-in|{mobile}", {sent: waiting and waiting.mark(mobile)}, SMS)
        code = sent if right else wrong(sent)
        sent = {"mobile": mobile, "code": code, "terms_version": "2026-11"}
        said = self.api.post("/api/sessions/by-code", **sent)
        expected, owner = self.shop.enter(mobile, code)
        if self.agree(said, expected):
            self.opened(said, owner)

    @precondition(lambda self: self.shop.sessions)
    @rule(which=few, modern=st.booleans())
    def is_signed_in(self, which, modern):
        session = self.somebody(which)
        expected = "ok" if self.shop.lets_in(session) else "NotSignedIn"
        self.agree((self.api if modern else self.v1).is_signed_in(self.me(session)), expected)

    @precondition(lambda self: any(one.refresh for one in self.shop.sessions))
    @rule(which=few, old=st.sampled_from([False, False, True]))
    def refresh(self, which, old):
        renewable = [one for one in self.shop.sessions if one.refresh]
        session = renewable[-1 - which % len(renewable)]
        shown = session.used[-1] if old and session.used else session.refresh
        answer = self.http.post("/api/sessions/refresh", json={"refresh_token": shown})
        expected = self.shop.renews(session, shown)
        if not self.agree(self.api.read(answer), "ok" if expected == "again" else expected):
            return
        pair = answer.json()
        if expected == "again":
            assert pair["refresh_token"] == session.refresh
        else:
            session.used.append(shown)
            session.refresh, session.renewed = pair["refresh_token"], self.shop.now
            session.ends = min(self.shop.now + shop_model.REFRESH_LIFE, session.made + shop_model.LONGEST)
        session.token, session.access_ends = pair["access_token"], self.shop.now + shop_model.ACCESS_LIFE

    @precondition(lambda self: self.shop.sessions)
    @rule(which=few)
    def sign_out(self, which):
        session = self.somebody(which)
        said = self.api.read(self.http.delete("/api/sessions/current", headers=self.me(session).auth))
        session.ended |= self.agree(said, "ok" if self.shop.lets_in(session) else "NotSignedIn")

    @precondition(lambda self: self.shop.customers)
    @rule(which=few, back=st.booleans())
    def staff_switches_an_account(self, which, back):
        owner = self.shop.customers[-1 - which % len(self.shop.customers)]
        row = row_of(owner)
        if back:
            Row.objects.filter(pk=row.pk).update(disabled_at=None)
        else:
            now = timezone.now()
            Row.objects.filter(pk=row.pk, disabled_at=None).update(disabled_at=now, last_disabled_at=now)
            tokens.end_all(row.pk)
        self.shop.switch(owner, back=back)

    # ── Passwords ──
    @precondition(lambda self: self.shop.sessions)
    @rule(which=few, right=likely, old=passwords, new=passwords, modern=st.booleans())
    def change_password(self, which, right, old, new, modern):
        session = self.somebody(which)
        old = session.owner.password if right and session.owner.password else old
        said = (self.api if modern else self.v1).change_password(self.me(session), old, new)
        self.agree(said, self.shop.change_password(session, old, new, stays=modern))

    @rule(who=few, by_mail=st.booleans(), modern=st.booleans())
    def ask_recovery(self, who, by_mail, modern):
        target = (self.emails if by_mail else self.mobiles)[who]
        assert (self.api if modern else self.v1).ask_recovery(target).ok
        carriers = self.shop.carriers(target)
        key, kind = f"recovery|{target}", MAIL if by_mail else SMS
        made = {"a decoy": None}
        if carriers and self.shop.put(key, made, kind, keep_tries=True):
            found = self.message(message_kinds.RECOVERY_CODE.id, target)
            named = dict(found["codes"]) if by_mail else {carriers[0].name or carriers[0].mobile: found["code"]}
            made = {named[one.name or one.mobile]: one.mark(target) for one in carriers}
            self.sent[key] = next(iter(made))
            self.shop.secrets.facts[key]["secrets"] = made
        elif not carriers:
            self.shop.put(key, made, kind, keep_tries=True)

    @rule(who=few, by_mail=st.booleans(), right=likely, modern=st.booleans())
    def redeem(self, who, by_mail, right, modern):
        target = (self.emails if by_mail else self.mobiles)[who]
        code = self.guess(f"recovery|{target}", right)
        said = (self.api if modern else self.v1).redeem(target, code)
        expected, mark = self.shop.redeem(target, code)
        if self.agree(said, expected):
            ticket = said.facts["ticket"]
            self.shop.put(f"ticket|{target}|{ticket}", {ticket: mark}, shop_model.TICKET)
            self.tickets.append((target, ticket))

    @precondition(lambda self: self.tickets)
    @rule(which=few, password=passwords, foreign=st.sampled_from([False, False, True]), modern=st.booleans())
    def use_ticket(self, which, password, foreign, modern):
        target, ticket = self.tickets[-1 - which % len(self.tickets)]
        if foreign:
            target = self.emails[which] if "@" not in target else self.mobiles[which]
        said = (self.api if modern else self.v1).set_password(target, ticket, password)
        self.agree(said, self.shop.set_password(target, ticket, password))

    # ── Another mailbox, another mobile ──
    @precondition(lambda self: self.shop.sessions)
    @rule(which=few, who=few, mail=st.booleans(), right=likely)
    def change_identifier(self, which, who, mail, right):
        session = self.somebody(which)
        name, new = ("email", self.emails[who]) if mail else ("mobile", self.mobiles[who])
        if not self.shop.lets_in(session) or not session.owner.password:
            return
        assert self.api.post(
            f"/api/me/{name}/code", self.me(session), password=session.owner.password, **{name: new}
        ).ok
        found = self.message(message_kinds.NEW_EMAIL_CODE.id if mail else message_kinds.NEW_MOBILE_CODE.id, new)
        sent = found["codes"][0][1] if mail else found["code"]
        self.shop.put(f"new|{id(session)}|{new}", {sent: session.owner.mark()}, MAIL if mail else SMS)
        code = sent if right else wrong(sent)
        answer = self.http.put(f"/api/me/{name}", json={name: new, "code": code}, headers=self.me(session).auth)
        change = self.shop.set_email if mail else self.shop.set_mobile
        self.agree(self.api.read(answer), change(session, new, code))

    # ── Addresses ──
    @precondition(lambda self: self.shop.sessions)
    @rule(
        which=few,
        verb=st.sampled_from(["add", "add", "remove", "default", "edit", "list"]),
        one=few,
        modern=st.booleans(),
    )
    def addresses(self, which, verb, one, modern):
        session = self.somebody(which)
        owner, me, contract = session.owner, self.me(session), self.api if modern else self.v1
        number = list(owner.book)[one % len(owner.book)] if owner.book else 10**9
        said = {
            "add": lambda: contract.add_address(me),
            "remove": lambda: contract.remove_address(me, number),
            "default": lambda: contract.set_default(me, number),
            "edit": lambda: contract.edit_address(me, number, receiver="小李"),
            "list": lambda: contract.list_addresses(me),
        }[verb]()
        if not self.shop.lets_in(session):
            self.agree(said, "NotSignedIn")
        elif verb in ("remove", "default", "edit") and not owner.book:
            self.agree(said, "AddressUnknown")
        elif self.agree(said, "ok"):
            self._note(owner, verb, number, {line["id"] for line in said.book})
            assert {line["id"]: line["is_default"] for line in said.book} == {
                known: known == owner.default for known in owner.book
            }

    def _note(self, owner, verb, number, ids):
        if verb == "add":
            self.shop.added(owner, (ids - set(owner.book)).pop())
        elif verb == "remove":
            self.shop.removed(owner, number)
        elif verb in ("default", "edit"):
            self.shop.used(owner, number, as_default=verb == "default")

    # ── Time ──
    @rule(seconds=spans)
    def time_passes(self, seconds):
        self.clock.advance(seconds)
        self.shop.secrets.now += seconds

    def teardown(self):
        assert broken() == []
        for owner in self.shop.customers:
            row = row_of(owner)
            assert (row.mobile, row.email) == (owner.mobile, owner.email)
            assert bool(row.mobile_verified_at) == owner.mobile_proven
            assert bool(row.email_verified_at) == owner.email_proven


@pytest.fixture
def unlimited(http, set_rule, settings):
    """How often somebody may ask is another subject."""
    lift_limits(set_rule, settings)
    return wandering(http)


@pytest.mark.slow("many customers do many things")
@pytest.mark.timeout(7200)
def test_the_product_agrees_with_the_model(unlimited, room_for_all, clock, proof):
    run_state_machine_as_test(
        lambda: Comparison(unlimited, clock),
        settings=settings(
            max_examples=5000 if proof else 12,
            stateful_step_count=50 if proof else 30,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
