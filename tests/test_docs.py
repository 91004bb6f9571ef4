"""What the documents say about the code is true: names, defaults, addresses, functions, links."""

import inspect
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import yaml
from django.urls import resolve

from menpai import rules, urls
from menpai.__main__ import COMMANDS
from menpai.captcha import geetest
from menpai.contracts import health
from menpai.contracts.api import api
from menpai.contracts.user import views as user
from menpai.contracts.v1 import envelope as v1
from menpai.delivery import message_kinds, outbox, rendering
from menpai.delivery.sms import vendor_templates
from menpai.delivery.sms import vendors as sm_vendors
from menpai.models import Message
from menpai.pages import shell
from menpai.process import checks
from menpai.social import providers
from tests.customers import PASSWORD, activate, somebody

pytestmark = pytest.mark.without_database

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


# ── configuration.md ──
# Watches whoever reads a setting or a rule, in a process where nothing is set and nothing is made yet.
WATCH = """
import json, sys
asked = {}
def watch(frame, event, _):
    home, name = frame.f_globals.get("__name__"), frame.f_locals.get("name")
    if event == "call" and home in ("menpai.rules", "menpai.environment") and frame.f_code.co_name in READERS:
        default = frame.f_locals.get("default", "0")
        default = default if isinstance(default, (str, int)) else {"seconds": default.total_seconds()}
        asked.setdefault(f"MENPAI_RULE_{name}" if home == "menpai.rules" else name, default)
READERS = {"text", "number", "switch", "choice", "listed", "span"}
sys.setprofile(watch)
import menpai.settings, menpai.process.web
sys.setprofile(None)
print(json.dumps(asked))
"""
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


OF_ONE_MESSAGE = re.compile(f"_TEMPLATE_({'|'.join(vendor_templates.KINDS)})$")  # templates: documented together


def defaults_in_the_code(folder: Path) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MENPAI_")}
    done = subprocess.run(
        [sys.executable, "-c", WATCH], cwd=folder, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True
    )
    found = {name: written(default, folder) for name, default in json.loads(done.stdout).items()}
    found |= providers.variables() | geetest.SETTINGS.defaults()
    return found | {
        name: default for name, default in sm_vendors.variables().items() if not OF_ONE_MESSAGE.search(name)
    }


def written(default: object, folder: Path) -> str:
    if isinstance(default, dict):
        seconds = int(default["seconds"])
        unit = next(unit for unit, size in UNITS.items() if seconds % size == 0)
        return f"{seconds // UNITS[unit]}{unit}"
    return str(default).replace(f"{folder}/", "")


def test_every_variable_and_rule_is_documented_with_its_default(tmp_path):
    rows = re.findall(r"^\| `(MENPAI_\w+)` \| (?:`([^`]+)`|–) \|", text_of("configuration.md"), re.MULTILINE)
    documented = dict(rows) | {"MENPAI_MODE": "tool"}
    assert len(rows) == len(dict(rows))
    assert documented == defaults_in_the_code(tmp_path)


def test_the_templates_of_one_message_are_documented_together():
    section = text_of("configuration.md").split("### A template for one message\n")[1].split("\n#")[0]
    known = {name for name in sm_vendors.variables() if OF_ONE_MESSAGE.search(name)}
    vendors = re.findall(r"^\| `(\w+)` \|(.*)\|$", section, re.MULTILINE)
    scopes = [(vendor, scope) for vendor, abroad in vendors for scope in ("", "INTL_")[: 1 + ("yes" in abroad)]]
    kinds = re.findall(r"^- `(\w+)`", section, re.MULTILINE)
    assert known == {f"MENPAI_{vendor}_{scope}TEMPLATE_{kind}" for vendor, scope in scopes for kind in kinds}


def test_the_texts_that_a_vendor_must_approve_are_those_that_are_sent():
    """Word by word, or it refuses them."""
    fill = {"code": "#code#", "at": "#at#"}
    for language, kinds in message_kinds.SMS_TEXTS.items():
        for text in kinds.values():
            written = text.format(life=rendering.format_span(rules.SMS_CODE_LIFE, language), **fill)
            assert f"\n【#sign#】{written}\n" in text_of("sms.md")


def test_names_that_are_known_but_idle_are_said_to_be():
    text = text_of("configuration.md")
    idle = re.search(r"^Known, but without effect yet: (.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`(MENPAI_\w+)`", idle[1] if idle else ""))
    documented = set(re.findall(r"^\| `(MENPAI_\w+)`", text, re.MULTILINE))
    assert named == checks.OTHER_NAMES - documented
    assert not named & documented


def test_no_document_names_a_variable_that_there_is_not():
    known = set(re.findall(r"MENPAI_\w*[A-Z]", text_of("configuration.md")))
    for page in [*PAGES, ROOT / "compose.yaml", ROOT / "Dockerfile", *sorted((DOCS / "proxies").iterdir())]:
        named = set(re.findall(r"\bMENPAI_\w*[A-Z]\b", page.read_text(encoding="utf-8")))
        assert named <= known | {"MENPAI_RULE"}, (page, named - known)


def test_compose_runs_commands_and_asks_addresses_that_there_are():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    ours = [service for service in services.values() if service["image"] == "menpai"]
    assert {service["command"] for service in ours} == {"web", "worker"} <= COMMANDS.keys()
    [address] = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", str(services["web"]["healthcheck"]["test"]))
    assert resolve(address).func is health.readyz


# ── http.md ──
SAMPLES = {"<name>": "xiaowang", "<mobile>": "13800138000", "<address_id>": "1", "<gateway>": "aliyun", "<secret>": "x"}
SAMPLES |= {"<hash>": "0" * 12, "<path>": "admin/js/core.js"}
ROWS = re.findall(r"^\| ([A-Z]+) \| `(/(?!api/)[^`]*)` \| .* \| `([\w.]+)` \|$", text_of("http.md"), re.MULTILINE)


def methods(view: object) -> dict[str, object]:
    """Method → function; a view that is not made by `on` answers GET."""
    return inspect.getclosurevars(view).nonlocals.get("views") or {"GET": view}


def function_named(dotted: str) -> object:
    module, _, name = dotted.rpartition(".")
    home = "menpai" if module.startswith("pages.") else "menpai.contracts"
    return getattr(import_module(f"{home}.{module}"), name)


@pytest.mark.parametrize(("method", "path", "function"), ROWS, ids=lambda value: value)
def test_each_documented_address_leads_to_its_function(method, path, function):
    for sample, value in SAMPLES.items():
        path = path.replace(sample, value)
    if function == "admin":
        assert resolve(path).namespace == "admin"
    else:
        assert methods(resolve(path).func)[method] is function_named(function)


def test_the_table_of_the_modern_api_is_its_openapi_document():
    rows = re.findall(r"^\| ([A-Z]+) \| `(/api/[^`]*)` \| .* \| `(\w+)` \|$", text_of("http.md"), re.MULTILINE)
    paths = api.get_openapi_schema()["paths"]
    declared = [(m.upper(), path, one["operationId"]) for path, all_of in paths.items() for m, one in all_of.items()]
    assert len(rows) == len(set(rows))
    assert sorted(rows) == sorted(declared)


def test_every_address_and_method_is_documented():
    documented = {(method, function_named(function)) for method, _, function in ROWS if function != "admin"}
    catch_all = {v1.unknown, user.unknown, shell.not_found}
    for pattern in [*urls.V1, *urls.USER, *urls.PAGES]:
        if getattr(pattern, "callback", None) in catch_all or str(pattern.pattern) in ("admin", "admin/"):
            continue
        for method, view in methods(pattern.callback).items():
            assert (method, view) in documented, pattern


# ── architecture.md ──
HOP = re.compile(r"`((?:[a-z_0-9]+\.)+[A-Za-z_]+)`")
FILES = re.compile(r"\.(?:py|md|toml|key|json|yaml|svg)$")
MODULES = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "menpai").rglob("*.py")]
MODULES = [name.removesuffix(".__init__") for name in MODULES if not name.endswith("__main__")]


@pytest.mark.parametrize("page", [DOCS / "architecture.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_every_function_that_is_named_exists(page):
    named = {hop for hop in HOP.findall(page.read_text(encoding="utf-8")) if not FILES.search(hop)}
    assert named
    for hop in named:
        home, _, function = hop.rpartition(".")
        homes = [module for module in MODULES if f".{module}".endswith(f".{home}")]
        assert any(hasattr(import_module(module), function) for module in homes), hop


def hops(walk: int, step: int) -> list[str]:
    """The functions that a step of a walk names, until its first full stop."""
    section = text_of("architecture.md").split(f"### {walk}. ")[1].split("\n#")[0]
    text = re.split(r"^\d\. ", section, flags=re.MULTILINE)[step]
    return HOP.findall(re.split(r"\.\s", text)[0])


def room(hop: str) -> str:
    home, _, function = hop.rpartition(".")
    homes = [module for module in MODULES if f".{module}".endswith(f".{home}")]
    return next(module for module in homes if hasattr(import_module(module), function)).split(".")[1]


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_registration_enters_no_room_twice_and_takes_six_hops_at_most(step):
    way = hops(1, step)
    rooms = [name for name, _ in itertools.groupby(map(room, way))]
    assert len(way) - 1 <= 6
    assert len(rooms) == len(set(rooms)), rooms


def calls(work: Callable[[], Any]) -> list[str]:
    """Every function of ours that `work` calls in this thread, in order, as `package.module.function`."""
    made: list[str] = []

    def watch(frame: FrameType, event: str, _: object) -> None:
        home = frame.f_globals.get("__name__", "")
        if event == "call" and home.startswith("menpai."):
            made.append(f"{home}.{frame.f_code.co_name}")

    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(None)
    return made


def assert_goes(walk: int, step: int, work: Callable[[], Any]) -> None:
    ahead, made = hops(walk, step), iter(calls(work))
    assert len(ahead) >= 4
    for hop in ahead:
        # `made` is used up as we go: the next hop must come after this one.
        assert any(call.endswith(f".{hop}") for call in made), (walk, step, hop)


def test_registration_by_sms_goes_as_drawn(http, mailbox):
    assert_goes(1, 1, lambda: http.get("/user/sms/13912345678/"))
    message = Message.objects.get()
    assert_goes(1, 2, lambda: outbox.deliver(message.pk))
    new = {"mobile": "13912345678", "password": PASSWORD, "sms_code": mailbox.last("13912345678").code}
    assert_goes(1, 3, lambda: http.post("/user/register/", json=new))


def test_recovery_goes_as_drawn(http, mailbox, clock):
    person = somebody(http)
    activate(http, mailbox, person)
    clock.advance(61)
    known = {"email": person.email}
    assert_goes(2, 1, lambda: http.post("/v1/users/password/sms", json=known))
    code, answer = mailbox.last(person.email).code, {}
    step_2 = known | {"code": code}
    assert_goes(2, 2, lambda: answer.update(http.post("/v1/users/password/verification", json=step_2).json()))
    step_3 = known | {"ticket": answer["ticket"], "password1": "staple battery 7", "password2": "staple battery 7"}
    assert_goes(2, 3, lambda: http.post("/v1/users/password/new", json=step_3))


def test_the_default_address_goes_as_drawn(http):
    person = somebody(http)
    first = person.add_address()[0]["id"]
    assert_goes(3, 1, lambda: person.post(f"{person.book}/default", id=first))


# ── All of them ──
def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = LINK.findall(text)
    assert links or "](" not in text
    for link in links:
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), (page, link)
        assert not anchor or anchor in anchors(target), (page, link)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.zh.md")), ids=lambda page: page.name)
def test_both_languages_of_a_page_say_the_same(page):
    chinese, english = (text_of(name) for name in (page.name, page.name.replace(".zh.md", ".md")))
    assert shape_of(chinese) == shape_of(english)


def shape_of(text: str) -> dict[str, list[str]]:
    """What a translation keeps: levels of headings, widths of tables, languages of samples, names."""
    return {
        "headings": re.findall(r"^#+(?= )", text, re.MULTILINE),
        "rows": [str(row.count("|")) for row in re.findall(r"^\|.*$", text, re.MULTILINE)],
        "samples": re.findall(r"^```\w*", text, re.MULTILINE),
        "names": sorted(set(re.findall(r"MENPAI_[A-Z_]*[A-Z]", text))),
    }


def test_decisions_are_numbered_without_gaps_and_titled_alike():
    decisions = sorted((DOCS / "adr").glob("*.md"))
    assert decisions
    for number, page in enumerate(decisions, start=1):
        assert page.name.startswith(f"{number:04}-")
        assert page.read_text(encoding="utf-8").startswith(f"# {number}. ")
