"""Customers who were there before the journey begins."""

from typing import Any

import httpx

from tests.customers import PASSWORD, Person, a_mobile, activate, ask_for_code
from tests.e2e.walker import later


def a_customer(http: httpx.Client, mailbox: Any) -> Person:
    """User name, mobile and e-mail, both proven; signed in nowhere, and nothing was sent in the last minute."""
    mobile = a_mobile()
    name = f"li_{mobile[-6:]}"
    wanted = {
        "mobile": mobile,
        "code": ask_for_code(http, mailbox, mobile),
        "password": PASSWORD,
        "username": name,
        "email": f"{name}@example.com",
        "terms_version": _terms(),
    }
    answer = http.post("/api/registrations", json=wanted)
    assert answer.status_code == 201, answer.text
    person = Person(http, name, wanted["email"], mobile, token="")
    activate(http, mailbox, person)
    token = answer.json()["access_token"]
    http.delete("/api/sessions/current", headers={"Authorization": f"Bearer {token}"})
    later(61)
    return person


def _terms() -> str:
    from django.conf import settings

    found: str = settings.MENPAI_TERMS_VERSION
    return found
