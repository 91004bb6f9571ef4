"""The tables. Invariants are constraints that hold on PostgreSQL and SQLite alike.

Customers have their own table; staff are Django's users, and no customer can become one.
"""

from typing import Any, ClassVar

import uuid_utils.compat
from django.db import models
from django.db.models import F, Q


class Customer(models.Model):
    public_id = models.UUIDField(default=uuid_utils.compat.uuid7, unique=True, editable=False)
    username = models.CharField("用户名", max_length=32, null=True, blank=True)
    username_key = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    mobile = models.CharField("手机号", max_length=20, null=True, blank=True)
    mobile_verified_at = models.DateTimeField("手机号验证于", null=True, blank=True)
    email = models.CharField("邮箱", max_length=254, null=True, blank=True)
    email_key = models.CharField(max_length=254, null=True, blank=True, editable=False, db_index=True)
    email_verified_at = models.DateTimeField("邮箱验证于", null=True, blank=True)
    password = models.CharField(max_length=200, editable=False)
    # When a new password took the place of another, and when the account was last disabled: what was issued before has
    # ended (codes/credential_mark.py).
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    language = models.CharField("语言", max_length=12, default="zh-hans")
    disabled_at = models.DateTimeField("停用于", null=True, blank=True)
    terms_version = models.CharField("已接受条款版本", max_length=32, null=True, blank=True)
    terms_accepted_at = models.DateTimeField("条款接受于", null=True, blank=True)
    created_at = models.DateTimeField("注册于", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "顾客"
        constraints: ClassVar = [
            # Only verified contact details are unique: nobody can block another person's number or mailbox.
            models.UniqueConstraint(
                fields=["mobile"], condition=Q(mobile_verified_at__isnull=False), name="one_owner_per_verified_mobile"
            ),
            models.UniqueConstraint(
                fields=["email_key"], condition=Q(email_verified_at__isnull=False), name="one_owner_per_verified_email"
            ),
            models.CheckConstraint(
                condition=Q(username_key__isnull=False) | Q(mobile_verified_at__isnull=False),
                name="customer_can_be_named",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def name(self) -> str:
        """The customer's name in the contracts: the user name, else the verified mobile."""
        return self.username or self.mobile or ""


class Session(models.Model):
    """A signed-in device. The row decides: a token is only as valid as its session.

    Columns with a database default are unknown to the previous version, which may still insert during an upgrade.
    """

    class Kind(models.TextChoices):
        CONTRACT = "contract", "令牌"  # one token of the published contracts, for its whole life
        TOKEN = "token", "应用"  # short access tokens, renewed with a refresh token
        COOKIE = "cookie", "浏览器"

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="sessions", verbose_name="顾客")
    created_at = models.DateTimeField("登录于", auto_now_add=True)
    expires_at = models.DateTimeField("到期于")
    ended_at = models.DateTimeField("结束于", null=True, blank=True)
    last_seen_at = models.DateTimeField("最近使用", null=True, blank=True)
    user_agent = models.CharField("设备", max_length=200, blank=True)
    network = models.CharField("网络", max_length=50, blank=True)
    device = models.CharField(max_length=22, blank=True, default="", db_default="", editable=False)  # its cookie's
    kind = models.CharField("方式", max_length=8, choices=Kind, default=Kind.CONTRACT, db_default=Kind.CONTRACT)
    cookie_hash = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # of the refresh token
    renewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When and by what the customer last said who they are: pwd, sms, email or a sign-in provider (sessions/step_up.py).
    authenticated_at = models.DateTimeField(null=True, blank=True, editable=False)
    amr = models.CharField(max_length=16, blank=True, default="", db_default="", editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "登录设备"
        indexes: ClassVar = [
            models.Index(fields=["customer"], condition=Q(ended_at__isnull=True), name="live_sessions_of_customer"),
            # Finds customers who signed in with this browser before (sessions/known_devices.py).
            models.Index(fields=["device", "customer"], name="known_devices"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Address(models.Model):
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="addresses", db_index=False, verbose_name="顾客"
    )
    receiver = models.CharField("收货人", max_length=40)
    # Or a landline, 400, 800, each with its extension (identifiers/receiver_numbers.py).
    mobile = models.CharField("电话", max_length=24)
    # First generation: one text. Second generation: parts, `address` is their join.
    address = models.CharField("地址", max_length=200)
    province = models.CharField("省", max_length=200, blank=True)
    city = models.CharField("市", max_length=200, blank=True)
    county = models.CharField("区县", max_length=200, blank=True)
    # The town stands in front of `detail` too (addresses/record.py).
    town = models.CharField("街道", max_length=200, blank=True, default="", db_default="")
    detail = models.CharField("详细地址", max_length=200, blank=True)
    region_code = models.CharField("区划代码", max_length=12, null=True, blank=True)
    town_code = models.CharField("街道代码", max_length=12, null=True, blank=True)
    postcode = models.CharField("邮编", max_length=7, blank=True)
    tag = models.CharField("标签", max_length=10)
    is_default = models.BooleanField("默认", default=False)
    created_at = models.DateTimeField("新增于", auto_now_add=True)
    used_at = models.DateTimeField("最近使用", auto_now_add=True)
    deleted_at = models.DateTimeField("删除于", null=True, blank=True)
    # Entered before the owner of the mailbox proved it; archived by recovery, and restorable.
    set_aside_at = models.DateTimeField("搁置于", null=True, blank=True)
    # The customer's mobile then: whoever proves it sees the address again. Empty: nobody does.
    set_aside_mobile = models.CharField(max_length=20, blank=True, default="", db_default="", editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "收货地址"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_default=True, deleted_at__isnull=True), name="one_default_address"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(deleted_at__isnull=True), name="a_deleted_address_is_no_default"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                "customer",
                F("is_default").desc(),
                F("id").desc(),
                condition=Q(deleted_at__isnull=True),
                name="address_book",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


def forget_customer(collector: Any, field: Any, rows: Any, _using: str) -> None:
    """Empties the payload of a snapshot whose customer goes, then the link: the hash stays."""
    collector.add_field_update(Snapshot._meta.get_field("sealed"), "", rows)
    collector.add_field_update(field, None, rows)


forget_customer.lazy_sub_objs = True  # type: ignore[attr-defined]  # one statement each, as Django's own SET_NULL


class Snapshot(models.Model):
    """The hash of an address that was signed for an order (addresses/snapshots.py)."""

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    customer = models.ForeignKey(Customer, forget_customer, null=True, related_name="snapshots", verbose_name="顾客")
    order = models.CharField("订单号", max_length=64)
    digest = models.CharField("SHA-256", max_length=64)  # of the payload's bytes
    issued_at = models.DateTimeField("签发于")
    # For repeats of the request, for rules.SNAPSHOT_SEALED; both keyed hashes, as in RepeatableRequest.
    request = models.CharField(max_length=64, null=True, editable=False)
    body = models.CharField(max_length=64, blank=True, editable=False)
    sealed = models.TextField(blank=True, editable=False)  # the whole JWS, encrypted

    class Meta:
        verbose_name = verbose_name_plural = "地址快照"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(sealed=""), name="no_payload_without_its_customer"
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(request__isnull=False), name="one_snapshot_per_request"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["order"], name="snapshots_by_order"),
            models.Index(fields=["issued_at"], name="snapshots_by_age"),
            models.Index(fields=["issued_at"], condition=Q(request__isnull=False), name="snapshots_kept_sealed"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SocialLink(models.Model):
    """A provider's account that signs a customer in (docs/social.md)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="social_links", verbose_name="顾客")
    provider = models.CharField("平台", max_length=16)
    app_id = models.CharField("应用", max_length=64)
    openid = models.CharField(max_length=128)  # of this person, for this app
    unionid = models.CharField(max_length=128, null=True, blank=True)  # …for all apps of one operator
    nickname = models.CharField("昵称", max_length=64, blank=True)
    created_at = models.DateTimeField("绑定于", auto_now_add=True)
    # Linked before the owner of the mailbox proved it; no longer signs anybody in.
    set_aside_at = models.DateTimeField("搁置于", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "第三方账号"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "app_id", "openid"],
                condition=Q(set_aside_at__isnull=True),
                name="one_customer_per_openid",
            ),
            models.UniqueConstraint(
                fields=["provider", "unionid"],
                condition=Q(set_aside_at__isnull=True, unionid__isnull=False),
                name="one_customer_per_unionid",
            ),
            models.UniqueConstraint(
                fields=["customer", "provider"],
                condition=Q(set_aside_at__isnull=True),
                name="one_link_per_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Message(models.Model):
    """An SMS or mail, from the transaction that caused it to its last state (delivery/outbox.py)."""

    class Channel(models.TextChoices):
        SMS = "sms", "短信"
        EMAIL = "email", "邮件"

    class State(models.TextChoices):
        QUEUED = "queued", "等待发送"
        LEASED = "leased", "发送中"
        HANDED = "handed", "已交出"
        ACCEPTED = "accepted", "已被接收"
        DELIVERED = "delivered", "已送达"
        FAILED = "failed", "失败"
        EXPIRED = "expired", "已过期"
        UNKNOWN = "unknown", "结果未知"

    reference = models.UUIDField(
        default=uuid_utils.compat.uuid7, unique=True, editable=False
    )  # the vendor's request id
    # Without a constraint: looking the customer up would take a decoy's insertion less time than a true one's (R20).
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, blank=True, db_constraint=False, verbose_name="顾客"
    )
    channel = models.CharField("渠道", max_length=8, choices=Channel)
    kind = models.CharField("内容", max_length=32)  # which message of delivery/__init__.py
    recipient = models.CharField(max_length=254, blank=True)  # empty: a decoy, which nobody gets (R20)
    language = models.CharField("语言", max_length=12, default="zh-hans")
    secret = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)  # SpentSecret's id
    # Asked for in a browser in which somebody signed in before: may use what is kept of the budget for those.
    known = models.BooleanField(default=False, db_default=False, editable=False)
    sealed = models.TextField(blank=True, editable=False)  # what fills the template, encrypted; blank once done
    state = models.CharField("状态", max_length=12, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField("尝试", default=0)
    gateway = models.CharField("通道", max_length=32, blank=True)
    vendor_reference = models.CharField("通道回执", max_length=128, blank=True)
    problem = models.CharField("原因", max_length=200, blank=True)  # a category and the vendor's code, never its text
    created_at = models.DateTimeField("产生于", auto_now_add=True)
    due_at = models.DateTimeField("下次发送")  # while leased or handed: when the lease ends
    expires_at = models.DateTimeField("失效于")
    finished_at = models.DateTimeField("结束于", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=("queued", "leased", "handed")), name="messages_to_send"
            ),
            models.Index(fields=["created_at"], name="messages_by_age"),
            models.Index(fields=["recipient", "created_at"], name="messages_of_recipient"),
            # What is kept until it is delivered, spent or expired: the sweep looks for these every minute.
            models.Index(
                fields=["expires_at"], condition=Q(state="accepted") & ~Q(sealed=""), name="messages_kept_sealed"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Submission(models.Model):
    """A message handed to a gateway once: the answer, the later receipt and the price."""

    class State(models.TextChoices):
        HANDED = "handed", "已交出"
        ACCEPTED = "accepted", "已被接收"
        DELIVERED = "delivered", "已送达"
        FAILED = "failed", "失败"  # refused at once, or not delivered
        UNKNOWN = "unknown", "结果未知"

    message = models.ForeignKey(Message, models.CASCADE, related_name="submissions", verbose_name="消息")
    gateway = models.CharField("通道", max_length=32)
    region = models.CharField("地区", max_length=2, blank=True)  # of the number, ISO 3166: CN, HK…; blank for a mail
    carrier = models.CharField("运营商", max_length=16, blank=True)  # by the number's prefix; ported numbers deceive
    state = models.CharField("状态", max_length=12, choices=State, default=State.HANDED)
    vendor_reference = models.CharField("通道回执", max_length=128, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)  # a category and the vendor's code, never its text
    price = models.PositiveBigIntegerField("价格", default=0)  # millionths of a yuan; 0 where nothing was taken
    handed_at = models.DateTimeField("交出于")
    answered_at = models.DateTimeField("应答于", null=True, blank=True)
    reported_at = models.DateTimeField("回执于", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发送记录"
        indexes: ClassVar = [
            models.Index(
                fields=["gateway", "vendor_reference"], condition=~Q(vendor_reference=""), name="submissions_by_receipt"
            ),
            models.Index(fields=["handed_at"], name="submissions_by_time"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Spending(models.Model):
    """The amount spent on SMS in an hour or a day: always the sum of the prices of its submissions."""

    period = models.CharField(primary_key=True, max_length=24)  # `hour 2026-11-21T14`, `day 2026-11-21`, in local time
    spent = models.PositiveBigIntegerField(default=0)  # millionths of a yuan


class Alert(models.Model):
    """An alert to the operator, once a period; the key names subject and period (integrations/alerts.py)."""

    key = models.CharField(primary_key=True, max_length=160)
    reference = models.UUIDField(default=uuid_utils.compat.uuid7, editable=False)  # the same in every try
    event = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField(null=True)  # null: told, or given up

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="alerts_to_tell"),
        ]


class SpentSecret(models.Model):
    """The id of a one-time secret that was used. It can be inserted only once, which decides races."""

    id = models.CharField(primary_key=True, max_length=32)
    purpose = models.CharField(max_length=32)
    spent_at = models.DateTimeField(auto_now_add=True, db_index=True)


class RepeatableRequest(models.Model):
    """The effect of a request with an Idempotency-Key, written in its transaction."""

    key = models.CharField(primary_key=True, max_length=64)  # keyed hash of who, what and their key
    body = models.CharField(max_length=64)  # keyed hash
    subject = models.CharField(max_length=40)  # the id of what was made
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)


class AuditEvent(models.Model):
    """An event: what, who and from where. The database refuses every change but sealing (audit/).

    No column holds personal data: an id, a keyed hash, a part of the network, the kind of device.
    """

    at = models.DateTimeField("时间", db_index=True)
    event = models.CharField("事件", max_length=40)
    # Without a constraint: a customer may go, what happened may not.
    customer = models.ForeignKey(
        Customer, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, verbose_name="顾客"
    )
    staff_id = models.BigIntegerField("员工", null=True)  # the worker knows no staff
    subject = models.CharField("对象", max_length=64, blank=True)  # keyed hash of a name that was typed
    network = models.CharField("网络", max_length=50, blank=True)  # IPv4 /24, IPv6 /48
    browser = models.CharField("浏览器", max_length=20, blank=True)
    system = models.CharField("系统", max_length=20, blank=True)
    session_id = models.UUIDField("登录", null=True)
    succeeded = models.BooleanField("结果")
    details = models.JSONField("详情", default=dict)
    position = models.BigIntegerField("链上位置", null=True, unique=True)  # null: not sealed yet
    seal = models.CharField("封条", max_length=80, blank=True)  # key id, then the keyed hash of all before and this

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        indexes: ClassVar = [
            models.Index("customer", F("id").desc(), condition=Q(customer__isnull=False), name="audit_of_customer")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class AuditCut(models.Model):
    """The position up to which old events were deleted, and the seal from which the chain continues."""

    position = models.BigIntegerField(primary_key=True)
    seal = models.CharField(max_length=80)
    at = models.DateTimeField()
    mark = models.CharField(max_length=80)  # keyed: nobody else can make a cut


class EphemeralSecret(models.Model):
    """Secrets, pauses and tokens of the ephemeral store where no Redis is configured (ephemeral/sql.py)."""

    key = models.CharField(primary_key=True, max_length=80)
    secrets = models.JSONField(default=dict)  # keyed hash → subject; under given:… name → until when
    tries = models.PositiveIntegerField(default=0)
    tries_until = models.FloatField(default=0)  # Unix seconds
    expires_at = models.FloatField(null=True, db_index=True)  # Unix seconds; null: for ever


class EphemeralEvent(models.Model):
    """An event in a sliding window of the ephemeral store in the database (ephemeral/sql_windows.py)."""

    key = models.CharField(max_length=80)
    at = models.FloatField()  # Unix seconds
    event = models.CharField(max_length=80)  # its name, if it has one
    expires_at = models.FloatField(db_index=True)  # Unix seconds

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "at", "event"], name="events_of_window")]


class EphemeralWindow(models.Model):
    """Windows of the version before, which may still be serving."""

    key = models.CharField(primary_key=True, max_length=80)
    stamps = models.JSONField(default=list)  # [Unix seconds, event], oldest first
    expires_at = models.FloatField(db_index=True)


class StaffPassword(models.Model):
    """The time when a member of staff last chose a password (staff/passwords.py)."""

    # Of django.contrib.auth's user; no foreign key, because the worker runs without that app.
    user_id = models.BigIntegerField(primary_key=True)
    changed_at = models.DateTimeField()


class StaffFactor(models.Model):
    """The second factor of a member of staff (staff/second_factor.py)."""

    user_id = models.BigIntegerField(primary_key=True)
    mark = models.UUIDField(default=uuid_utils.compat.uuid7, editable=False)  # named by the sessions that it opened
    secret = models.CharField(max_length=200)  # sealed
    last_step = models.BigIntegerField(default=0, db_default=0)  # of the latest code that was used
    enrolled_at = models.DateTimeField()


class StaffBackupCode(models.Model):
    """A code for the day on which the phone is lost."""

    user_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)  # keyed with the factor's secret
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user_id", "digest"], name="a_backup_code_once")]
