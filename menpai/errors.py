"""Refusals and faults, one class each. A refusal is an expected "no"; each contract words it itself.

Everything else is a fault and is raised through. Clients are told of two kinds of fault, Unavailable and its
subclasses: nothing was done, the request may be repeated later.
"""

from datetime import timedelta
from typing import ClassVar


class Refusal(Exception):
    """An expected "no". `code` is stable, whatever the class is called: the audit trail stores it."""

    code: ClassVar[str] = "Refusal"

    def __init_subclass__(cls) -> None:
        cls.code = cls.__dict__.get("code", cls.__name__)


# ── Shape ──
class BadRequest(Refusal):
    """The body cannot be read: no object, a key twice, a wrong type, nested too deep, invalid text."""


class BodyTooLarge(Refusal):
    """More than rules.BODY_BYTES."""


class FieldMissing(Refusal):
    """A required field is missing; `field` is its name in the contract that was spoken."""

    def __init__(self, field: str = "") -> None:
        super().__init__(field)
        self.field = field


class NotJson(Refusal):
    """A body of another content type, such as a form on another site could send."""


class FieldsInvalid(Refusal):
    """Fields that are missing or wrong; `fields`: name → `required`, `wrong_type`, `too_long`, `too_many`."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields)
        self.fields = fields


class IdempotencyKeyReused(Refusal):
    """The same Idempotency-Key with another body."""


# ── Who is it ──
class CrossSite(Refusal):
    """A page of another site, a navigation, an image or a prefetch would send or change something."""


class AccountDisabled(Refusal):
    """The account is disabled; only its proven owner is told."""


class NotSignedIn(Refusal):
    """No valid token, or a path that names another customer."""


class WrongCredentials(Refusal):
    """Unknown name or wrong password; the answer does not say which."""


class OldPasswordWrong(Refusal):
    """The old password is wrong, or was tried too often."""


class PasswordWrong(Refusal):
    """The password that an important change asks for is wrong, or was tried too often."""


class StepUpRequired(Refusal):
    """A change of what one signs in with, in a session that was not authenticated within the last minutes."""


class ChannelNotProven(Refusal):
    """The customer has proven no mobile or no e-mail to send this code to."""


class PasswordNotSet(Refusal):
    """The customer signs in by code; a recovery sets a password."""


# ── Fields ──
class LanguageUnknown(Refusal):
    pass


class TargetInvalid(Refusal):
    """Neither a mobile nor an e-mail."""


class TermsNotAccepted(Refusal):
    """A new customer has not accepted the current terms."""


class UsernameInvalid(Refusal):
    """Malformed or reserved."""


class EmailInvalid(Refusal):
    pass


class MobileInvalid(Refusal):
    pass


class PasswordRefused(Refusal):
    """The family of what the policy refuses; an operation of /api declares them all at once."""


class PasswordMissing(PasswordRefused):
    pass


class PasswordLength(PasswordRefused):
    pass


class PasswordWeak(PasswordRefused):
    """A common password, or the customer's own name, mobile or e-mail."""


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
    """The code is expired, worn out or used, or was never sent."""

    code = "CodeGone"


class TicketExpired(Refusal):
    """The ticket is missing, used, expired, worn out or another customer's."""

    code = "TicketGone"


class ActivationMalformed(Refusal):
    pass


class ActivationExpired(Refusal):
    """The link is unknown, used or expired."""

    code = "ActivationGone"


class NothingToActivate(Refusal):
    """The customer has no e-mail, or has proven it already."""


# ── Social sign-in ──
class ProviderUnknown(Refusal):
    """No such provider, or none that is configured."""


class SocialStateExpired(Refusal):
    """The state is used or expired, or belongs to another browser or customer."""

    code = "SocialStateGone"


class SocialRefused(Refusal):
    """The provider refused the code; `detail` is the provider's own code, never its text."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class SocialTokenBad(SocialRefused):
    """The provider's token names nobody, or the provider itself does not accept it."""


class SocialAway(SocialRefused):
    """The provider did not answer, not in time, or not in its own format."""


class SocialTicketExpired(Refusal):
    """The bind ticket is missing, used or expired."""

    code = "SocialTicketGone"


class SocialTaken(Refusal):
    """Another customer has linked this account of the provider."""


class ProviderTaken(Refusal):
    """This customer has linked another account of the same provider."""


class LastWayIn(Refusal):
    """Without this link the customer could not sign in any more."""


# ── Too many ──
class ComeBackLater(Refusal):
    """Not now; `retry_after` says when.

    `subject`: the keyed hash of the target for the audit trail, where it may be recorded.
    """

    subject = ""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class TargetTooSoon(ComeBackLater):
    """This mobile or e-mail was sent something a moment ago, or enough for now."""


class ClientTooFast(ComeBackLater):
    """This client address asks too often."""


class SendingPaused(ComeBackLater):
    """Too much was sent, in all or to numbers like this one; the log tells the operator."""


class Busy(ComeBackLater):
    """The hashing queue is full: a quick refusal is better than slowing down everything."""


class CaptchaRequired(ComeBackLater):
    """A captcha must be solved first; `purpose` is what its pass must be for.

    With a pass there is nothing to wait for. `risk`: how long there is one; None where everybody is asked.
    """

    def __init__(self, purpose: str, risk: timedelta | None = None) -> None:
        super().__init__(risk or timedelta(seconds=1))
        self.purpose, self.risk = purpose, risk


# ── Captcha ──
class CaptchaWrong(Refusal):
    """The answer is wrong. The challenge is void either way."""


class CaptchaExpired(Refusal):
    """The challenge was answered already, has expired, or never existed."""

    code = "CaptchaGone"


# ── Sending ──
class NoGateway(Refusal):
    """No usable SMS gateway is configured, or every circuit breaker is open."""


# ── Addresses ──
class TextInvalid(ValueError):
    """Text is no text for a label, or no number of a receiver.

    `reason`: `required`, `too_long`, `markup`, `unprintable`; of a number `required`, `number`, `number_digits`,
    `number_area_code` or `number_region`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AddressFieldInvalid(Refusal):
    """`field` is one of receiver, address, mobile, extension, postcode, tag.

    `reason` as in TextInvalid, if it is one of those.
    """

    def __init__(self, field: str, reason: str = "") -> None:
        super().__init__(field)
        self.field, self.reason = field, reason


class RegionCodeUnknown(AddressFieldInvalid):
    """A region code that never existed."""

    def __init__(self) -> None:
        super().__init__("region_code")


class AddressIncomplete(Refusal):
    """An edit with a field missing."""


class AddressIdInvalid(Refusal):
    pass


class AddressUnknown(Refusal):
    """Unknown, deleted or another customer's; the answer does not say which."""


class AddressBookFull(Refusal):
    """The book holds rules.LIVE_ADDRESSES addresses already."""


class NoDefaultAddress(Refusal):
    """The book is empty."""


class RegionUnknown(Refusal):
    """A code that no region has or had."""


class OrderInvalid(Refusal):
    """An order number that is empty, too long or no plain text on one line."""


# ── Devices ──
class DeviceUnknown(Refusal):
    """Unknown, signed out already, or another customer's."""


# ── Faults that a client is told of ──
class Unavailable(Exception):
    """A dependency is unavailable. Nothing was accepted."""


class StoreUnavailable(Unavailable):
    """The ephemeral store (codes and limits)."""


class DatabaseUnavailable(Unavailable):
    """The database."""
