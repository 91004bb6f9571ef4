"""The last day in bars: how many of each kind, hour by hour."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncHour
from django.utils import timezone

HOURS = 24
BARS = {"stack": "all", "maxBarThickness": 18, "borderRadius": 2, "borderSkipped": False, "displayYAxis": True}


def by_hour(
    rows: "QuerySet[Any]", moment: str, kind: str, shown: Mapping[str, tuple[str, str]], how_many: Any
) -> dict[str, Any]:
    """`shown`: kind → (label, colour). One statement."""
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    hours = [now - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    found = rows.filter(**{f"{moment}__gte": hours[0], f"{kind}__in": list(shown)}).order_by()
    found = found.annotate(hour=TruncHour(moment)).values_list("hour", kind).annotate(many=how_many)
    counts = {(hour, value): many for hour, value, many in found}
    there = {value for _, value in counts}
    datasets = [
        {"label": label, "data": [counts.get((hour, value), 0) for hour in hours], "backgroundColor": color, **BARS}
        for value, (label, color) in shown.items()
        if value in there
    ]
    return {"labels": [f"{hour:%H}:00" for hour in hours], "datasets": datasets}


def context(drawn: Mapping[str, dict[str, Any]], extra: dict[str, Any] | None) -> dict[str, Any]:
    """For admin/chart.html. `drawn`: title → chart."""
    return {**(extra or {}), "charts": [(title, json.dumps(chart), _legend(chart)) for title, chart in drawn.items()]}


def _legend(chart: dict[str, Any]) -> list[tuple[str, str, float]]:
    return [(one["label"], one["backgroundColor"], round(sum(one["data"]), 3)) for one in chart["datasets"]]
