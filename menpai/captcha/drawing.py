"""Digits as a picture, dark on white and well spaced, since people must read it.

Rate limits bound what machines do.
"""

import io
import math
import secrets
from functools import cache

from PIL import Image, ImageDraw, ImageFont

INK, PAPER = 40, 255
MASKED = 255
WIDE, HIGH = 52, 100  # of one digit
MARGIN = 20
_dice = secrets.SystemRandom()


def draw(digits: str) -> bytes:
    """A PNG, different each time."""
    width = WIDE * len(digits) + 2 * MARGIN
    picture = Image.new("L", (width, HIGH), PAPER)
    for place, digit in enumerate(digits):
        drawn = _digit(digit)
        left = MARGIN + place * WIDE + (WIDE - drawn.width) // 2 + _dice.randint(-4, 4)
        top = (HIGH - drawn.height) // 2 + _dice.randint(-8, 8)
        picture.paste(INK, (left, top), drawn)
    _scribble(picture)
    output = io.BytesIO()
    _waved(picture).save(output, "PNG")
    return output.getvalue()


def _digit(digit: str) -> Image.Image:
    """The mask of one digit, slightly rotated and slanted."""
    font = _font(_dice.randint(50, 62))
    left, top, right, bottom = (int(edge) for edge in font.getbbox(digit))
    mask = Image.new("L", (right - left + 8, bottom - top + 8))
    ImageDraw.Draw(mask).text((4 - left, 4 - top), digit, MASKED, font, stroke_width=1)
    slant = _dice.uniform(-0.25, 0.25)
    lean = abs(slant) * mask.height
    size = (mask.width + round(lean), mask.height)
    shift = -lean if slant > 0 else 0.0
    slanted = mask.transform(size, Image.Transform.AFFINE, (1, slant, shift, 0, 1, 0), Image.Resampling.BICUBIC)
    return slanted.rotate(_dice.uniform(-18, 18), Image.Resampling.BICUBIC, expand=True)


def _scribble(picture: Image.Image) -> None:
    """Draw lines through the digits, so that they cannot simply be cut apart."""
    pen = ImageDraw.Draw(picture)
    for _ in range(3):
        edge, other = _dice.randint(15, HIGH - 15), _dice.randint(15, HIGH - 15)
        points = [(x, edge + (other - edge) * x / picture.width) for x in range(0, picture.width + 10, 10)]
        bend, phase = _dice.uniform(4, 12), _dice.uniform(0, math.tau)
        pen.line([(x, y + bend * math.sin(x / 35 + phase)) for x, y in points], INK, 3)


def _waved(picture: Image.Image) -> Image.Image:
    """The picture in strips, each slightly higher or lower than the one before."""
    waved = Image.new("L", picture.size, PAPER)
    height, length, phase = _dice.uniform(3, 6), _dice.uniform(28, 50), _dice.uniform(0, math.tau)
    for left in range(0, picture.width, 2):
        strip = picture.crop((left, 0, min(left + 2, picture.width), picture.height))
        waved.paste(strip, (left, round(height * math.sin(left / length + phase))))
    return waved


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # the wheels have FreeType
    return font
