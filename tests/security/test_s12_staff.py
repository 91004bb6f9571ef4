"""S12: staff read no hash, look at nobody unseen, raise no rights, and break no page by what they type."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from menpai import audit
from menpai.audit import events
from menpai.models import Customer, Session
from tests.audit_trail import written
from tests.customers import somebody
from tests.operators import STAFF, csrf, enrol, signed_in, submit, text_of

LISTS = sorted(f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry)
NEW = "Another-staff-password-2"


def looks() -> list[tuple[str, int | None]]:
    return [(row.details["what"], row.customer_id) for row in written(events.ADMIN_READ) if row.staff_id]


def with_rights(*codenames: str) -> Client:
    """The browser of a member of staff who is no superuser and has these rights."""
    user = User.objects.get(username=STAFF[0])
    user.is_superuser = False
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return signed_in()


# ── Hashes ──
@pytest.mark.parametrize(
    "query",
    [
        *("password__startswith=a", "password__regex=.", "password=x", "id__in=1,2", "username__contains=o"),
        *("customer__password__startswith=a", "customer__username__startswith=a", "cookie_hash__startswith=a"),
        *("sealed__startswith=a", "message__sealed__startswith=a", "groups__user__password__startswith=a"),
        *("user__password__startswith=a", "seal__startswith=a", "pk=1", "created_at__regex=.", "nothing=1"),
    ],
)
def test_no_list_is_filtered_by_what_it_does_not_declare(query: str, staff: Client) -> None:
    assert {name: staff.get(f"/admin/{name}/?{query}").status_code for name in LISTS} == dict.fromkeys(LISTS, 400)


def test_every_filter_that_a_list_shows_works(staff: Client, http: httpx.Client) -> None:
    somebody(http)
    for name in LISTS:
        page = text_of(staff, f"/admin/{name}/")
        changelist = staff.get(f"/admin/{name}/").context["cl"]
        links = {choice["query_string"] for spec in changelist.filter_specs for choice in spec.choices(changelist)}
        assert page and all(staff.get(f"/admin/{name}/{link}").status_code == 200 for link in links), name


def test_who_may_only_look_sees_no_hash(staff: Client) -> None:
    user = User.objects.get()
    page = text_of(with_rights("view_user"), f"/admin/auth/user/{user.pk}/change/")
    assert user.password.rpartition("$")[2] not in page


# ── Looks ──
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "OPTIONS", "PROPFIND"])
def test_a_look_leaves_a_row_whatever_its_method(method: str, staff: Client, http: httpx.Client) -> None:
    somebody(http)
    key, token = Customer.objects.get().pk, staff.cookies["csrftoken"].value
    for path in ("customer/", f"customer/{key}/change/", f"customer/{key}/history/"):
        before = len(looks())
        answer = staff.generic(method, f"/admin/menpai/{path}", headers={"x-csrftoken": token})
        assert (len(looks()) > before) == (answer.status_code == 200), (path, answer.status_code)
    assert looks()[0][0] == "customer_list"


def test_a_page_by_another_spelling_of_its_id_names_the_customer(staff: Client, http: httpx.Client) -> None:
    somebody(http)
    key, session = Customer.objects.get().pk, Session.objects.get()
    for spelling in (f"+{key}", f"00{key}", str(key).translate({48 + digit: 0x660 + digit for digit in range(10)})):
        text_of(staff, f"/admin/menpai/customer/{spelling}/change/")
    text_of(staff, f"/admin/menpai/session/{session.pk.hex.upper()}/change/")
    assert looks() == [*[("customer_page", key)] * 3, ("session_page", key)]


def test_the_autocomplete_leaves_a_row_with_what_was_typed(staff: Client, http: httpx.Client) -> None:
    person = somebody(http)
    of = {"app_label": "menpai", "model_name": "session", "field_name": "customer", "term": person.phone}
    assert staff.get("/admin/autocomplete/", of).json()["results"]
    (row,) = written(events.ADMIN_READ)
    assert (row.details, row.subject) == ({"what": "customer_autocomplete"}, audit.subject(person.phone))


# ── Rights ──
@pytest.mark.parametrize("who", ["themselves", "another", "a new account"])
def test_nobody_raises_rights_with_the_right_to_change_accounts(who: str, staff: Client) -> None:
    other = User.objects.create_user("other", password=STAFF[1], is_staff=True)
    Group.objects.all().delete()
    group = Group.objects.create(name="all")
    group.permissions.set(Permission.objects.all())
    browser = with_rights("change_user", "add_user", "view_user", "change_group", "add_group", "delete_user")
    me = User.objects.get(username=STAFF[0])
    path = {"themselves": f"{me.pk}/change/", "another": f"{other.pk}/change/", "a new account": "add/"}[who]
    before = list(User.objects.order_by("pk").values())
    wanted = {"username": "ops2", "is_superuser": "on", "is_staff": "on", "is_active": "on", "groups": [group.pk]}
    wanted |= {"password1": NEW, "password2": NEW, "user_permissions": [1, 2, 3], "usable_password": "true"}
    wanted |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    token = csrf(text_of(browser, "/admin/password_change/"))
    paths = [f"user/{path}", f"user/{other.pk}/password/", f"group/{group.pk}/change/", "group/add/"]
    assert [browser.post(f"/admin/auth/{path}", wanted | token).status_code for path in paths] == [403] * 4
    assert list(User.objects.order_by("pk").values()) == before
    assert not me.groups.exists() and Group.objects.count() == 1
    assert text_of(browser, f"/admin/auth/user/{me.pk}/change/")


# ── Deeds ──
def deeds(event: str) -> list[tuple[int | None, dict[str, Any]]]:
    return [(row.staff_id, row.details) for row in written(event)]


def test_every_change_of_an_account_is_recorded_with_who_did_it(staff: Client) -> None:
    me = User.objects.get()
    users, usable = "/admin/auth/user/", {"usable_password": "true", "own_password": STAFF[1]}
    submit(staff, f"{users}add/", username="other", password1=NEW, password2=NEW, **usable)
    other = User.objects.get(username="other")
    submit(staff, f"{users}{other.pk}/password/", password1=NEW + "!", password2=NEW + "!", **usable)
    submit(staff, "/admin/password_change/", old_password=STAFF[1], new_password1=NEW, new_password2=NEW)
    submit(staff, f"{users}{other.pk}/delete/", post="yes")
    ids = [str(user.pk) for user in (other, other, me)]
    assert deeds(events.PASSWORD_CHANGED)[-3:] == [(me.pk, {"how": "staff", "id": changed}) for changed in ids]
    whats = [details["what"] for _, details in deeds(events.ADMIN_ACTION)]
    assert whats == ["add_user", "change_user", "delete_user"]


def test_the_old_password_is_guessed_five_times_from_a_stolen_session(staff: Client) -> None:
    def change(old: str) -> int:
        form = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
        return int(submit(staff, "/admin/password_change/", **form).status_code)

    assert [change(f"wrong {number}") for number in range(8)] == [200] * 5 + [429] * 3
    assert change(STAFF[1]) == 429


@pytest.mark.parametrize("page", ["their own", "another's", "a new account's"])
def test_a_stolen_session_sets_nobodys_password(page: str, staff: Client) -> None:
    me, other = User.objects.get(), User.objects.create_user("other", password=STAFF[1], is_staff=True)
    row = {"their own": f"{me.pk}/password", "another's": f"{other.pk}/password", "a new account's": "add"}[page]
    path = f"/admin/auth/user/{row}/"
    before = list(User.objects.order_by("pk").values("username", "password"))
    chosen = {"username": "thief", "password1": NEW, "password2": NEW, "usable_password": "true"}
    lost = {"usable_password": "false", "unset-password": "", "username": "thief"}
    for fields in (chosen, lost, chosen | {"own_password": ""}):
        assert submit(staff, path, **fields).redirect_chain == []
    guesses = [submit(staff, path, **chosen, own_password=f"wrong {number}").status_code for number in range(7)]
    assert guesses == [200] * 5 + [429] * 2
    assert submit(staff, path, **chosen, own_password=STAFF[1]).status_code == 429
    assert list(User.objects.order_by("pk").values("username", "password")) == before


def test_who_types_their_own_password_sets_others_as_often_as_needed(staff: Client) -> None:
    other = User.objects.create_user("other", password=STAFF[1], is_staff=True)
    for number in range(7):
        chosen = {"password1": f"{NEW}{number}", "password2": f"{NEW}{number}", "usable_password": "true"}
        page = submit(staff, f"/admin/auth/user/{other.pk}/password/", **chosen, own_password=STAFF[1])
        assert page.redirect_chain
    other.refresh_from_db()
    assert other.check_password(f"{NEW}6")
    assert 'name="own_password"' in text_of(staff, f"/admin/auth/user/{other.pk}/password/")
    assert 'name="own_password"' in text_of(staff, "/admin/auth/user/add/")


@pytest.mark.parametrize("path", ["/admin/password_change/", "/admin/auth/user/{}/password/"])
def test_no_form_compares_a_password_that_was_not_counted(path: str, staff: Client, settings: Any) -> None:
    me = User.objects.get()
    submit(staff, "/admin/password_change/", old_password=STAFF[1], new_password1=NEW, new_password2=NEW)
    enrol(staff, me)
    settings.MENPAI_PASSWORD_PROFILE = "mlps"
    token = csrf(text_of(staff, path.format(me.pk)))
    for guess in (NEW, NEW + "x"):
        fields = dict.fromkeys(("password1", "password2", "new_password1", "new_password2"), guess)
        errors = staff.post(path.format(me.pk), fields | token).context["form"].errors
        assert set(errors) <= {"own_password", "old_password"}, "nothing about the new one"


# ── Whatever is typed ──
HOSTILE = ["\x00", "(", "\\", "9" * 30, "1e400", "٣", "💥" * 300, "\ud800", "2026-13-45", "99999-01-01", "_zz", ""]
NAMES = ["q", "p", "o", "e", "all", "_popup", "_to_field", "_facets", "_changelist_filters", "\x00", "(", "id__gt"]


def quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", LISTS)
def test_no_query_string_breaks_a_list(name: str, staff: Client) -> None:
    specs = staff.get(f"/admin/{name}/").context["cl"].filter_specs
    declared = {key for spec in specs for key in spec.expected_parameters() if key}
    for key in sorted(declared | {"q", "p", "o"} | set(NAMES if name == LISTS[-1] else ())):
        for value in HOSTILE:
            path = f"/admin/{name}/?{quoted(key)}={quoted(value)}"
            assert staff.get(path).status_code in (200, 302, 400, 404), path
    assert staff.get(f"/admin/{name}/?e=1").status_code == 200, "to which Django sends what it cannot read"


def test_no_path_and_no_form_breaks_a_page(staff: Client) -> None:
    token = csrf(text_of(staff, "/admin/password_change/"))
    for value in HOSTILE:
        typed = quoted(value)
        for name in LISTS:
            for view in ("change", "history", "delete", "password"):
                assert staff.get(f"/admin/{name}/{typed}/{view}/").status_code < 500, (name, view, value)
        searches = (f"search/?s=a&page={typed}", f"search/?s={typed}&extended=1")
        for path in (*searches, f"r/1/{typed}/", f"login/?next={typed}"):
            assert staff.get(f"/admin/{path}").status_code < 500, path
        of = f"app_label=menpai&model_name=session&field_name=customer&term={typed}&page={typed}"
        assert staff.get(f"/admin/autocomplete/?{of}").status_code < 500, value
        if "\ud800" not in value:
            chosen = {"action": "disable", "_selected_action": value, "index": value, "select_across": value, **token}
            assert staff.post("/admin/menpai/customer/", chosen).status_code < 500, value
