"""Time-based one-time passwords (RFC 6238, over RFC 4226)."""

import hmac

STEP = 30  # seconds


def code_at(secret: bytes, step: int, *, digits: int = 6, algorithm: str = "sha1") -> str:
    """Returns the code of a step, the number of half minutes since 1970."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), algorithm)
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def matching_step(secret: bytes, typed: str, seconds: float) -> int | None:
    """Returns the step whose code was typed: that of the time, the one before or the one after; else None."""
    now = int(seconds // STEP)
    matches = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(code_at(secret, step), typed)]
    return matches[-1] if matches else None
