"""What a request costs: SQL statements (BEGIN and COMMIT aside) and round trips to the store of codes, pinned."""

import pytest

from tests.customers import PASSWORD, a_mobile, an_address_v1, ask_for_code, somebody


@pytest.fixture
def person(http):
    found = somebody(http)
    found.add_address()
    found.add_address()
    found.sign_in()
    return found


def test_the_address_book(cost, person):
    assert cost(person.addresses) == (1, [])  # session with customer and book
    assert cost(person.add_address) == (
        7,
        [],
    )  # session; lock; how many and a default; insert; a note; audit; book
    assert cost(lambda: person.post(person.book, **an_address_v1(tag="<b>"))) == (1, [])  # refused: the session
    other, path = person.addresses()[1]["id"], f"/v1/users/{person.name}/address/default"
    assert cost(lambda: person.post(path, id=other)) == (6, [])  # session; lock; clear; set; audit; book
    person.token = person.token[:-4]
    assert cost(lambda: person.get(person.book)) == (0, [])


def test_codes(cost, http, person):
    mobile, ask = a_mobile(), {"email": person.email}
    assert cost(lambda: http.get(f"/user/mobile/{a_mobile()}/")) == (1, ["count"])
    assert cost(lambda: http.get(f"/user/sms/{mobile}/")) == (2, ["count"])  # the message's row; audit
    assert cost(lambda: http.get(f"/user/sms/{mobile}/")) == (0, ["count"])  # too soon
    assert cost(lambda: http.post("/v1/users/password/sms", json=ask)) == (3, ["count", "put"])  # who; message; audit


def test_signing_in(cost, person):
    # who; a known device?; lock; session; one too many?; audit
    assert cost(person.sign_in) == (6, ["count", "release"])
    assert cost(lambda: person.sign_in("wrong password")) == (1, ["count"])


def test_registering(cost, http, mailbox):
    mobile = a_mobile()
    sent = {"mobile": mobile, "password": PASSWORD, "sms_code": ask_for_code(http, mailbox, mobile)}
    # the code is spent; customer; session; a note for a repeat; audit
    assert cost(lambda: http.post("/user/register/", json=sent)) == (5, ["guess", "drop", "release"])
    sent = {"uname": "somebody", "password": PASSWORD, "email": "s@example.com", "phone": a_mobile()}
    # taken? (name, mobile); whose e-mail?; customer; session; a note for a repeat; audit; message, audit
    assert cost(lambda: http.post("/v1/users", json=sent)) == (9, ["count", "count", "count", "put"])
