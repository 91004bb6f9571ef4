"""docs/asvs.md and docs/security.md are true: every test that they name exists; and what no other test says is said
here."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from menpai.models import Customer
from tests.customers import PASSWORD, a_mobile, somebody

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "asvs.md"
SECURITY = HERE.parent / "docs" / "security.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
REQUIREMENT = re.compile(r"^\| ([RFT]\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
SECOND_READING = re.compile(r"^\| (S\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
# How many items of level 1 and 2 each chapter has (10: its first two sections).
ITEMS = {2: 11, 3: 19, 4: 10, 6: 35, 7: 18, 8: 7, 9: 7, 10: 4, 11: 14, 13: 13, 14: 9, 15: 13, 16: 16}


@pytest.fixture(scope="module")
def rows():
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def requirements():
    return REQUIREMENT.findall(SECURITY.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def second_reading():
    return SECOND_READING.findall(SECURITY.read_text(encoding="utf-8"))


def test_every_item_is_there_once(rows):
    numbers = [number for number, *_ in rows]
    assert len(numbers) == len(set(numbers))
    assert Counter(int(number.partition(".")[0]) for number in numbers) == ITEMS


def test_every_requirement_fault_and_target_is_there_once_and_kept(requirements):
    wanted = [f"R{number:02}" for number in range(1, 81)] + [f"F{number:02}" for number in range(1, 28)]
    wanted += [f"T{number}" for number in range(1, 16) if number != 14]
    assert [number for number, *_ in requirements] == wanted
    for number, _, kept in requirements:
        assert TEST.search(kept) or "*Exception:*" in kept, number


def test_every_line_of_the_second_reading_is_there_once_and_kept(second_reading):
    numbers = [int(number[1:]) for number, *_ in second_reading]
    assert numbers == sorted(set(numbers)) and numbers
    assert [number for number, _, kept in second_reading if not TEST.search(kept)] == []


def test_every_test_that_is_named_exists(rows, requirements, second_reading):
    functions: dict[str, set[str]] = {}
    for file, name in {found for *_, kept in rows + requirements + second_reading for found in TEST.findall(kept)}:
        if file not in functions:
            tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
            functions[file] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in functions[file], f"{file}::{name}"


def test_every_item_has_a_test_an_exception_a_page_or_is_a_gap_and_they_are_counted(rows):
    kinds = Counter(kind_of(kept) for *_, kept in rows)
    told = f"{len(rows)} items: {kinds['test']} kept by tests, {kinds['page']} by a page, "
    assert told + f"{kinds['exception']} exceptions, {kinds['gap']} gaps." in PAGE.read_text(encoding="utf-8")


def kind_of(kept):
    if "**Gap:**" in kept:
        return "gap"
    if TEST.search(kept):
        return "test"
    assert "*Exception:*" in kept or re.search(r"\]\([\w./#-]+\)", kept), kept
    return "exception" if "*Exception:*" in kept else "page"


# ── 4.1.3, 15.3.4 ──
def taken_after(http, forwarded):
    """How many checks of a mobile one socket's address has before it is too fast, naming others each time."""
    for number in range(30):
        headers = {"x-forwarded-for": forwarded.format(number)}
        if http.get(f"/user/mobile/{a_mobile()}/", headers=headers).status_code == 429:
            return number
    return None


def test_nobody_but_a_trusted_proxy_names_the_clients_address(http, settings):
    assert taken_after(http, "203.0.113.{}") == 20
    settings.MENPAI_TRUSTED_PROXIES = 1
    # The proxy appends what it saw; whatever the client wrote before that is not believed.
    assert taken_after(http, "203.0.113.{}, 198.51.100.7") == 20
    assert taken_after(http, "203.0.113.{}") is None
    assert taken_after(http, "no address {}") == 20  # one share for all that cannot be read; not the socket's
    assert taken_after(http, "") == 0  # the same share


# ── 11.4.2 ──
@pytest.mark.real_hashes
def test_a_password_is_stored_as_argon2id_with_owasps_cost(http):
    person = somebody(http)
    stored = Customer.objects.get(username=person.name).password
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in stored and PASSWORD not in stored
