"""Schemathesis against /api, in process: the application, what it is fed with, and one run."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import schemathesis
from django.db import connections
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.generation.case import Case

from menpai import identifiers, rules
from menpai.accounts import activation
from menpai.captcha import challenges
from menpai.codes import one_time
from menpai.models import Address, Customer
from menpai.sessions import tokens
from tests.contracts.clients import Api, Me, Newcomer
from tests.customers import PASSWORD, an_address

T = TypeVar("T")

CODE = "424242"  # every code that is made while a run lasts


class Application:
    """The product's WSGI application, on one thread as in a web worker: Schemathesis comes with many, and each would
    leave a database connection behind.

    Counts what is really sent. Every request has an address of its own, so that the limits of one client do not hide
    everything else.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.answers: Counter[str] = Counter()
        self.successes: Counter[str] = Counter()  # operation → how often it did what it is for
        self.thread = ThreadPoolExecutor(1)

    def __enter__(self) -> "Application":
        return self

    def __exit__(self, *_fault: Any) -> None:
        self.here(connections.close_all)
        self.thread.shutdown()

    @property
    def sent(self) -> int:
        return self.answers.total()

    def here(self, work: Callable[..., T], *arguments: Any) -> T:
        return self.thread.submit(work, *arguments).result()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        number = self.sent
        environ["HTTP_ACCEPT_ENCODING"] = "identity"  # Schemathesis reads what comes without a transport as it is
        environ["REMOTE_ADDR"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        if number % 2:  # half of them come from a page of ours
            environ["HTTP_ORIGIN"] = "http://localhost"

        def start(status: str, headers: Any, *rest: Any) -> Any:
            self.answers[status[:3]] += 1
            return start_response(status, headers, *rest)

        return self.here(self._answer, environ, start)

    def _answer(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        found = self.application(environ, start)
        try:
            return list(found)
        finally:
            if hasattr(found, "close"):
                found.close()

    def note(self, case: Case, response: Any) -> None:
        self.successes[case.operation.label] += response.status_code < 300


class Member:
    """A customer who signs in again whenever a case has signed them out."""

    def __init__(self, api: Api) -> None:
        self.api, self.new = api, Newcomer()
        assert api.ask_code(self.new.mobile).ok
        self.me: Me = api.register_named(self.new, CODE).me
        self.id = Customer.objects.get(username=self.new.name).pk

    def token(self) -> str:
        if not self.api.is_signed_in(self.me).ok:
            person = tokens.person_of(Customer.objects.get(pk=self.id))
            client = identifiers.client("127.0.0.1", "")
            self.me = Me(tokens.issue(person, client, tokens.Persistence.TOKEN).token, person.name)
        return self.me.token

    def link(self) -> str:
        customer = Customer.objects.get(pk=self.id)
        return activation._issue(customer) if customer.email_key else "MTIzNA"


class Values:
    """Generated text seldom is a mobile or a code: most of the well-formed text is exchanged for what could be one."""

    def __init__(self, member: Member, terms: str) -> None:
        self.member = member
        self.mobiles = [f"1370000{number:04d}" for number in range(12)]
        emails = [f"fuzz{number}@example.com" for number in range(6)]
        own = [member.new.name, member.new.mobile, member.new.email]
        parts = {"province": "广东省", "city": "深圳市", "county": "南山区", "detail": "科技园1号"}
        self.texts: dict[str, list[str]] = {name: [text] for name, text in (an_address() | parts).items()} | {
            "mobile": self.mobiles,
            "email": emails,
            "name": [*own, *self.mobiles[:3]],
            "target": [*own[1:], *self.mobiles[:3], *emails[:3]],
            "code": [CODE],
            **{name: [PASSWORD, PASSWORD, "another horse 8"] for name in ("password", "password2", "old_password")},
            "username": [f"fuzz_{number}" for number in range(40)],
            "terms_version": [terms],
            "language": ["zh-CN", "en"],
            "order": ["A-1"],
        }
        self.helpful = {"receiver": {"address": "上海市黄浦区1号"}, "mobile": {"terms_version": terms}}

    def prepare(self) -> None:
        """Every number waits for a code that was sent to it."""
        for mobile in self.mobiles:
            for purpose in (rules.REGISTRATION, rules.SIGN_IN):
                one_time.issue(purpose, mobile)
        for target in (self.member.new.mobile, self.member.new.email):
            self.member.api.ask_recovery(target)
        self.challenge = challenges.create("image", "23456", ("sms",), identifiers.client("127.0.0.1", "")).seal()

    def body(self, context: Any, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        dice = random.Random(repr(body))  # of the value, so that a seed repeats the run
        odds = dice.choice((0.5, 1, 1))
        found = {name: self._likely(name, value, dice, odds) for name, value in body.items()}
        if "/activation" in context.operation.path and isinstance(body.get("code"), str) and odds == 1:
            found["code"] = self.member.link()
        for known, more in self.helpful.items():
            found = more | found if known in found and odds == 1 else found
        return found

    def path(self, parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        if "challenge" in (parameters or {}):
            return {"challenge": self.challenge}
        number = (parameters or {}).get("address_id")
        return {"address_id": self._address(number)} if _is_id(number) else parameters

    def _likely(self, name: str, value: Any, dice: random.Random, odds: float) -> Any:
        if name == "id" and _is_id(value):
            return self._address(value)
        if not isinstance(value, str) or name not in self.texts or dice.random() > odds:
            return value
        return dice.choice(self.texts[name])

    def _address(self, number: int) -> int:
        owned = list(
            Address.objects.filter(customer_id=self.member.id).order_by("-pk").values_list("pk", flat=True)[:8]
        )
        return owned[number % len(owned)] if owned and number % 4 else number


def run(app: Application, member: Member | None, values: Values, config: dict[str, Any]) -> Iterator[str]:
    """One run of the engine; yields every failure, told so that it can be repeated."""
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app, config=SchemathesisConfig.from_dict(config))
    schema.hook("after_call")(lambda _context, case, response: app.note(case, response))
    schema.hook("map_body")(lambda context, body: app.here(values.body, context, body))
    schema.hook("map_path_parameters")(lambda context, path_parameters: app.here(values.path, path_parameters))
    app.here(values.prepare)
    if member:

        class Bearer:
            def get(self, _case: Case, _context: Any) -> str:
                return app.here(member.token)

            def set(self, case: Case, token: str, _context: Any) -> None:
                case.headers["Authorization"] = f"Bearer {token}"

        schema.auth(refresh_interval=None)(Bearer)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            yield from _failures(event)
        elif isinstance(event, events.NonFatalError):
            yield f"{event.label}: {event.info.title}: {event.info.message}"
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.EngineFinished):
            yield from map(str, event.failures)


def _failures(scenario: events.ScenarioFinished) -> Iterator[str]:
    for case_id, checks in scenario.recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            failure = check.failure_info.failure
            exchange = scenario.recorder.interactions.get(case_id)
            told = f"{scenario.phase}: {check.name}: {failure.operation}: {failure}"
            if exchange and exchange.response:
                said = exchange.response.content[:400].decode(errors="replace")
                sent = (exchange.request.method, exchange.request.uri, exchange.request.body)
                told += f"\n  sent {sent}\n  answered {exchange.response.status_code} {said}"
            yield told


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
