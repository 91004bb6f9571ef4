"""S2: an e-mail that nobody has proven recovers an account only if that account has proven nothing.

Every place that asks whether one identifier is proven is asked here about a customer with two.
"""

import pytest

from menpai.models import Customer, Message
from tests.api.clients import by_code, ok, refused, signed_in
from tests.contracts.clients import V1, Api, Newcomer, at
from tests.contracts.common.conftest import code_for, complete, link, unproven
from tests.customers import PASSWORD, a_mobile, recover, somebody

__all__ = ["code_for", "complete", "link", "unproven"]  # fixtures
NEW = "another horse 8"


def prove_mobile(person, mailbox, mobile, password):
    ok(person.post("/me/mobile/code", mobile=mobile, password=password), 202)
    ok(person.put("/me/mobile", mobile=mobile, code=mailbox.last(mobile).code))


# ── A proven mobile, and an e-mail that is another person's ──
@at("ask_recovery", "redeem")
def test_whoever_reads_a_mailbox_that_was_only_typed_recovers_nothing(http, mailbox, unproven, clock, kind):
    clock.advance(61)
    client, before = kind(http), len(mailbox.all(unproven.email))
    answers = [client.ask_recovery(unproven.email), *(client.redeem(unproven.email, "00000000") for _ in range(6))]
    nobody = "nobody@example.com"
    assert answers == [client.ask_recovery(nobody), *(client.redeem(nobody, "00000000") for _ in range(6))]
    assert len(mailbox.all(unproven.email)) == before
    assert by_code(http, mailbox, unproven.mobile).me["mobile_verified"] is True  # nobody has lost a proof


def test_a_code_from_before_the_mobile_was_proven_recovers_nothing_either(http, mailbox, clock):
    """Asked for while nothing was proven: the code, and a ticket, are judged again when they are used."""
    new = Newcomer()
    assert V1(http).register(new, "").ok
    clock.advance(61)
    assert V1(http).ask_recovery(new.email).ok
    code, person = mailbox.last(new.email).code, signed_in(http, new.name)
    prove_mobile(person, mailbox, new.mobile, PASSWORD)
    assert Api(http).redeem(new.email, code).says("CodeExpired")


def test_a_ticket_from_before_the_mobile_was_proven_sets_no_password(http, mailbox, clock):
    new = Newcomer()
    assert V1(http).register(new, "").ok
    clock.advance(61)
    assert V1(http).ask_recovery(new.email).ok
    ticket = Api(http).redeem(new.email, mailbox.last(new.email).code).facts["ticket"]
    prove_mobile(signed_in(http, new.name), mailbox, new.mobile, PASSWORD)
    assert V1(http).set_password(new.email, ticket, NEW).says("TicketExpired")
    assert V1(http).sign_in(new.name).ok


def test_customers_with_a_proven_mobile_take_nobodys_place_in_the_mail(http, mailbox, clock):
    """Five of them came first; the one who has proven nothing still gets a code."""
    owner = somebody(http)
    Customer.objects.bulk_create(
        Customer(
            pk=number,
            username=f"squatter_{number}",
            username_key=f"squatter_{number}",
            mobile=a_mobile(),
            mobile_verified_at="2026-01-01T00:00Z",
            email=owner.email,
            email_key=owner.email,
        )
        for number in range(-5, 0)
    )
    clock.advance(61)
    assert recover(http, mailbox, owner.email, NEW)["code"] == 200
    assert owner.sign_in(NEW)["code"] == 200


# ── What was set aside ──
@pytest.fixture
def recovered(http, mailbox, clock):
    """Somebody whose mailbox a recovery has proven; an address stood in the book before."""
    person = somebody(http)
    person.add_address()
    clock.advance(61)
    assert recover(http, mailbox, person.email, NEW)["code"] == 200
    return person


def set_aside(person):
    return ok(person.get("/me/addresses/set-aside"))["addresses"]


def test_what_was_set_aside_is_shown_to_who_proves_the_same_number(http, mailbox, recovered, clock):
    app = signed_in(http, recovered.name, NEW)
    number = Customer.objects.get().addresses.get().pk
    assert set_aside(app) == []
    refused(app.post(f"/me/addresses/{number}/restore"), 404, "address_unknown")  # not as a late deletion either
    prove_mobile(app, mailbox, recovered.phone, NEW)
    assert [line["id"] for line in set_aside(app)] == [number]
    ok(app.post(f"/me/addresses/{number}/restore"))
    assert set_aside(app) == []


def test_and_to_nobody_with_another_number(http, mailbox, recovered):
    app = signed_in(http, recovered.name, NEW)
    prove_mobile(app, mailbox, a_mobile(), NEW)
    assert set_aside(app) == []


# ── Who loses a proof ──
def test_the_old_number_is_told_and_so_is_the_old_mailbox(http, mailbox, complete, clock):
    clock.advance(61)
    person, new = signed_in(http, complete.name), "new@example.com"
    prove_mobile(person, mailbox, a_mobile(), PASSWORD)
    ok(person.post("/me/email/code", email=new, password=PASSWORD), 202)
    ok(person.put("/me/email", email=new, code=mailbox.last(new).code))
    told = Message.objects.filter(kind__in=("mobile-changed", "email-changed")).values_list("kind", "recipient")
    assert {("mobile-changed", complete.mobile), ("email-changed", complete.email)} <= set(told)
