"""The interface of a captcha: a module with these names is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from menpai.captcha.challenges import Kind
from menpai.identifiers import Client

CaptchaAnswer = str | Mapping[str, str]


class Unreachable(Exception):
    """The vendor does not answer, or its answer makes no sense."""


@dataclass(frozen=True)
class Made:
    """`secret` stays sealed; `shown` is what the client needs, beside the sealed challenge."""

    secret: str
    shown: dict[str, Any]


class Captcha(Protocol):
    @property
    def kind(self) -> Kind: ...

    def make(self, client: Client, /) -> Made:
        """A new challenge. Raises Unreachable."""

    def is_solved(self, secret: str, answer: CaptchaAnswer, client: Client, /) -> bool:
        """True if the answer is right for this secret. Raises Unreachable, which is never a pass."""
