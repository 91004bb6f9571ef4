"""The staff admin, used as staff use it: look, disable, end sessions."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from menpai import audit
from menpai.audit import events
from menpai.delivery import outbox
from menpai.models import Address, AuditEvent, Customer, Message, Session, Snapshot, SocialLink, Submission
from tests.audit_trail import written
from tests.customers import a_mobile, somebody, somebody_by_sms
from tests.operators import STAFF, act, csrf, submit, text_of

LISTS = ("customer", "address", "message", "submission", "session", "snapshot", "auditevent")
Statements = Callable[[], contextlib.AbstractContextManager[Any]]


# ── Looking ──
def test_lists_mask_mobiles_and_mails(staff: Client, http: httpx.Client, mailbox: Any) -> None:
    person, by_sms = somebody(http), somebody_by_sms(http, mailbox)
    person.add_address()
    for name in LISTS:
        page = text_of(staff, f"/admin/menpai/{name}/")
        for secret in (person.email, person.phone, by_sms.phone, "18667018590", "珍贝大厦", "大街2楼"):
            assert secret not in page, (name, secret)
    assert f"{person.phone[:3]}****{person.phone[-4:]}" in text_of(staff, "/admin/menpai/customer/")


def test_no_page_shows_a_secret(staff: Client, http: httpx.Client, mailbox: Any) -> None:
    person = somebody(http)
    link = mailbox.last(person.email)
    customer = Customer.objects.get(username=person.name)
    message = Message.objects.get(recipient=person.email)
    session = Session.objects.get(customer=customer)
    paths = [f"/admin/menpai/{name}/" for name in LISTS]
    rows = (("customer", customer.pk), ("message", message.pk), ("session", session.pk))
    paths += [f"/admin/menpai/{name}/{key}/change/" for name, key in rows]
    secrets = (customer.password, person.token, link.link.partition("code=")[2], message.sealed)
    assert all(secrets)
    for path in paths:
        page = text_of(staff, path)
        assert not [secret for secret in secrets if secret in page], path
    assert person.email in text_of(staff, f"/admin/menpai/customer/{customer.pk}/change/")


def test_the_page_of_a_customer_shows_what_is_linked_and_no_id_of_the_provider(
    staff: Client, http: httpx.Client
) -> None:
    customer = Customer.objects.get(username=somebody(http).name)
    link = {"provider": "wechat", "app_id": "wxa1b2c3", "openid": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "unionid": "o6_union"}
    SocialLink.objects.create(customer=customer, nickname="爱吃辣椒的小王", **link)
    page = text_of(staff, f"/admin/menpai/customer/{customer.pk}/change/")
    assert "wechat" in page and "爱吃辣椒的小王" in page
    assert link["openid"] not in page and link["unionid"] not in page


def test_a_snapshot_is_found_by_its_order_its_id_and_its_customer_and_shows_no_address(
    staff: Client, http: httpx.Client
) -> None:
    person, other = somebody(http), somebody(http)
    book = {one.name: one.add_address()[0]["id"] for one in (person, other)}
    taken = {}
    for one in (person, other):
        headers = {"authorization": f"Bearer {one.token}", "idempotency-key": "x"}
        path = f"/api/me/addresses/{book[one.name]}/snapshots"
        taken[one.name] = http.post(path, json={"order": f"of-{one.name}"}, headers=headers).json()
    snapshot = Snapshot.objects.get(pk=taken[person.name]["id"])
    for term in (snapshot.order, str(snapshot.pk), person.name, person.phone):
        page = text_of(staff, f"/admin/menpai/snapshot/?{httpx.QueryParams(q=term)}")
        assert snapshot.order in page and snapshot.digest[:16] in page and f"of-{other.name}" not in page
    customer = text_of(staff, f"/admin/menpai/customer/{snapshot.customer_id}/change/")
    assert snapshot.order in customer and snapshot.digest in customer and f"of-{other.name}" not in customer
    page = text_of(staff, f"/admin/menpai/snapshot/{snapshot.pk}/change/")
    assert snapshot.digest in page and "加密保存" in page
    secrets = ("小王", "珠市口", "18667018590", snapshot.sealed, snapshot.request, snapshot.body)
    assert not [secret for secret in secrets if secret in page]


@pytest.mark.parametrize("name", LISTS)
def test_a_long_list_costs_as_few_statements_as_a_short_one(name: str, staff: Client, statements: Statements) -> None:
    def cost() -> int:
        with statements() as sql:
            text_of(staff, f"/admin/menpai/{name}/")
        return len(sql)

    fill(1)
    cost()
    short = cost()
    fill(40)
    assert cost() == short <= 10  # of them three are for the session: its factor, and when it was last used


def fill(many: int) -> None:
    now = timezone.now()
    for number in range(many):
        name = f"row{many}_{number}"
        customer = Customer.objects.create(username=name, username_key=name, password="-")
        Session.objects.create(customer=customer, expires_at=now)
        Address.objects.create(customer=customer, receiver="小王", mobile="18667018590", address="北京", tag="家")
        Snapshot.objects.create(customer=customer, order=name, digest="0" * 64, issued_at=now)
        fields = {"channel": "sms", "kind": "x", "state": "failed", "due_at": now, "expires_at": now}
        message = Message.objects.create(customer=customer, **fields)
        Submission.objects.create(message=message, gateway="outbox", handed_at=now, price=45_000)


@pytest.mark.parametrize("way", ["name", "start of the name", "email", "phone", "id", "public id"])
def test_search_finds_a_customer_by_every_name_there_is(way: str, staff: Client, http: httpx.Client) -> None:
    person, other = somebody(http), somebody(http)
    customer = Customer.objects.get(username=person.name)
    terms = {"name": person.name, "start of the name": person.name[:-1].upper(), "email": person.email.upper()}
    terms |= {"phone": f"+86 {person.phone}", "id": str(customer.pk), "public id": str(customer.public_id)}
    page = text_of(staff, f"/admin/menpai/customer/?{httpx.QueryParams(q=terms[way])}")
    assert person.name in page
    if way != "start of the name":
        assert other.name not in page
    sessions = text_of(staff, f"/admin/menpai/session/?{httpx.QueryParams(q=terms[way])}")
    assert person.name in sessions


@pytest.mark.parametrize("term", ["'; DROP TABLE x --", "\x00", "%", "💥" * 50, "9" * 40])
def test_search_stands_whatever_is_typed(term: str, staff: Client) -> None:
    assert staff.get("/admin/menpai/customer/", {"q": term}).status_code in (200, 400)


def test_messages_can_be_filtered_and_they_and_their_handing_over_are_drawn(staff: Client) -> None:
    fill(3)
    page = text_of(staff, "/admin/menpai/message/?state__exact=failed&channel__exact=sms")
    assert page.count('data-type="bar"') == 1
    assert "失败 3" in page
    assert "没有找到" in text_of(staff, "/admin/menpai/message/?state__exact=queued")
    page = text_of(staff, "/admin/menpai/submission/")  # by result and by cost
    assert page.count('data-type="bar"') == 2
    assert "已交出 3" in page
    assert "outbox 0.135" in page


def test_staff_see_why_a_code_did_not_arrive_by_number_masked_and_audited(
    staff: Client, http: httpx.Client, mailbox: Any
) -> None:
    mobile = somebody_by_sms(http, mailbox).phone
    message = Message.objects.get(recipient=mobile)
    outbox.deliver(message.pk)
    stranger = a_mobile()
    http.get(f"/user/sms/{stranger}/")  # a number that is no customer's
    for number, last in ((mobile, "验证码已被使用"), (stranger, "请求注册验证码，进入队列")):
        page = text_of(staff, f"/admin/menpai/message/?{httpx.QueryParams(q=number)}")
        assert last in page
        shown = re.sub("<script.*?</script>|<[^>]*>", "", page, flags=re.DOTALL)
        assert number not in shown
        assert f"{number[:3]}****{number[-4:]}" in shown
        looked = written(events.ADMIN_READ)[-1]
        assert (looked.subject, looked.details["what"]) == (audit.subject(number), "message_list")
    page = text_of(staff, f"/admin/menpai/message/{message.pk}/change/")
    assert re.search(r"请求注册验证码，进入队列.*验证码已被使用.*交给 outbox.*outbox 已接收", page, re.DOTALL)


# ── Acting ──
def test_sessions_are_ended_alone_or_with_disabling(staff: Client, http: httpx.Client) -> None:
    person, other = somebody(http), somebody(http)
    person.sign_in()
    assert "已结束 2 个登录" in act(staff, "end_sessions", username=person.name)
    assert not person.is_signed_in()
    assert person.sign_in()["code"] == 200
    assert "已停用 1 位顾客" in act(staff, "disable", username=person.name)
    assert not person.is_signed_in()
    assert other.is_signed_in()
    assert "token" not in person.sign_in()
    act(staff, "enable", username=person.name)
    assert not person.is_signed_in(), "what ended stays ended"
    assert person.sign_in()["code"] == 200


def test_the_customers_own_page_has_the_same_buttons(staff: Client, http: httpx.Client) -> None:
    person = somebody(http)
    customer = Customer.objects.get(username=person.name)
    page = text_of(staff, f"/admin/menpai/customer/{customer.pk}/change/")
    assert re.search(r'name="action"\s+value="disable"', page)
    assert f'name="_selected_action" value="{customer.pk}"' in page


def test_what_staff_did_is_written_down_and_recorded(staff: Client, http: httpx.Client) -> None:
    person = somebody(http)
    customer, actions = Customer.objects.get(username=person.name), ("end_sessions", "disable", "enable")
    for action in actions:
        act(staff, action, username=person.name)
    history = text_of(staff, f"/admin/menpai/customer/{customer.pk}/history/")
    assert "停用" in history
    assert STAFF[0] in history
    assert trail_of_staff(events.ADMIN_ACTION) == [(customer.pk, {"what": action}) for action in actions]


@pytest.mark.parametrize("name", LISTS)
def test_nothing_can_be_added_changed_or_deleted(name: str, staff: Client) -> None:
    fill(1)
    models = {"customer": Customer, "address": Address, "message": Message, "session": Session}
    model = (models | {"auditevent": AuditEvent, "snapshot": Snapshot, "submission": Submission})[name]
    key = model.objects.order_by("pk")[0].pk
    token = csrf(text_of(staff, "/admin/auth/user/add/"))
    for path in ("add/", f"{key}/change/", f"{key}/delete/"):
        assert staff.post(f"/admin/menpai/{name}/{path}", token).status_code == 403, path
    assert model.objects.filter(pk=key).exists()


def test_looking_does_not_give_the_right_to_act(staff: Client, http: httpx.Client) -> None:
    looker = User.objects.get(username=STAFF[0])
    looker.is_superuser = False
    looker.save()
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    person = somebody(http)
    page = text_of(staff, "/admin/menpai/customer/")
    assert person.name in page
    act(staff, "disable", username=person.name)
    assert person.is_signed_in()


def test_the_chinese_of_the_admin_is_complete() -> None:
    script = (
        "import django; django.setup()\n"
        "from django.utils.translation import gettext, override\n"
        "with override('zh-hans'):\n"
        "    print([text for text in ('Filters', 'Previous', 'Next', 'Welcome back to') if gettext(text) == text])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ── The audit trail ──
def trail_of_staff(event: str) -> list[tuple[int | None, dict[str, Any]]]:
    return [(row.customer_id, row.details) for row in written(event) if row.staff_id]


def test_what_staff_look_at_is_recorded(staff: Client, http: httpx.Client) -> None:
    person = somebody(http)
    person.add_address()
    customer, address = Customer.objects.get(), Address.objects.get()
    text_of(staff, "/admin/menpai/customer/")
    text_of(staff, f"/admin/menpai/customer/?q={person.phone}")
    text_of(staff, f"/admin/menpai/customer/{customer.pk}/change/")
    text_of(staff, f"/admin/menpai/address/{address.pk}/change/")
    assert trail_of_staff(events.ADMIN_READ) == [
        (None, {"what": "customer_list"}),
        (None, {"what": "customer_list"}),
        (customer.pk, {"what": "customer_page", "id": str(customer.pk)}),
        (customer.pk, {"what": "address_page", "id": str(address.pk)}),
    ]
    looked = written(events.ADMIN_READ)
    assert [row.subject for row in looked] == ["", audit.subject(person.phone), "", ""]
    assert {row.staff_id for row in looked} == {User.objects.get().pk}


def test_staff_signing_in_and_out_is_recorded(staff: Client) -> None:
    assert trail_of_staff(events.LOGIN) == [(None, {"how": "password"})]
    browser = Client(headers={"host": "127.0.0.1"})
    submit(browser, "/admin/login/", username="ops", password="wrong")
    (refused,) = written(events.LOGIN_FAILED)
    assert (refused.subject, refused.details) == (audit.subject("ops"), {"staff": True})
    page = text_of(staff, "/admin/")
    staff.post("/admin/logout/", csrf(page))
    assert trail_of_staff(events.SESSION_ENDED) == [(None, {"how": "sign_out"})]


def test_staff_see_the_trail_and_what_it_adds_up_to(staff: Client, http: httpx.Client) -> None:
    person = somebody(http)
    for _ in range(3):
        person.sign_in("wrong")
    row = written(events.LOGIN_FAILED)[0]
    page = text_of(staff, "/admin/menpai/auditevent/")
    assert "登录失败 3" in page
    assert person.name in page
    only = text_of(staff, f"/admin/menpai/auditevent/?event={events.REGISTERED}")
    assert "by=name" in only
    assert "times=3" not in only
    assert "拒绝" in text_of(staff, f"/admin/menpai/auditevent/{row.pk}/change/")
