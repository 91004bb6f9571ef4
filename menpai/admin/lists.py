"""Common parts of the lists: read-only, masked, one search box for customers, all views audited."""

import contextlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from menpai import audit, identifiers
from menpai.audit import events
from menpai.models import Customer

EMPTY = "–"
_VIEWS = {"changelist": "list", "change": "page"}  # by their names in the audit trail
_SITE_VIEWS = ("autocomplete", "search")
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
    """Records each look in the audit trail, whatever its method; without the row there is no page (F21).

    Filters are those that a list declares: any other would let staff guess a column, such as a hash, bit by bit.
    """

    opts: Any
    model: Any

    def get_urls(self) -> list[URLPattern]:
        patterns: list[URLPattern] = super().get_urls()  # type: ignore[misc]  # unfold's
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        for pattern in patterns:
            name = str(pattern.name or "").removeprefix(prefix)
            pattern.callback = self._recorded(pattern.callback, _VIEWS.get(name, name))
        return patterns

    def _recorded(self, view: Callable[..., HttpResponse], name: str) -> Callable[..., HttpResponse]:
        def recorded(request: HttpRequest, **arguments: Any) -> HttpResponse:
            response = view(request, **arguments)
            if response.status_code == HTTPStatus.OK:
                key = arguments.get("object_id", arguments.get("id"))
                # Typed in another way, such as with other digits, it is still the same row.
                self._record_look(request, name, self.model._meta.pk.to_python(unquote(key)) if key else None)
            return response

        return recorded

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Returns the rows; records views of the whole site that read them, such as the autocomplete."""
        match = request.resolver_match
        if match and match.url_name in _SITE_VIEWS:
            self._record_look(request, match.url_name, None)
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]  # unfold's
        return rows

    def _record_look(self, request: HttpRequest, view: str, key: Any) -> None:
        searched = next(filter(None, (request.GET.get(name, "").strip() for name in ("q", "term", "s"))), "")
        subject = audit.subject(searched) if searched and key is None else ""
        facts = {} if key is None else {"id": str(key)}
        audit.record(
            events.ADMIN_READ, self._whose(key), subject=subject, what=f"{self.opts.model_name}_{view}", **facts
        )

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Returns True for what the links of the declared filters send."""
        declared: set[str] = set()
        for item in self.get_list_filter(request):  # type: ignore[attr-defined]  # unfold's
            if isinstance(item, type):
                declared.add(item.parameter_name)  # type: ignore[attr-defined]  # a SimpleListFilter
                continue
            field = item if isinstance(item, str) else item[0]
            declared |= {f"{field}__{kind}" for kind in ("exact", "id__exact", "isnull", "isempty", "gte", "lt")}
        return lookup in declared

    def _whose(self, key: Any) -> int | None:
        """Returns the id of the customer to whom a row belongs."""
        if self.model is Customer:
            return None if key is None else int(key)
        if key is None or not any(field.attname == "customer_id" for field in self.model._meta.concrete_fields):
            return None
        customer_id: int | None = self.model.objects.filter(pk=key).values_list("customer_id", flat=True).first()
        return customer_id


class Listed(AuditedViews, ReadOnly, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A read-only list that never counts its table: counting ten million rows takes seconds."""

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
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
