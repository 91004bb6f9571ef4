"""The settings of one vendor, MENPAI_<VENDOR>_<KEY>: of an SMS gateway, a sign-in provider or GeeTest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from menpai import environment
from menpai.http import outbound

_JOINED = ("BASE_URL", "PAGE_URL")  # paths are appended to these


@dataclass(frozen=True)
class VendorSettings:
    """The `needed` keys have no default, the `optional` ones do.

    Each is read from the environment at every use.

    An undeclared key is a KeyError.
    """

    vendor: str
    needed: tuple[str, ...]
    optional: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        default = "" if key in self.needed else self.optional[key]
        value = environment.text(self.variable(key), default)
        return value.rstrip("/") if key in _JOINED else value

    def variable(self, key: str) -> str:
        return f"MENPAI_{self.vendor}_{key}"

    def defaults(self) -> dict[str, str]:
        """Every variable that is read, with its default."""
        return {self.variable(key): self.optional.get(key, "") for key in (*self.needed, *self.optional)}

    def problems(self, needed: Iterable[str] | None = None) -> list[str]:
        """The variables that are missing, and addresses to which keys would travel in clear.

        `needed`: another choice of keys.
        """
        keys = self.needed if needed is None else needed
        problems = [f"{self.variable(key)} is not set" for key in keys if not self[key]]
        for key in (*self.needed, *self.optional):
            if key.endswith("URL") and self[key] and not outbound.is_safe_url(self[key]):
                problems.append(f"{self.variable(key)} must begin with https://")
        return problems
