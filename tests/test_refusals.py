"""Every refusal is told in every contract that can meet it, and the numbers of the dada contract are accounted for."""

import inspect
import re
from datetime import timedelta
from pathlib import Path

import pytest

from menpai import errors, urls
from menpai.contracts.api import problem_texts
from menpai.contracts.user import texts
from menpai.contracts.v1 import codes
from tests.raised import refusals_of

pytestmark = pytest.mark.without_database

ROOT = Path(__file__).parent.parent
BASES = {errors.Refusal, errors.ComeBackLater, errors.PasswordRefused}
REFUSALS = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, errors.Refusal) and found not in BASES
]
# What the code of a view names, and yet no request of that contract is answered with.
NEVER_AT_USER = {
    "FieldsInvalid",  # told field by field, without a row
    *("UsernameInvalid", "EmailInvalid"),  # a name that is no name is an unknown one
    *("TicketExpired", "SocialTicketExpired", "SocialTaken", "ProviderTaken"),  # no field takes a bind ticket
}
OF_EVERY_VIEW = {"CrossSite"}  # contracts/endpoints.py
NEVER_AT_V1 = {
    "AccountDisabled",  # told as wrong credentials
    "PasswordWrong",  # of a link by somebody who is signed in, which begins at /api
}
FROZEN_CODES = """
    AccountDisabled ActivationGone ActivationMalformed AddressBookFull AddressFieldInvalid AddressIdInvalid
    AddressIncomplete AddressUnknown BadRequest BodyTooLarge Busy CaptchaGone CaptchaRequired CaptchaWrong
    ClientTooFast CodeGone CodeWrong CrossSite DeviceUnknown EmailInvalid EmailTaken FieldMissing FieldsInvalid
    IdempotencyKeyReused LanguageUnknown LastWayIn MobileInvalid MobileTaken NoDefaultAddress NoGateway NotJson
    NotSignedIn NothingToActivate OldPasswordWrong PasswordLength PasswordMissing PasswordNotSet
    PasswordRepeatMissing PasswordUnchanged PasswordWeak PasswordWrong PasswordsDiffer ProviderTaken ProviderUnknown
    SendingPaused SocialAway SocialRefused SocialStateGone SocialTaken SocialTicketGone SocialTokenBad TargetInvalid
    TargetTooSoon TermsNotAccepted TicketGone UsernameInvalid UsernameTaken WrongCredentials
"""

# A published contract may tell these like the class above them; every older refusal has a row of its own.
LATER = {refusal.__name__ for refusal in REFUSALS if refusal.code not in FROZEN_CODES.split()}


def reachable(patterns, room):
    """The refusals that the code behind a contract's URLs can raise."""
    views = []
    for pattern in patterns:
        views += (inspect.getclosurevars(pattern.callback).nonlocals.get("views") or {}).values()
    return refusals_of(*(view for view in views if view.__module__.startswith(room)))


def with_words(table):
    """The refusals that a contract words, themselves or with their family."""
    families = set(table) - {errors.Refusal, errors.ComeBackLater}
    return {refusal.__name__ for refusal in REFUSALS if families.intersection(refusal.__mro__)}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_the_modern_api_words_each_refusal_in_both_languages(refusal):
    said = problem_texts.PROBLEMS[refusal]
    assert re.search(r"[一-鿿]", said.chinese) and not re.search(r"[一-鿿]", said.english)


def test_the_rows_of_user_are_the_refusals_that_it_can_answer_with():
    rows = with_words(texts.REFUSALS)
    told = (reachable(urls.USER, "menpai.contracts.user") | OF_EVERY_VIEW) - NEVER_AT_USER
    assert rows <= told and told - rows <= LATER


def test_the_rows_of_v1_are_the_refusals_that_it_can_answer_with():
    rows = with_words(codes.CODES)
    told = (reachable(urls.V1, "menpai.contracts.v1") | OF_EVERY_VIEW) - NEVER_AT_V1
    assert rows <= told and told - rows <= LATER
    assert set(codes.CODES.values()) <= set(codes.TEXTS)


def test_a_refusal_without_words_of_its_own_is_told_like_the_class_above_it():
    class New(errors.Refusal):
        pass

    class NewLimit(errors.ClientTooFast):
        pass

    later = timedelta(seconds=9)
    assert (codes.code_of(New()), codes.status_of(New()), texts.text_of(New()).status) == (10100, 200, 400)
    assert texts.text_of(NewLimit(later)) == texts.text_of(errors.ClientTooFast(later))
    assert codes.texts_of(NewLimit(later)) == codes.texts_of(errors.ClientTooFast(later))


def test_stable_codes_stay_and_no_two_refusals_share_one():
    """The audit trail stores them: a class may be renamed, its code may not."""
    known = [refusal.code for refusal in REFUSALS]
    assert set(FROZEN_CODES.split()) <= set(known)
    assert len(known) == len(set(known))


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
