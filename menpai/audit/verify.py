"""The check of the whole chain, which names the first broken position."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from menpai.audit import chain
from menpai.audit.chain import ChainLink
from menpai.models import AuditCut, AuditEvent

Progress = Callable[[int, int], None]


class ChainBroken(Exception):
    """The chain differs from what was sealed; the text says where first, and how."""


@dataclass(frozen=True)
class VerifiedChain:
    """A chain that is intact from `begin`, the last cut, to `head`."""

    begin: ChainLink
    head: ChainLink
    waiting: int  # rows that are not sealed yet

    @property
    def checked(self) -> int:
        return self.head.position - self.begin.position


def parse_anchor(anchor: str) -> ChainLink:
    """Returns the anchor written as `position:seal`. Raises ValueError."""
    position, _, seal = anchor.strip().partition(":")
    if not seal:
        raise ValueError(anchor)
    return ChainLink(int(position), seal)


def verify(anchor: ChainLink | None = None, progress: Progress = lambda done, of: None) -> VerifiedChain:
    """Returns the intact chain, which must contain `anchor`, a former head. Raises ChainBroken."""
    while True:
        begin = _begin()
        try:
            return _walk(begin, anchor, progress)
        except ChainBroken:
            if _begin() == begin:
                raise
            # Retention cut the chain meanwhile: start again from the new cut.


def _begin() -> ChainLink:
    """Returns the last cut after checking it, or position 0. Raises ChainBroken."""
    cut = AuditCut.objects.order_by("-position").first()
    if cut is None:
        return ChainLink()
    link, key_id = ChainLink(cut.position, cut.seal), cut.mark.partition(".")[0]
    try:
        expected = chain.cut_mark(link, cut.at, key_id)
    except KeyError as error:
        raise ChainBroken(f"cut at {cut.position}: its key {key_id} is not in the keys file") from error
    if not hmac.compare_digest(expected, cut.mark):
        raise ChainBroken(f"cut at {cut.position}: it was not made by the product")
    return link


def _walk(begin: ChainLink, anchor: ChainLink | None, progress: Progress) -> VerifiedChain:
    last, end = begin, chain.head().position
    _compare(anchor, last)
    for rows in chain.rows_after(begin.position):
        for row in rows:
            last = _next(last, row)
            _compare(anchor, last)
        progress(last.position - begin.position, max(end, last.position) - begin.position)
    if anchor and anchor.position > last.position:
        raise ChainBroken(
            f"the end is missing: the anchor stands at {anchor.position}, the chain ends at {last.position}"
        )
    return VerifiedChain(begin, last, AuditEvent.objects.filter(position__isnull=True).count())


def _next(last: ChainLink, row: AuditEvent) -> ChainLink:
    position, key_id = last.position + 1, row.seal.partition(".")[0]
    if row.position != position:
        raise ChainBroken(f"position {position}: missing; the next row is {row.pk} at {row.position}")
    try:
        expected = chain.seal_of(last, row, key_id)
    except KeyError as error:
        raise ChainBroken(f"position {position}, row {row.pk}: its key {key_id} is not in the keys file") from error
    if not hmac.compare_digest(expected, row.seal):
        raise ChainBroken(
            f"position {position}, row {row.pk}: not what was sealed here ({row.at:%Y-%m-%d %H:%M:%S} UTC)"
        )
    return ChainLink(position, row.seal)


def _compare(anchor: ChainLink | None, link: ChainLink) -> None:
    if anchor and anchor.position == link.position and anchor.seal != link.seal:
        raise ChainBroken(f"position {link.position}: another chain than the anchor's")
