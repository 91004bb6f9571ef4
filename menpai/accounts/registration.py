"""Registration: by a mobile that a code proves, or by a name with an e-mail that is proven later.

A mobile of another customer is refused after a right code, or within the budget of the mobile check; an e-mail of
another is not refused: the mail tells its owner (dada.md ruling 4).
"""

from django.conf import settings

from menpai import errors, rules
from menpai.accounts import lookup, new_customer, social_links
from menpai.accounts.login import SignInResult
from menpai.accounts.new_customer import SignUpOptions
from menpai.codes import one_time, send_limits, sending
from menpai.identifiers import Client, Email, Mobile, Username, username_key
from menpai.passwords import password


def request_code(mobile: Mobile, client: Client, language: str = "zh-hans") -> None:
    """Send a registration code by SMS; the same for taken and free numbers.

    Raises NoGateway, CaptchaRequired, TargetTooSoon, ClientTooFast.
    """
    sending.send_sms(rules.REGISTRATION, mobile, client, language)


def check_code(mobile: Mobile, code: str, client: Client) -> None:
    """Counts as a guess, spends nothing. Raises CodeWrong, CodeExpired."""
    one_time.check(rules.REGISTRATION, mobile, code, client)


def is_taken(mobile: Mobile, client: Client) -> bool:
    """True if somebody has proven this mobile. Raises ClientTooFast.

    Always False when MENPAI_MOBILE_CHECK is off.
    """
    send_limits.count_mobile_check(client)
    return settings.MENPAI_MOBILE_CHECK == "on" and _is_proven(mobile)


def _is_proven(mobile: Mobile) -> bool:
    return bool(lookup.select_owner_of_mobile(mobile))


def register(
    mobile: Mobile,
    raw_password: str,
    repeated: str | None,
    code: str,
    client: Client,
    options: SignUpOptions | None = None,
) -> SignInResult:
    """Registers a customer with a proven mobile. `repeated` is optional.

    The code is spent only if everything succeeds. Raises PasswordMissing, PasswordLength, PasswordWeak,
    PasswordsDiffer, CodeWrong, CodeExpired, UsernameTaken, MobileTaken, Busy.
    """
    options = options or SignUpOptions()
    accepted = password.check(raw_password, mobile, options.username, options.email.key if options.email else None)
    if repeated is not None and not password.are_equal(raw_password, repeated):
        raise errors.PasswordsDiffer
    secret = one_time.check(rules.REGISTRATION, mobile, code, client)
    if options.username:
        _refuse_taken(options.username)
    customer = new_customer.build(mobile, options, accepted.hash(), proven=True)
    return new_customer.join(customer, secret, client, options)


def register_named(
    name: Username,
    email: Email,
    mobile: Mobile,
    raw_password: str,
    code: str | None,
    client: Client,
    *,
    ticket: str | None = None,
) -> SignInResult:
    """Registers a customer with a user name; the activation mail goes out.

    Without a code the mobile is stored but not proven. Raises PasswordMissing, PasswordLength, PasswordWeak,
    ClientTooFast, UsernameTaken, CodeWrong, CodeExpired, MobileTaken, Busy; with a bind ticket SocialTicketExpired,
    SocialTaken.
    """
    accepted = password.check(raw_password, name, email.key, mobile)
    send_limits.count_registration(client)
    _refuse_taken(name)
    secret = one_time.check(rules.REGISTRATION, mobile, code, client) if code else None
    if _is_proven(mobile) if secret else _is_known_taken(mobile, client):
        raise errors.MobileTaken
    bind_ticket = social_links.read_ticket(ticket) if ticket is not None else None
    if ticket is not None and bind_ticket is None:
        raise errors.SocialTicketExpired
    options = SignUpOptions(name, email, ticket=bind_ticket)
    customer = new_customer.build(mobile, options, accepted.hash(), proven=secret is not None)
    return new_customer.join(customer, secret, client, options)


def _refuse_taken(name: Username) -> None:
    """Refuses early; a race is settled by the constraint. Raises UsernameTaken."""
    if lookup.select_by_username(username_key(name)):
        raise errors.UsernameTaken


def _is_known_taken(mobile: Mobile, client: Client) -> bool:
    """True if the mobile is taken and this client may learn it without a code.

    Beyond the budget of the check nobody learns it.
    """
    try:
        return is_taken(mobile, client)
    except errors.ClientTooFast:
        return False
