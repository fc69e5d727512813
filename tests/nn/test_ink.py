import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from PIL import Image, ImageOps

from nn.drawings import Placement, drawn_pixels, render
from nn.ink import MAX_INTENSITY, pixels_from_image, pixels_from_ink
from tests.conftest import DATA, ROOT

PAPER, INK = 255, 0
ALL_BITMAPS = ROOT.parent / "shared" / "data" / "optdigits_bitmaps.npz"


def rows_of(images):
    """The 8x8 pixels of images as rows, (n, 64), signed so that they can be subtracted."""
    return np.array([pixels_from_image(image).ravel() for image in images], np.int64)


def bitmaps(path, all_digits):
    """The digits' original 32 x 32 bitmaps, 0 or 1, and their rows in load_digits."""
    with np.load(path) as archive:
        pictures = np.unpackbits(archive["bitmaps"], axis=1).reshape(-1, 32, 32)
        which = archive["rows"] if "rows" in archive else np.arange(len(pictures))
        np.testing.assert_array_equal(archive["labels"], all_digits[1][which])
    return pictures, all_digits[0][which]


# A user's clone has the 100 bitmaps of tests/data only.
@pytest.mark.parametrize(
    "path", [p for p in (DATA / "bitmaps.npz", ALL_BITMAPS) if p.exists()], ids=lambda p: p.name
)
def test_original_bitmaps_come_out_much_as_the_digits_that_were_made_of_them(
    path, all_digits, record_property
):
    pictures, rows = bitmaps(path, all_digits)
    counted = pictures.reshape(-1, 8, 4, 8, 4).sum(axis=(2, 4)).reshape(-1, 64)
    np.testing.assert_array_equal(counted, rows)
    difference = np.abs(rows_of(map(Image.fromarray, pictures * 255)) - rows).mean()
    figure = f"{len(rows)} bitmaps: {difference:.3f} of 16 from load_digits"
    record_property("figure", figure)
    assert difference < 1.7


@pytest.mark.parametrize(
    ("placement", "limit"),
    [
        (Placement(pen=12), 0.5),
        (Placement(pen=28), 0.5),
        (Placement(pen=28, height=250), 0.5),
        (Placement(pen=12, height=93, random_corner=True), 0.5),
        # A pen of 20 px in so small a drawing is twice as thick in proportion.
        (Placement(pen=20, height=93, random_corner=True), 0.6),
    ],
    ids=str,
)
def test_size_place_and_pen_hardly_matter(sample_drawings, plain_pixels, placement, limit):
    pixels, _ = drawn_pixels(sample_drawings, placement)
    assert np.abs(pixels - plain_pixels).mean() < limit


def on_nothing(image, colour=(0, 0, 0)):
    drawn = Image.new("RGBA", image.size, colour)
    drawn.putalpha(ImageOps.invert(image))
    return drawn


def half_transparent_paper(image):
    drawn = image.convert("RGBA")
    drawn.putalpha(200)
    return drawn


def with_hole(image):
    """The sheet with a corner cut out, under which the file still holds black."""
    drawn = image.convert("RGBA")
    drawn.paste((0, 0, 0, 0), (10, 10, 35, 35))
    return drawn


def coloured(image, ink, paper):
    return ImageOps.colorize(image, ink, paper)


def with_margin(image, mode, colour, margin):
    """The drawing on its white sheet, laid upon something larger."""
    table = Image.new(mode, (image.width + 2 * margin, image.height + 2 * margin), colour)
    table.paste(image.convert(mode), (margin, margin))
    return table


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(ImageOps.invert, id="white on black"),
        pytest.param(on_nothing, id="black on nothing"),
        pytest.param(lambda i: on_nothing(i, (255, 255, 255)), id="white on nothing"),
        pytest.param(lambda i: on_nothing(i).convert("LA"), id="black on nothing, LA"),
        pytest.param(with_hole, id="sheet with a clear hole"),
        pytest.param(half_transparent_paper, id="half transparent paper"),
        pytest.param(lambda i: coloured(i, "#ffd000", "#203060"), id="yellow on blue"),
        pytest.param(lambda i: coloured(i, "#d06040", "#4080c0"), id="red on as light a blue"),
        pytest.param(lambda i: i.point(lambda v: 150 + v // 4), id="pale pencil"),
        pytest.param(lambda i: with_margin(i, "L", PAPER, 100), id="wide white margin"),
        pytest.param(
            lambda i: with_margin(i, "RGBA", (0, 0, 0, 0), 40), id="white sheet, clear margin"
        ),
        pytest.param(lambda i: with_margin(i, "LA", (0, 0), 40), id="LA sheet, clear margin"),
        pytest.param(
            lambda i: with_margin(ImageOps.invert(i), "RGBA", (0, 0, 0, 0), 40),
            id="black sheet, clear margin",
        ),
        pytest.param(lambda i: i.resize((1024, 1024)), id="large picture"),
        pytest.param(lambda i: i.resize((100, 100)), id="small picture"),
    ],
)
def test_polarity_colour_and_transparency_hardly_matter(sample_drawings, plain_pixels, variant):
    drawn = [variant(render(strokes)) for _, strokes in sample_drawings]
    assert np.abs(rows_of(drawn) - plain_pixels).mean() < 0.5


def test_slant_hardly_matters(sample_drawings, plain_pixels):
    slanted = [
        render([stroke @ [[1, 0], [slant, 1]] for stroke in strokes])
        for slant in (-0.25, 0.25)
        for _, strokes in sample_drawings
    ]
    assert np.abs(rows_of(slanted) - np.tile(plain_pixels, (2, 1))).mean() < 1


@pytest.mark.parametrize(
    ("mode", "colour"),
    [
        ("L", 255),
        ("L", 0),
        ("L", 117),
        ("LA", (0, 0)),
        ("RGBA", (0, 0, 0, 0)),
        ("RGBA", (255, 255, 255, 0)),
        ("RGBA", (10, 200, 90, 128)),
    ],
)
@pytest.mark.parametrize("size", [(280, 280), (1, 1), (300, 2)], ids=str)
def test_blank_picture_of_any_colour_shows_no_ink(mode, colour, size):
    assert not pixels_from_image(Image.new(mode, size, colour)).any()


def test_faint_noise_and_a_transparent_scribble_show_no_ink():
    rng = np.random.default_rng(0)
    noise = (rng.integers(-5, 6, (280, 280)) + 128).astype(np.uint8)
    scribble = rng.integers(0, 256, (50, 50, 4), np.uint8)
    scribble[:, :, 3] = 0
    assert not rows_of([Image.fromarray(noise), Image.fromarray(scribble)]).any()


def painted(*box, size=(280, 280)):
    image = Image.new("L", size, PAPER)
    image.paste(INK, box)
    return image


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(painted(80, 80, 200, 200), id="square"),
        pytest.param(painted(140, 140, 141, 141), id="one pixel"),
        pytest.param(painted(140, 40, 141, 240), id="upright line"),
        pytest.param(painted(40, 140, 240, 141), id="level line"),
        pytest.param(painted(1, 1, 279, 279), id="ink up to the border"),
        pytest.param(painted(1, 1, 2, 2, size=(3, 3)), id="3x3"),
        pytest.param(painted(2, 1, 4000, 2, size=(4096, 3)), id="very wide"),
    ],
)
def test_odd_picture_with_ink_gives_an_8x8_that_is_not_blank(image):
    pixels = pixels_from_image(image)
    assert (pixels.shape, pixels.dtype) == ((8, 8), np.uint8)
    assert 8 <= pixels.max() <= 16


@pytest.mark.parametrize("shape", [(1, 1), (64, 64), (5, 300)], ids=str)
def test_picture_wholly_of_ink_gives_an_8x8_that_is_not_blank(shape):
    pixels = pixels_from_ink(np.full(shape, 255, np.uint8))
    assert (pixels.shape, pixels.dtype) == ((8, 8), np.uint8)
    assert pixels.max() == MAX_INTENSITY


def test_upright_line_stays_narrow_and_level_line_flat():
    upright = pixels_from_image(painted(130, 40, 150, 240)) > 0
    level = pixels_from_image(painted(40, 130, 240, 150)) > 0
    assert (upright.any(axis=0).sum() <= 4, upright.any(axis=1).sum()) == (True, 8)
    assert (level.any(axis=1).sum() <= 4, level.any(axis=0).sum() >= 5) == (True, True)


def test_form_is_as_high_wide_and_dark_as_the_digits(plain_pixels, all_digits):
    pixels, _ = all_digits
    for measure in (
        lambda rows: rows.mean() / 16,
        lambda rows: (rows.reshape(-1, 8, 8).max(axis=2) > 4).sum(axis=1).mean() / 8,
        lambda rows: (rows.reshape(-1, 8, 8).max(axis=1) > 4).sum(axis=1).mean() / 8,
    ):
        assert measure(plain_pixels) == pytest.approx(measure(pixels), abs=0.05)


pictures = st.sampled_from([(), (2,), (3,), (4,)]).flatmap(
    lambda bands: st_numpy.arrays(
        np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)).map(lambda hw: hw + bands)
    )
)


@given(pictures)
def test_any_picture_gives_8x8_intensities_from_0_to_16(picture):
    pixels = pixels_from_image(Image.fromarray(picture))
    assert (pixels.shape, pixels.dtype) == ((8, 8), np.uint8)
    assert pixels.max() <= MAX_INTENSITY
