"""Every refusal, one class each. A refusal is a "no" that is a normal answer; each contract words it in its own way.

Everything that is not a Refusal is a fault and rises. The two faults that a client is told of, Unavailable and its
kinds, mean "not now": nothing was done, come back later.
"""

from datetime import timedelta
from typing import ClassVar


class Refusal(Exception):
    """A normal "no". `code` is stable, whatever the class is called: the audit trail stores it."""

    code: ClassVar[str] = "Refusal"

    def __init_subclass__(cls) -> None:
        cls.code = cls.__dict__.get("code", cls.__name__)


# ── Shape ──
class BadRequest(Refusal):
    """The body cannot be read: not an object, twice the same key, a wrong type, too deep, text that is no text."""


class BodyTooLarge(Refusal):
    """More than rules.BODY_BYTES."""


class FieldMissing(Refusal):
    """A field that must be there is not; `field` is its name in the contract that was spoken."""

    def __init__(self, field: str = "") -> None:
        super().__init__(field)
        self.field = field


class NotJson(Refusal):
    """A body of another content type, which a form on a foreign page could send."""


class FieldsInvalid(Refusal):
    """Fields that are missing or of the wrong type; `fields`: name → `required` or `wrong_type`."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields)
        self.fields = fields


class IdempotencyKeyReused(Refusal):
    """The same Idempotency-Key with another body."""


# ── Who is it ──
class CrossSite(Refusal):
    """A foreign page wants to use the customer's cookie."""


class AccountDisabled(Refusal):
    """Told only to whoever has proven to be the owner."""


class NotSignedIn(Refusal):
    """No token, a dead one, or a path that names somebody else."""


class WrongCredentials(Refusal):
    """Unknown name or wrong password; nobody is told which."""


class OldPasswordWrong(Refusal):
    """…or asked too often."""


class PasswordWrong(Refusal):
    """Asked for as a proof, before something important changes; or asked too often."""


class PasswordNotSet(Refusal):
    """The customer signs in by code; recovery sets a password."""


# ── Fields ──
class LanguageUnknown(Refusal):
    pass


class TargetInvalid(Refusal):
    """Neither a mobile nor an e-mail."""


class TermsNotAccepted(Refusal):
    """The terms of today were not accepted by somebody who is about to become a customer."""


class UsernameInvalid(Refusal):
    """Malformed or reserved."""


class EmailInvalid(Refusal):
    pass


class MobileInvalid(Refusal):
    pass


class PasswordMissing(Refusal):
    pass


class PasswordLength(Refusal):
    pass


class PasswordWeak(Refusal):
    """On the list of common passwords, or the customer's own name, mobile or e-mail."""


class PasswordRepeatMissing(Refusal):
    pass


class PasswordsDiffer(Refusal):
    pass


class PasswordUnchanged(Refusal):
    """The new one is the old one."""


# ── Taken ──
class UsernameTaken(Refusal):
    pass


class MobileTaken(Refusal):
    """Another customer has proven this mobile."""


class EmailTaken(Refusal):
    """Another customer has proven this e-mail."""


# ── Codes, tickets, links ──
class CodeWrong(Refusal):
    """Not this code; tries remain."""


class CodeExpired(Refusal):
    """Expired, worn out, used, or never sent."""

    code = "CodeGone"


class TicketExpired(Refusal):
    """No ticket, or one that is used, expired, worn out or somebody else's."""

    code = "TicketGone"


class ActivationMalformed(Refusal):
    pass


class ActivationExpired(Refusal):
    """Unknown, used or expired link."""

    code = "ActivationGone"


class NothingToActivate(Refusal):
    """No e-mail, or one that is proven already."""


# ── Social sign-in ──
class ProviderUnknown(Refusal):
    """No such provider, or none that is set up."""


class SocialStateExpired(Refusal):
    """The way back from a provider that nobody set out on: used, expired, another browser's or customer's."""

    code = "SocialStateGone"


class SocialRefused(Refusal):
    """The provider does not know the code, or says no; `detail` is its own code, never its text."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class SocialTokenBad(SocialRefused):
    """The provider gave a token that names nobody, or that it does not accept itself."""


class SocialAway(SocialRefused):
    """The provider does not answer, or not in time, or not in its own language."""


class SocialTicketExpired(Refusal):
    """No bind ticket, or one that is used or expired."""

    code = "SocialTicketGone"


class SocialTaken(Refusal):
    """Another customer has linked this account of the provider."""


class ProviderTaken(Refusal):
    """This customer has linked another account of the same provider."""


class LastWayIn(Refusal):
    """Without this link the customer could not sign in any more."""


# ── Too many ──
class ComeBackLater(Refusal):
    """Not now; `retry_after` says when. `subject`: of whom, as the audit trail may know it, where that is told."""

    subject = ""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class TargetTooSoon(ComeBackLater):
    """This mobile or e-mail was sent to a moment ago, or often enough for now."""


class ClientTooFast(ComeBackLater):
    """This client address asks too often."""


class SendingPaused(ComeBackLater):
    """Too much was sent, to everybody or to numbers like this one; the operator is told in the log."""


class Busy(ComeBackLater):
    """Every hashing place is taken; better a quick "no" than a slow everything."""


class CaptchaRequired(ComeBackLater):
    """First a captcha; `purpose` is what its pass must be for. With one in hand there is nothing to wait for.

    `risk`: how long there is one; None where everybody is asked.
    """

    def __init__(self, purpose: str, risk: timedelta | None = None) -> None:
        super().__init__(risk or timedelta(seconds=1))
        self.purpose, self.risk = purpose, risk


# ── Captcha ──
class CaptchaWrong(Refusal):
    """Not solved. The challenge is void either way."""


class CaptchaExpired(Refusal):
    """A challenge that was answered already, is over, or was never made."""

    code = "CaptchaGone"


# ── Sending ──
class NoGateway(Refusal):
    """No usable SMS gateway is configured, or all of them are resting."""


# ── Addresses ──
class AddressFieldInvalid(Refusal):
    """`field` is one of receiver, address, mobile, postcode, tag."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class AddressIncomplete(Refusal):
    """An edit that leaves a field out."""


class AddressIdInvalid(Refusal):
    pass


class AddressUnknown(Refusal):
    """Unknown, deleted or another customer's; nobody is told which."""


class AddressBookFull(Refusal):
    """rules.LIVE_ADDRESSES live addresses already."""


class NoDefaultAddress(Refusal):
    """The book is empty."""


# ── Devices ──
class DeviceUnknown(Refusal):
    """Unknown, signed out already, or another customer's."""


# ── Faults that a client is told of ──
class Unavailable(Exception):
    """Something we depend on is away. Nothing was accepted."""


class StoreUnavailable(Unavailable):
    """The ephemeral store (codes and limits)."""


class DatabaseUnavailable(Unavailable):
    """The database."""
