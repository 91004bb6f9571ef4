"""Every page and state is looked at: by axe, by its layout, in pictures, and with the keyboard alone.

The pictures are in `dist/pictures`, or where MENPAI_ARTIFACTS says: three widths, by day and by night, in one language
each; --proof takes both.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e import axe, layout
from tests.e2e.conftest import artifacts_wanted
from tests.e2e.keys import Keys
from tests.e2e.states import WALKS, Stage, switch_language
from tests.e2e.walker import Walker

WIDTHS = {360: 740, 768: 1024, 1280: 800}
THEMES = ("light", "dark")


@pytest.fixture(scope="module")
def pictures() -> Path:
    folder = Path(artifacts_wanted() or Path(__file__).parents[2] / "dist") / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def sizes(number: int, is_other_language: bool, proof: bool) -> Iterator[tuple[int, str]]:
    """(width, theme) of the pictures; over the states, every pair of width, theme and language is seen."""
    for place, size in enumerate(itertools.product(WIDTHS, THEMES)):
        if proof or (place + number) % 2 == is_other_language:
            yield size


def take_pictures(walker: Walker, sizes: Iterator[tuple[int, str]], prefix: str) -> None:
    kept = walker.page.viewport_size
    assert kept
    for width, theme in sizes:
        walker.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        walker.page.emulate_media(color_scheme=theme)
        path = f"{prefix}-{width}-{theme}-{walker.language}.png"
        walker.page.screenshot(path=path, full_page=True, animations="disabled")
        assert Path(path).stat().st_size
    walker.page.set_viewport_size(kept)


@pytest.mark.slow("every state is looked at in two languages, two themes and six widths")
@pytest.mark.parametrize("walk", WALKS)
def test_every_state(
    walk: str, arrive: Callable[..., Walker], http: httpx.Client, mailbox: Any, proof: bool, pictures: Path
) -> None:
    """Rules of accessibility by day in one language and by night in the other, changing from state to state."""
    faults, walker = [], arrive(has_touch=True, is_mobile=True)  # what is touched with a finger has to be larger
    for number, stop in enumerate(WALKS[walk](Stage(walker, http, mailbox))):
        for is_other_language in (False, True):
            theme = THEMES[number % 2 ^ is_other_language]
            walker.page.emulate_media(color_scheme=theme)
            seen = [*axe.violations(walker.page), *layout.faults(walker.page)]
            faults += [f"{stop} {walker.language} {theme}: {fault}" for fault in seen]
            take_pictures(walker, sizes(number, is_other_language, proof), f"{pictures}/{stop}")
            switch_language(walker)
        assert Keys(walker).stops(), f"{stop}: the page holds the focus or hides it"
    assert not faults, "\n".join(faults)
