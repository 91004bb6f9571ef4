"""`menpai audit …`: what an operator types."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from menpai.audit import chain
from menpai.models import AuditEvent
from tests import audit_trail
from tests.customers import somebody


def audit(*arguments):
    out = io.StringIO()
    call_command("audit", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_verify_says_what_it_checked_and_gives_an_anchor(http):
    somebody(http)
    assert "2 sealed" in audit("seal")
    said = audit("verify")
    assert "whole: 2 events, 0 not sealed yet" in said
    anchor = said.split("anchor ")[1].strip()
    assert anchor == str(chain.head())
    somebody(http)
    audit("seal")
    assert "whole: 4 events" in audit("verify", "--anchor", anchor)


def test_verify_fails_where_the_chain_is_broken(http):
    somebody(http)
    audit("seal")
    with audit_trail.unguarded() as cursor:
        cursor.execute("UPDATE menpai_auditevent SET event = 'x' WHERE position = 2")
    with pytest.raises(CommandError, match="position 2, row "):
        audit("verify")


def test_an_anchor_that_is_none_is_told(http):
    for wrong in ("x", "1:", "x:y"):
        with pytest.raises(CommandError, match="is no anchor"):
            audit("verify", "--anchor", wrong)


def test_export_writes_json_lines(http):
    somebody(http)
    audit("seal")
    lines = [json.loads(line) for line in audit("export").splitlines()]
    assert [line["event"] for line in lines] == ["user_created", "authn_code_sent"]
    first, row = lines[0], AuditEvent.objects.order_by("pk")[0]
    assert (first["id"], first["seal"], first["position"]) == (row.pk, row.seal, 1)
    assert (first["result"], first["customer_id"]) == ("success", row.customer_id)
    assert first["at"] == row.at.isoformat(timespec="microseconds")


def test_export_of_a_span(monkeypatch):
    monkeypatch.setattr(chain, "AT_ONCE", 2)
    now = timezone.now()
    for days in range(5):
        AuditEvent.objects.create(at=now - timedelta(days=days), event=f"{days}", succeeded=True)
    since, until = (f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%S.%f+00:00}" for days in (3, 1))
    lines = audit("export", "--since", since, "--until", until).splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["2", "3"]
    assert len(audit("export", "--since", f"{now:%Y-%m-%d}").splitlines()) == 1
    with pytest.raises(CommandError, match="since"):
        audit("export", "--since", "yesterday")
