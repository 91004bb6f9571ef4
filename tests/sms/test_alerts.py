"""What the operator is told: once in a period across workers, signed, asked again when away, never in a request."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from menpai import rules
from menpai.integrations import alerts as integration_alerts
from menpai.models import Alert, Message, SpentSecret
from menpai.worker import unused_codes
from tests.rig.receiver import Receiver, is_signed


@pytest.fixture
def receiver(settings):
    with Receiver().running() as found:
        settings.MENPAI_ALERT_URL = f"{found.url}/alerts"
        yield found


def told(receiver):
    return [json.loads(content)["event"] for _, content in receiver.seen]


def test_an_alert_is_told_with_its_facts_and_signed_as_the_cart_hook_is(receiver):
    integration_alerts.raise_alert(integration_alerts.GATEWAY_RESTS, "yuntongxun", reason="misconfigured 160014")
    assert integration_alerts.deliver_alerts() == 1
    headers, content = receiver.seen[0]
    facts = json.loads(content)
    assert facts.pop("at")
    assert facts == {"event": "gateway-rests", "about": "yuntongxun", "reason": "misconfigured 160014"}
    assert is_signed(headers, content)


def test_the_same_is_told_once_an_hour_and_another_gateway_is_not_the_same(receiver, clock):
    for _ in range(3):
        integration_alerts.raise_alert(integration_alerts.GATEWAY_RESTS, "yuntongxun")
        integration_alerts.raise_alert(integration_alerts.GATEWAY_RESTS, "outbox")
        integration_alerts.deliver_alerts()
    assert told(receiver) == ["gateway-rests"] * 2
    clock.advance(3600)
    integration_alerts.raise_alert(integration_alerts.GATEWAY_RESTS, "yuntongxun")
    integration_alerts.deliver_alerts()
    assert len(receiver.seen) == 3


def test_of_many_workers_that_raise_and_tell_it_one_does(receiver):
    def worker(_):
        try:
            integration_alerts.raise_alert(integration_alerts.BUDGET_LOW, "day", period="day 2026-11-21")
            return integration_alerts.deliver_alerts()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(worker, range(24))) == 1
    assert told(receiver) == ["budget-low"]


def test_an_alert_of_what_is_rolled_back_is_not_told(receiver):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        integration_alerts.raise_alert(integration_alerts.BUDGET_LOW, "day")
        1 / 0  # noqa: B018  (the fault)
    assert integration_alerts.deliver_alerts() == 0


def test_a_receiver_that_is_away_is_asked_again_with_the_same_id_and_one_day_no_more(receiver, clock):
    receiver.status = 503
    integration_alerts.raise_alert(integration_alerts.CODES_UNUSED)
    for wait in rules.ALERT_RETRY_AFTER:
        assert integration_alerts.deliver_alerts() == 0
        assert integration_alerts.deliver_alerts() == 0  # not before its time
        clock.advance(wait.total_seconds() + 1)
    integration_alerts.deliver_alerts()
    assert len(receiver.seen) == len(rules.ALERT_RETRY_AFTER) + 1
    assert len({headers["webhook-id"] for headers, _ in receiver.seen}) == 1
    assert Alert.objects.get().due_at is None


def test_without_an_address_it_stands_in_the_log(caplog):
    integration_alerts.raise_alert(integration_alerts.GATEWAY_BACK, "yuntongxun")
    assert integration_alerts.deliver_alerts() == 1
    assert "gateway-back {'about': 'yuntongxun'}" in caplog.text
    assert integration_alerts.deliver_alerts() == 0


# ── Codes that nobody uses ──
def codes(many, used, clock):
    for number in range(many):
        Message.objects.create(
            channel="sms", kind="sign-in-code", recipient="13800138000", state="accepted", secret=f"s{number}",
            due_at="2026-01-01T00:00Z", expires_at="2026-01-01T00:00Z",
        )  # fmt: skip
    SpentSecret.objects.bulk_create(SpentSecret(id=f"s{number}", purpose="sign-in") for number in range(used))


@pytest.mark.parametrize(("many", "used", "alerts"), [(200, 39, ["codes-unused"]), (200, 40, []), (199, 0, [])])
def test_the_operator_is_told_when_hardly_any_code_is_used(many, used, alerts, clock):
    codes(many, used, clock)
    unused_codes.alert_unused_codes()
    assert [one.event for one in Alert.objects.all()] == alerts
