"""Warnings about what a text says; those that every address can have come from `checks`."""

import re

from menpai.addresses import checks
from menpai.addresses.checks import AddressWarning, place_of
from menpai.addresses.parsing.place import Place
from menpai.addresses.parsing.state import State
from menpai.addresses.record import Draft

_FROM_CHECKS = ("house_number_missing", "detail_repeats_region", "number_missing", "postcode_elsewhere")
_COUNTRIES = re.compile(
    "USA|Japan|Korea|Singapore|日本|东京都|韩国|首尔|美国|加拿大|英国|澳大利亚|新加坡|马来西亚|法国|德国"
)


def warnings(state: State) -> list[AddressWarning]:
    """In the order of the fields of a form."""
    kinds = {number.kind for number in state.numbers}
    found = []
    if "identity" in kinds:
        found.append(AddressWarning("identity_number_dropped", "receiver"))
    if is_masked := "masked" in kinds and not state.fields["mobile"]:
        found.append(AddressWarning("number_masked", "mobile"))
    if state.place:
        found += _about_region(state.place)
    elif "abroad" in kinds or _COUNTRIES.search(state.cleaned.text):
        found.append(AddressWarning("abroad", "province"))
    if not state.place and not state.fields["mobile"]:
        return found  # no address
    for warning in checks.check(_draft(state)):
        is_told = warning.code == "number_missing" and is_masked
        if warning.code in _FROM_CHECKS and not is_told and (state.place or warning.field != "address"):
            found.append(warning)
    return found


def _draft(state: State) -> Draft:
    fields = {name: value for name, value in state.fields.items() if name != "second_number"}
    return Draft(address="", region_code=state.place.code if state.place else None, town_code=None, **fields)


def _about_region(place: Place) -> list[AddressWarning]:
    level = "county" if place.fields.get("county") else "city"
    typed = place.fields.get(level, "")
    if place.outdated:
        was, now = place.outdated
        since = was.valid_to.year if was.valid_to else None
        return [AddressWarning("region_outdated", level, was.name, [place_of(code) for code in now], since)]
    if place.elsewhere:
        return [AddressWarning("county_elsewhere", level, typed, [place_of(code) for code in place.elsewhere])]
    if place.code is None:
        fitting = [place_of(candidate.region_code) for candidate in place.candidates]
        return [AddressWarning("region_open", level, typed, fitting)]
    return []
