"""Takes the region off a text."""

from menpai.addresses.parsing import chains, gazetteer, place, romanised, spelling
from menpai.addresses.parsing.pieces import REGION
from menpai.addresses.parsing.state import State


def take_region(state: State) -> None:
    """The region, its code or its candidates, and the town behind it."""
    found = chains.best(state.text) or romanised.best(state.text)
    if not found:
        return
    best = found[0]
    found[0] = mended = spelling.mend(state.text, best)
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


def _level(chain: chains.Chain) -> str:
    return place.LEVELS[chain.deepest.depth - 1]


def _take_town(state: State, end: int) -> None:
    code = state.place and state.place.code
    if code and state.region and not code.endswith("0000"):
        start = chains.skip(state.text, end)
        if town := place.town_at(state.text, start, code):
            state.fill("town", town)
            state.take("town", start, start + len(town), REGION)
            state.region = (state.region[0], start + len(town))
