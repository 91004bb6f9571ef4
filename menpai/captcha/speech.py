"""Digits, spoken one after the other, twice, in Chinese or English (voices/README.md).

No noise is mixed in: it would keep out people with poor hearing, and no machine.
"""

import io
import secrets
import wave
from functools import cache
from pathlib import Path

VOICES = Path(__file__).parent / "voices"
RATE = 16_000  # samples a second, one byte each
SILENCE = b"\x80"
LANGUAGES = {"zh-hans": "zh", "en": "en"}


def speak(digits: str, language: str) -> bytes:
    """The digits as a WAV."""
    spoken = b"".join(_voice(LANGUAGES[language], digit) + _pause(0.45) for digit in digits)
    output = io.BytesIO()
    with wave.open(output, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(_pause(0.5) + spoken + _pause(1.0) + spoken)
    return output.getvalue()


def _pause(seconds: float) -> bytes:
    """A pause of random length, so that no two sounds have the same bytes at the same place."""
    return SILENCE * round(RATE * seconds * (0.8 + secrets.randbelow(400) / 1000))


@cache
def _voice(language: str, digit: str) -> bytes:
    with wave.open(str(VOICES / language / f"{digit}.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (RATE, 1, 1)
        return bytes(file.readframes(file.getnframes()))
