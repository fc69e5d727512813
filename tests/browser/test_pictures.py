"""Pictures that come in to the draw page, and the card that goes out."""

import base64
import io

import numpy as np
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import expect

from nn.drawings import render
from tests.browser.hand import BLANK, answer, area, draw_with_mouse
from tests.browser.looks import LAPTOP, PHONE, button, check_accessible
from tests.browser.other_browsers import BLURRED
from tests.support.papers import gradient
from tests.support.server import database_of
from webapp.room.limits import MAX_PICTURE
from webapp.storage.tables import Drawing

# Pastes or drops a file, as a browser does.
_BRING = """([kind, base64, type]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], "picture", { type }));
    const options = { bubbles: true, cancelable: true };
    document.body.dispatchEvent(
        kind === "paste"
            ? new ClipboardEvent(kind, { ...options, clipboardData: carried })
            : new DragEvent(kind, { ...options, dataTransfer: carried }),
    );
}"""

# Notes the bytes of each picture that is sent.
_NOTED = """
    globalThis.sizes = [];
    const fetched = globalThis.fetch;
    globalThis.fetch = (path, options) => {
        if (options?.body instanceof Blob) sizes.push(options.body.size);
        return fetched(path, options);
    };
"""


def test_photo_is_shown_read_given_and_taken_back(own_server, open_page, sample_drawings):
    page = open_page(own_server.url, **PHONE)
    photo = _photo(_strokes(sample_drawings, 7))
    assert len(photo) > MAX_PICTURE
    _open(page, photo, "image/jpeg")
    assert answer(page) == "This is a 7."
    assert _darkest(page) < 120  # it is on the pad
    button(page, "Yes").tap()
    button(page, "Keep it").tap()
    expect(page.locator("#feedback [role=status]")).to_contain_text("Kept as a 7.")
    [kept] = _kept(own_server)
    assert max(Image.open(io.BytesIO(kept)).size) == 640

    button(page, "Undo").tap()
    expect(page.locator("#verdict")).to_have_text(BLANK)
    _open(page, photo, "image/jpeg")
    expect(page.locator("#verdict")).to_have_text("This is a 7.")
    button(page, "Clear").tap()
    expect(page.locator("#verdict")).to_have_text(BLANK)
    button(page, "Undo").tap()
    expect(page.locator("#verdict")).to_have_text("This is a 7.")


def test_photo_is_still_on_the_pad_after_a_reload(open_page, sample_drawings):
    page = open_page(**PHONE)
    _open(page, _photo(_strokes(sample_drawings, 7)), "image/jpeg")
    assert answer(page) == "This is a 7."
    page.reload()
    expect(page.locator("#verdict")).to_have_text("This is a 7.")
    assert _darkest(page) < 120
    button(page, "Clear").tap()
    page.reload()
    expect(page.locator("#connection")).to_have_text("Connected")
    expect(page.locator("#verdict")).to_have_text(BLANK)


def test_picture_is_pasted_or_dropped_and_gives_way_to_strokes(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    for kind, digit in (("paste", 7), ("drop", 3)):
        data = _png(render(_strokes(sample_drawings, digit)))
        page.evaluate(_BRING, [kind, base64.b64encode(data).decode(), "image/png"])
        expect(page.locator("#verdict")).to_have_text(f"This is a {digit}.")
    left, top, width = area(page)
    page.mouse.move(left + width / 2, top + 50)
    page.mouse.down()
    page.mouse.move(left + width / 2, top + width - 50, steps=10)
    expect(page.locator("#verdict")).to_contain_text("a 1")
    page.mouse.up()
    assert "a 1." in answer(page)
    button(page, "Undo").click()
    expect(page.locator("#verdict")).to_have_text("This is a 3.")


def test_what_is_no_picture_or_too_large_is_refused_before_it_is_sent(open_page):
    page = open_page(**LAPTOP)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    _open(page, bytes(16 * 2**20 + 1), "image/png")
    expect(page.locator("#verdict")).to_have_text(
        "That file is larger than 16 MiB. Choose a smaller one."
    )
    _open(page, b"no picture", "image/png")
    expect(page.locator("#verdict")).to_have_text(
        "This browser cannot read that picture. Choose a PNG or JPEG file."
    )
    assert not any("predict" in url for url in asked)


def test_browser_that_blurs_canvases_sends_the_file_and_says_that_it_makes_no_card(
    open_page, sample_drawings
):
    page = open_page(**LAPTOP)
    page.add_init_script(BLURRED + _NOTED)
    page.reload()
    data = _png(render(_strokes(sample_drawings, 7)))
    _open(page, data, "image/png")
    expect(page.locator("#verdict")).to_have_text("This is a 7.")
    assert page.evaluate("sizes") == [len(data)]
    _more(page, "Save the card")
    expect(page.locator("#verdict")).to_contain_text("Allow canvas data for this page")


def test_card_shows_drawing_cells_and_bars(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    page.get_by_role("button", name="More").click()
    expect(button(page, "Save the card")).to_be_disabled()
    check_accessible(page, ["phone"])
    page.emulate_media(color_scheme="light")
    page.keyboard.press("Escape")
    draw_with_mouse(page, _strokes(sample_drawings, 7))
    page.get_by_role("button", name="More").click()
    page.keyboard.press("Escape")  # closes the menu and leaves the drawing
    expect(button(page, "Save the card")).to_be_hidden()
    with page.expect_download() as download:
        _more(page, "Save the card")
    assert download.value.suggested_filename == "inkling-7.png"
    card = np.asarray(Image.open(download.value.path()).convert("L")).astype(int)
    assert card.shape == (1920, 1440)
    drawing, cells, bars = (
        card[300:940, 80:700],
        card[300:940, 740:1360],
        card[1080:1780, 136:1180],
    )
    for part in (drawing, cells, bars):
        dark = (part < 110).mean()
        assert 0.03 < dark < 0.5


def _strokes(drawings, digit):
    """Strokes of a recorded digit that the network surely knows."""
    return next(strokes for d, strokes in drawings if d == digit)


def _photo(strokes):
    """A JPEG of a sheet of paper in uneven light, too large to be kept."""
    rng = np.random.default_rng(0)
    sheet = gradient(render(strokes), rng).resize((1600, 1600))
    noise = rng.normal(0, 6, (1600, 1600, 1))
    grainy = np.clip(np.asarray(sheet) + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(grainy).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _open(page, data, kind):
    """Choose a file of these bytes and this type."""
    with page.expect_file_chooser() as chooser:
        _more(page, "Open a picture")
    chooser.value.set_files({"name": "picture", "mimeType": kind, "buffer": data})


def _more(page, name):
    """Choose this in the menu."""
    page.get_by_role("button", name="More").click()
    button(page, name).click()


def _darkest(page):
    """The darkest grey on the drawing area."""
    picture = Image.open(io.BytesIO(page.locator("#pad").screenshot())).convert("L")
    return np.asarray(picture)[10:-10, 10:-10].min()


def _kept(server):
    """The picture files that a server keeps."""
    with database_of(server) as database, database.reading() as session:
        return session.scalars(sa.select(Drawing.picture)).all()
