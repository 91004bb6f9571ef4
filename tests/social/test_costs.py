"""What the way to a provider and back costs: SQL statements and round trips to the store, pinned."""

import pytest

from menpai.models import SocialLink
from tests.api.clients import Caller, a_code, ok, terms
from tests.customers import PASSWORD, a_mobile
from tests.social.clients import arrive, come_back, leave, ticket


@pytest.fixture
def app(http):
    return Caller(http)


@pytest.fixture
def linked(person):
    """The person, with a link."""
    arrive(person, purpose="link")
    assert SocialLink.objects.count() == 1
    return person


def test_setting_out_and_coming_back_as_somebody_new(cost, app):
    assert cost(lambda: leave(app)) == (0, ["count", "put"])
    state = leave(app)
    # the state is spent; whose is it?
    assert cost(lambda: come_back(app, state)) == (2, ["guess", "drop", "put"])


def test_signing_in(cost, app, linked):
    state = leave(app)
    # the state is spent; whose is it?; a known device?; lock; still theirs?; session; one too many?; audit; me
    assert cost(lambda: come_back(app, state)) == (9, ["guess", "drop"])


def test_linking_while_signed_in(cost, person):
    assert cost(lambda: leave(person, purpose="link")) == (2, ["count", "put"])  # session; customer, for the mark
    state = leave(person, purpose="link")
    # session; the state is spent; lock; whose is it?; whom to tell; lock; link; audit
    assert cost(lambda: come_back(person, state)) == (8, ["guess", "drop"])


def test_linking_by_password(cost, app, person):
    sent = {"ticket": ticket(app), "name": person.mobile, "password": PASSWORD}
    # who; whom to tell; a known device?; lock; customer; the ticket is spent; link; audit; session; one too many?;
    # audit; me
    many, trips = cost(lambda: app.post("/social/links", **sent))
    assert (many, sorted(trips)) == (12, sorted(["count", "guess", "drop", "release"]))


def test_becoming_a_customer(cost, http, mailbox, app):
    mobile = a_mobile()
    sent = {"ticket": ticket(app), "mobile": mobile, "terms_version": terms()}
    sent |= {"code": a_code(http, mailbox, mobile, "sessions")}
    # who; the code is spent; customer; session; audit; the ticket is spent; link; audit; me
    many, trips = cost(lambda: ok(app.post("/social/registrations", **sent), 201))
    assert (many, sorted(trips)) == (9, sorted(["guess", "guess", "drop", "drop", "release"]))


def test_reading_the_links_and_unlinking(cost, linked):
    assert cost(lambda: linked.get("/me/social")) == (3, [])  # session; me; links
    # session; whom to tell; lock; links; delete; audit
    assert cost(lambda: linked.delete("/me/social/weibo")) == (6, [])
