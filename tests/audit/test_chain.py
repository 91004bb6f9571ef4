"""The chain: whoever changes, removes, adds or swaps what is sealed is found, and where."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from menpai.audit import chain, verify
from menpai.keys import ring
from menpai.models import AuditCut, AuditEvent
from tests import audit_trail
from tests.concurrency import at_once

OLD = chain.timedelta(days=400)


def events(many, at=None):
    for number in range(many):
        AuditEvent.objects.create(
            at=at or timezone.now(), event="authn_login_success", succeeded=True, details={"how": f"{number} 门牌"}
        )


def sealed(many, at=None):
    events(many, at)
    assert chain.seal_waiting() == many


def broken(anchor=None):
    with pytest.raises(verify.ChainBroken) as told:
        verify.verify(anchor)
    return str(told.value)


def test_what_is_sealed_is_whole_and_nothing_waits():
    sealed(5)
    events(2)
    found = verify.verify()
    assert (found.checked, found.waiting, found.head.position) == (5, 2, 5)
    assert chain.seal_waiting() == 2
    assert chain.seal_waiting() == 0
    assert verify.verify(found.head).checked == 7


def test_an_empty_trail_is_whole_and_several_batches_are_one_chain(monkeypatch):
    assert verify.verify() == verify.VerifiedChain(chain.ChainLink(), chain.ChainLink(), 0)
    monkeypatch.setattr(chain, "AT_ONCE", 3)
    sealed(10)
    assert verify.verify().checked == 10


COLUMNS = (
    *("at = '2020-01-01 00:00:00+00:00'", "event = 'x'", "customer_id = 7", "staff_id = 1", "subject = 'x'"),
    *("network = 'x'", "browser = 'x'", "system = 'x'", "succeeded = FALSE", "details = '{}'", "seal = 'x.y'"),
    "session_id = '01234567890123456789012345678901'",
)
MOVE = "UPDATE menpai_auditevent SET position = {} WHERE position = {}"
REMOVE = "DELETE FROM menpai_auditevent WHERE position = 3"
# What somebody does to a chain of five, and how it is told.
TAMPERING = {
    **{f"changed: {set_to}": ([f"UPDATE menpai_auditevent SET {set_to} WHERE position = 3"], 3) for set_to in COLUMNS},
    "removed": ([REMOVE], "position 3: missing"),
    "removed, and the gap closed": ([REMOVE, MOVE.format(3, 4), MOVE.format(4, 5)], 3),
    "swapped": ([MOVE.format(99, 2), MOVE.format(2, 4), MOVE.format(4, 99)], 2),
    "unsealed": (["UPDATE menpai_auditevent SET position = NULL, seal = '' WHERE position = 3"], "position 3: missing"),
}


@pytest.mark.parametrize(("statements", "told"), TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found_and_where(statements, told):
    sealed(5)
    with audit_trail.unguarded() as cursor:
        for statement in statements:
            cursor.execute(statement)
    assert broken().startswith(told if isinstance(told, str) else f"position {told}, row ")


def test_an_inserted_row_is_found():
    sealed(5)
    with audit_trail.unguarded() as cursor:
        for place in (5, 4, 3):
            cursor.execute("UPDATE menpai_auditevent SET position = %s WHERE position = %s", [place + 1, place])
        AuditEvent.objects.create(at=timezone.now(), event="x", succeeded=True, position=3, seal="x.y")
    assert broken().startswith("position 3, row ")


def test_a_cut_off_end_is_found_by_an_anchor_and_by_nothing_else():
    sealed(5)
    anchor = verify.verify().head
    with audit_trail.unguarded() as cursor:
        cursor.execute("DELETE FROM menpai_auditevent WHERE position > 3")
    assert verify.verify().checked == 3
    assert broken(anchor).startswith("the end is missing")
    sealed(4)
    assert broken(anchor) == "position 5: another chain than the anchor's"


def test_a_chain_made_anew_without_the_keys_is_found(monkeypatch):
    sealed(3)
    with audit_trail.unguarded() as cursor:
        cursor.execute("UPDATE menpai_auditevent SET position = NULL, seal = ''")
    own = ring.secrets_of("sealing")
    with monkeypatch.context() as patch:
        patch.setattr(ring, "secrets_of", lambda _kind: [(own[0][0], bytes(32))])
        assert chain.seal_waiting() == 3
        assert verify.verify().checked == 3
    assert broken().startswith("position 1, row ")


def test_older_keys_still_verify_and_lost_ones_are_named(monkeypatch):
    sealed(2)
    own = ring.secrets_of("sealing")
    monkeypatch.setattr(ring, "secrets_of", lambda _kind: [("new", bytes(32)), *own])
    sealed(2)
    assert verify.verify().checked == 4
    monkeypatch.setattr(ring, "secrets_of", lambda _kind: [("new", bytes(32))])
    assert f"its key {own[0][0]} is not in the keys file" in broken()


@pytest.mark.production_only("SQLite's writers take turns: nothing commits late")
def test_a_row_that_commits_late_with_a_small_id_is_sealed_later():
    inserted, sealed_others = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            events(1)
            inserted.set()
            assert sealed_others.wait(20)
        connection.close()

    slow = threading.Thread(target=late)
    slow.start()
    assert inserted.wait(20)
    sealed(3)
    sealed_others.set()
    slow.join(20)
    assert chain.seal_waiting() == 1
    last = AuditEvent.objects.order_by("-position")[0]
    assert last.pk == min(AuditEvent.objects.values_list("pk", flat=True))
    assert verify.verify().checked == 4


def race_of_sealers(rounds):
    """Writers and sealers at once, and at last a sealer alone; what those that failed raised."""
    jobs = (lambda: events(3), lambda: events(3), chain.seal_waiting, chain.seal_waiting)
    results = [result for _ in range(rounds) for result in at_once(*jobs)]
    chain.seal_waiting()
    return [result for result in results if isinstance(result, Exception)]


@pytest.mark.production_only("SQLite's writers take turns")
def test_sealers_that_run_at_once_make_one_chain(few_rounds):
    """Two workers and `menpai audit seal` look at the same moment: one of them seals, the others come back later."""
    assert race_of_sealers(few_rounds) == []
    assert verify.verify().checked == 6 * few_rounds


@pytest.mark.production_only("SQLite's writers take turns")
def test_without_the_lock_they_would_not(monkeypatch):
    """Even then the unique place and the triggers keep the chain whole: one of the two fails instead."""
    monkeypatch.setattr(chain, "_is_sealer", lambda: True)
    for _ in range(20):
        if race_of_sealers(5):
            break
    else:
        pytest.fail("no two sealers met")
    assert verify.verify()


# ── Retention ──
def test_what_is_too_old_goes_and_the_rest_stays_whole():
    sealed(4, timezone.now() - OLD)
    sealed(3)
    head = verify.verify().head
    assert chain.delete_old() == 4
    found = verify.verify(head)
    assert (found.begin.position, found.checked) == (4, 3)
    assert chain.delete_old() == 0
    assert AuditCut.objects.count() == 1


def test_everything_may_go_and_the_chain_goes_on():
    sealed(2, timezone.now() - OLD)
    assert chain.delete_old() == 2
    sealed(2)
    assert [row.position for row in AuditEvent.objects.order_by("pk")] == [3, 4]
    assert verify.verify().checked == 2


def test_an_old_row_behind_a_young_one_waits_for_it_and_one_that_is_not_sealed_stays():
    events(2, timezone.now() - OLD)
    assert chain.delete_old() == 0
    assert AuditEvent.objects.count() == 2
    with audit_trail.unguarded() as cursor:
        cursor.execute("DELETE FROM menpai_auditevent")
    sealed(2)
    sealed(2, timezone.now() - OLD)
    assert chain.delete_old() == 0
    assert verify.verify().checked == AuditEvent.objects.count() == 4


def test_a_cut_that_the_product_did_not_make_is_found():
    sealed(5)
    third = AuditEvent.objects.get(position=3)
    with audit_trail.unguarded() as cursor:
        cursor.execute("DELETE FROM menpai_auditevent WHERE position <= 3")
    AuditCut.objects.create(position=3, seal=third.seal, at=timezone.now(), mark=f"{third.seal[:8]}.x")
    assert broken() == "cut at 3: it was not made by the product"
