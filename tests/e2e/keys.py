"""Hands that use nothing but the keyboard, and eyes that see where the focus is."""

from typing import Self

from playwright.sync_api import Locator, TimeoutError, expect

from tests.e2e.walker import Walker

SOON_MS = 1_000
FAR = 60  # more stops than any page has
# What has the focus, and whether that can be seen.
FOCUS = """() => {
  const focused = document.activeElement
  if (!focused || focused === document.body) return null
  const style = getComputedStyle(focused), box = focused.getBoundingClientRect()
  const read = focused.matches('main, h1, h2, iframe')  // read out, not operated; a frame shows its own focus
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
  return { seen: read || (outlined && inside && box.width > 0), html: focused.outerHTML.slice(0, 150) }
}"""


class Keys:
    def __init__(self, walker: Walker) -> None:
        self.walker, self.page = walker, walker.page

    def press(self, *keys: str) -> Self:
        for key in keys:
            self.page.keyboard.press(key)
            self.is_seen()
        return self

    def is_seen(self) -> Self:
        """At once, or as soon as the next thing is drawn."""
        try:
            focus = self.page.wait_for_function(FOCUS, timeout=SOON_MS).json_value()
        except TimeoutError as gone:
            raise AssertionError(f"the focus is lost at {self.page.url}") from gone
        assert focus["seen"], f"the focus cannot be seen: {focus['html']}"
        return self

    def go_to(self, target: Locator) -> Self:
        """Tab by tab; first on, then round from the start, as somebody would."""
        expect(target).to_be_visible()
        for _ in range(FAR):
            if target.evaluate("element => element === document.activeElement"):
                return self
            self.page.keyboard.press("Tab")
            if self.page.evaluate(FOCUS):  # between the last and the first stop is the browser itself
                self.is_seen()
        raise AssertionError(f"no way to {target} by Tab")

    def type(self, field: str, text: str) -> Self:
        self.go_to(self.walker.field(field))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        return self

    def use(self, target: Locator, key: str = "Enter") -> Self:
        self.go_to(target)
        self.page.keyboard.press(key)
        return self

    def button(self, key: str, by: str = "Enter") -> Self:
        return self.use(self.walker.button(key), by)

    def stops(self) -> list[str]:
        """Every stop of a way round the page."""
        self.page.evaluate("() => document.activeElement?.blur()")
        places: list[str] = []
        for _ in range(FAR):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUS)
            if focus is None or focus["html"] in places[:1]:
                return places
            assert focus["seen"], f"the focus cannot be seen: {focus['html']}"
            places.append(focus["html"])
        raise AssertionError(f"no way out of {self.page.url}: {places[-3:]}")
