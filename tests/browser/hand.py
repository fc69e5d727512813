"""Draws recorded strokes on the drawing area, as a person would with a mouse or a finger.

Only every third point of a recording is sent: the page smooths the line, the answers are the
same, and each point costs a round trip to the browser.
"""

import numpy as np

BLANK = "Draw a digit."  # the verdict on an empty pad
LETTER_A = [
    np.linspace((60, 230), (140, 50), 20),
    np.linspace((140, 50), (220, 230), 20),
    np.linspace((90, 160), (190, 160), 20),
]


def draw_with_mouse(page, strokes):
    """Draw through the mouse, and wait for the answer."""
    move_mouse(page, strokes)
    return answer(page)


def move_mouse(page, strokes):
    """Draw through the mouse."""
    for path in _on_screen(page, strokes):
        page.mouse.move(*path[0])
        page.mouse.down()
        for point in path[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def draw_with_finger(page, strokes):
    """Draw through touch events of the browser itself, and wait for the answer."""
    session = page.context.new_cdp_session(page)
    for path in _on_screen(page, strokes):
        touch(session, "touchStart", path[0])
        for point in path[1:]:
            touch(session, "touchMove", point)
        touch(session, "touchEnd")
    session.detach()
    return answer(page)


def touch(session, kind, *points):
    """Send a touch event with these points, one a finger, through a CDP session."""
    points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def answer(page):
    """The verdict once the page has the server's last answer."""
    return page.wait_for_selector("#verdict[aria-busy=false]").text_content()


def area(page):
    """Left, top and width of the drawing area in page coordinates."""
    box = page.locator("#pad").bounding_box()
    return box["x"], box["y"], box["width"]


def _on_screen(page, strokes):
    """The strokes' points in page coordinates: in the middle, 200/280 of the area tall."""
    left, top, width = area(page)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 200 / 280 * width / max(high - low)
    middle = np.array([left + width / 2, top + width / 2])
    for stroke in strokes:
        kept = stroke[sorted({*range(0, len(stroke), 3), len(stroke) - 1})]
        yield ((kept - (low + high) / 2) * scale + middle).tolist()
