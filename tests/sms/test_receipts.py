"""What vendors say later became of an SMS: the address they say it at, and what it changes."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from menpai import rules
from menpai.audit import aggregation
from menpai.delivery import outbox
from menpai.delivery.sms import breaker, receipts
from menpai.keys import file as key_file
from menpai.keys import ring
from menpai.models import AuditEvent, Message, Submission
from tests.concurrency import at_once
from tests.sms.steps import a_code, trace


@pytest.fixture
def push(http):
    """`push("east", ("east-1", "delivered"), …)`: as the vendor does."""

    def pushed(gateway, *told, secret="", **headers):
        path = f"/receipts/{gateway}/{secret or receipts.secrets(gateway)[0]}"
        return http.post(path, content=json.dumps(told), headers=headers)

    return pushed


def sent(many=1):
    """So many SMS, accepted by the first gateway as east-1, east-2, …"""
    made = [a_code() for _ in range(many)]
    for message in made:
        assert outbox.deliver(message.pk) == "accepted"
    return made


def state(message):
    message.refresh_from_db()
    return message.state


def refused():
    aggregation.flush()
    return list(AuditEvent.objects.filter(event="authz_fail").values_list("details", flat=True))


# ── What a receipt changes ──
def test_a_delivered_sms_is_delivered_and_forgets_its_code(east, push):
    [message] = sent()
    assert message.sealed != "" and state(message) == "accepted"
    assert message.sealed != ""  # it may have to go again
    answer = push("east", ("east-1", "delivered"))
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "OK", "text/plain")
    assert (state(message), message.sealed, trace(message)) == ("delivered", "", [("east", "delivered")])
    assert Submission.objects.get().reported_at is not None


def test_the_same_receipt_again_changes_nothing(east, push):
    [message] = sent()
    push("east", ("east-1", "delivered"))
    before = Submission.objects.values().get()
    for word in ("delivered", "failed"):
        assert push("east", ("east-1", word)).status_code == 200
    assert (Submission.objects.values().get(), state(message)) == (before, "delivered")


def test_one_push_holds_the_receipts_of_many_in_any_order(east, push):
    first, second, third = sent(3)
    push("east", ("east-3", "delivered"), ("east-9", "failed"), ("east-1", "delivered"), ("east-3", "failed"))
    assert [state(one) for one in (first, second, third)] == ["delivered", "accepted", "delivered"]


def test_a_reference_is_its_gateways_own(east, west, push):
    [message] = sent()
    push("west", ("east-1", "failed"))
    assert state(message) == "accepted"


def test_an_unknown_reference_is_acknowledged(vendors, push, caplog):
    with caplog.at_level("INFO"):
        assert push("east", ("nobody", "failed"), ("knows", "delivered")).status_code == 200
    assert "2 receipts of east are of no SMS that we know" in caplog.text


def test_a_receipt_for_an_earlier_handing_over_leaves_the_message_alone(east, west, push):
    """Delivered by the second gateway; then the first, which had said no, changes its mind."""
    [message] = sent()
    push("east", ("east-1", "failed"))
    outbox.deliver(message.pk)
    push("east", ("east-1", "delivered"))
    assert (state(message), message.gateway) == ("accepted", "west")
    push("west", ("west-1", "delivered"))
    assert (state(message), trace(message)) == ("delivered", [("east", "failed"), ("west", "delivered")])


@pytest.mark.parametrize("outcome", ["delivered", "failed"])
def test_a_receipt_that_comes_before_the_answer_is_not_lost(east, west, message, push, outcome):
    """The vendor tells of the SMS while our request to it is still open."""
    east.before_answering = lambda reference: push("east", (reference, outcome))
    outbox.deliver(message.pk)
    assert trace(message) == [("east", outcome)]
    assert state(message) == ("delivered" if outcome == "delivered" else "queued")


def test_any_number_of_receipts_is_the_same_number_of_statements(east, push, statements, set_rule):
    set_rule("RECEIPTS_JUDGED", 1000)  # the verdict on the gateway, which is told once, aside

    def cost(many, outcome):
        sent(many)
        told = [(reference, outcome) for reference in open_references()]
        assert len(told) == many
        with statements() as sql:
            assert push("east", *told).status_code == 200
        assert open_references() == []
        return len([one for one in sql if "ephemeral" not in one["sql"]])

    for outcome in ("delivered", "failed"):
        assert cost(2, outcome) == cost(15, outcome)


def open_references():
    return list(Submission.objects.filter(gateway="east", state="accepted").values_list("vendor_reference", flat=True))


def test_most_of_the_last_ones_did_not_arrive_so_the_gateway_is_asked_last(east, west, push, settings):
    many = rules.RECEIPTS_JUDGED
    sent(many)
    failed = many // 2 + 1
    push("east", *[(f"east-{number}", "delivered") for number in range(failed + 1, many + 1)])
    assert not breaker.read_states(["east"])[0].doubtful
    push("east", *[(f"east-{number}", "failed") for number in range(1, failed + 1)])
    assert breaker.read_states(["east", "west"])[0].doubtful and not breaker.read_states(["west"])[0].doubtful
    outbox.deliver(a_code().pk)
    assert len(east.asked) == many  # the newest went to the other one
    settings.MENPAI_SMS_GATEWAYS = ["east"]
    assert outbox.deliver(a_code().pk) == "accepted"  # better that one than none
    assert AuditEvent.objects.filter(event="sys_gateway_doubted").count() == 1


# ── Who may say so ──
def test_whoever_does_not_know_the_address_changes_nothing_and_is_seen(east, push):
    [message] = sent()
    told, right = ("east-1", "delivered"), receipts.secrets("east")[0]
    for gateway, secret in (("east", "0" * 32), ("west", right), ("pigeon", right), ("outbox", right)):
        assert push(gateway, told, secret=secret).status_code == 404
    assert push("east", told, **{"x-signature": "forged"}).status_code == 404
    assert state(message) == "accepted"
    assert {(one["gateway"], one["why"]) for one in refused()} == {
        ("east", "another secret"),
        ("west", "another secret"),
        ("", "no such gateway"),
        ("east", "unreadable or wrongly signed"),
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_the_address_takes_nothing_but_post(vendors, http, method):
    assert http.request(method, f"/receipts/east/{receipts.secrets('east')[0]}").status_code == 404


def test_what_cannot_be_read_is_refused(vendors, http):
    path = f"/receipts/east/{receipts.secrets('east')[0]}"
    assert http.post(path, content=b"[[").status_code == 404
    assert http.post(path, content=b" " * (rules.RECEIPT_BYTES + 1)).status_code == 413
    assert http.post(path, content=b"[]" + b" " * (rules.RECEIPT_BYTES - 2)).status_code == 200


def test_receipts_may_be_held_to_the_vendors_networks(east, settings, client_from):
    [message] = sent()
    settings.MENPAI_SMS_RECEIPT_NETWORKS = ["203.0.113.0/24", "2001:db8::1"]
    path, told = f"/receipts/east/{receipts.secrets('east')[0]}", json.dumps([("east-1", "delivered")])
    assert client_from("198.51.100.7").post(path, content=told).status_code == 404
    assert state(message) == "accepted"
    assert client_from("203.0.113.77").post(path, content=told).status_code == 200
    assert state(message) == "delivered"
    assert {one["why"] for one in refused()} == {"another network"}


def test_the_command_prints_the_whole_address(vendors, capsys, settings):
    settings.MENPAI_PUBLIC_URL = "https://account.shop.example"
    call_command("sms", "receipts")
    east, west = capsys.readouterr().out.splitlines()
    assert east == f"east  https://account.shop.example/receipts/east/{receipts.secrets('east')[0]}"
    assert west.split("/")[-1] not in east
    settings.MENPAI_SMS_GATEWAYS = ["outbox"]
    call_command("sms", "receipts")
    assert "no configured gateway sends receipts" in capsys.readouterr().err


def test_a_new_key_makes_a_new_address_and_the_old_one_works_on(east, push, settings, tmp_path, monkeypatch):
    path = tmp_path / "keys.json"
    key_file.create(path)
    settings.MENPAI_KEYS_FILE = path
    old = receipts.secrets("east")[0]
    key_file.rotate(path, ["pepper"], timedelta(0))
    monkeypatch.setattr(ring, "_known", {})
    sent()
    assert receipts.secrets("east")[0] != old
    assert push("east", ("east-1", "delivered"), secret=old).status_code == 200


@pytest.mark.production_only("the embedded database is a file of this process")
def test_while_the_database_is_away_the_vendor_is_asked_to_come_again(east, push, postgres):
    [message] = sent()
    connection.close()
    postgres.kill()
    try:
        answer = push("east", ("east-1", "delivered"))
    finally:
        postgres.start()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    connection.close()
    assert push("east", ("east-1", "delivered")).status_code == 200
    assert state(message) == "delivered"


def test_two_pushes_at_once_settle_a_message_once(east, west, push):
    """Vendors repeat what they are not sure of: the second one waits for the first, and finds nothing to do."""
    messages = sent(10)
    failures = [(f"east-{number}", "failed") for number in range(1, 11)]
    answers = at_once(*[lambda: push("east", *failures), lambda: push("east", *failures[::-1])] * 2)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {state(message) for message in messages} == {"queued"}
    assert outbox.deliver_due() == 10
    assert west.phones.total() == 10
    assert Message.objects.filter(state="accepted", gateway="west").count() == 10
