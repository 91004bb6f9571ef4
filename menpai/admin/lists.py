"""Common parts of the lists: read-only, masked, one search box for customers, all views audited."""

import contextlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from menpai import audit, identifiers
from menpai.audit import events
from menpai.models import Customer

EMPTY = "–"
Shown = TypeVar("Shown", bound=Callable[..., Any])


def mask(text: str | None) -> str:
    """Returns a mobile or an e-mail masked, as lists show it."""
    if not text:
        return EMPTY
    return identifiers.masked_email(text) if "@" in text else identifiers.masked_mobile(text)


def display_name(customer: Customer | None) -> str:
    return (customer.username or mask(customer.mobile)) if customer else EMPTY


def customers_matching(term: str) -> Q:
    """Returns the filter for customers by user name, mobile, e-mail, id or public id; each has its index."""
    name = identifiers.sign_in_name(term.strip(), settings.MENPAI_MOBILE_REGIONS)
    if name and name.kind == "mobile":
        return Q(mobile=name.key)
    if name and name.kind == "email":
        return Q(email_key=name.key)
    matches = Q(username_key__startswith=identifiers.casefold(term.strip()))
    number = identifiers.row_id(term.strip())
    if number is not None:
        matches |= Q(pk=number)
    with contextlib.suppress(ValueError):
        matches |= Q(public_id=uuid.UUID(term.strip()))
    return matches


def mobile_matching(term: str) -> str | None:
    """Returns the mobile that staff typed, as messages store it; None if it is none."""
    name = identifiers.sign_in_name(term.strip())
    return name.key if name and name.kind == "mobile" else None


def column(
    name: str, *, ordering: str | None = None, label: Mapping[str, str] | None = None
) -> Callable[[Shown], Shown]:
    """Returns the decorator of a computed column; `label` maps values to colours."""
    decorate: Callable[[Shown], Shown] = display(description=name, ordering=ordering, label=label)
    return decorate


def time_of(field: str, name: str) -> Callable[[Any, Any], str]:
    """Returns a column with a short local time, to the second."""

    def shown(_self: Any, row: Any) -> str:
        moment = getattr(row, field)
        return f"{timezone.localtime(moment):%m-%d %H:%M:%S}" if moment else EMPTY

    return column(name, ordering=field)(shown)


class ReadOnly:
    """Forbids adding, changing and deleting; the permission to change allows the actions."""

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


class AuditedViews:
    """Records each view in the audit trail; without the row there is no page (F21)."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]  # unfold's
        if request.method == "GET" and response.status_code == HTTPStatus.OK:
            searched = request.GET.get("q", "").strip()
            self._looked(request, "list", subject=audit.subject(searched) if searched else "")
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)  # type: ignore[misc]
        if request.method == "GET" and response.status_code == HTTPStatus.OK:
            self._looked(request, "page", self._whose(object_id), id=object_id)
        return response

    def _looked(self, request: HttpRequest, at: str, customer_id: int | None = None, **facts: Any) -> None:
        what = f"{self.opts.model_name}_{at}"  # type: ignore[attr-defined]  # unfold's
        audit.record(events.ADMIN_READ, customer_id, staff_id=request.user.pk, what=what, **facts)

    def _whose(self, object_id: str) -> int | None:
        """Returns the id of the customer to whom an object belongs."""
        model: Any = self.model  # type: ignore[attr-defined]  # unfold's
        if model is Customer:
            return identifiers.row_id(object_id)
        if not any(field.attname == "customer_id" for field in model._meta.concrete_fields):
            return None
        customer_id: int | None = model.objects.filter(pk=object_id).values_list("customer_id", flat=True).first()
        return customer_id


class Listed(AuditedViews, ReadOnly, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A read-only list that never counts its table: counting ten million rows takes seconds."""

    paginator = InfinitePaginator
    show_full_result_count = False
    list_disable_select_all = True
    list_per_page = 50
    empty_value_display = EMPTY
    ordering = ("-pk",)
    search_fields: Sequence[str] = ("pk",)  # shows the search box; `customers_matching` decides
    search_help_text = "用户名、手机号、邮箱或编号"
    to_message: str | None = None  # the path to the message, whose recipient is searched too

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        if self.model is Customer:
            return queryset.filter(customers_matching(search_term)), False
        people = Customer.objects.filter(customers_matching(search_term)).values("pk")
        number = mobile_matching(search_term) if self.to_message is not None else None
        if number is None:
            return queryset.filter(**{f"{self.to_message or ''}customer__in": people}), False
        # The ids themselves: with a subquery on one side of the "or", neither index would be used.
        ids = list(people.values_list("pk", flat=True)[: self.list_per_page])
        to = self.to_message or ""
        return queryset.filter(Q(**{f"{to}recipient": number}) | Q(**{f"{to}customer__in": ids})), False

    @column("顾客")
    def of_customer(self, row: Any) -> str:
        if row.customer is None:
            return EMPTY
        url = reverse("admin:menpai_customer_change", args=[row.customer_id])
        return format_html('<a href="{}" class="text-link">{}</a>', url, display_name(row.customer))


class Inline(ReadOnly, TabularInline):  # type: ignore[misc]  # unfold has no types
    extra = 0
    per_page = 10
    hide_title = True
