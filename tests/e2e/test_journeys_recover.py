"""A forgotten password."""

from typing import Any

import pytest

from tests.customers import Person
from tests.e2e.walker import Walker

NEW = "another horse 7"


@pytest.mark.parametrize("what", ["phone", "email"])
def test_three_steps_and_a_reload_in_each(what: str, walker: Walker, person: Person) -> None:
    target = getattr(person, what)
    walker.open("/login").follow("login_forgot").is_at("/recover")
    walker.fill("recover_target", target).reload().holds("recover_target", target)
    walker.press("recover_send").shows("code_label")
    walker.reload().fill("code_label", walker.code_sent_to(target)).press("recover_next")
    walker.shows("recover_password")
    walker.reload().types_twice("recover_password", NEW).press("recover_save")
    walker.is_at("/login").sees("recover_done").holds("login_name", target)
    walker.fill("login_password", NEW).press("login_button").is_signed_in(person.name)


def test_every_device_is_signed_out_and_the_old_password_is_dead(walker: Walker, person: Person, arrive: Any) -> None:
    elsewhere = arrive().signs_in_as(person)
    elsewhere.open("/account").is_signed_in(person.name)
    walker.redeems_a_recovery_code(person.phone).types_twice("recover_password", NEW)
    walker.press("recover_save").sees("recover_done")
    elsewhere.open("/account").is_at("/login?next=/account")
    elsewhere.signs_in(person.name, person.password).is_signed_out()
    elsewhere.signs_in(person.name, NEW).is_at("/account")


def test_somebody_unknown_is_told_the_same(walker: Walker) -> None:
    walker.open("/recover").fill("recover_target", "nobody@example.com").press("recover_send")
    walker.reads(walker.text("recover_sent", target="n***@example.com", n=10))
    walker.press("recover_other").holds("recover_target", "nobody@example.com")
