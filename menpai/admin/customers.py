"""Customers, their sessions, linked accounts and addresses."""

from collections.abc import Iterable

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator

from menpai import audit
from menpai.admin.lists import EMPTY, Inline, Listed, column, mask, time_of
from menpai.audit import events
from menpai.models import Address, Customer, Session, Snapshot, SocialLink
from menpai.sessions import known_devices, tokens


class SessionInline(Inline):
    model = Session
    fields = readonly_fields = ("created_at", "last_seen_at", "ended_at", "network", "user_agent")
    ordering = ("-created_at",)


class AddressInline(Inline):
    model = Address
    fields = readonly_fields = ("receiver", "mobile", "address", "postcode", "tag", "is_default", "deleted_at")
    ordering = ("deleted_at", "-is_default", "-id")


class SocialLinkInline(Inline):
    model = SocialLink
    fields = readonly_fields = ("provider", "nickname", "created_at", "set_aside_at")  # the ids are nobody's business
    ordering = ("set_aside_at", "-id")


class SnapshotInline(Inline):
    model = Snapshot
    fields = readonly_fields = ("order", "issued_at", "digest")
    ordering = ("-id",)  # UUIDv7: by time


@admin.register(Customer)
class CustomerAdmin(Listed):
    list_display = ("id", "shown_username", "shown_mobile", "shown_email", "shown_state", "created_at")
    list_display_links = ("id", "shown_username")
    list_filter = (("disabled_at", admin.EmptyFieldListFilter), "created_at")
    actions = ("disable", "enable", "end_sessions")
    inlines = (SessionInline, SocialLinkInline, AddressInline, SnapshotInline)
    change_form_outer_before_template = "admin/customer_actions.html"
    fieldsets = (
        (
            "身份",
            {
                "fields": (
                    "shown_public_id",
                    "username",
                    ("mobile", "mobile_verified_at"),
                    ("email", "email_verified_at"),
                )
            },
        ),
        ("账户", {"fields": ("created_at", "disabled_at", "language", ("terms_version", "terms_accepted_at"))}),
    )
    readonly_fields = ("shown_public_id", "created_at")

    @column("编号")
    def shown_public_id(self, customer: Customer) -> str:
        return str(customer.public_id)

    @column("用户名", ordering="username_key")
    def shown_username(self, customer: Customer) -> str:
        return customer.username or EMPTY

    @column("手机号")
    def shown_mobile(self, customer: Customer) -> str:
        return mask(customer.mobile)

    @column("邮箱")
    def shown_email(self, customer: Customer) -> str:
        return mask(customer.email)

    @column("状态", label={"正常": "success", "停用": "danger"})
    def shown_state(self, customer: Customer) -> str:
        return "停用" if customer.disabled_at else "正常"

    @admin.action(description="停用", permissions=["manage"])
    def disable(self, request: HttpRequest, chosen: QuerySet[Customer]) -> None:
        """Disables the customers and ends their sessions: no token of theirs is valid after the commit."""
        with transaction.atomic():
            customers = list(chosen.order_by("pk").select_for_update())
            ids = [customer.pk for customer in customers]
            living, now = Customer.objects.filter(pk__in=ids, disabled_at__isnull=True), timezone.now()
            living.update(disabled_at=now, last_disabled_at=now)
            self._end_sessions(customers)
            for customer in customers:
                known_devices.forget(customer.pk)
            self._record_action(request, customers, "disable", "停用")
        self.message_user(request, f"已停用 {len(customers)} 位顾客。", messages.SUCCESS)

    @admin.action(description="恢复", permissions=["manage"])
    def enable(self, request: HttpRequest, chosen: QuerySet[Customer]) -> None:
        with transaction.atomic():
            customers = list(chosen.order_by("pk").select_for_update())
            Customer.objects.filter(pk__in=[customer.pk for customer in customers]).update(disabled_at=None)
            self._record_action(request, customers, "enable", "恢复")
        self.message_user(request, f"已恢复 {len(customers)} 位顾客。", messages.SUCCESS)

    @admin.action(description="结束全部登录", permissions=["manage"])
    def end_sessions(self, request: HttpRequest, chosen: QuerySet[Customer]) -> None:
        with transaction.atomic():
            customers = list(chosen)
            ended = self._end_sessions(customers)
            self._record_action(request, customers, "end_sessions", "结束全部登录")
        self.message_user(request, f"已结束 {ended} 个登录。", messages.SUCCESS)

    def _end_sessions(self, customers: Iterable[Customer]) -> int:
        return sum(tokens.end_all(customer.pk) for customer in customers)

    def _record_action(self, request: HttpRequest, customers: Iterable[Customer], what: str, in_words: str) -> None:
        for customer in customers:
            self.log_change(request, customer, in_words)
            audit.record(events.ADMIN_ACTION, customer.pk, what=what)


@admin.register(Session)
class SessionAdmin(Listed):
    list_display = ("began", "of_customer", "shown_state", "last_seen", "expires", "network", "shown_device")
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("customer",)
    ordering = ("-id",)  # UUIDv7: by time
    actions = ("end",)
    fields = ("id", "of_customer", "created_at", "last_seen_at", "expires_at", "ended_at", "network", "user_agent")
    readonly_fields = fields

    began = time_of("created_at", "登录于")
    last_seen = time_of("last_seen_at", "最近使用")
    expires = time_of("expires_at", "到期于")

    @column("设备")
    def shown_device(self, session: Session) -> str:
        return Truncator(session.user_agent).chars(40)

    @column("状态", label={"有效": "success", "已结束": "", "已到期": ""})
    def shown_state(self, session: Session) -> str:
        if session.ended_at:
            return "已结束"
        return "有效" if session.expires_at > timezone.now() else "已到期"

    @admin.action(description="结束所选登录", permissions=["manage"])
    def end(self, request: HttpRequest, chosen: QuerySet[Session]) -> None:
        with transaction.atomic():
            sessions = list(chosen.filter(ended_at__isnull=True))
            Session.objects.filter(pk__in=[session.pk for session in sessions]).update(ended_at=timezone.now())
            for session in sessions:
                self.log_change(request, session, "结束登录")
                audit.record(events.ADMIN_ACTION, session.customer_id, what="end_sessions", ended=session.pk.hex)
        self.message_user(request, f"已结束 {len(sessions)} 个登录。", messages.SUCCESS)


@admin.register(Address)
class AddressAdmin(Listed):
    list_display = ("id", "of_customer", "shown_receiver", "shown_mobile", "shown_address", "tag", "shown_state")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter), "is_default")
    list_select_related = ("customer",)
    fieldsets = (
        (None, {"fields": ("of_customer", ("receiver", "mobile"), "address", ("postcode", "tag"), "is_default")}),
        ("时间", {"fields": (("created_at", "used_at"), ("deleted_at", "set_aside_at"))}),
    )
    readonly_fields = ("of_customer", "created_at", "used_at")

    @column("收货人")
    def shown_receiver(self, address: Address) -> str:
        return f"{address.receiver[:1]}**"

    @column("手机号")
    def shown_mobile(self, address: Address) -> str:
        return mask(address.mobile)

    @column("地址")
    def shown_address(self, address: Address) -> str:
        return f"{address.address[:6]}…"

    @column("状态", label={"默认": "primary", "正常": "success", "已删除": ""})
    def shown_state(self, address: Address) -> str:
        if address.deleted_at:
            return "已删除"
        return "默认" if address.is_default else "正常"
