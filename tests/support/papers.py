"""Recorded drawings as they come out of a camera: light, shadow, lines, dirt, neighbours.

Every function takes a drawing, L, black on white, and a numpy Generator, and returns a picture
that an eye reads without effort. `PAPERS` names them all.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

GRAIN = 2.0  # standard deviation of a camera's noise, of 255


def _photo(ink, light, rng, darkness=0.75):
    """A photo of ink (L, black on white) under light (height, width), 0..1, on cream paper."""
    paper = np.array((238, 232, 220)) * light[..., None]
    strength = darkness * (1 - np.asarray(ink, float)[..., None] / 255)
    lit = paper * (1 - strength) + rng.normal(0, GRAIN, (*light.shape, 1))
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def _places(image):
    """Coordinates across and down, 0..1: two (height, width)."""
    return np.meshgrid(np.linspace(0, 1, image.width), np.linspace(0, 1, image.height))


def _lines(image, rng, upright):
    """Lines 40 px apart, 2 px wide, nearly level, through the picture and paler than ink."""
    drawn = image.copy()
    draw = ImageDraw.Draw(drawn)
    first, tilt = rng.uniform(0, 40), rng.uniform(-6, 6)
    for offset in np.arange(first - 40, image.height + 40, 40):
        draw.line((0, offset, image.width, offset + tilt), fill=150, width=2)
        if upright:
            draw.line((offset, 0, offset - tilt, image.height), fill=150, width=2)
    return Image.fromarray(np.minimum(np.asarray(image), np.asarray(drawn)))


def gradient(image, rng):
    """Light that falls to two fifths across the paper."""
    x, y = _places(image)
    angle = rng.uniform(0, 2 * np.pi)
    along = (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)) / 1.42 + 0.5
    return _photo(image, 1 - 0.6 * along, rng)


def shadow(image, rng):
    """A hand's shadow with a soft edge over part of the paper."""
    x, y = _places(image)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    return _photo(image, 1 - 0.55 / (1 + np.exp(-40 * (along - rng.uniform(-0.2, 0.2)))), rng)


def pencil(image, rng):
    """A faint pencil on paper that is not evenly lit."""
    x, _ = _places(image)
    return _photo(image, 0.9 - 0.15 * x, rng, darkness=0.16)


def ruled(image, rng):
    """Ruled paper, photographed."""
    x, _ = _places(image)
    return _photo(_lines(image, rng, upright=False), 0.95 - 0.15 * x, rng)


def squared(image, rng):
    """Squared paper, photographed."""
    _, y = _places(image)
    return _photo(_lines(image, rng, upright=True), 0.95 - 0.15 * y, rng)


def ruled_scan(image, rng):
    """Ruled paper, scanned: white everywhere else."""
    return _lines(image, rng, upright=False)


def framed(image, rng):
    """A form's box around the digit, with a margin."""
    framed = image.copy()
    width = int(rng.integers(3, 9))
    ImageDraw.Draw(framed).rectangle((12, 15, 266, 268), outline=60, width=width)
    return framed


def border_line(image, rng):
    """What remains of a box that was cut out: a line along one or two borders."""
    cut = image.copy()
    draw = ImageDraw.Draw(cut)
    draw.rectangle((0, 0, image.width, int(rng.integers(3, 8))), fill=40)
    if rng.random() < 0.5:
        draw.rectangle((0, 0, int(rng.integers(3, 8)), image.height), fill=40)
    return cut


def specks(image, rng):
    """Dust, up to 4 px, anywhere."""
    dirty = image.copy()
    draw = ImageDraw.Draw(dirty)
    for x, y in rng.uniform(5, image.width - 5, (12, 2)):
        r = rng.uniform(0.5, 2)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=30)
    return dirty


def neighbours(image, rng):
    """Parts of the digits beside this one, cut by the picture's border."""
    crowded = image.copy()
    draw = ImageDraw.Draw(crowded)
    middle = rng.uniform(80, 200)
    draw.arc((-50, middle - 50, 14, middle + 50), -90, 90, fill=20, width=10)
    draw.line((280, middle - 60, 272, middle + 40), fill=20, width=10)
    return crowded


def desk_in_shade(image, rng):
    """The sheet on a dark desk with a lamp on one side."""
    return desk(image, rng, 0.4)


def desk(image, rng, unevenness=0.0):
    """The sheet on a dark desk, a little askew."""
    sheet = image.resize((200, 200), Image.Resampling.BOX).convert("RGBA")
    sheet = sheet.rotate(rng.uniform(-6, 6), Image.Resampling.BICUBIC, expand=True)
    table = Image.new("RGBA", (280, 280), (70, 55, 45, 255))
    table.alpha_composite(sheet, ((280 - sheet.width) // 2, (280 - sheet.height) // 2))
    noise = rng.normal(0, GRAIN, (280, 280, 1))
    x, _ = _places(table)
    lit = np.asarray(table.convert("RGB")) * (0.95 - unevenness * x)[..., None] + noise
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def blackboard(image, rng):
    """Chalk on a board that is not evenly lit."""
    x, y = _places(image)
    chalk = 0.8 * (1 - np.asarray(image, float) / 255)
    light = 0.35 + 0.3 * x * y
    board = 255 * (light * 0.5 + (1 - 0.5 * light) * chalk) + rng.normal(0, 3, x.shape)
    return Image.fromarray(np.clip(board, 0, 255).astype(np.uint8))


def blurred(image, rng):
    """Out of focus, at dusk."""
    x, _ = _places(image)
    return _photo(image.filter(ImageFilter.GaussianBlur(4)), 0.5 - 0.2 * x, rng)


PAPERS = {
    f.__name__: f
    for f in (
        gradient,
        shadow,
        pencil,
        ruled,
        squared,
        ruled_scan,
        framed,
        border_line,
        specks,
        neighbours,
        desk,
        desk_in_shade,
        blackboard,
        blurred,
    )
}
