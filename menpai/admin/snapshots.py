"""Snapshots of addresses that orders keep: their hashes, found by order number or customer."""

import contextlib
import uuid
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from menpai.admin.lists import EMPTY, Listed, column, customers_matching
from menpai.models import Customer, Snapshot


@admin.register(Snapshot)
class SnapshotAdmin(Listed):
    list_display = ("order", "of_customer", "issued_at", "shown_digest", "shown_payload")
    list_filter = ("issued_at",)
    list_select_related = ("customer",)
    ordering = ("-id",)  # UUIDv7: by time
    fields = ("id", "of_customer", "order", "issued_at", "digest", "shown_payload")
    readonly_fields = fields
    search_help_text = "订单号、快照编号，或顾客的用户名、手机号、邮箱、编号"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # The ids themselves, so that each part of the "or" has its index.
        people = Customer.objects.filter(customers_matching(term)).values_list("pk", flat=True)[: self.list_per_page]
        matches = Q(order=term) | Q(customer__in=list(people))
        with contextlib.suppress(ValueError):
            matches |= Q(pk=uuid.UUID(term))
        return queryset.filter(matches), False

    @column("SHA-256")
    def shown_digest(self, snapshot: Snapshot) -> str:
        return f"{snapshot.digest[:16]}…" if snapshot.digest else EMPTY

    @column("内容", label={"加密保存": "warning", "仅散列": ""})
    def shown_payload(self, snapshot: Snapshot) -> str:
        return "加密保存" if snapshot.sealed else "仅散列"
