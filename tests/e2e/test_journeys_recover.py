"""A forgotten password."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.customers import Person
from tests.e2e.walker import Walker

NEW = "another horse 7"


@pytest.mark.parametrize("what", ["phone", "email"])
def test_three_steps_and_a_reload_in_each(what: str, walker: Walker, person: Person) -> None:
    target = getattr(person, what)
    walker.open("/login").follow("login_forgot")
    walker.is_at("/recover")
    walker.fill("recover_target", target)
    walker.reload()
    expect(walker.field("recover_target")).to_have_value(target)
    walker.press("recover_send")
    expect(walker.field("code_label")).to_be_visible()
    walker.reload()
    walker.fill("code_label", walker.code_sent_to(target))
    walker.press("recover_next")
    expect(walker.field("recover_password")).to_be_visible()
    walker.reload()
    walker.types_twice("recover_password", NEW)
    walker.press("recover_save")
    walker.is_at("/login")
    walker.sees("recover_done")
    expect(walker.field("login_name")).to_have_value(target)
    walker.fill("login_password", NEW)
    walker.press("login_button")
    walker.is_signed_in(person.name)


def test_every_device_is_signed_out_and_the_old_password_is_dead(walker: Walker, person: Person, arrive: Any) -> None:
    elsewhere = arrive().signs_in_as(person)
    elsewhere.open("/account").is_signed_in(person.name)
    walker.redeems_a_recovery_code(person.phone)
    walker.types_twice("recover_password", NEW)
    walker.press("recover_save")
    walker.sees("recover_done")
    elsewhere.open("/account")
    elsewhere.is_at("/login?next=/account")
    elsewhere.signs_in(person.name, person.password)
    elsewhere.is_signed_out()
    elsewhere.signs_in(person.name, NEW)
    elsewhere.is_at("/account")


def test_somebody_unknown_is_told_the_same(walker: Walker) -> None:
    walker.open("/recover").fill("recover_target", "nobody@example.com")
    walker.press("recover_send")
    walker.reads(walker.text("recover_sent", target="n***@example.com", n=10))
    walker.press("recover_other")
    expect(walker.field("recover_target")).to_have_value("nobody@example.com")
