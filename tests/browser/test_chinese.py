"""The draw page and the wall in Chinese, and the switch of the language."""

from playwright.sync_api import expect

from tests.browser.hand import move_mouse
from tests.browser.looks import LAPTOP, PHONE, PROJECTOR, Layout, check_accessible
from tests.browser.room import CONNECTED as FOLLOWS
from tests.browser.room import fill


def test_participant_draws_in_chinese_and_switches_back_and_forth(open_page, strokes):
    page = open_page(locale="zh-CN", **PHONE)
    verdict, layout = page.locator("#verdict"), Layout(page)
    expect(verdict).to_have_text("画一个数字。")
    move_mouse(page, strokes(7))
    expect(verdict).to_have_text("这是7。")
    expect(page.get_by_role("group", name="认对了吗？")).to_be_visible()
    layout.check()
    drawn = page.locator("#pad").evaluate("pad => pad.toDataURL()")

    def switch(language):
        page.locator("#more summary").tap()
        page.get_by_role("button", name=language, exact=True).tap()
        page.wait_for_load_state()

    for name in ("不对", "7"):
        page.get_by_role("button", name=name, exact=True).tap()
        layout.check()
    switch("English")
    expect(verdict).to_have_text("This is a 7.")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    switch("简体中文")
    expect(verdict).to_have_text("这是7。")
    assert page.locator("#pad").evaluate("pad => pad.toDataURL()") == drawn
    check_accessible(page, ["phone"])


def test_language_is_switched_without_javascript(open_page):
    page = open_page(java_script_enabled=False, ready="#more", **LAPTOP)
    page.locator("#more summary").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_wall_fits_a_projector_in_chinese(room, open_page):
    fill(room)
    page = open_page(room.wall, ready=FOLLOWS, locale="zh-CN", **PROJECTOR)
    expect(page.locator("#right")).to_have_text("40张中认对34张")
    root = "document.documentElement"
    assert page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]") == [1920, 1080]
    check_accessible(page, ["projector"])
