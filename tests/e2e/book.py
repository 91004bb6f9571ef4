"""The address book as a walker meets it: cards, each with its buttons, and the form."""

import re
from typing import TYPE_CHECKING, TypeVar

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from tests.e2e.walker import Walker

W = TypeVar("W", bound="Walker")
DETAIL = "科技园 8 栋 1001"


class BookSteps:
    """What a walker does and sees in the book; `receiver` names a card."""

    @property
    def cards(self: "Walker") -> Locator:
        book = self.main.get_by_role("listitem").filter(has=self.page.get_by_role("button"))
        return book.filter(has_text=re.compile(r"\d{3} \d{4} \d{4}|\d{3}-\d{8}"))

    def on_card(self: "Walker", action: str, receiver: str = "") -> Locator:
        """The button for this action on the receiver's card, or on every card."""
        name = re.compile(rf"^{re.escape(self.text(action))}\W+{re.escape(receiver)}" + (r"\W" if receiver else ""))
        return self.main.get_by_role("button", name=name)

    def acts(self: W, action: str, receiver: str = "") -> W:
        return self.touch(self.on_card(action, receiver))

    def has_addresses(self: W, many: int) -> W:
        expect(self.cards).to_have_count(many)
        return self

    def first_reads(self: W, *texts: str) -> W:
        """All of these stand on the first card."""
        for text in texts:
            expect(self.cards.first).to_contain_text(text)
        return self

    def default_is(self: W, receiver: str) -> W:
        self.first_reads(receiver, self.text("address_default"))
        expect(self.cards.filter(has_text=self.text("address_default")).first).to_contain_text(receiver)
        return self

    def chooses_region(self: W, **levels: str) -> W:
        for level, name in levels.items():
            self.field(f"address_{level}").select_option(name)
        return self

    def fills_in_address(self: W, receiver: str = "小王") -> W:
        self.fill("address_receiver", receiver).fill("address_mobile", "138 0013 8000")
        return self.chooses_region(province="广东省", city="深圳市", county="南山区").fill("address_detail", DETAIL)

    def adds_address(self: W, receiver: str) -> W:
        self.press("address_add").fills_in_address(receiver).press("address_save")
        expect(self.cards.filter(has_text=receiver)).to_be_visible()
        return self
