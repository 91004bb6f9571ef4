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

    @property
    def region_field(self: "Walker") -> Locator:
        return self.main.get_by_role("combobox", name=self.text("address_region"), exact=True)

    def option(self: "Walker", name: str) -> Locator:
        """A region in the list that is open."""
        return self.page.get_by_role("dialog").get_by_role("option", name=re.compile(rf"^{re.escape(name)}(\s|$)"))

    def finds_regions(self: W, typed: str, *names: str) -> W:
        """The first ones that the open list has for it."""
        self.page.get_by_role("dialog").get_by_role("combobox").fill(typed)
        options = self.page.get_by_role("dialog").get_by_role("option")
        expect(options.filter(has_text=self.text("region_recent"))).to_have_count(0)
        for place, name in enumerate(names):
            expect(options.nth(place)).to_contain_text(name)
        return self

    def chooses_region(self: W, name: str, town: str = "") -> W:
        """By its name, or by those of all its levels."""
        self.touch(self.region_field).finds_regions(name, name.rpartition(" ")[2])
        self.touch(self.page.get_by_role("dialog").get_by_role("option").first)
        self.touch(self.option(town or self.text("region_no_town")))
        expect(self.page.get_by_role("dialog")).to_be_hidden()
        return self

    def reads_region(self: W, name: str) -> W:
        expect(self.region_field).to_have_text(name)
        return self

    def fills_in_address(self: W, receiver: str = "小王") -> W:
        self.fill("address_receiver", receiver).fill("address_mobile", "138 0013 8000")
        return self.chooses_region("广东省 深圳市 南山区").fill("address_detail", DETAIL)

    def adds_address(self: W, receiver: str) -> W:
        self.press("address_add").fills_in_address(receiver).press("address_save")
        expect(self.cards.filter(has_text=receiver)).to_be_visible()
        return self
