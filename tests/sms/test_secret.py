"""A message with a code knows the id of its secret, so that reports can tell which codes were used."""

from menpai.models import Message, SpentSecret
from tests.api.clients import by_code, newcomer, ok
from tests.customers import PASSWORD, a_mobile, ask_for_code, somebody_by_sms


def used(mobile):
    """Of the newest SMS to that number: was its code used?"""
    message = Message.objects.filter(recipient=mobile).latest("pk")
    assert len(message.secret) == 32
    return SpentSecret.objects.filter(pk=message.secret).exists()


def test_registration(http, mailbox):
    mobile = a_mobile()
    ask_for_code(http, mailbox, mobile)
    assert not used(mobile)
    assert used(somebody_by_sms(http, mailbox).phone)


def test_sign_in(http, mailbox, clock):
    mobile = somebody_by_sms(http, mailbox).phone
    clock.advance(61)
    by_code(http, mailbox, mobile)
    assert used(mobile)


def test_recovery(http, mailbox, clock):
    mobile = somebody_by_sms(http, mailbox).phone
    clock.advance(61)
    http.post("/v1/users/password/sms", json={"email": mobile})
    assert not used(mobile)
    known = {"email": mobile, "code": mailbox.last(mobile).code}
    assert http.post("/v1/users/password/verification", json=known).json()["code"] == 200
    assert used(mobile)


def test_a_new_mobile(http, mailbox):
    person, new = newcomer(http, mailbox), a_mobile()
    ok(person.post("/me/mobile/code", mobile=new, password=PASSWORD), 202)
    assert not used(new)
    ok(person.put("/me/mobile", mobile=new, code=mailbox.last(new).code))
    assert used(new)
