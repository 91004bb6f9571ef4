"""Typing mistakes in names of regions, before and behind the levels that are typed rightly."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from menpai.addresses import regions
from menpai.addresses.parsing import chains, gazetteer
from menpai.addresses.parsing.chains import Chain, skip
from menpai.addresses.parsing.confusable import CONFUSABLE
from menpai.addresses.parsing.gazetteer import FULL, Name

_ENDS = {"区": "区去曲驱", "市": "市巿币是", "县": "县现", "省": "省", "州": "州洲", "盟": "盟", "旗": "旗", "区域": ""}
_NO_NAME = re.compile("高新|经开|开发|工业|小区|社区|园区|市区|景区|校区|库区|院区|片区|厂区|镇区|^[新老城郊矿]区")
_SHORTEST = 3
_LONG = 5  # characters of a name in which a mistake is told from another place


def mend(text: str, chain: Chain) -> Chain:
    """The chain with the levels that are mistyped, where one name alone is meant."""
    if chain.conflict:
        return _abbreviated(text, chain)
    for _ in range(3):
        longer = _completed(text, chain)
        if longer is chain:
            longer = _forwards(text, chain)
        if longer is chain:
            break
        chain = longer
    return _backwards(text, chain)


def likely(right: str, typed: str) -> float:
    """How well `typed` is `right` with a single mistake, 0 where it is not."""
    if right == typed or typed[-1] not in _ENDS.get(right[-1], right[-1]):
        return 0.0
    length = len(right)
    if len(typed) == length:
        places = [index for index in range(length) if right[index] != typed[index]]
        if len(places) == 1:
            place = places[0]
            if place == length - 1:
                return 0.9
            alike = typed[place] in CONFUSABLE.get(right[place], "")
            return 1.0 if alike else 0.6
        swapped = (
            len(places) == 2
            and places[1] == places[0] + 1
            and right[places[0]] == typed[places[1]]
            and right[places[1]] == typed[places[0]]
        )
        return 0.9 if swapped and length > 2 else 0.0
    longer, shorter = (right, typed) if length > len(typed) else (typed, right)
    if len(longer) - len(shorter) != 1:
        return 0.0
    place = next((index for index in range(len(shorter)) if longer[index] != shorter[index]), len(shorter))
    return 0.8 if longer[place + 1 :] == shorter[place:] else 0.0


@regions.cached(maxsize=512)
def _below(code: str) -> tuple[Name, ...]:
    """The living regions below by their full names."""
    children = regions.children(code)
    return tuple(gazetteer.name_of(child) for child in children if len(child.name) >= _SHORTEST)


def _forwards(text: str, chain: Chain) -> Chain:
    """One more level behind the chain, mistyped."""
    last = chain.deepest
    if last.depth == 3 or last.former:
        return chain
    start = skip(text, chain.end)
    best: list[tuple[float, Chain]] = []
    for name in _below(last.code):
        right = name.region.name
        for length in (len(right), len(right) + 1, len(right) - 1):
            typed = text[start : start + length]
            if len(typed) < max(length, _SHORTEST) or _NO_NAME.search(typed):
                continue
            if score := likely(right, typed):
                longer = Chain(chain.start, start + length, chain.score, (*chain.names, name), chain.gaps)
                best.append((score + 0.5 * _followed(text, longer), longer))
    if not best:
        return chain
    best.sort(key=lambda item: -item[0])
    if len(best) > 1 and best[0][0] == best[1][0] and best[0][1].deepest is not best[1][1].deepest:
        return chain
    return _continued(text, best[0][1])


def _followed(text: str, chain: Chain) -> bool:
    return _continued(text, chain) is not chain


def _continued(text: str, chain: Chain) -> Chain:
    """With the level that is rightly typed behind it."""
    if chain.deepest.depth == 3:
        return chain
    start = skip(text, chain.end)
    for match in chains.matches(text, start):
        if match.name.prefix.startswith(chain.deepest.prefix) and match.name.depth > chain.deepest.depth:
            return replace(chain, end=match.end, names=(*chain.names, match.name))
    return chain


def _completed(text: str, chain: Chain) -> Chain:
    """The rest of a name that was matched by its short form: 芷江侗族治县, 历下下区."""
    last = chain.deepest
    right = last.region.name
    if last.strength == FULL or last.former:
        return chain
    short = next((name for name in _names(last.region) if text.endswith(name, 0, chain.end)), "")
    start = chain.end - len(short)
    for length in (len(right), len(right) + 1, len(right) - 1):
        typed = text[start : start + length]
        is_long = len(right) >= _LONG or (length > len(right) and typed[-2:-1] == typed[-3:-2])
        if short and is_long and len(typed) == length > len(short) and likely(right, typed):
            return _continued(text, replace(chain, end=start + length))
    return chain


def _abbreviated(text: str, chain: Chain) -> Chain:
    """雨花区 in 南京 is 雨花台区, and not that of 长沙."""
    city, typed = chain.names[-2], chain.deepest.region.name
    meant = [
        name
        for name in _below(city.code)
        if len(name.region.name) == len(typed) + 1
        and name.region.name.startswith(typed[:-1])
        and name.region.name[-1] == typed[-1]
    ]
    return replace(chain, names=(*chain.names[:-1], meant[0]), conflict=False) if len(meant) == 1 else chain


def _backwards(text: str, chain: Chain) -> Chain:
    """The levels above, before the chain."""
    first = chain.names[0]
    if first.former:
        return chain
    if again := next((name for name in _names(first.region) if text.endswith(name, 0, chain.start)), ""):
        chain = replace(chain, start=chain.start - len(again))  # 上海上海市
    for above in _above(first.code):
        end = chain.start
        while end > 0 and text[end - 1] in " \n,>|/·-":
            end -= 1
        for right in above:
            start = _tail(text, end, right)
            if start is not None:
                chain = replace(chain, start=start)
                break
    return chain


def _tail(text: str, end: int, right: str) -> int | None:
    """Where `right`, as it is or mistyped, begins that ends at `end`."""
    if text.endswith(right, 0, end):
        return end - len(right)
    if len(right) < _SHORTEST:
        return None
    for length in (len(right), len(right) - 1, len(right) + 1):
        start = end - length
        typed = text[start:end] if start >= 0 else ""
        if length >= _SHORTEST and typed and "\n" not in typed and " " not in typed and likely(right, typed):
            return start
    return None


@regions.cached(maxsize=4096)
def _above(code: str) -> Sequence[tuple[str, ...]]:
    """For the city and the province above: its names, the full one first."""
    return [tuple(_names(region)) for region in reversed(regions.path(code)[:-1])]


def _names(region: regions.Region) -> Iterator[str]:
    for spelling, strength in gazetteer.spellings(region):
        if strength == FULL or len(spelling) > 1:
            yield spelling
