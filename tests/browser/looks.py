"""Screens, and how a page looks on them: it fits, nothing moves, and everyone can use it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
PROJECTOR = {"viewport": {"width": 1920, "height": 1080}}
SCREENS = {  # width and height in CSS pixels
    "phone": (390, 844),
    "phone with bars of the browser": (390, 664),
    "small phone": (320, 568),
    "phone on its side": (844, 390),
    "tablet": (768, 1024),
    "laptop zoomed to 200 %": (640, 400),
    "laptop": (1280, 800),
    "projector": (1920, 1080),
}
SCHEMES = ("light", "dark")

# Where everything stands, apart from bars, texts that change, and what lies in a fixed line.
_PLACES = """[...document.querySelectorAll('main *')]
    .filter(e => !e.matches('.fill, .track, #verdict *, .ask *, .game *, dialog, dialog *'))
    .map(e => Object.values(e.getBoundingClientRect().toJSON()).map(Math.round))"""
# What does not fit: the page in the screen, or a part that is shown in its room.
_OVERFLOWING = """
    [...document.querySelectorAll('html, #verdict, .sheet:not(.off), .step:not(.off)')]
    .filter(e => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)
    .map(e => e.outerHTML)"""


class Layout:
    """Of a page on which, on whatever screen, everything fits and nothing ever moves."""

    def __init__(self, page):
        self._page = page
        self._places = self._measured()

    def check(self):
        """Everything still fits, and is where it was."""
        assert self._measured() == self._places

    def _measured(self):
        before, found = self._page.viewport_size, {}
        for name in SCREENS:
            resize(self._page, name)
            assert self._page.evaluate(_OVERFLOWING) == [], name
            found[name] = self._page.evaluate(_PLACES)
        self._page.set_viewport_size(before)
        return found


def button(page, name):
    """The button of exactly this name."""
    return page.get_by_role("button", name=name, exact=True)


def resize(page, name):
    """Give the page a screen of this name, one of SCREENS."""
    width, height = SCREENS[name]
    page.set_viewport_size({"width": width, "height": height})


def serious_findings(page):
    """What axe finds that keeps people from using the page: (rule, parts of the page)."""
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], [node["html"] for node in v["nodes"]])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def check_accessible(page, screens=("phone", "laptop")):
    """In light and in dark, axe has no serious finding."""
    before = page.viewport_size
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for name in screens:
            resize(page, name)
            assert serious_findings(page) == []
    page.set_viewport_size(before)


def check_width(page):
    """No sideways scrolling on any screen."""
    before = page.viewport_size
    for name, (width, _) in SCREENS.items():
        resize(page, name)
        # Waits: a drawn part may need a moment.
        expect(page.locator("html"), name).to_have_js_property("scrollWidth", width)
    page.set_viewport_size(before)


def check_width_of_large_text(page):
    """No sideways scrolling on a phone whose browser shows text at twice its size."""
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    before = page.viewport_size
    page.set_viewport_size(PHONE["viewport"])
    width = PHONE["viewport"]["width"]
    expect(page.locator("html")).to_have_js_property("scrollWidth", width)
    session.detach()
    page.set_viewport_size(before)


def check_admin_page(page):
    """No sideways scrolling on any screen, and accessible."""
    check_width(page)
    check_accessible(page)
