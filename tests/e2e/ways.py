"""In what language, on what device and in which colours a journey is made."""

import itertools
import zlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Way:
    language: str  # zh, en
    device: str  # phone, desktop
    theme: str  # light, dark

    def __str__(self) -> str:
        return f"{self.language}-{self.device}-{self.theme}"

    @property
    def tag(self) -> str:
        return {"zh": "zh-CN", "en": "en"}[self.language]

    def context(self) -> dict[str, Any]:
        """The browser that somebody of this kind has."""
        phone = self.device == "phone"
        return {
            "locale": {"zh": "zh-CN", "en": "en-US"}[self.language],
            "timezone_id": "Asia/Shanghai",
            "color_scheme": self.theme,
            "viewport": {"width": 360, "height": 740} if phone else {"width": 1280, "height": 800},
            "has_touch": phone,
            "is_mobile": phone,
            "reduced_motion": "reduce",
        }


ALL = [Way(*of) for of in itertools.product(("zh", "en"), ("phone", "desktop"), ("light", "dark"))]
# Four that hold every pair of values.
PAIRWISE = (
    Way("zh", "phone", "light"),
    Way("en", "desktop", "light"),
    Way("zh", "desktop", "dark"),
    Way("en", "phone", "dark"),
)


def of(journey: str, proof: bool) -> list[Way]:
    """Every way in the long run; else one, the same each time. All journeys together see each language and device."""
    return ALL if proof else [PAIRWISE[zlib.crc32(journey.encode()) % len(PAIRWISE)]]
