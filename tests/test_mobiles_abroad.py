"""Numbers beyond the mainland: one spelling each, in all our contracts, for the regions that the operator names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menpai import errors, identifiers
from menpai.models import Customer, Message
from tests.customers import PASSWORD

REGIONS = ("CN", "HK", "MO", "TW", "SG", "US")
HONG_KONG = "+85291234567"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        *(
            (one, HONG_KONG)
            for one in ("+85291234567", "+852 9123 4567", " +852-9123-4567", "＋８５２９１２３４５６７")
        ),
        *(("+853 6612 3456", "+85366123456"), ("+886 0912 345 678", "+886912345678"), ("+65 9123 4567", "+6591234567")),
        ("+1 (415) 555-2671", "+14155552671"),
        *((one, "13800138000") for one in ("13800138000", "+86 138 0013 8000", "0086-13800138000")),
    ],
)
def test_a_number_has_one_spelling(typed, kept):
    assert identifiers.mobile(typed, REGIONS) == kept
    assert identifiers.mobile(kept, REGIONS) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("+85223456789", "+852912345678", "+8529123456", "91234567", "0085291234567", "+85291234567\n"),  # of HK
        *("+447911123456", "+800123456789", "+8612345678901", "+86 10 6552 9988", "+", "++85291234567", "+0123456789"),
    ],
)
def test_what_is_no_mobile_of_these_regions_is_refused(typed):
    with pytest.raises(errors.MobileInvalid):
        identifiers.mobile(typed, REGIONS)


def test_the_mainland_is_a_region_like_the_others():
    with pytest.raises(errors.MobileInvalid):
        identifiers.mobile("13800138000", ("HK",))
    with pytest.raises(errors.MobileInvalid):
        identifiers.mobile(HONG_KONG)


@given(st.from_regex(r"\A[+＋](852|853|886|65|1|86)[ -]?[0-9]{5,11}\Z"))
def test_checking_it_again_changes_nothing_and_no_two_kinds_meet(typed):
    try:
        found = identifiers.mobile(typed, REGIONS)
    except errors.MobileInvalid:
        return
    assert identifiers.mobile(found, REGIONS) == found
    assert identifiers.sign_in_name(found, REGIONS) == identifiers.SignInName("mobile", found)
    assert found.startswith("+") != (len(found) == 11 and found[0] == "1")
    assert identifiers.e164(found) == (found if found.startswith("+") else f"+86{found}")


def test_blocks_and_masks_know_the_countrys_code():
    assert [identifiers.block(one) for one in ("13800138000", HONG_KONG)] == ["1380013", "+8529123"]
    assert [identifiers.masked_mobile(one) for one in ("13800138000", HONG_KONG)] == ["138****8000", "+852****4567"]


# ── The contracts ──
def test_somebody_abroad_registers_and_signs_in(settings, http, mailbox):
    settings.MENPAI_MOBILE_REGIONS = ["CN", "HK"]
    typed = "+852 9123 4567"
    assert http.post("/api/registrations/code", json={"mobile": typed}).status_code == 202
    code = mailbox.last(HONG_KONG).code
    new = {"mobile": typed, "password": PASSWORD, "code": code, "terms_version": "2026-11"}
    made = http.post("/api/registrations", json=new)
    assert made.status_code == 201, made.text
    assert Customer.objects.get().mobile == HONG_KONG
    for name in (typed, HONG_KONG):
        assert http.post("/api/sessions", json={"name": name, "password": PASSWORD}).status_code == 201
    # The published contracts know whom they have not registered.
    assert http.post("/v1/tokens", json={"username": HONG_KONG, "password": PASSWORD}).json()["code"] == 200
    taken = http.post("/api/registrations/code", json={"mobile": "+852-91234567"})
    assert taken.status_code == 429, "the same number, however it is written"


def test_the_published_contracts_send_no_code_abroad_and_by_default_nobody_does(http, settings):
    refused = http.post("/api/registrations/code", json={"mobile": HONG_KONG})
    assert refused.json()["type"].endswith("mobile_invalid"), refused.text
    settings.MENPAI_MOBILE_REGIONS = ["CN", "HK"]
    assert http.get(f"/user/sms/{HONG_KONG}/").status_code == 400
    assert http.post("/v1/users/sms/code", json={"phone": HONG_KONG}).json()["code"] != 200
    assert not Message.objects.exists()
