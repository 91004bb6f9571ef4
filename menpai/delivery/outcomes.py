"""What a mail server or an SMS gateway can say other than "accepted". A closed list: outbox.py decides by these alone.

`detail` is the vendor's code, never its text: texts quote numbers, addresses and sometimes keys.
"""


class NotAccepted(Exception):
    """Base of the list; `word` is the category that staff read."""

    word = "not accepted"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.word} {self.detail}".strip()


class Retry(NotAccepted):
    """Surely not taken now, perhaps later: refused connection, "busy", 4xx."""

    word = "busy"


class Misconfigured(NotAccepted):
    """Every message would be refused: wrong keys, no balance, unknown template."""

    word = "misconfigured"


class RateLimited(NotAccepted):
    """The vendor's own limit for this number, or one that it does not reach; another gateway has its own."""

    word = "rate-limited"


class BadRecipient(NotAccepted):
    """This recipient is refused for good."""

    word = "recipient refused"


class Refused(NotAccepted):
    """This message is refused for good."""

    word = "refused"


class Unanswered(NotAccepted):
    """It was handed over and no answer came: it may be under way."""

    word = "unanswered"
