"""Signing in by an SMS code. A number that nobody has proven becomes a customer in the same step."""

from functools import partial

from django.db import transaction

from menpai import errors, rules
from menpai.accounts import login, new_customer, new_device, repeated_sign_in, social_links
from menpai.accounts.login import SignInResult
from menpai.accounts.new_customer import SignUpOptions
from menpai.codes import one_time, sending
from menpai.identifiers import Client, Mobile
from menpai.models import Customer
from menpai.sessions import tokens


def request_code(mobile: Mobile, client: Client, language: str) -> None:
    """Sends a code to sign in; the same for known and unknown numbers.

    Raises NoGateway, CaptchaRequired, TargetTooSoon, ClientTooFast.
    """
    sending.send_sms(rules.SIGN_IN, mobile, client, language)


def sign_in_or_register(mobile: Mobile, code: str, client: Client, options: SignUpOptions) -> SignInResult:
    """Signs in by an SMS code, or registers the number if nobody has proven it.

    A new customer has no password. Raises CodeWrong, CodeExpired, AccountDisabled, TermsNotAccepted (a new number; the
    code stays good).
    """
    secret = one_time.check(rules.SIGN_IN, mobile, code, client)
    owner = Customer.objects.filter(mobile=mobile, mobile_verified_at__isnull=False).first()
    if owner is None:
        if options.terms is None:
            raise errors.TermsNotAccepted
        try:
            return new_customer.join(new_customer.build(mobile, options, "", proven=True), secret, client, options)
        except errors.MobileTaken:  # registered elsewhere a moment ago: then they sign in
            owner = Customer.objects.get(mobile=mobile, mobile_verified_at__isnull=False)
    notice = new_device.find_notice(owner.pk, client)
    notified = social_links.recipient(owner.pk) if options.ticket else None
    with transaction.atomic():
        locked = sending.spend_sms(secret, mobile, partial(_hold, owner.pk, mobile))
        if options.ticket:
            options.ticket.tie(locked, notified)
        repeated_sign_in.record(options.key, locked)
        return login.open_session(tokens.person_of(locked), client, options.persistence, notice, how="code")


def _hold(customer_id: int, mobile: Mobile) -> Customer:
    """The customer's row, locked. Raises AccountDisabled.

    A number that is given up, or an account that is disabled, at this moment lets nobody in.
    """
    living = Customer.objects.filter(mobile=mobile, mobile_verified_at__isnull=False, disabled_at__isnull=True)
    customer = next(iter(living.filter(pk=customer_id).select_for_update(no_key=True)), None)
    if customer is None:
        raise errors.AccountDisabled
    return customer
