"""The answers of a mail server or an SMS gateway other than "accepted".

The list is closed: outbox.py decides by it. `detail` is the vendor's code, never its text: texts quote numbers,
addresses and sometimes keys.
"""


class NotAccepted(Exception):
    """Base of the list; `word` is the category that staff read."""

    word = "not accepted"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail.replace("\x00", "")  # which PostgreSQL does not store
        super().__init__(self.detail)

    def __str__(self) -> str:
        return f"{self.word} {self.detail}".strip()


class Retry(NotAccepted):
    """Certainly not accepted now, perhaps later: refused connection, "busy", 4xx."""

    word = "busy"


class Misconfigured(NotAccepted):
    """Every message would be refused: wrong keys, no balance, unknown template."""

    word = "misconfigured"


class RateLimited(NotAccepted):
    """The vendor's limit for this number is reached, or it does not serve the number.

    Another gateway might do so.
    """

    word = "rate-limited"


class BadRecipient(NotAccepted):
    """This recipient is refused for good."""

    word = "recipient refused"


class Refused(NotAccepted):
    """This message is refused for good."""

    word = "refused"


class Unanswered(NotAccepted):
    """It was handed over and no answer came: it may have been sent."""

    word = "unanswered"
