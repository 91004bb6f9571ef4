"""The regions that a text names: every chain of up to three levels, and the best of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from menpai.addresses.parsing import gazetteer
from menpai.addresses.parsing.cleaning import LABEL
from menpai.addresses.parsing.gazetteer import FULL, STEM, Name

# What may stand between two levels: signs, labels, and what paper says where there is no city.
_BETWEEN = re.compile(
    rf"[ \n,;:|>/\\·.~_()\[\]{LABEL}-]{{0,12}}(?:(?:市辖区|(?:省|自治区)?直辖县(?:级行政(?:区划|单位))?|省直辖|"
    rf"县(?=[^ ,\n]{{2,14}}县))[ \n,;:|>/·.~_{LABEL}-]{{0,6}})?"
)
_TOWN_BETWEEN = re.compile(
    r"[^ \n,;:|\x1e\x1f]{1,5}(?:镇|乡|街道)(?=[ \n,;|])[ \n,;|]{1,4}|"
    r"[^ \n,;:|\x1e\x1f]{2,6}?(?:新区|开发区|高新区)[ ,]?"
)
_SIDE = "[东西南北中上下前后新老大小一二三四五六七八九十]{0,2}"
# What makes a name before it a road, a square, a school, a firm: 和平大街, 黑龙江大学, 朝阳广场.
_THING = re.compile(
    rf"[0-9]{{1,2}}[路街巷弄道]|{_SIDE}(?:路|街(?![道路])|大街|大道|道(?!外|里)|巷|里(?!水)|弄|胡同|广场|公园|学校|中学|小学|大学(?!城)|学院|医院|"
    rf"花园|花苑|家园|小区|新村|苑|公寓|大厦|大楼|商厦|商城|商场|市场|超市|公司|车站|火车站|站|门|村|高速|体育|饭店|酒店|宾馆|旅馆)|集团|银行|桥|镇|乡|"
    rf"街道|社区|机场|码头|湖|山庄|博物|美术|图书|展览|会展|火车|客运|汽车|国际|工业(?=[路大街])|山|河|江|城(?![关区东西南北厢中郊])|府|庭|居|轩|阁|"
    rf"馆|店|厂|院|楼|号|幢|栋|坊|庄|寨|屯|堡|塔|寺|庙|祠|库|港|海|岛|油田|矿|煤|农场|林场|烤|菜馆|的|先生|女士|小姐|老师|师傅|总|同学|有限|"
    rf"(?:科技|商贸|贸易|食品|电子|物流|快递)(?=有限|公司|集团|股份)"
)
# What makes an institution of a region's name before it: 海口市人民医院.
_INSTITUTION = re.compile(
    "第[一二三四五六七八九十0-9]|人民(?!路|街|[东南西北中]路|大)|中医|妇幼|儿童|公安|政府|法院|检察|教育|图书|体育|博物|实验|师范|职业|技师|大学|学院|中学|小学|高中|"
    "医院|银行|税务|供电|烟草|民政|交警|[^0-9路街镇乡村]{1,8}(?:医院|学校|大学|学院|中学|小学|公司|支行|分行|管理局)"
)
_ZONE = re.compile("[^路街道巷0-9 ,\n]{0,6}?(?:园区|开发区|新区|新城|高新|经开区|保税区|示范区|产业区|经济技术)")
_OF_CITY = ("市中区", "市南区", "市北区")  # 乐山市中区 is 市中区 in 乐山
_TYPES = frozenset("市区县旗")
_MOST = 6  # chains that go on at a place
MOST_STEPS = 1200  # an address takes a hundred; a text that is made to take many is not read to its end
_TYPED_FOR_TYPES = _TYPES | {"去", "曲"}
_ADDRESS = re.compile("[路街道巷弄号村镇乡组里园苑城院楼栋幢室区座]|[0-9]")


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """`names` from province to county as typed, at `start:end`.

    `conflict`: one of them is not in the one before.
    """

    start: int
    end: int
    score: float
    names: tuple[Name, ...]
    gaps: tuple[tuple[int, int], ...] = ()
    conflict: bool = False
    repeated: bool = False
    is_backwards: bool = False  # the county first, as in English

    @property
    def deepest(self) -> Name:
        return self.names[-1]


@dataclass(frozen=True, slots=True)
class Match:
    start: int
    end: int
    name: Name


def matches(text: str, start: int) -> list[Match]:
    """The regions whose name stands at `start`."""
    bucket = gazetteer.index().get(text[start : start + 2])
    found: list[Match] = []
    if not bucket:
        return found
    thing: dict[int, bool] = {}
    longer: set[str] = set()
    for spelling, names in bucket:
        if not text.startswith(spelling, start):
            continue
        end = start + len(spelling)
        for name in names:
            if name.code in longer and not text.startswith(_OF_CITY, end):
                continue
            if name.strength < FULL:
                if _is_cut_short(text, end, spelling):
                    continue
                if end not in thing:
                    thing[end] = bool(_THING.match(text, end))
                if thing[end] and not _goes_on(text, end, name):
                    continue
                if name.depth == 3 and name.strength == STEM and text[end : end + 1] in _TYPED_FOR_TYPES:
                    found.append(Match(start, end + 1, name))  # 孟津县, where it is 孟津区
                    if text[end] in _TYPES:
                        continue
            elif spelling[-1] == "市" and text[end : end + 1] == "场":
                continue
            found.append(Match(start, end, name))
        longer.update(match.name.code for match in found)
    return found


def _is_cut_short(text: str, end: int, spelling: str) -> bool:
    """乐山 in 乐山市; but 乐山 and 市中区 in 乐山市中区."""
    is_full = text[end : end + 1] in _TYPES and spelling + text[end] in gazetteer.full_names()
    return is_full and not text.startswith(_OF_CITY, end)


def _goes_on(text: str, end: int, name: Name) -> bool:
    """A zone of the city follows, a region below it or a town: 苏州园区, 无锡江阴, 宝安西乡."""
    if name.depth == 3:
        return gazetteer.has_town_at(text, end, name.code)
    if _ZONE.match(text, end):
        return True
    return any(
        other.code == name.code or (other.prefix.startswith(name.prefix) and other.depth > name.depth)
        for spelling, names in gazetteer.index().get(text[end : end + 2], ())
        if text.startswith(spelling, end)
        for other in names
    )


def skip(text: str, end: int) -> int:
    match = _BETWEEN.match(text, end)
    return match.end() if match else end


def best(text: str) -> list[Chain]:
    """The best chain, and those that name other regions by the same words."""
    index, letters = gazetteer.index(), gazetteer.LETTERS
    waiting: dict[int, list[Chain]] = {}
    done: list[Chain] = []
    steps = 0
    for start in range(len(text) - 1):
        incoming = waiting.pop(start, ())
        if text[start : start + 2] not in index:
            if not incoming and text[start] in letters and _is_start(text, start):
                waiting.setdefault(start + 1, []).append(_abbreviated(text[start], start))
            continue
        here = matches(text, start)
        steps += len(here) * (1 + len(incoming))
        if steps > MOST_STEPS:
            break
        for chain in _grown(text, here, incoming):
            done.append(chain)
            _wait(text, chain, waiting)
    return _top(text, done)


def _grown(text: str, here: list[Match], incoming: Sequence[Chain]) -> Iterable[Chain]:
    """The chains that end with one of the matches, the best of each region."""
    grown: dict[tuple[int, Name], Chain] = {}
    for match in here:
        best = _begin(text, match)
        for chain in incoming:
            longer = _extend(text, chain, match)
            if longer and longer.score > best.score:
                best = longer
        present = grown.get((match.end, best.deepest))
        if not present or best.score > present.score:
            grown[match.end, best.deepest] = best
    return grown.values()


def _wait(text: str, chain: Chain, waiting: dict[int, list[Chain]]) -> None:
    """Where the chain may go on: behind signs, or behind a town that stands between."""
    after = skip(text, chain.end)
    chains = waiting.setdefault(after, [])
    if len(chains) < _MOST:
        chains.append(chain)
    if chain.deepest.depth < 3 and (town := _TOWN_BETWEEN.match(text, after)):
        waiting.setdefault(town.end(), []).append(replace(chain, gaps=(*chain.gaps, (after, town.end()))))


def _is_start(text: str, place: int) -> bool:
    return place == 0 or text[place - 1] in " \n,;:|>/\\·.~_()[]-\x1e\x1f"


def _abbreviated(letter: str, start: int) -> Chain:
    """浙杭州市: a province by its one character, which counts only with what follows."""
    return Chain(start, start + 1, 4.0, (gazetteer.province(letter),))


_WEIGHT = {
    (1, 3): 11, (1, 2): 9, (1, 1): 8, (2, 3): 11, (2, 2): 9, (2, 1): 7.5, (3, 3): 10, (3, 2): 8, (3, 1): 6
}  # fmt: skip


def _begin(text: str, match: Match) -> Chain:
    name = match.name
    length = match.end - match.start
    score = _WEIGHT[name.depth, name.strength] + length / 10 - 2 * name.former
    generic = text[match.start : match.end] in gazetteer.GENERIC
    at_start = _is_start(text, match.start)
    if generic:
        score -= 7 if at_start else 10
    if not at_start:
        score -= 1 if name.strength == FULL else 4
    return Chain(match.start, match.end, score, (name,))


def _extend(text: str, chain: Chain, match: Match) -> Chain | None:
    last, name = chain.deepest, match.name
    length = match.end - match.start
    if name.prefix.startswith(last.prefix) and name.depth > last.depth:
        score = chain.score + _WEIGHT[name.depth, name.strength] + length / 10 - 2 * name.former - 3 * len(chain.gaps)
        return Chain(chain.start, match.end, score, (*chain.names, name), chain.gaps, chain.conflict, chain.repeated)
    if last.prefix.startswith(name.prefix) and not name.former and name.strength == FULL:
        if _INSTITUTION.match(text, match.end):
            return None
        # Said again. A county's namesake city, 吉林市 in 吉林省, is no repetition and was taken above.
        return Chain(chain.start, match.end, chain.score + length / 20, chain.names, chain.gaps, chain.conflict, True)
    return _contradiction(text, chain, match)


def _contradiction(text: str, chain: Chain, match: Match) -> Chain | None:
    """A county that is not in the city before it, or a city that is not in the province."""
    last, name = chain.deepest, match.name
    word = text[match.start : match.end]
    if name.strength != FULL or name.depth <= last.depth or name.former or (last.strength == STEM and last.depth > 1):
        return None
    if word in gazetteer.GENERIC or last.prefix in gazetteer.UNDIVIDED or chain.conflict:
        return None
    score = chain.score + _WEIGHT[name.depth, name.strength] - 8
    return Chain(chain.start, match.end, score, (*chain.names, name), chain.gaps, True)


def _top(text: str, chains: list[Chain]) -> list[Chain]:
    if not chains:
        return []
    scored = [(chain.score + _context(text, chain), -chain.start, chain) for chain in chains]
    highest = max(scored, key=lambda item: item[:2])
    if highest[0] < 5:
        return []
    first = highest[2]
    return [first] + [
        chain
        for score, _, chain in scored
        if chain is not first
        and (chain.start, chain.end) == (first.start, first.end)
        and score > highest[0] - 0.6
        and chain.deepest.code != first.deepest.code
    ]


def _context(text: str, chain: Chain) -> float:
    """A region is followed by the rest of an address; a name by a number."""
    score = 0.0
    behind = text[chain.end : chain.end + 40]
    if _ADDRESS.search(behind.split("\n")[0].split("\x1e")[0]):
        score += 2
    elif len(chain.names) == 1 and chain.deepest.strength < FULL:
        score -= 4
    return score
