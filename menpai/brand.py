"""The operator's colour, and readable colours on it and beside it (contrast by WCAG 2)."""

import re

DEFAULT_COLOR = "#0b57a4"
WHITE, INK = "#ffffff", "#1c2530"
LIGHT_PAPER, DARK_PAPER = "#f5f7fa", "#1a212b"  # the least favourable ground of each theme
READABLE = 4.5


def css(color: str) -> str:
    """Returns CSS custom properties that replace those of web/src/styles; the default unless `#rrggbb`."""
    color = valid_color(color)
    light, dark = _readable(color, LIGHT_PAPER, "#000000"), _readable(color, DARK_PAPER, WHITE)
    on_brand, on_button = text_color(color), text_color(light)
    in_light = f"--brand:{color};--on-brand:{on_brand};--link:{light};--button:{light};--on-button:{on_button}"
    in_dark = f"--link:{dark};--button:{dark};--on-button:{text_color(dark)}"
    return (
        f":root,:root[data-theme=light]{{{in_light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{in_dark}}}}}\n"
        f":root[data-theme=dark]{{{in_dark}}}\n"
    )


def valid_color(color: str) -> str:
    return color.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", color) else DEFAULT_COLOR


def text_color(color: str) -> str:
    """Returns white or ink, whichever is more readable on this colour."""
    return WHITE if contrast(color, WHITE) >= contrast(color, INK) else INK


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(color: str, ground: str, toward: str) -> str:
    for step in range(21):
        mixed = _mixed(color, toward, step / 20)
        if contrast(mixed, ground) >= READABLE:
            return mixed
    return toward


def _mixed(first: str, second: str, share: float) -> str:
    pairs = zip(_parts(first), _parts(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]
