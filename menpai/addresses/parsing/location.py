"""Takes the region off a text."""

from menpai.addresses import regions
from menpai.addresses.parsing import chains, gazetteer, place, romanised, spelling
from menpai.addresses.parsing.pieces import REGION
from menpai.addresses.parsing.state import State

_MOST_REPEATS = 6


def take_region(state: State) -> None:
    """The region, its code or its candidates, and the town behind it."""
    regions.current()  # all that follows is cached: is there a newer edition?
    found = chains.best(state.text) or romanised.best(state.text)
    if not found:
        return
    best, found = found[0], _mended(state.text, found)
    mended = found[0]
    state.place = place.resolve(found)
    sure = (
        (0.5 if state.place.code is None else 1.0)
        - 0.2 * (mended is not best)
        - 0.1 * (mended.deepest.strength < gazetteer.FULL)
    )
    for field, value in state.place.fields.items():
        state.fill(field, value, round(sure, 1))
    start = mended.start
    for gap, after in [*mended.gaps, (mended.end, mended.end)]:
        state.take(_level(mended), start, gap, REGION)
        start = after
    state.region, state.is_backwards = (mended.start, mended.end), mended.is_backwards
    _take_town(state, mended.end)


def _mended(text: str, found: list[chains.Chain]) -> list[chains.Chain]:
    """The chains with their mistyped levels; where several fit, those that have one before them."""
    mended = [spelling.mend(text, chain) for chain in found]
    if len(found) == 1:
        return mended
    return [chain for chain in mended if chain.start < found[0].start] or found


def _level(chain: chains.Chain) -> str:
    return place.LEVELS[chain.deepest.depth - 1]


def _take_town(state: State, end: int) -> None:
    """The town behind the region, and both as often as they are said again."""
    code = state.place.code if state.place else None
    if not code or not state.region or code.endswith("0000"):
        return
    start, stop = state.region
    names = [name for name in (state.cleaned.text[start:end].strip(), "".join(place.levels(code).values())) if name]
    for _ in range(_MOST_REPEATS):
        after = chains.skip(state.text, stop)
        town = place.town_at(state.text, after, code)
        if town and state.fields["town"] in ("", town):
            state.take("dropped" if state.fields["town"] else "town", after, after + len(town), REGION)
            state.fill("town", town)
        else:
            town = next((name for name in names if state.text.startswith(name, after)), "")
            if not town or not state.fields["town"]:
                break
            state.take("dropped", after, after + len(town), REGION)
        stop = after + len(town)
    state.region = (start, stop)
