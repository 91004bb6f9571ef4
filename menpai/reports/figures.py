"""Results and costs of SMS, by gateway, carrier, region, day or kind; two statements for any span.

Each submission to a gateway counts: a message sent again by another gateway counts twice and costs twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from menpai.models import Message, SpentSecret, Submission

By = Literal["gateway", "carrier", "region", "day", "kind"]
WAYS: tuple[By, ...] = get_args(By)
_State = Submission.State
_WHICH: dict[By, Any] = {
    "gateway": F("gateway"),
    "carrier": F("carrier"),
    "region": F("region"),
    "day": TruncDate("handed_at"),
    "kind": F("message__kind"),
}


@dataclass
class Figures:
    """Figures of one group.

    `accepted` includes delivered and later failed; `cost` in millionths of a yuan.
    """

    of: str
    sent: int = 0
    accepted: int = 0
    delivered: int = 0
    failed: int = 0
    unknown: int = 0
    verified: int = 0
    cost: int = 0
    waits: dict[int, int] = field(default_factory=dict)  # tenths of a second until a receipt → how often

    @property
    def cost_per_verified(self) -> int | None:
        return round(self.cost / self.verified) if self.verified else None

    def wait(self, percent: int) -> float | None:
        """Returns the seconds within which so many percent of the delivered SMS arrived."""
        left = -(-sum(self.waits.values()) * percent // 100)
        for tenths in sorted(self.waits):
            left -= self.waits[tenths]
            if left <= 0:
                return tenths / 10
        return None

    def add(self, other: "Figures") -> None:
        for name in ("sent", "accepted", "delivered", "failed", "unknown", "verified", "cost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for tenths, many in other.waits.items():
            self.waits[tenths] = self.waits.get(tenths, 0) + many


class _Tenths(Func):
    """The tenths of a second between two times."""

    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "CAST(EXTRACT(EPOCH FROM (%(expressions)s)) * 10 AS integer)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "CAST(ROUND((%(expressions)s) * 864000) AS integer)"
        julian = [Func(expression, function="julianday") for expression in self.get_source_expressions()]
        return Func(*julian, template=template, arg_joiner=" - ", output_field=IntegerField()).as_sql(
            compiler, connection, **more
        )


def since(begin: datetime, by: By) -> list[Figures]:
    """Returns the figures of each group since `begin`, in order."""
    rows = Submission.objects.filter(handed_at__gte=begin, message__channel=Message.Channel.SMS)
    parts = {part.of: part for part in _counted(rows, by)}
    delivered = rows.filter(state=_State.DELIVERED, reported_at__isnull=False)
    waits = delivered.annotate(of=_WHICH[by], tenths=_Tenths("reported_at", "handed_at")).order_by()
    for of, tenths, many in waits.values_list("of", "tenths").annotate(many=Count("pk")):
        parts[_named(of)].waits[max(0, tenths)] = many
    return [parts[of] for of in sorted(parts)]


def total(parts: Iterable[Figures]) -> Figures:
    whole = Figures("total")
    for part in parts:
        whole.add(part)
    return whole


def _counted(rows: "QuerySet[Submission]", by: By) -> list[Figures]:
    used = Exists(SpentSecret.objects.filter(pk=OuterRef("message__secret")))
    taken = Q(state__in=(_State.ACCEPTED, _State.DELIVERED)) | Q(state=_State.FAILED, reported_at__isnull=False)
    counts = {
        "sent": Count("pk"),
        "accepted": Count("pk", filter=taken),
        "delivered": Count("pk", filter=Q(state=_State.DELIVERED)),
        "failed": Count("pk", filter=Q(state=_State.FAILED)),
        "unknown": Count("pk", filter=Q(state__in=(_State.UNKNOWN, _State.HANDED))),
        # Of a message submitted twice, one submission delivered the code: the one that did not fail.
        "verified": Count("message_id", filter=~Q(state=_State.FAILED) & Q(used=True), distinct=True),
        "cost": Sum("price"),
    }
    grouped = rows.annotate(of=_WHICH[by], used=used).order_by().values("of").annotate(**counts)
    return [Figures(**row | {"of": _named(row["of"])}) for row in grouped]


def _named(of: object) -> str:
    return str(of or "–")
