"""Pictures of every page and state, to be looked at: `dist/pictures`, or where MENPAI_ARTIFACTS says.

Three widths, by day and by night, in one language each; --proof takes both.
"""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import artifacts_wanted
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


def ways(number: int, proof: bool) -> Iterator[tuple[int, str, bool]]:
    """(width, theme, in the other language); over the stops, every pair of them is seen."""
    for place, (width, theme) in enumerate(itertools.product(WIDTHS, THEMES)):
        for other in (False, True):
            if proof or (place + number) % 2 == other:
                yield width, theme, other


@pytest.mark.slow("every page is drawn at three widths")
@pytest.mark.parametrize("walk", WALKS)
def test_pictures(walk: str, walker: Walker, http: httpx.Client, mailbox: Any, proof: bool, pictures: Path) -> None:
    for number, stop in enumerate(WALKS[walk](Stage(walker, http, mailbox))):
        kept = walker.page.viewport_size
        for width, theme, other in sorted(ways(number, proof), key=lambda way: way[2]):
            if other:
                switch_language(walker)
            walker.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            walker.page.emulate_media(color_scheme=theme)
            name = f"{stop}-{width}-{theme}-{walker.language}.png"
            walker.page.screenshot(path=pictures / name, full_page=True, animations="disabled")
            if other:
                switch_language(walker)
        assert kept
        walker.page.set_viewport_size(kept)
    assert list(pictures.glob("*.png"))
