"""S7: what is compared by one folding is not sent by another; mailboxes of two domains are two."""

import re

import pytest
from django.core.management import call_command
from django.utils import timezone

from menpai.delivery import message_kinds, outbox
from menpai.models import Customer, Message
from tests.api.clients import App, ok
from tests.customers import PASSWORD, body, somebody
from tests.rig.mail_server import MailServer

SHARP, DOUBLE = "wang@straße.de", "wang@strasse.de"  # one text to a case fold, two domains to a mail server
OLD_KEY = DOUBLE


def activated(http, mailbox, **fields):
    person = somebody(http, **fields)
    code = mailbox.last(person.email).link.partition("code=")[2]
    assert body(http.get("/v1/users/activation", params={"code": code}))["code"] == 200
    return person


def sign_in(http, name, password=PASSWORD):
    return body(http.post("/v1/tokens", json={"username": name, "password": password}))


def recover(http, target):
    assert body(http.post("/v1/users/password/sms", json={"email": target}))["code"] == 200


def as_an_older_version_wrote_it(person):
    Customer.objects.filter(username=person.name).update(email_key=OLD_KEY)


def test_two_domains_that_fold_alike_are_two_mailboxes(http, mailbox, clock):
    sharp, double = (activated(http, mailbox, email=address) for address in (SHARP, DOUBLE))
    clock.advance(61)
    for spelled in (DOUBLE, "WANG@STRASSE.DE"):
        recover(http, spelled)
        clock.advance(61)
    assert [mail.subject for mail in mailbox.all(SHARP) if mail.code] == []
    assert len([mail for mail in mailbox.all(DOUBLE) if mail.code]) == 2
    assert (sign_in(http, SHARP)["username"], sign_in(http, DOUBLE)["username"]) == (sharp.name, double.name)


@pytest.mark.parametrize(
    "spelled", ["WANG@STRAßE.DE", "wang@xn--strae-oqa.de", "wang@ｓｔｒａße.de", " Wang@straße。de "]
)
def test_every_spelling_of_one_domain_is_that_mailbox(http, mailbox, spelled):
    person = activated(http, mailbox, email=SHARP)
    assert sign_in(http, spelled)["username"] == person.name


def test_a_mail_goes_to_the_domain_that_the_key_names(http, settings):
    with MailServer().in_use(settings) as server:
        somebody(http, email=SHARP)
        outbox.deliver(Message.objects.get().pk)
        assert server.recipients == ["wang@xn--strae-oqa.de"]
        assert str(server.mails[0]["To"]) == "wang@xn--strae-oqa.de"


def test_each_code_goes_to_the_address_of_its_own_row(http, mailbox, clock):
    lower, capital = somebody(http, email="wang@example.com"), somebody(http, email="Wang@example.com")
    clock.advance(61)
    recover(http, "WANG@example.com")
    sent = {row.recipient: row for row in Message.objects.filter(kind=message_kinds.RECOVERY_CODE.id)}
    assert set(sent) == {lower.email, capital.email}
    texts = {mail.to: mail.text for mail in mailbox.all("wang@example.com") if mail.code}
    assert lower.name not in texts[capital.email] and capital.name not in texts[lower.email]


def test_a_new_email_is_the_one_that_its_code_was_sent_to(http, mailbox):
    person = somebody(http)
    app = App(http, ok(http.post("/api/sessions", json={"name": person.name, "password": PASSWORD}), 201))
    ok(app.post("/me/email/code", email="new@example.com", password=PASSWORD), 202)
    code = mailbox.last("new@example.com").code
    assert ok(app.put("/me/email", email="NEW@example.com", code=code))["email"] == "new@example.com"


def test_a_row_of_an_older_version_gets_no_code_of_anothers_mailbox(http, mailbox, clock):
    as_an_older_version_wrote_it(activated(http, mailbox, email=SHARP))
    clock.advance(61)
    recover(http, DOUBLE)
    assert [mail for mail in mailbox.all(SHARP) + mailbox.all(DOUBLE) if mail.code] == []


def test_each_migrate_renews_what_an_older_version_wrote_and_names_what_it_leaves(http, mailbox, capsys):
    person = activated(http, mailbox, email=SHARP)
    as_an_older_version_wrote_it(person)
    call_command("migrate", verbosity=0)
    assert sign_in(http, SHARP)["username"] == person.name
    again = somebody(http, email="li@中国.cn")
    Customer.objects.filter(username=again.name).update(
        email=SHARP, email_key=OLD_KEY, email_verified_at=timezone.now()
    )
    call_command("migrate", verbosity=0)
    left = Customer.objects.get(username=again.name)
    assert left.email_key == OLD_KEY
    assert re.findall(r"customer (\d+):", capsys.readouterr().out) == [str(left.pk)]
    assert sign_in(http, SHARP)["username"] == person.name


@pytest.mark.parametrize("mobile", ["１３９００００００９８", "+86 139-0000-0098", "0086(139)00000098"])
def test_an_sms_goes_to_the_number_that_is_compared(http, mobile):
    assert body(http.post("/v1/users/sms/code", json={"phone": mobile}))["code"] == 200
    assert Message.objects.get().recipient == "13900000098"
