"""Figures as a table for a terminal, and as data."""

from collections.abc import Sequence
from typing import Any

from menpai.delivery.sms.budget import yuan
from menpai.reports.figures import Figures, total

_EMPTY = "–"
_COLUMNS = (
    *("sent", "accepted", "delivered", "failed", "unknown", "verified"),
    *("cost", "per verified", "p50 s", "p95 s"),
)


def text(parts: Sequence[Figures], by: str) -> str:
    """Aligned; the first column to the left, numbers to the right, the sum below a line."""
    rows = [[one.of, *_cells(one)] for one in (*parts, total(parts))]
    table = [[by, *_COLUMNS], *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = [
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(cells))
        for cells in (zip(row, widths, strict=True) for row in table)
    ]
    rule = "─" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def data(parts: Sequence[Figures]) -> list[dict[str, Any]]:
    """For JSON: money as text in yuan, because a float would not be exact."""
    return [
        {
            "of": one.of,
            **{name: getattr(one, name) for name in ("sent", "accepted", "delivered", "failed", "unknown", "verified")},
            "cost": yuan(one.cost),
            "cost_per_verified": None if one.cost_per_verified is None else yuan(one.cost_per_verified),
            "p50_seconds": one.wait(50),
            "p95_seconds": one.wait(95),
        }
        for one in (*parts, total(parts))
    ]


def _cells(one: Figures) -> list[str]:
    counts = (one.sent, one.accepted, one.delivered, one.failed, one.unknown, one.verified)
    each = _EMPTY if one.cost_per_verified is None else yuan(one.cost_per_verified)
    waits = (_EMPTY if (wait := one.wait(percent)) is None else f"{wait:.1f}" for percent in (50, 95))
    return [*map(str, counts), yuan(one.cost), each, *waits]
