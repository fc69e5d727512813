"""Giving a drawing as people do it on the draw page, and what the server then keeps."""

import re

import sqlalchemy as sa
from playwright.sync_api import Locator, expect

from tests.browser.hand import draw_with_mouse
from tests.browser.looks import button
from tests.support.server import database_of
from webapp.storage.tables import Drawing


def kept(server):
    """(label, predicted, participant's id) of all drawings that a server keeps."""
    columns = Drawing.label, Drawing.predicted, Drawing.participant_id
    with database_of(server) as database, database.reading() as session:
        rows = session.execute(sa.select(*columns).order_by(Drawing.id))
        return [tuple(row) for row in rows]


def change(server, *statements):
    """Execute SQL in a server's database."""
    with database_of(server) as database, database.writing() as session:
        for statement in statements:
            session.execute(statement)


def question(page):
    return page.get_by_role("group", name="Was it right?")


def told(page):
    return page.locator("#feedback [role=status]")


def give_first(page, strokes, press=Locator.click, draw=draw_with_mouse):
    """Draw a 7, say that it is one, and agree."""
    draw(page, strokes(7))
    press(button(page, "Yes"))
    press(button(page, "Keep it"))
    expect(told(page)).to_have_text(re.compile(r"Kept as a 7\. +Thanks! 1 of 40\."))


def withdraw_all(page, press=Locator.click):
    """Withdraw all drawings, without waiting for the answer."""
    press(button(page, "My drawings"))
    expect(page.locator("#gallery [role=status]")).to_contain_text("reads")
    for picture in page.locator(".own img").all():
        expect(picture).to_have_js_property("complete", True)
    for name in ("Withdraw all", "Remove"):
        press(button(page, name))
