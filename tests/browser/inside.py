"""The pages about the network, with an example as the draw page leaves it."""

import base64
import io
import json

from nn.drawings import render
from nn.ink import pixels_from_image

READY = "#reads strong:not(:empty)"  # the network has answered


def example_of(strokes, version=None):
    """What the draw page leaves of recorded strokes.

    version : that looks at it; 0 for the article's network, None for the live one
    """
    return {
        "pixels": pixels_from_image(render(strokes)).ravel().tolist(),
        "picture": f"data:image/png;base64,{base64.b64encode(png_of(strokes)).decode()}",
        "strokes": [],
        "version": version,
    }


def png_of(strokes):
    """Recorded strokes as the bytes of a PNG."""
    buffer = io.BytesIO()
    render(strokes).save(buffer, "PNG")
    return buffer.getvalue()


def look_at(page, example):
    """Load the page again with this example."""
    text = json.dumps(example)
    page.evaluate("text => sessionStorage.setItem('inkling example', text)", text)
    page.reload()
    page.wait_for_selector(READY)


def hold(page, path):
    """The next question to a route is held up: it becomes the only one in the list returned."""
    held = []
    page.route(f"**/api/inside/{path}", lambda route: held.append(route), times=1)
    return held


def choose_network(page, version):
    """Choose a version, 0 for the article's network, and wait until all has followed it."""
    page.get_by_role("button", name="Change the drawing").click()
    page.get_by_label("Which network looks at it?").select_option(value=str(version))
    page.wait_for_selector("body:not([data-asking])")


def numbers(text):
    """The numbers in a text, with a minus sign as formulas have it."""
    return [
        float(word)
        for word in text.replace("−", "-").replace("(", " ").replace(")", " ").split()
        if word.lstrip("-").replace(".", "", 1).isdigit()
    ]
