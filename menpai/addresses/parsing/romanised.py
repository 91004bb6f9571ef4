"""Regions in pinyin (Zhejiang Sheng Hangzhou Shi) and in English (Yuhang District, Hangzhou)."""

import re
from dataclasses import replace

from menpai.addresses import regions
from menpai.addresses.parsing import gazetteer, vocabulary
from menpai.addresses.parsing.chains import Chain
from menpai.addresses.parsing.gazetteer import Name

_WORD = re.compile("[A-Za-z][A-Za-z\u2019']*")
_SIGNS = re.compile("[ ,.\n\x1f-]{0,6}")
_TYPES = {word: int(depth) for word, depth in vocabulary.pairs(vocabulary.section("english")["types"]).items()}
_COUNTRY = re.compile("[ ,.]*(?:P[.]? ?R[.]? ?)?(?:China|CHINA|china)[.]?|[ ,.]*(?:PRC|prc)\\b")
_ENGLISH = vocabulary.pairs(vocabulary.section("english")["regions"])
_ENDINGS = re.compile("(sheng|shi|qu|xian)$")
_LONGEST = 4


@regions.cached()
def _index() -> dict[str, tuple[Name, ...]]:
    """Pinyin in one word → the living regions of that name."""
    names: dict[str, list[Name]] = {}
    for bucket in gazetteer.index().values():
        for spelling, entries in bucket:
            for name in entries:
                if not name.former and spelling == name.region.name:
                    names.setdefault(name.region.pinyin.replace(" ", ""), []).append(name)
    by_code = {name.code: name for entries in names.values() for name in entries}
    names |= {word: [by_code[code]] for word, code in _ENGLISH.items() if code in by_code}
    return {word: tuple(entries) for word, entries in names.items()}


def best(text: str) -> list[Chain]:
    """The best chain in either order, or none."""
    words = [
        (match.start(), match.end(), match[0].lower().replace("'", "").replace("\u2019", ""))
        for match in _WORD.finditer(text)
    ]
    if len(words) < 3:
        return []
    grown: dict[int, list[Chain]] = {}
    done: list[Chain] = []
    for index in range(len(words)):
        incoming = grown.pop(index, [])
        for names, after, typed in _names(words, index):
            here = []
            for name in names:
                if typed and not _is_of(name, typed):
                    continue
                score = 4.0 - name.depth + (3 if typed else 0)
                here.append(Chain(words[index][0], words[after - 1][1], score, (name,)))
                for chain in incoming:
                    if _SIGNS.fullmatch(text, chain.end, words[index][0]) and (
                        longer := _join(chain, here[0], name, score)
                    ):
                        here.append(longer)
            grown.setdefault(after, []).extend(sorted(here, key=lambda chain: -chain.score)[:6])
            done += here
    return _top(text, done)


def _names(words: list[tuple[int, int, str]], index: int) -> list[tuple[tuple[Name, ...], int, int]]:
    """The names that begin at a word: the regions, the word behind, and the level that is written out."""
    found = []
    word = ""
    for after in range(index + 1, min(index + _LONGEST, len(words)) + 1):
        word += words[after - 1][2]
        names = _index().get(word)
        stem = word
        if not names and (ending := _ENDINGS.search(word)):
            stem = word[: ending.start()]
            if names := _index().get(stem):
                found.append((names, after, _TYPES[ending[1]]))
            continue
        if names:
            typed = _TYPES.get(words[after][2], 0) if after < len(words) else 0
            if typed:
                found.append((names, after + 1, typed))
            elif words[after : after + 2] and "".join(each[2] for each in words[after : after + 2]) in (
                "newarea",
                "newdistrict",
            ):
                found.append((names, after + 2, 3))
            found.append((names, after, 0))
    return found


def _is_of(name: Name, typed: int) -> bool:
    """A county can be called shi, and so can a municipality."""
    return typed == name.depth or (typed == 2 and (name.depth == 3 or name.prefix in gazetteer.MUNICIPALITIES))


def _join(chain: Chain, _here: Chain, name: Name, score: float) -> Chain | None:
    last, first = chain.names[-1], chain.names[0]
    end = _here.end
    if name.prefix.startswith(last.prefix) and name.depth > last.depth:
        return Chain(chain.start, end, chain.score + score + 4, (*chain.names, name))
    if first.prefix.startswith(name.prefix) and name.depth < first.depth:
        return Chain(chain.start, end, chain.score + score + 4, (name, *chain.names), is_backwards=True)
    return None


def _top(text: str, chains: list[Chain]) -> list[Chain]:
    good = [chain for chain in chains if len(chain.names) > 1]
    if not good:
        return []
    first = max(good, key=lambda chain: (chain.score, -chain.start))
    country = _COUNTRY.match(text, first.end)
    end = country.end() if country else first.end
    others = [
        chain
        for chain in good
        if chain.score == first.score
        and (chain.start, chain.end) == (first.start, first.end)
        and chain.deepest.code != first.deepest.code
    ]
    return [replace(first, end=end), *others]
