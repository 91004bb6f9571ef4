"""Messages and their states. Their content is never shown."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from menpai.admin import charts
from menpai.admin.lists import EMPTY, Listed, column, mask, mobile_matching, time_of
from menpai.delivery import message_kinds
from menpai.models import Message
from menpai.reports import timeline

State = Message.State
# Of the chart: ends that are well are green, what is under way blue, what went wrong yellow and red.
STATE_COLORS = {
    State.DELIVERED: "#1b6e3c",
    State.ACCEPTED: "#4a9d6c",
    State.HANDED: "#0b57a4",
    State.LEASED: "#5b9bd5",
    State.QUEUED: "#a9c6e6",
    State.EXPIRED: "#e0b04a",
    State.UNKNOWN: "#b36b00",
    State.FAILED: "#b3261e",
}


@admin.register(Message)
class MessageAdmin(Listed):
    list_display = (
        *("id", "channel", "shown_kind", "shown_recipient", "shown_state"),
        *("attempts", "gateway", "problem", "made", "finished"),
    )
    list_filter = ("state", "channel", "created_at")
    list_before_template = "admin/messages.html"
    to_message = ""
    fieldsets = (
        (None, {"fields": ("shown_reference", "channel", "shown_kind", "full_recipient", "of_customer", "language")}),
        ("结果", {"fields": ("state", "attempts", "gateway", "vendor_reference", "problem")}),
        ("时间", {"fields": ("created_at", "due_at", "expires_at", "finished_at")}),
        ("经过", {"fields": ("story",)}),
    )
    readonly_fields = ("shown_reference", "full_recipient", "created_at", "shown_kind", "of_customer", "story")
    made = time_of("created_at", "产生于")
    finished = time_of("finished_at", "结束于")

    @column("编号")
    def shown_reference(self, message: Message) -> str:
        return str(message.reference)

    @column("收件人")
    def full_recipient(self, message: Message) -> str:
        return message.recipient or EMPTY

    @column("内容")
    def shown_kind(self, message: Message) -> str:
        return message_kinds.find_kind(message.kind).zh

    @column("经过")
    def story(self, message: Message) -> str:
        steps = timeline.of_message(message)
        return format_html_join(mark_safe("<br>"), "{}　{}", ((_moment(step.at), step.zh) for step in steps))

    @column("收件人")
    def shown_recipient(self, message: Message) -> str:
        return mask(message.recipient)

    @column(
        "状态",
        label={
            State.DELIVERED: "success",
            State.ACCEPTED: "success",
            State.EXPIRED: "warning",
            State.UNKNOWN: "warning",
            State.FAILED: "danger",
            State.QUEUED: "info",
            State.LEASED: "info",
            State.HANDED: "info",
        },
    )
    def shown_state(self, message: Message) -> tuple[str, str]:
        return message.state, State(message.state).label

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        number = mobile_matching(request.GET.get("q", ""))
        context = charts.context({"最近 24 小时": messages_by_hour()}, extra_context) | {"number": mask(number)}
        if number:
            steps = timeline.of_number(number, timeline.beginning(everything=True))
            context["steps"] = [(_moment(step.at), step.zh) for step in steps]
        response: HttpResponse = super().changelist_view(request, context)
        return response


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M:%S}"


def messages_by_hour() -> dict[str, Any]:
    """Returns the chart of messages by state and hour, by one statement."""
    shown = {state.value: (str(state.label), color) for state, color in STATE_COLORS.items()}
    return charts.count_by_hour(Message.objects.all(), "created_at", "state", shown, Count("pk"))
