"""Every operation of /api does what its OpenAPI document says, whatever is sent to it."""

import logging
import random

import argon2
import pytest
from schemathesis.config._checks import ChecksConfig
from schemathesis.transport.wsgi import WSGITransport

from menpai import rules
from menpai.codes import one_time
from menpai.passwords import hashing
from menpai.wsgi import application
from tests import schema_run
from tests.contracts.clients import Api
from tests.schema_checks import CHECKS, OFF_WITHOUT_SETTING
from tests.schema_run import CODE, Application, Member, Values

# (who, cases in `make test`, cases under --proof): 1,000 and 50,000 together
RUNS = {"signed in": (750, 37_500), "a stranger": (250, 12_500)}


@pytest.fixture
def quiet(monkeypatch, set_rule):
    """What would make a long run slow or dull."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(hashing, "_hasher", cheap)
    hashing._nobody.cache_clear()
    fresh = one_time._new
    monkeypatch.setattr(one_time, "_new", lambda purpose: CODE if purpose.digits else fresh(purpose))
    set_rule("LIVE_ADDRESSES", 10)
    set_rule("SENDS_PER_TARGET", (rules.Limit(3, rules.RESEND_AFTER),))  # a limit, but not the first answer of all
    set_rule("OLD_PASSWORD_TRIES", (rules.Limit(500, rules.RESEND_AFTER),))
    yield
    hashing._nobody.cache_clear()


@pytest.fixture
def wsgi_transport(monkeypatch):
    """Schemathesis 4.32 hands `requests`' own settings to werkzeug when it asks again without credentials."""
    send = WSGITransport.send

    def without(self, case, **named):
        for name in ("max_redirects", "verify", "cert", "proxies"):
            named.pop(name, None)
        return send(self, case, **named)

    monkeypatch.setattr(WSGITransport, "send", without)


def test_every_check_is_on_or_off_for_a_reason():
    known = set(ChecksConfig.__slots__) - {"_unknown", "_custom_kwargs", "_explicit", "_default_enabled"}
    assert set(CHECKS) | OFF_WITHOUT_SETTING == {name for name in known if not name.startswith("_")}


@pytest.mark.once("what is sent and promised knows no engine")
@pytest.mark.slow("a run of Schemathesis with 1,000 requests")
@pytest.mark.timeout(3600)  # what --proof gives to everything; a machine that does much else at once is slow here
@pytest.mark.parametrize("who", list(RUNS))
def test_every_operation_keeps_what_its_document_promises(
    http, settings, quiet, wsgi_transport, proof, record_property, who
):
    seed = random.SystemRandom().randrange(2**32) if proof else 20260
    member, failures, rounds = Member(Api(http)), [], 0
    values = Values(member, settings.MENPAI_TERMS_VERSION)
    with Application(application) as app:
        while app.sent < RUNS[who][proof] and not failures:
            config = configuration(seed + rounds, first=not rounds, examples=100 if proof else 12)
            failures += schema_run.run(app, member if who == "signed in" else None, values, config)
            rounds += 1
    answers = ", ".join(f"{many} × {status}" for status, many in sorted(app.answers.items()))
    reached = sum(map(bool, app.successes.values()))
    told = f"{reached} of {len(app.successes)} operations succeeded; seed {seed}, rounds {rounds}"
    record_property("cases", f"{app.sent} cases sent ({answers}); {told}")
    assert not failures, f"seed {seed}\n" + "\n\n".join(sorted(set(failures))[:20])
    assert app.sent >= RUNS[who][proof]
    assert who != "signed in" or reached >= 24  # it went in, it did not only knock


def configuration(seed, *, first, examples):
    return {
        "seed": seed,
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "analysis": {"constants": {"enabled": False}},  # read on a thread of its own: no run would repeat another
        "checks": CHECKS,
        "generation": {"max-examples": examples, "no-shrink": True, "database": "none"},
        # These two list what the document holds, and would list it again in every round.
        "phases": {"examples": {"enabled": first, "fill-missing": True}, "coverage": {"enabled": first}},
    }
