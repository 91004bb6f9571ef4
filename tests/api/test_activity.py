"""Recent activity: one's own, newest first, page by page."""

from menpai import rules
from menpai.models import Customer
from tests.api.clients import newcomer, ok, refused, signed_in
from tests.audit_trail import written
from tests.customers import PASSWORD, an_address_in_parts
from tests.operators import act

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def activity(caller, **query):
    written()  # what was refused is there too
    return ok(caller.send("GET", "/me/activity", params=query))


def kinds(caller):
    return [event["kind"] for event in activity(caller)["events"]]


def test_it_begins_with_the_registration(person):
    page = activity(person)
    (event,) = page["events"]
    assert page["before"] is None
    assert set(event) == {"id", "kind", "at", "browser", "system", "network", "times", "current"}
    assert (event["kind"], event["times"], event["current"]) == ("registered", 1, True)
    assert event["network"] == "127.0.*.*"


def test_what_concerns_the_customer_is_there_newest_first(http, mailbox, person):
    sign_in = {"name": person.mobile, "password": PASSWORD}
    for password in ("wrong", "wrong", PASSWORD):
        http.post("/api/sessions", json=sign_in | {"password": password}, headers={"user-agent": CHROME})
    written()
    ok(person.delete("/me/sessions"), 204)
    ok(person.post("/me/email/code", email="new@example.com", password=PASSWORD), 202)
    ok(person.put("/me/email", email="new@example.com", code=mailbox.last("new@example.com").code))
    events = activity(person)["events"]
    assert {event["kind"] for event in events} == {
        *("registered", "sign_in_failed", "signed_in", "others_ended", "email_changed"),
    }
    assert [event["kind"] for event in events][:2] == ["email_changed", "others_ended"]
    assert [event["id"] for event in events] == sorted((event["id"] for event in events), reverse=True)
    signed = next(event for event in events if event["kind"] == "signed_in")
    assert (signed["browser"], signed["system"], signed["current"]) == ("Chrome", "Windows", False)
    assert sum(event["times"] for event in events if event["kind"] == "sign_in_failed") == 2


def test_addresses_and_codes_are_not_there(person):
    ok(person.post("/me/addresses", **an_address_in_parts()), 201)
    assert kinds(person) == ["registered"]


def test_nobody_sees_anybody_elses(http, mailbox, person):
    other = newcomer(http, mailbox)
    http.post("/api/sessions", json={"name": person.mobile, "password": "wrong"})
    assert kinds(other) == ["registered"]
    assert sorted(kinds(person)) == ["registered", "sign_in_failed"]


def test_what_staff_do_is_told_and_that_they_looked_is_not(http, staff, person):
    customer = Customer.objects.get(mobile=person.mobile)
    page = staff.get(f"/admin/menpai/customer/{customer.pk}/change/")
    assert page.status_code == 200
    for action in ("disable", "enable"):
        act(staff, action, mobile=person.mobile)
    again = signed_in(http, person.mobile)
    assert kinds(again) == ["signed_in", "enabled", "disabled", "registered"]
    by_staff = activity(again)["events"][1]
    assert (by_staff["browser"], by_staff["system"], by_staff["network"]) == ("", "", "")


def _sign_in(http, person):
    return http.post("/api/sessions", json={"name": person.mobile, "password": PASSWORD})


def test_pages_follow_each_other_without_gaps(http, person, monkeypatch):
    monkeypatch.setattr(rules, "ACTIVITY_PAGE", 3)
    for _ in range(6):
        ok(_sign_in(http, person), 201)
    seen, before = [], None
    while True:
        page = activity(person, **({} if before is None else {"before": before}))
        assert len(page["events"]) <= 3
        seen += [event["id"] for event in page["events"]]
        before = page["before"]
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)


def test_a_page_that_cannot_be_is_refused(person, stranger):
    for wrong in ("x", "-1", "", str(2**63), "1.5"):
        refused(person.send("GET", "/me/activity", params={"before": wrong}), 422, "invalid_request", "before")
    assert activity(person, before=0)["events"] == []
    refused(stranger.get("/me/activity"), 401, "not_signed_in")
