"""The changes from one edition to the next, in words."""

from collections.abc import Iterator

from menpai.addresses.regions.tree import Region, Tree


def lines(before: Tree, after: Tree) -> Iterator[str]:
    """One line a region that is new, ended, renamed or moved, and one a county whose towns changed."""
    old, new = _living(before), _living(after)
    for code in sorted(old.keys() | new.keys()):
        was, now = old.get(code), new.get(code)
        if was is None and now:
            yield f"+ {_full(after, now)} {code}"
        elif was and now is None:
            yield f"- {_full(before, was)} {code} → {_heirs(after, was)}"
        elif was and now and was.name != now.name:
            yield f"~ {_full(before, was)} {code} → {now.name}"
        elif was and now and was.parent != now.parent:
            yield f"~ {_full(before, was)} {code} → {_full(after, now)}"
    for code in sorted(old.keys() & new.keys()):
        towns_before, towns_after = _towns(before, code), _towns(after, code)
        if towns_before != towns_after:
            added, gone = len(towns_after - towns_before), len(towns_before - towns_after)
            yield f"~ {_full(after, new[code])} {code}: 街道 · towns +{added} −{gone}"


def _living(tree: Tree) -> dict[str, Region]:
    return {region.code: region for region in tree.living()}


def _towns(tree: Tree, code: str) -> set[tuple[str, str]]:
    return {(town.code, town.name) for town in tree.towns(code)}


def _full(tree: Tree, region: Region) -> str:
    return "".join(step.name for step in tree.path(region))


def _heirs(tree: Tree, region: Region) -> str:
    ended = next((each for each in tree.former() if (each.code, each.name) == (region.code, region.name)), None)
    return "、".join(_full(tree, heir) for heir in tree.now(ended)) if ended else "?"
