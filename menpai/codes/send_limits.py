"""Limits on how often a client may ask. Each decision is one atomic step of the ephemeral store.

A target's limit and a client address's limit are different refusals (decisions.md 21). When the store is away these
raise StoreUnavailable: nothing is sent.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from django.db import transaction

from menpai import audit, captcha, errors, identifiers, rules
from menpai.captcha.challenges import ChallengePurpose
from menpai.ephemeral import Exceeded, Put, Release, Window, store
from menpai.identifiers import Client
from menpai.keys import ring
from menpai.rules import Limit
from menpai.sessions import known_devices

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Guard:
    """One window before a send; `refusal` None: a full one asks for a captcha."""

    window: Window
    refusal: type[errors.ComeBackLater] | None = None


def count_sms(mobile: str, client: Client, *, known: bool = False, put: Put | None = None) -> None:
    """Counts an SMS, over all purposes, and puts its code, if it is given here, in the same round trip.

    `known`: it may use the reserve for browsers that its owner used before.

    Raises ClientTooFast, TargetTooSoon, SendingPaused, CaptchaRequired.
    """
    prefix = identifiers.block(mobile)
    held = (
        *_of("sms", mobile, client, rules.SMS_PER_CLIENT, rules.SMS_IN_ALL, known=known),
        _Guard(Window(_key("sms", "prefix", prefix), _times(rules.SMS_PER_PREFIX)), errors.SendingPaused),
        _Guard(Window(*_unused_by_prefix(prefix)), errors.SendingPaused),
        _Guard(Window(_key("sms", "prefix", prefix), rules.SMS_PER_PREFIX)),
        _Guard(Window(*_unused())),
    )
    try:
        _send("sms", held, client, put)
    except errors.ComeBackLater as refusal:
        refusal.subject = audit.subject(mobile)  # so that staff can tell why no code came
        raise


def count_mail(kind: str, email_key: str, client: Client, put: Put | None = None) -> None:
    """Counts a mail, each kind by itself, and puts its code as `count_sms` does.

    A customer who has just registered may have forgotten the password already. Raises ClientTooFast, TargetTooSoon,
    SendingPaused, CaptchaRequired.
    """
    held = _of(
        f"email-{kind}",
        email_key,
        client,
        rules.MAILS_PER_CLIENT,
        rules.MAILS_IN_ALL,
        known=known_devices.is_known_to_owner(email_key, client),
    )
    _send("mail", held, client, put)


def note_sms_code_used(mobile: str) -> None:
    """Gives room back for a code that was used, inside the transaction that spends it.

    People who use their codes are no pumping attack.
    """
    transaction.on_commit(lambda: _make_room(identifiers.block(mobile)))


def _make_room(prefix: str) -> None:
    releases = [
        Release(_unused()[0], oldest=rules.UNUSED_SMS_GIVEN_BACK),
        Release(_unused_by_prefix(prefix)[0], oldest=rules.UNUSED_SMS_PER_PREFIX_GIVEN_BACK),
    ]
    with suppress(errors.StoreUnavailable):  # one more captcha, at worst
        store().release(releases)


def count_notice(email_key: str) -> None:
    """Counts a notice to a mailbox that nobody has proven. Raises TargetTooSoon."""
    _count_one(Window(_key("email-notice", "target", email_key), rules.SENDS_PER_TARGET), errors.TargetTooSoon)


def count_new_device_notice(customer_id: int) -> None:
    """Counts a notice of a new device to a customer. Raises TargetTooSoon."""
    _count_one(Window(_key("new-device", str(customer_id)), rules.NEW_DEVICE_MAILS), errors.TargetTooSoon)


def count_social_request(client: Client) -> None:
    """Counts a redirect to a provider. Raises ClientTooFast."""
    _count_one(Window(_key("social", client.network), rules.SOCIAL_PER_CLIENT), errors.ClientTooFast)


def count_registration(client: Client) -> None:
    """Counts a registration that no code was sent for. Raises ClientTooFast."""
    _count_one(Window(_key("registration", client.network), rules.REGISTRATIONS_PER_CLIENT), errors.ClientTooFast)


def count_mobile_check(client: Client) -> None:
    """Counts a question whether a mobile is taken. Raises ClientTooFast."""
    _count_one(Window(_key("mobile-check", client.network), rules.MOBILE_CHECKS_PER_CLIENT), errors.ClientTooFast)


def count_password_proof(customer_id: int) -> None:
    """Counts a look at an old password. Raises OldPasswordWrong.

    A stolen token must not become the password.
    """
    if store().count([Window(_key("old-password", str(customer_id)), rules.OLD_PASSWORD_TRIES)]):
        raise errors.OldPasswordWrong


def _count_one(window: Window, refusal: type[errors.ComeBackLater]) -> None:
    exceeded = store().count([window])
    if exceeded:
        raise refusal(exceeded.retry_after)


def _of(
    channel: str, target: str, client: Client, per_client: Sequence[Limit], in_all: Sequence[Limit], *, known: bool
) -> tuple[_Guard, ...]:
    """The guards that SMS and mail have in common."""
    kind = channel.partition("-")[0]  # what is paid for together
    by_client = _key(channel, "client", client.network)
    guards = [
        _Guard(Window(by_client, _times(per_client)), errors.ClientTooFast),
        _Guard(Window(_key(channel, "target", target), rules.SENDS_PER_TARGET), errors.TargetTooSoon),
        _Guard(Window(_key(kind, "all"), in_all if known else _but_reserve(in_all)), errors.SendingPaused),
        _Guard(Window(by_client, per_client)),
    ]
    if client.known:
        guards.append(_Guard(Window(_key(kind, "device", client.device), rules.SENDS_PER_DEVICE)))
    return tuple(guards)


def _send(purpose: ChallengePurpose, guards: Sequence[_Guard], client: Client, put: Put | None) -> None:
    # The hard ones stand first: a captcha is not asked of somebody whom it would not help.
    ordered = sorted(guards, key=lambda one: one.refusal is None)
    exceeded = _count(ordered, put, passed=captcha.demand(purpose, client))
    if exceeded and ordered[exceeded.index].refusal is None:
        if not captcha.demand(purpose, client, risk=exceeded.retry_after):
            raise errors.ClientTooFast(exceeded.retry_after)
        exceeded = _count(ordered, put, passed=True)
    if exceeded is None:
        return
    refusal = ordered[exceeded.index].refusal
    assert refusal is not None
    if refusal is errors.SendingPaused:
        logger.warning("sending paused: %s, limit %s", purpose, exceeded.index)
    raise refusal(exceeded.retry_after)


def _count(guards: Sequence[_Guard], put: Put | None, *, passed: bool) -> Exceeded | None:
    windows = [_unlimited(one.window) if passed and not one.refusal else one.window for one in guards]
    return store().count(windows, put)


def _times(limits: Sequence[Limit]) -> list[Limit]:
    return [replace(limit, many=limit.many * rules.WITH_CAPTCHA) for limit in limits]


def _but_reserve(limits: Sequence[Limit]) -> list[Limit]:
    return [replace(limit, many=limit.many * (100 - rules.RESERVE_PERCENT) // 100) for limit in limits]


def _unlimited(window: Window) -> Window:
    """Counts on, and lets pass."""
    return replace(window, limits=[replace(limit, many=2**31) for limit in window.limits])


def _unused() -> tuple[str, Sequence[Limit]]:
    return _key("sms", "unused"), rules.UNUSED_SMS


def _unused_by_prefix(prefix: str) -> tuple[str, Sequence[Limit]]:
    return _key("sms", "unused", prefix), rules.UNUSED_SMS_PER_PREFIX


def _key(*parts: str) -> str:
    return ring.keyed_hash("window", *parts)
