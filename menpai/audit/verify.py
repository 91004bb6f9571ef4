"""Is the chain whole? Walks all of it and names the first broken place."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from menpai.audit import chain
from menpai.audit.chain import Link
from menpai.models import AuditCut, AuditEvent

Progress = Callable[[int, int], None]


class Broken(Exception):
    """The first place where the chain is not what was sealed; the text says where and how."""


@dataclass(frozen=True)
class Whole:
    """What was found: `begin` is where the kept part goes on from, `head` its end."""

    begin: Link
    head: Link
    waiting: int  # rows that are not sealed yet

    @property
    def checked(self) -> int:
        return self.head.position - self.begin.position


def parsed(anchor: str) -> Link:
    """Raises ValueError."""
    position, _, seal = anchor.strip().partition(":")
    if not seal:
        raise ValueError(anchor)
    return Link(int(position), seal)


def verify(anchor: Link | None = None, progress: Progress = lambda done, of: None) -> Whole:
    """`anchor`: a head that was written down earlier; it must still be in the chain. Raises Broken."""
    while True:
        begin = _begin()
        try:
            return _walk(begin, anchor, progress)
        except Broken:
            if _begin() == begin:
                raise
            # Retention cut the chain while we walked: from the new beginning once more.


def _begin() -> Link:
    """The last cut, or nothing."""
    cut = AuditCut.objects.order_by("-position").first()
    if cut is None:
        return Link()
    link, key_id = Link(cut.position, cut.seal), cut.mark.partition(".")[0]
    try:
        right = chain.cut_mark(link, cut.at, key_id)
    except KeyError as no:
        raise Broken(f"cut at {cut.position}: its key {key_id} is not in the keys file") from no
    if not hmac.compare_digest(right, cut.mark):
        raise Broken(f"cut at {cut.position}: it was not made by the product")
    return link


def _walk(begin: Link, anchor: Link | None, progress: Progress) -> Whole:
    last, end = begin, chain.head().position
    _compare(anchor, last)
    for rows in chain.rows_after(begin.position):
        for row in rows:
            last = _next(last, row)
            _compare(anchor, last)
        progress(last.position - begin.position, max(end, last.position) - begin.position)
    if anchor and anchor.position > last.position:
        raise Broken(f"the end is missing: the anchor stands at {anchor.position}, the chain ends at {last.position}")
    return Whole(begin, last, AuditEvent.objects.filter(position__isnull=True).count())


def _next(last: Link, row: AuditEvent) -> Link:
    wanted, key_id = last.position + 1, row.seal.partition(".")[0]
    if row.position != wanted:
        raise Broken(f"position {wanted}: missing; the next row is {row.pk} at {row.position}")
    try:
        right = chain.seal_of(last, row, key_id)
    except KeyError as no:
        raise Broken(f"position {wanted}, row {row.pk}: its key {key_id} is not in the keys file") from no
    if not hmac.compare_digest(right, row.seal):
        raise Broken(f"position {wanted}, row {row.pk}: not what was sealed here ({row.at:%Y-%m-%d %H:%M:%S} UTC)")
    return Link(wanted, row.seal)


def _compare(anchor: Link | None, link: Link) -> None:
    if anchor and anchor.position == link.position and anchor.seal != link.seal:
        raise Broken(f"position {link.position}: another chain than the anchor's")
