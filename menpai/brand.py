"""The operator's colour and what can be read on it and beside it (contrast as WCAG 2 defines it)."""

import re

PLATE = "#0b57a4"
WHITE, INK = "#ffffff", "#1c2530"
LIGHT_PAPER, DARK_PAPER = "#f5f7fa", "#1a212b"  # the least favourable ground of each theme
READABLE = 4.5


def css(color: str) -> str:
    """Custom properties in place of those of web/src/styles. What is no `#rrggbb` is the plate's own blue."""
    color = valid(color)
    light, dark = _readable(color, LIGHT_PAPER, "#000000"), _readable(color, DARK_PAPER, WHITE)
    in_light = f"--brand:{color};--on-brand:{on(color)};--link:{light};--button:{light};--on-button:{on(light)}"
    in_dark = f"--link:{dark};--button:{dark};--on-button:{on(dark)}"
    return (
        f":root,:root[data-theme=light]{{{in_light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{in_dark}}}}}\n"
        f":root[data-theme=dark]{{{in_dark}}}\n"
    )


def valid(color: str) -> str:
    return color.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", color) else PLATE


def on(color: str) -> str:
    """White or ink, whichever reads better on this colour."""
    return WHITE if contrast(color, WHITE) >= contrast(color, INK) else INK


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(color: str, ground: str, toward: str) -> str:
    for step in range(21):
        mixed = _mixed(color, toward, step / 20)
        if contrast(mixed, ground) >= READABLE:
            return mixed
    return toward


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]
