"""Everything with the keyboard alone; where the focus is can be seen, and it is never lost."""

from playwright.sync_api import expect

from tests.customers import PASSWORD, Person, a_mobile
from tests.e2e import consent
from tests.e2e.keys import Keys
from tests.e2e.walker import Walker

NEW = "another horse 7"


def test_a_whole_journey(walker: Walker) -> None:
    keys, mobile = Keys(walker), a_mobile()
    walker.open("/")
    keys.use(walker.link("to_register"))
    walker.sees_title("title_register")
    registers(keys, mobile)
    walker.is_signed_in(mobile)
    keys.is_seen()
    keys.use(walker.link("nav_addresses"))
    walker.sees_title("title_addresses")
    keys.is_seen()
    adds_an_address(keys, "小王")
    adds_an_address(keys, "小李")
    changes_the_book(keys)
    changes_the_password(keys)
    walker.sees("security_password_done").is_signed_in(mobile)
    keys.use(walker.header.get_by_role("button", name=walker.text("sign_out")))
    walker.is_signed_out().open("/login")
    keys.type("login_name", mobile).type("login_password", NEW)
    keys.use(walker.box("login_remember"), "Space").button("login_button", "Space")
    walker.is_signed_in(mobile).is_at("/account")
    keys.use(walker.header.get_by_role("button", name=walker.text("sign_out")))
    walker.is_signed_out()
    keys.is_seen()


def registers(keys: Keys, mobile: str) -> None:
    walker = keys.walker
    keys.type("register_mobile", mobile).button("send_sms", "Space")
    walker.sees("send_sms_done")
    keys.is_seen()
    keys.type("code_label", walker.code_sent_to(mobile)).type("register_password", PASSWORD)
    keys.use(walker.page.get_by_text(walker.text("register_more")))
    walker.shows("register_username")
    keys.use(walker.box("consent_before"), "Space")
    expect(walker.box("consent_before")).to_be_checked()
    keys.button("register_submit")


def adds_an_address(keys: Keys, receiver: str) -> None:
    walker = keys.walker
    keys.button("address_add").is_seen()
    keys.type("address_receiver", receiver).type("address_mobile", "18667018590")
    keys.go_to(walker.region_field).press("ArrowDown")
    walker.page.keyboard.type("bjdc")
    expect(walker.option("北京市 东城区")).to_be_visible()
    keys.press("ArrowDown", "Home", "Enter")
    expect(walker.option("东华门街道")).to_be_visible()
    keys.press("ArrowDown", "Enter")
    walker.reads_region("北京市 东城区 东华门街道")
    expect(walker.region_field).to_be_focused()
    keys.type("address_detail", "珠市口大街珍贝大厦2楼")
    keys.go_to(walker.page.get_by_role("radio", name=walker.text("address_tag_home")))
    keys.press("ArrowRight")
    expect(walker.page.get_by_role("radio", name=walker.text("address_tag_work"))).to_be_checked()
    keys.button("address_save", "Space")
    walker.sees("address_added")
    expect(walker.main.locator("li:focus")).to_contain_text(receiver)


def changes_the_book(keys: Keys) -> None:
    """Another default; one deleted and brought back; a form opened and left."""
    walker = keys.walker
    keys.use(walker.on_card("address_make_default").first)
    walker.sees("address_default_set")
    keys.is_seen()
    keys.use(walker.on_card("address_delete").first).button("address_undo")
    walker.sees("address_restored")
    keys.is_seen()
    keys.use(walker.on_card("address_edit").first)
    walker.has_focus("address_receiver")
    keys.press("Escape")
    expect(walker.field("address_receiver")).to_have_count(0)
    keys.is_seen()


def changes_the_password(keys: Keys) -> None:
    walker = keys.walker
    keys.use(walker.page.get_by_role("navigation").get_by_role("link", name=walker.text("nav_security"), exact=True))
    walker.sees_title("title_security")
    keys.is_seen()
    opens = walker.button("security_of", action=walker.text("security_change"), what=walker.text("security_password"))
    keys.use(opens)
    walker.has_focus("security_old_password")
    keys.press("Escape")
    expect(walker.field("security_old_password")).to_have_count(0)
    expect(opens).to_be_focused()
    keys.use(opens, "Space").type("security_old_password", PASSWORD).type("security_new_password", NEW)
    keys.type("security_new_password2", NEW)
    walker.page.keyboard.press("Enter")


def test_signing_in_with_another_account_and_unlinking_it(walker: Walker) -> None:
    keys, mobile, weibo = Keys(walker), a_mobile(), {"provider": walker.text("social_weibo")}
    walker.open("/login").sees_title("title_login")
    keys.use(walker.button("social_with", **weibo))
    walker.is_asked("weibo")
    keys.use(walker.page.get_by_role("link", name="Deny"))
    walker.sees("social_cancelled", **weibo)
    keys.button("social_again", "Space")
    walker.is_asked("weibo")
    keys.use(walker.page.get_by_role("link", name=consent.KNOWN))
    walker.sees_title("title_bind")
    keys.is_seen()
    keys.go_to(walker.page.get_by_role("tab").first).press("ArrowRight", "ArrowLeft")
    keys.type("login_mobile", mobile).button("send_sms", "Space")
    walker.sees("send_sms_done")
    keys.type("code_label", walker.code_sent_to(mobile)).use(walker.box("consent_before"), "Space")
    keys.button("social_continue")
    walker.is_signed_in(mobile)
    keys.is_seen()
    walker.open("/account/security")
    unlink = walker.button("social_unlink_of", **weibo)
    keys.use(unlink)
    expect(walker.page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(walker.page.get_by_role("dialog")).to_have_count(0)
    expect(unlink).to_be_focused()
    keys.use(unlink, "Space").button("social_unlink")
    walker.sees("social_unlinked", **weibo)
    expect(walker.button("social_link_of", **weibo)).to_be_focused()
    keys.is_seen()


def test_the_region_picker(walker: Walker, person: Person) -> None:
    keys = Keys(walker)
    walker.signs_in_as(person).open("/account/addresses").press("address_add").has_focus("paste_label")
    keys.use(walker.region_field)
    expect(walker.option("北京市")).to_be_visible()
    keys.press("End", "ArrowUp", "Home", "ArrowDown", "Enter")  # 天津市 has no cities
    expect(walker.option("和平区")).to_be_visible()
    keys.press("ArrowLeft", "ArrowUp", "ArrowRight")
    expect(walker.option("东城区")).to_be_visible()
    walker.page.keyboard.type("hzyh")
    expect(walker.option("浙江省 杭州市 余杭区")).to_be_visible()
    keys.press("Escape")
    expect(walker.option("东城区")).to_be_visible()
    keys.press("Enter")
    expect(walker.option("东华门街道")).to_be_visible()
    keys.press("Escape")  # without a town
    walker.reads_region("北京市 东城区")
    expect(walker.region_field).to_be_focused()
    keys.press("Tab").is_seen()
    walker.has_focus("address_detail")


def test_the_skip_link_leads_past_the_menu(walker: Walker) -> None:
    keys = Keys(walker)
    walker.open("/login").sees_title("title_login")
    keys.press("Tab")
    skip = walker.page.get_by_role("link", name=walker.text("skip"))
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    keys.press("Enter", "Tab")
    expect(walker.main.locator(":focus")).to_have_count(1)


def test_tabs_are_changed_with_the_arrows(walker: Walker) -> None:
    keys = Keys(walker)
    walker.open("/login")
    password, code = walker.page.get_by_role("tab").all()
    keys.go_to(password)
    for key, chosen in {"ArrowRight": code, "ArrowLeft": password, "End": code, "Home": password}.items():
        keys.press(key)
        expect(chosen).to_be_focused()
        expect(chosen).to_have_attribute("aria-selected", "true")
    keys.press("ArrowRight", "Tab")
    walker.has_focus("login_mobile")
