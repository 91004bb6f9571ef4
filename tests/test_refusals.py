"""Every refusal is worded by every contract, and the numbers of the dada contract are all accounted for."""

import re
from pathlib import Path

import pytest

from menpai import errors
from menpai.contracts.api import problems
from menpai.contracts.user import views as user
from menpai.contracts.v1 import codes

ROOT = Path(__file__).parent.parent
REFUSALS = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, errors.Refusal)
    if found not in (errors.Refusal, errors.ComeBackLater, errors.ModernRefusal)
]
PUBLISHED = [refusal for refusal in REFUSALS if not issubclass(refusal, errors.ModernRefusal)]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_the_modern_api_words_each_refusal_in_both_languages(refusal):
    said = problems.PROBLEMS[refusal]
    assert re.search(r"[一-鿿]", said.chinese) and not re.search(r"[一-鿿]", said.english)


@pytest.mark.parametrize("refusal", PUBLISHED, ids=lambda refusal: refusal.__name__)
def test_each_contract_words_each_refusal(refusal):
    assert refusal in codes.CODES
    assert codes.CODES[refusal] in codes.TEXTS
    assert refusal in user.REFUSALS


def test_each_address_field_has_its_number():
    assert set(codes.ADDRESS_FIELDS) == {"receiver", "address", "mobile", "postcode", "tag"}


def test_docs_refusals_accounts_for_every_published_number():
    text = (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")
    published = {int(number) for number in re.findall(r"^\| (\d{3,5}) ", text, re.MULTILINE)}
    assert published == {200, 201, *range(10100, 10135)}


def test_docs_refusals_names_the_tests_that_reach_each_number():
    text = (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", text)
    assert named
    for name in named:
        assert f"def {name}(" in tests, name
    for number in codes.TEXTS:
        assert re.search(rf"^\| {number} .*`test_", text, re.MULTILINE), number
