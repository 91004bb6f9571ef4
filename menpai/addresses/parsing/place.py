"""The region of today that a chain of names stands for, or the candidates where it is open."""

from dataclasses import dataclass, field

from menpai.addresses import regions
from menpai.addresses.parsing import gazetteer
from menpai.addresses.parsing.chains import Chain
from menpai.addresses.parsing.gazetteer import MUNICIPALITIES
from menpai.addresses.parsing.result import Candidate

MOST_CANDIDATES = 5
LEVELS = ("province", "city", "county")


@dataclass
class Place:
    fields: dict[str, str] = field(default_factory=dict)
    code: str | None = None
    candidates: list[Candidate] = field(default_factory=list)
    outdated: tuple[regions.Region, list[str]] | None = None
    elsewhere: list[str] = field(default_factory=list)


def resolve(chains: list[Chain]) -> Place:
    """`chains` name different regions by the same words; the first is the best."""
    if chains[0].conflict:
        return _contradicting(chains)
    codes: dict[str, Chain] = {}
    for chain in chains:
        for region in _today(chain):
            codes.setdefault(region, chain)
    living = [chain for chain in chains if not chain.deepest.former]
    if len(codes) == 1:
        code = next(iter(codes))
        place = Place(dict(levels(code)), code)
        if not living:
            place.outdated = chains[0].deepest.region, [code]
        return place
    return _open(chains, list(codes), living)


def _today(chain: Chain) -> list[str]:
    name = chain.deepest
    if not name.former:
        return [name.code]
    return [region.code for region in regions.now(name.region)]


def _open(chains: list[Chain], codes: list[str], living: list[Chain]) -> Place:
    """As typed: several regions fit, or today's are several, or none."""
    place = Place(typed(chains[0]))
    place.candidates = [candidate(code) for code in codes[:MOST_CANDIDATES]]
    if not living:
        place.outdated = chains[0].deepest.region, codes
        if len({tuple(levels(code).items())[:2] for code in codes}) == 1:
            place.fields |= {key: value for key, value in levels(codes[0]).items() if key != "county"}
    return place


def typed(chain: Chain) -> dict[str, str]:
    """The names as in the text, and those that stand above them for certain."""
    fields: dict[str, str] = {}
    for name in chain.names:
        fields[LEVELS[name.depth - 1]] = name.region.name
    if len(chain.names) > 1 or chain.deepest.depth < 3:
        above = levels(chain.names[0].code)
        fields = {**{key: value for key, value in above.items() if value}, **fields}
        if fields.get("province") and chain.names[0].prefix in MUNICIPALITIES:
            fields["city"] = fields["province"]
    return fields


def _contradicting(chains: list[Chain]) -> Place:
    chain = chains[0]
    place = Place(typed(chain))
    place.elsewhere = list(dict.fromkeys(each.deepest.code for each in chains))
    codes = [*place.elsewhere, chain.names[-2].code]
    place.candidates = [candidate(code) for code in codes[:MOST_CANDIDATES]]
    return place


@regions.cached(maxsize=4096)
def levels(code: str) -> dict[str, str]:
    """province, city and county of a living region; the city of a municipality is its own name."""
    fields = {"province": "", "city": "", "county": ""}
    for region in regions.path(code):
        if region.level in fields:
            fields[region.level] = region.name
    if code[:2] in MUNICIPALITIES:
        fields["city"] = fields["province"]
    return fields


def candidate(code: str) -> Candidate:
    return Candidate(code, **levels(code))


def town_at(text: str, start: int, code: str) -> str:
    """The official town whose name stands at `start`, or ''."""
    for name in gazetteer.towns(code):
        if text.startswith(name, start):
            return name
    return ""
