"""S5: nothing expensive happens before it was counted, and the hasher serves clients in fair shares."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contracts.clients import Newcomer
from tests.customers import PASSWORD, somebody

FLOOD, REGISTRATIONS, SIGN_INS = 16, 64, 20


# ── The hasher's fair shares ──
@pytest.mark.real_hashes
def test_64_registrations_from_one_address_send_nobody_elses_sign_in_away(http, client_from):
    person = somebody(http)
    newcomers = [Newcomer() for _ in range(REGISTRATIONS)]

    def register(new):
        sent = {"uname": new.name, "password": new.password, "email": new.email, "phone": new.mobile}
        return client_from("10.5.0.1").post("/v1/users", json=sent).status_code

    def sign_in(number):
        sent = {"username": person.name, "password": PASSWORD}
        return client_from(f"10.6.0.{number}").post("/v1/tokens", json=sent).status_code

    with ThreadPoolExecutor(FLOOD) as flood:
        flooding = flood.map(register, newcomers)
        answers = [sign_in(number) for number in range(SIGN_INS)]
        assert 429 in flooding  # it was one
    assert 429 not in answers
