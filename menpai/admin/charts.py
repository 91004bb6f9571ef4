"""Bar charts of the last day: counts of each kind, hour by hour."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncHour
from django.utils import timezone

HOURS = 24
BARS = {"stack": "all", "maxBarThickness": 18, "borderRadius": 2, "borderSkipped": False, "displayYAxis": True}


def count_by_hour(
    rows: "QuerySet[Any]", moment: str, kind: str, shown: Mapping[str, tuple[str, str]], aggregate: Any
) -> dict[str, Any]:
    """Returns the chart of `aggregate` by kind and hour, by one statement.

    `shown`: kind → (label, colour).
    """
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    hours = [now - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    rows_shown = rows.filter(**{f"{moment}__gte": hours[0], f"{kind}__in": list(shown)}).order_by()
    rows_shown = rows_shown.annotate(hour=TruncHour(moment)).values_list("hour", kind).annotate(many=aggregate)
    counts = {(hour, value): count for hour, value, count in rows_shown}
    present = {value for _, value in counts}
    datasets = [
        {"label": label, "data": [counts.get((hour, value), 0) for hour in hours], "backgroundColor": color, **BARS}
        for value, (label, color) in shown.items()
        if value in present
    ]
    return {"labels": [f"{hour:%H}:00" for hour in hours], "datasets": datasets}


def context(charts: Mapping[str, dict[str, Any]], extra: dict[str, Any] | None) -> dict[str, Any]:
    """Returns the context of admin/chart.html. `charts`: title → chart."""
    return {**(extra or {}), "charts": [(title, json.dumps(chart), _legend(chart)) for title, chart in charts.items()]}


def _legend(chart: dict[str, Any]) -> list[tuple[str, str, float]]:
    return [
        (dataset["label"], dataset["backgroundColor"], round(sum(dataset["data"]), 3)) for dataset in chart["datasets"]
    ]
