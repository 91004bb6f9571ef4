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
    """Returns an aligned table with the total below a line."""
    rows = [[part.of, *_cells(part)] for part in (*parts, total(parts))]
    table = [[by, *_COLUMNS], *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = [
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(cells))
        for cells in (zip(row, widths, strict=True) for row in table)
    ]
    rule = "─" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def data(parts: Sequence[Figures]) -> list[dict[str, Any]]:
    """Returns the data for JSON; money is text in yuan, because a float would not be exact."""
    return [
        {
            "of": part.of,
            **{
                name: getattr(part, name) for name in ("sent", "accepted", "delivered", "failed", "unknown", "verified")
            },
            "cost": yuan(part.cost),
            "cost_per_verified": None if part.cost_per_verified is None else yuan(part.cost_per_verified),
            "p50_seconds": part.wait(50),
            "p95_seconds": part.wait(95),
        }
        for part in (*parts, total(parts))
    ]


def _cells(part: Figures) -> list[str]:
    counts = (part.sent, part.accepted, part.delivered, part.failed, part.unknown, part.verified)
    each = _EMPTY if part.cost_per_verified is None else yuan(part.cost_per_verified)
    waits = (_EMPTY if (wait := part.wait(percent)) is None else f"{wait:.1f}" for percent in (50, 95))
    return [*map(str, counts), yuan(part.cost), each, *waits]
