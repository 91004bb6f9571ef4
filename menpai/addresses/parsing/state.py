"""One text on its way through the parser."""

from menpai.addresses.parsing.cleaning import Cleaned
from menpai.addresses.parsing.labels import Label
from menpai.addresses.parsing.numbers import Number
from menpai.addresses.parsing.place import Place
from menpai.addresses.parsing.result import FIELDS


class State:
    """`text` has signs where something was taken, `spans` say as which field.

    Positions are those of the cleaned text.
    """

    def __init__(self, cleaned: Cleaned) -> None:
        self.cleaned = cleaned
        self.text = cleaned.text
        self.fields = dict.fromkeys(FIELDS, "")
        self.sure: dict[str, float] = {}
        self.spans: list[tuple[str, int, int]] = []
        self.labels: list[Label] = []
        self.numbers: list[Number] = []
        self.place: Place | None = None
        self.region: tuple[int, int] | None = None
        self.is_backwards = False  # the region behind the detail, as in English

    def take(self, field: str, start: int, end: int, sign: str) -> None:
        """Takes `text[start:end]` as the field; the sign stands there from now on."""
        self.spans.append((field, start, end))
        self.text = f"{self.text[:start]}{sign * (end - start)}{self.text[end:]}"

    def fill(self, field: str, value: str, sure: float = 1.0) -> None:
        if value:
            self.fields[field], self.sure[field] = value, sure
