"""Registration: by a mobile that a code proves, or by a name with an e-mail that is proven later."""

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
    return settings.MENPAI_MOBILE_CHECK == "on" and bool(lookup.select_owner_of_mobile(mobile))


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
    PasswordsDiffer, CodeWrong, CodeExpired, UsernameTaken, EmailTaken, MobileTaken, Busy.
    """
    options = options or SignUpOptions()
    password.check(raw_password, mobile, options.username, options.email.key if options.email else None)
    if repeated is not None and not password.are_equal(raw_password, repeated):
        raise errors.PasswordsDiffer
    _refuse_taken(options.username, options.email, None)
    secret = one_time.check(rules.REGISTRATION, mobile, code, client)
    customer = new_customer.build(mobile, options, password.hash_in_turn(raw_password), proven=True)
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
    UsernameTaken, EmailTaken, MobileTaken, CodeWrong, CodeExpired, Busy; with a bind ticket SocialTicketExpired,
    SocialTaken.
    """
    password.check(raw_password, name, email.key, mobile)
    _refuse_taken(name, email, mobile)
    secret = one_time.check(rules.REGISTRATION, mobile, code, client) if code else None
    bind_ticket = social_links.read_ticket(ticket) if ticket is not None else None
    if ticket is not None and bind_ticket is None:
        raise errors.SocialTicketExpired
    options = SignUpOptions(name, email, ticket=bind_ticket)
    customer = new_customer.build(mobile, options, password.hash_in_turn(raw_password), proven=secret is not None)
    return new_customer.join(customer, secret, client, options)


def _refuse_taken(name: Username | None, email: Email | None, mobile: Mobile | None) -> None:
    """Refuses early what is taken; races are settled by the constraints in `_join`."""
    if name and lookup.select_by_username(username_key(name)):
        raise errors.UsernameTaken
    if email and lookup.select_by_email(email.key):
        raise errors.EmailTaken
    if mobile and lookup.select_owner_of_mobile(mobile):
        raise errors.MobileTaken
