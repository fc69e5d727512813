"""What survives a reload of the draw page, and a server that stops answering."""

import re

from playwright.sync_api import expect

from tests.browser.giving import kept, told
from tests.browser.hand import draw_with_mouse
from tests.browser.looks import LAPTOP, button


def test_drawing_and_what_was_given_survive_a_reload_and_are_kept_once(
    own_server, open_page, sample_drawings
):
    drawn = dict(reversed(sample_drawings))  # the first of each digit
    page = open_page(own_server.url, may_lose_connection=True, **LAPTOP)
    draw_with_mouse(page, drawn[7])
    button(page, "Yes").click()
    button(page, "Keep it").click()
    expect(told(page)).to_contain_text("1 of 40")
    button(page, "Clear").click()
    draw_with_mouse(page, drawn[3])
    page.route("**/api/**", lambda route: route.abort())
    button(page, "Yes").click()
    expect(told(page)).to_contain_text("It is kept as soon as the server is back.")
    for _ in range(2):
        page.reload()
        expect(told(page)).to_contain_text(
            "What you gave is kept as soon as the server is back."
        )
    page.unroute("**/api/**")
    expect(told(page)).to_have_text(re.compile(r"Kept as a 3\. +Thanks! 2 of 40\."))
    assert kept(own_server) == [(7, 7, 1), (3, 3, 1)]
    page.reload()
    expect(page.locator("#verdict")).to_have_text("This is a 3.")
    button(page, "Yes").click()  # the same drawing again
    expect(told(page)).to_contain_text("2 of 40")
    button(page, "Undo").click()  # nothing to undo: it stays
    expect(page.locator("#verdict")).to_have_text("This is a 3.")
    button(page, "Clear").click()
    page.reload()
    expect(page.locator("#verdict")).to_have_text("Draw a digit.")
    other = page.context.new_page()
    other.goto(own_server.url)
    expect(other.locator("#verdict")).to_have_text("Draw a digit.")


def test_page_notices_a_server_that_hangs(own_server, open_page):
    page = open_page(own_server.url, may_lose_connection=True, **LAPTOP)
    page.clock.install()
    page.reload()
    badge = page.locator("#connection")
    expect(badge).to_have_text("Connected")
    hanging = own_server.web_processes()
    for process in hanging:
        process.suspend()  # connections stay open, and nothing answers
    try:
        page.clock.run_for(25_000)
        expect(badge).to_have_text("Server out of reach")
    finally:
        for process in hanging:
            process.resume()
    page.clock.run_for(6_000)
    expect(badge).to_have_text("Connected")
