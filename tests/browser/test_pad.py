"""The drawing pad: pens, palms, lost pointers, and the pictures it makes in any browser."""

import base64
import io
import time

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from nn.ink import pixels_from_image
from tests.browser.hand import BLANK, answer, area, draw_with_mouse, touch
from tests.browser.looks import LAPTOP, PHONE
from tests.browser.other_browsers import BLURRED, OLD

# For each drawing: the canvas's own PNG, the same pixels in ours, and ours of the strokes.
_PICTURES = """async (drawings) => {
    const { greys, smooth } = await import("/static/js/lib/line.js");
    const { greyscalePng } = await import("/static/js/lib/png.js");
    const base64 = async (blob) => {
        const bytes = new Uint8Array(await blob.arrayBuffer());
        return btoa(String.fromCharCode(...bytes));
    };
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 280;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = 20;
    const pictures = [];
    for (const strokes of drawings) {
        context.fillStyle = "white";
        context.fillRect(0, 0, 280, 280);
        for (const points of strokes) {
            context.beginPath();
            for (const corner of smooth(points)) context.lineTo(...corner);
            context.stroke();
        }
        const read = context.getImageData(0, 0, 280, 280).data;
        const same = Uint8Array.from({ length: 280 * 280 }, (_, i) => read[4 * i]);
        const ours = greys(strokes.map((points) => ({ pen: 20, points })), 280);
        pictures.push([
            canvas.toDataURL("image/png").split(",")[1],
            await base64(await greyscalePng(same, 280, 280)),
            await base64(await greyscalePng(ours, 280, 280)),
        ]);
    }
    return pictures;
}"""

# Of a server that answers at once: notes when it is asked.
_INSTANT = """
    globalThis.asked = [];
    const fetched = globalThis.fetch;
    globalThis.fetch = (path, options) => {
        if (path !== "/api/predict") return fetched(path, options);
        asked.push(performance.now());
        return Response.json({
            digit: 1,
            verdict: "sure",
            probabilities: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            pixels: Array(8).fill(Array(8).fill(1)),
            model: { version: 1 },
        });
    };
"""
_BROKEN = "globalThis.CompressionStream = class { constructor() { undefined.broken; } };"


def test_small_picture_of_the_strokes_has_the_cells_of_a_canvas(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    placed = [_placed(strokes) for _, strokes in sample_drawings]
    triples = [
        [base64.b64decode(text) for text in pictures]
        for pictures in page.evaluate(_PICTURES, placed)
    ]
    assert max(len(ours) for _, _, ours in triples) < 4000
    assert all(_opened(ours).mode == "L" for _, _, ours in triples)
    canvas, same, ours = (
        np.array([pixels_from_image(_opened(data)) for data in column]).astype(int)
        for column in zip(*triples, strict=True)
    )
    assert (canvas == same).all()
    # As far apart as two canvases on which one line is painted in two ways: straight pieces and
    # curves change 170 of the 3,840 cells.
    apart = np.abs(canvas - ours)
    assert np.count_nonzero(apart) < 200
    assert np.count_nonzero(apart > 1) < 20


@pytest.mark.parametrize("browser_is", [OLD, BLURRED], ids=["old", "blurs canvases"])
def test_drawings_are_read_whatever_the_browser_can(open_page, sample_drawings, browser_is):
    page = open_page(**LAPTOP)
    page.add_init_script(browser_is)
    page.reload()
    for digit, strokes in sample_drawings[:3]:
        assert str(digit) in draw_with_mouse(page, strokes)
        page.keyboard.press("Escape")
        expect(page.locator("#verdict")).to_have_text(BLANK)


def test_fault_of_the_page_is_not_told_as_one_of_the_server(open_page):
    page = open_page(may_lose_connection=True, **LAPTOP)
    page.add_init_script(_BROKEN)
    page.reload()
    page.get_by_role("img", name="Drawing area").click()
    expect(page.locator("#verdict")).to_have_text("This page has a fault. Load it again.")
    expect(page.locator("#connection")).to_have_text("Connected")


def test_at_most_ten_questions_a_second(open_page):
    page = open_page(**LAPTOP)
    page.add_init_script(_INSTANT)
    page.reload()
    left, top, _ = area(page)
    page.mouse.move(left + 50, top + 50)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(left + 50 + step, top + 50 + 2 * step)
    page.mouse.up()
    answer(page)
    asked = np.array(page.evaluate("asked"))
    assert len(asked) > 5
    # ms for five of them; making a picture takes a moment, not always the same
    assert min(asked[5:] - asked[:-5]) > 450


def test_resting_thumb_neither_draws_nor_blocks_drawing(open_page):
    page = open_page(**PHONE)
    # No touch is older than its page.
    page.evaluate("new Promise((done) => setTimeout(done, 1000 - performance.now()))")
    session = page.context.new_cdp_session(page)
    left, top, width = area(page)
    thumb = (left + width - 12, top + width - 12)
    x, y = left + width / 2, top + width / 2
    long_ago = time.time() - 1
    session.send(
        "Input.dispatchTouchEvent",
        {
            "type": "touchStart",
            "touchPoints": [{"x": thumb[0], "y": thumb[1], "id": 0}],
            "timestamp": long_ago,
        },
    )
    touch(session, "touchStart", thumb, (x, y - 60))
    for down in range(-60, 60, 6):
        touch(session, "touchMove", thumb, (x, y + down))
    touch(session, "touchEnd")
    assert answer(page) == "This is a 1."
    assert _rows_with_ink(page, right_of=0.8) == 0
    page.get_by_role("button", name="Undo").tap()
    expect(page.locator("#verdict")).to_have_text(BLANK)


def test_hand_that_holds_a_pen_does_not_draw(open_page):
    page = open_page(**PHONE)
    session = page.context.new_cdp_session(page)
    left, top, width = area(page)
    x = left + width / 2
    palm = (left + 0.9 * width, top + 0.9 * width)
    touch(session, "touchStart", palm)
    _pen(session, "mousePressed", x, top + 50)
    for down in range(50, 250, 10):
        _pen(session, "mouseMoved", x, top + down)
    _pen(session, "mouseReleased", x, top + 250)
    touch(session, "touchEnd")
    assert answer(page) == "This is a 1."
    touch(session, "touchStart", palm)
    touch(session, "touchMove", (palm[0] - 200, palm[1]))
    touch(session, "touchEnd")
    assert _rows_with_ink(page, right_of=0.8) == 0
    page.get_by_role("button", name="Undo").tap()
    expect(page.locator("#verdict")).to_have_text(BLANK)


def test_pointer_whose_end_was_never_told_does_not_block_the_next(open_page):
    page = open_page(**LAPTOP)
    pad, undo = (
        page.get_by_role("img", name="Drawing area"),
        page.get_by_role("button", name="Undo"),
    )
    left, top, _ = area(page)
    page.mouse.move(left + 100, top + 100)
    page.mouse.down()
    page.mouse.move(left + 100, top + 300, steps=4)
    pad.evaluate("pad => pad.releasePointerCapture(1)")  # as when another window takes over
    page.mouse.move(left + 200, top + 300)
    expect(page.get_by_role("group", name="Was it right?")).to_be_visible()  # it is finished
    page.mouse.up()
    page.mouse.down()
    page.mouse.move(left + 200, top + 100, steps=4)
    page.mouse.up()
    answer(page)
    for _ in range(2):
        expect(page.locator("#verdict")).not_to_have_text(BLANK)
        undo.click()
    expect(page.locator("#verdict")).to_have_text(BLANK)


def test_undo_by_key_on_any_keyboard(open_page):
    page = open_page(**LAPTOP)
    pad, verdict = page.get_by_role("img", name="Drawing area"), page.locator("#verdict")

    def press(key, code):
        event = {"key": key, "code": code, "ctrlKey": True, "bubbles": True}
        page.evaluate(
            "e => document.body.dispatchEvent(new KeyboardEvent('keydown', e))", event
        )

    for key, code in (("z", "KeyZ"), ("z", "KeyY"), ("я", "KeyZ"), ("ζ", "KeyZ")):
        pad.click()
        expect(verdict).not_to_have_text(BLANK)
        press("y", "KeyZ")  # of a German keyboard: redo
        expect(verdict).not_to_have_text(BLANK)
        press(key, code)
        expect(verdict).to_have_text(BLANK)


def _placed(strokes):
    """The strokes' points on the pad, in the middle, 200 tall."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 200 / max(high - low)
    return [((stroke - (low + high) / 2) * scale + 140).tolist() for stroke in strokes]


def _opened(data):
    image = Image.open(io.BytesIO(data))
    return image if image.mode == "L" else image.convert("RGB")


def _pen(session, kind, x, y):
    """Send an event of a pen on the screen through a CDP session."""
    event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
    session.send("Input.dispatchMouseEvent", event | {"pointerType": "pen"})


def _rows_with_ink(page, right_of):
    """How many rows of the drawing area have ink right of this share of its width."""
    picture = Image.open(io.BytesIO(page.locator("#pad").screenshot())).convert("L")
    grey = np.asarray(picture)[5:-5]
    columns = slice(int(right_of * grey.shape[1]), -5)
    return int((grey[:, columns] < 128).any(axis=1).sum())
