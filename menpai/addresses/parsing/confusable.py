"""Characters that are typed for each other: of one sound, or alike to look at."""

from menpai.addresses.parsing import vocabulary


def _groups() -> dict[str, str]:
    words = vocabulary.section("confusable")
    alike = {character: group for group in words["sounds"] for character in group}
    for group in words["shapes"]:
        alike[group[0]] = alike.get(group[0], "") + group[1:]
    return alike


CONFUSABLE = _groups()
