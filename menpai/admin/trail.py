"""The audit trail in the admin; reading it is an audit event too."""

from typing import Any

from django.contrib import admin
from django.db.models import IntegerField, Sum, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest, HttpResponse

from menpai.admin import charts
from menpai.admin.lists import EMPTY, Listed, column, time_of
from menpai.audit import events
from menpai.models import AuditEvent

# Of the chart: sign-ins are green, what was refused yellow and red.
EVENT_COLORS = {
    events.LOGIN: "#1b6e3c",
    events.LOGIN_FAILED: "#b3261e",
    events.CODE_FAILED: "#b36b00",
    events.CODE_GONE: "#e0b04a",
    events.THROTTLED: "#0b57a4",
}


class EventFilter(admin.SimpleListFilter):
    title, parameter_name = "事件", "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(events.NAMES.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(event=self.value()) if self.value() in events.NAMES else queryset


@admin.register(AuditEvent)
class AuditAdmin(Listed):
    list_display = ("id", "when", "shown_event", "shown_result", "of_customer", "of_staff", "device", "network", "told")
    list_filter = (EventFilter, "succeeded", "at")
    list_select_related = ("customer",)
    list_before_template = "admin/chart.html"
    fieldsets = (
        (None, {"fields": ("shown_event", "event", "shown_result", "of_customer", "of_staff", "subject", "told")}),
        ("来自", {"fields": ("network", "device", "session_id")}),
        ("封存", {"fields": ("at", "position", "seal")}),
    )
    readonly_fields = ("shown_event", "shown_result", "of_customer", "of_staff", "told", "device")
    when = time_of("at", "时间")

    @column("事件")
    def shown_event(self, row: AuditEvent) -> str:
        return events.NAMES.get(row.event, row.event)

    @column("结果", label={"成功": "success", "拒绝": "warning"})
    def shown_result(self, row: AuditEvent) -> str:
        return "成功" if row.succeeded else "拒绝"

    @column("员工")
    def of_staff(self, row: AuditEvent) -> str:
        return f"#{row.staff_id}" if row.staff_id else EMPTY

    @column("设备")
    def device(self, row: AuditEvent) -> str:
        return " · ".join(filter(None, (row.browser, row.system))) or EMPTY

    @column("详情")
    def told(self, row: AuditEvent) -> str:
        return ", ".join(f"{name}={value}" for name, value in sorted(row.details.items())) or EMPTY

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(
            request, charts.context({"最近 24 小时": events_by_hour()}, extra_context)
        )
        return response


def events_by_hour() -> dict[str, Any]:
    """Returns the chart of sign-ins and refusals by hour, by one statement."""
    shown = {event: (events.NAMES[event], color) for event, color in EVENT_COLORS.items()}
    times = Cast(KeyTextTransform("times", "details"), IntegerField())
    return charts.count_by_hour(AuditEvent.objects.all(), "at", "event", shown, Sum(Coalesce(times, Value(1))))
