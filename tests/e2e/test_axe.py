"""axe-core's rules of WCAG 2.2 AA, and for headings and landmarks, on every page and state, by day and by night."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from tests.e2e.states import WALKS, Stage, switch_language
from tests.e2e.walker import Walker

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async tags => {
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'], iframes: false })
  return violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join(' | ')}`)
}"""


def violations(page: Page) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN, TAGS)
    return found


@pytest.mark.parametrize("walk", WALKS)
def test_no_rule_is_broken(walk: str, walker: Walker, http: httpx.Client, mailbox: Any) -> None:
    """Each state in one language by day and in the other by night; which is which changes from stop to stop."""
    broken = []
    for number, stop in enumerate(WALKS[walk](Stage(walker, http, mailbox))):
        for theme in ("light", "dark")[:: -1 if number % 2 else 1]:
            walker.page.emulate_media(color_scheme=theme)
            broken += [f"{stop} {walker.language} {theme}: {one}" for one in violations(walker.page)]
            switch_language(walker)
    assert not broken, "\n".join(broken)
