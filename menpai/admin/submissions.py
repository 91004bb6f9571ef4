"""Submissions of messages to gateways, with answer, receipt and price."""

from itertools import cycle
from typing import Any

from django.contrib import admin
from django.db.models import Count, FloatField, Sum
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse

from menpai.admin import charts
from menpai.admin.lists import EMPTY, Listed, column, mask, time_of
from menpai.delivery.sms import reasons, routes
from menpai.delivery.sms.budget import yuan
from menpai.models import Submission

State = Submission.State
# Of the charts: as in messages.py; gateways take the others in turn.
STATE_COLORS = {
    State.DELIVERED: "#1b6e3c",
    State.ACCEPTED: "#4a9d6c",
    State.HANDED: "#0b57a4",
    State.UNKNOWN: "#b36b00",
    State.FAILED: "#b3261e",
}
GATEWAY_COLORS = ("#0b57a4", "#b36b00", "#1b6e3c", "#7a3e9d", "#5b9bd5", "#e0b04a")


CARRIERS = {"cmcc": "移动", "cucc": "联通", "ctcc": "电信", "cbn": "广电"}


class GatewayFilter(admin.SimpleListFilter):
    """Filters by configured gateways: Django's own filter would read the whole table for its choices."""

    title, parameter_name = "通道", "gateway"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in routes.gateway_names()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(gateway=self.value()) if self.value() else queryset


@admin.register(Submission)
class SubmissionAdmin(Listed):
    list_display = (
        *("id", "shown_message", "shown_recipient", "gateway", "region", "shown_carrier"),
        *("shown_state", "shown_reason", "shown_price", "handed", "reported"),
    )
    list_filter = ("state", GatewayFilter, "handed_at")
    list_select_related = ("message",)
    to_message = "message__"
    list_before_template = "admin/chart.html"
    fieldsets = (
        (None, {"fields": ("shown_message", "gateway", "region", "shown_carrier", "shown_price")}),
        ("结果", {"fields": ("state", "shown_reason", "reason", "vendor_reference")}),
        ("时间", {"fields": ("handed_at", "answered_at", "reported_at")}),
    )
    readonly_fields = ("shown_message", "shown_carrier", "shown_price", "shown_reason")
    handed = time_of("handed_at", "交出于")
    reported = time_of("reported_at", "回执于")

    @column("消息")
    def shown_message(self, row: Submission) -> str:
        return f"#{row.message_id}"

    @column("收件人")
    def shown_recipient(self, row: Submission) -> str:
        return mask(row.message.recipient)

    @column("运营商", ordering="carrier")
    def shown_carrier(self, row: Submission) -> str:
        network, _, virtual = row.carrier.partition("-")
        return CARRIERS.get(network, EMPTY) + ("（虚拟）" if virtual else "")

    @column(
        "状态",
        label={
            State.DELIVERED: "success",
            State.ACCEPTED: "success",
            State.UNKNOWN: "warning",
            State.FAILED: "danger",
            State.HANDED: "info",
        },
    )
    def shown_state(self, row: Submission) -> tuple[str, str]:
        return row.state, State(row.state).label

    @column("说明")
    def shown_reason(self, row: Submission) -> str:
        return reasons.explain(row.gateway, row.reason).zh if row.reason else ""

    @column("价格（元）", ordering="price")
    def shown_price(self, row: Submission) -> str:
        return yuan(row.price)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        drawn = {"最近 24 小时的结果": arrivals(), "最近 24 小时的费用（元）": costs()}
        response: HttpResponse = super().changelist_view(request, charts.context(drawn, extra_context))
        return response


def arrivals() -> dict[str, Any]:
    """Returns the chart of submissions by state and hour, by one statement."""
    shown = {state.value: (str(state.label), color) for state, color in STATE_COLORS.items()}
    return charts.count_by_hour(Submission.objects.all(), "handed_at", "state", shown, Count("pk"))


def costs() -> dict[str, Any]:
    """Returns the chart of costs by gateway and hour, by one statement."""
    colors = cycle(GATEWAY_COLORS)
    shown = {name: (name, color) for name, color in zip(routes.gateway_names(), colors, strict=False)}
    paid = Cast(Sum("price"), FloatField()) / 1e6
    return charts.count_by_hour(Submission.objects.filter(price__gt=0), "handed_at", "gateway", shown, paid)
