"""Draws recorded strokes on the drawing area, as a person would with a mouse or a finger."""

import numpy as np
from playwright.sync_api import expect


def draw_with_mouse(page, strokes):
    """Draw through the mouse, point by point, and wait for the answer."""
    move_mouse(page, strokes)
    return answer(page)


def move_mouse(page, strokes):
    """Draw through the mouse, point by point."""
    for path in _on_screen(page, strokes):
        page.mouse.move(*path[0])
        page.mouse.down()
        for point in path[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def draw_with_finger(page, strokes):
    """Draw through touch events of the browser itself, and wait for the answer."""
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for path in _on_screen(page, strokes):
        touch("touchStart", path[0])
        for point in path[1:]:
            touch("touchMove", point)
        touch("touchEnd")
    session.detach()
    return answer(page)


def answer(page):
    """The verdict once the page has the server's last answer."""
    verdict = page.locator("#verdict")
    expect(verdict).to_have_attribute("aria-busy", "false")
    return verdict.text_content()


def _on_screen(page, strokes):
    """The strokes' points in page coordinates: in the middle, 200/280 of the area tall."""
    box = page.get_by_role("img", name="Drawing area").bounding_box()
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 200 / 280 * box["width"] / max(high - low)
    middle = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    for stroke in strokes:
        yield ((stroke - (low + high) / 2) * scale + middle).tolist()
