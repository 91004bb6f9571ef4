"""A person whose account at a provider nobody has linked yet: registering, or signing in and linking.

The bind ticket that `sign_in.arrive` answered stands for that account.
"""

from dataclasses import replace

from menpai import errors
from menpai.accounts import code_sign_in, login, registration, social_links
from menpai.accounts.login import SignInResult
from menpai.accounts.new_customer import SignUpOptions
from menpai.identifiers import Client, Email, Mobile, Username
from menpai.sessions.tokens import Persistence


def register(ticket: str, mobile: Mobile, code: str, client: Client, options: SignUpOptions) -> SignInResult:
    """Link to the customer with this mobile, or to a new one.

    Raises as code_sign_in.sign_in_or_register, and SocialTicketExpired, SocialTaken, ProviderTaken.
    """
    identity_ticket = social_links.read_ticket(ticket)
    if identity_ticket is None:
        raise errors.SocialTicketExpired
    return code_sign_in.sign_in_or_register(mobile, code, client, replace(options, ticket=identity_ticket))


def register_named(
    ticket: str, name: Username, email: Email, mobile: Mobile, raw_password: str, client: Client
) -> SignInResult:
    """Register a customer with a user name, and link.

    Raises as registration.register_named, SocialTicketExpired, SocialTaken.
    """
    return registration.register_named(name, email, mobile, raw_password, None, client, ticket=ticket)


def join(
    ticket: str, name: str, raw_password: str, client: Client, persistence: Persistence = Persistence.CONTRACT
) -> SignInResult:
    """Sign a customer in with their password, and link.

    Raises as login.sign_in_with_password, SocialTicketExpired, SocialTaken, ProviderTaken.
    """
    return login.sign_in_with_password(name, raw_password, client, persistence, ticket=ticket)
