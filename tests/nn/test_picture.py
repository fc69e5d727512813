import io
import re
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from nn import png_bands
from nn.ink import pixels_from_image
from nn.picture import (
    NotAPicture,
    PictureError,
    PictureTooLarge,
    UnsupportedPicture,
    open_picture,
)
from tests.support.image_files import a_seven, encoded, shows_the_seven

MIB = 2**20


def png_that_claims(width, height):
    """A PNG of a few bytes whose header promises so many greyscale pixels."""
    png = bytearray(encoded(Image.new("L", (1, 1))))
    png[16:24] = struct.pack(">II", width, height)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    return bytes(png)


def two_frames(file_format):
    return encoded(
        a_seven("RGB"), file_format, save_all=True, append_images=[a_seven("RGB").rotate(90)]
    )


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        pytest.param(b"", NotAPicture, r"0 bytes.*PNG, JPEG, WebP or BMP", id="0 bytes"),
        pytest.param(b"a text", NotAPicture, "PNG, JPEG, WebP or BMP", id="text"),
        pytest.param(encoded(a_seven(), "GIF"), NotAPicture, "PNG, JPEG", id="GIF"),
        pytest.param(encoded(a_seven(), "TIFF"), NotAPicture, "PNG, JPEG", id="TIFF"),
        pytest.param(encoded(a_seven())[:-30], NotAPicture, "damaged or cut", id="cut PNG"),
        pytest.param(encoded(a_seven(), "BMP")[:-99], NotAPicture, "damaged", id="cut BMP"),
        pytest.param(bytes(17 * MIB), PictureTooLarge, r"16,777,216.*16 MiB", id="17 MiB"),
        pytest.param(bytes(16 * MIB + 1), PictureTooLarge, r"16 MiB", id="16 MiB and a byte"),
        pytest.param(
            png_that_claims(20_000, 20_000),
            PictureTooLarge,
            r"20000 x 20000.*8192 x 8192",
            id="20,000 px",
        ),
        pytest.param(
            encoded(Image.new("L", (8193, 1))),
            PictureTooLarge,
            "8193 x 1 .*8192",
            id="wide",
        ),
        pytest.param(
            encoded(Image.new("L", (1, 8193))),
            PictureTooLarge,
            "1 x 8193 .*8192",
            id="high",
        ),
        pytest.param(two_frames("PNG"), UnsupportedPicture, "2 frames.*single", id="APNG"),
        pytest.param(
            two_frames("WEBP"), UnsupportedPicture, "2 frames.*single", id="WebP film"
        ),
    ],
)
def test_refused_picture_is_told_why_and_what_is_taken(data, error, sentence):
    with pytest.raises(error) as caught:
        open_picture(data)
    assert re.search(sentence, str(caught.value))
    assert caught.value.code in ("not_a_picture", "picture_too_large", "unsupported_picture")
    assert isinstance(caught.value, PictureError)


def test_picture_of_exactly_16_mib_is_not_refused_for_its_size():
    # What follows the end of a PNG is ignored.
    png = encoded(a_seven())
    assert open_picture(png + bytes(16 * MIB - len(png))).size == (60, 80)


SEVEN = pixels_from_image(a_seven()).astype(int)


@pytest.mark.parametrize(
    ("mode", "file_format", "opened"),
    [
        ("1", "PNG", "L"),
        ("LA", "PNG", "LA"),
        ("RGBA", "PNG", "RGBA"),
        ("L", "JPEG", "L"),
        ("RGB", "JPEG", "RGB"),
        ("RGBA", "WEBP", "RGBA"),
        ("1", "BMP", "L"),
        ("RGB", "BMP", "RGB"),
        ("P", "PNG", "RGB"),
        ("P", "BMP", "L"),
        ("CMYK", "JPEG", "RGB"),
        ("L", "MPO", "L"),
        ("RGB", "MPO", "RGB"),
    ],
)
def test_picture_of_every_kind_that_is_taken_shows_its_digit(mode, file_format, opened):
    drawn = a_seven(mode)
    if mode == "RGBA":
        drawn.putpixel((0, 0), (255, 255, 255, 0))  # WebP drops an alpha that is all opaque
    image = open_picture(encoded(drawn, file_format))
    assert (image.mode, image.size) == (opened, (60, 80))
    assert shows_the_seven(image)


@pytest.mark.parametrize(
    ("image", "transparent"),
    [(a_seven("L"), 255), (a_seven("RGB"), (255, 255, 255)), (a_seven("1"), 1)],
    ids=["L", "RGB", "1"],
)
def test_colour_that_a_png_declares_transparent_is_paper(image, transparent):
    opened = open_picture(encoded(image, transparency=transparent))
    assert opened.mode == "RGBA"
    assert opened.getpixel((0, 0))[3] == 0
    np.testing.assert_array_equal(pixels_from_image(opened), SEVEN)


# EXIF's numbers for how the camera was held, and what has to be done to see it upright.
@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
    ],
)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_picture_of_a_turned_camera_is_turned_upright(orientation, stored, file_format):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = open_picture(encoded(a_seven().transpose(stored), file_format, exif=exif))
    assert image.size == (60, 80)
    assert shows_the_seven(image)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA"])
def test_largest_picture_is_taken_and_made_smaller(mode):
    image = open_picture(encoded(a_seven(mode, (8192, 8192)), compress_level=1))
    assert image.size == (1024, 1024)
    assert shows_the_seven(image)


def test_16_bits_of_grey_show_the_digit():
    deep = Image.fromarray(np.asarray(a_seven()).astype(np.uint16) * 257)
    image = open_picture(encoded(deep))
    assert (image.mode, image.size) == ("L", (60, 80))
    assert shows_the_seven(image)


def test_palette_with_a_transparent_colour_is_drawn_on_nothing():
    drawn = Image.new("P", (60, 80), 0)
    drawn.putpalette([255, 0, 0, 0, 0, 0])
    drawn.paste(1, mask=ImageOps.invert(a_seven()))
    image = open_picture(encoded(drawn, transparency=0))
    assert image.mode == "RGBA"
    assert shows_the_seven(image)


def test_a_phones_mpo_shows_its_first_picture():
    buffer = io.BytesIO()
    a_seven("RGB").save(
        buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 80), "white")]
    )
    assert shows_the_seven(open_picture(buffer.getvalue()))


def test_large_png_in_bands_is_the_same_as_at_once(monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (1400, 1100, 4), np.uint8)
    for mode in ("LA", "RGB", "RGBA"):
        data = encoded(Image.fromarray(noise).convert(mode))
        whole = np.asarray(open_picture(data))
        with monkeypatch.context() as patch:
            patch.setattr(png_bands, "WHOLE", 1)
            np.testing.assert_array_equal(np.asarray(open_picture(data)), whole)


def test_clear_hole_in_a_large_blank_sheet_is_no_ink():
    # Where the picture is made smaller, the black that hides under the hole must not show.
    sheet = Image.new("RGBA", (2000, 2000), "white")
    sheet.paste((0, 0, 0, 0), (501, 501, 999, 999))
    assert not pixels_from_image(open_picture(encoded(sheet))).any()


FILES = [encoded(a_seven("RGB"), kind) for kind in ("PNG", "JPEG", "WEBP", "BMP")]
changes = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4
)


@given(good=st.sampled_from(FILES), changes=changes, kept=st.just(1) | st.floats(0, 1))
def test_damaged_picture_is_refused_or_opens(good, changes, kept):
    damaged = bytearray(good)
    for position, value in changes:
        damaged[int(position * len(good))] = value
    try:
        image = open_picture(bytes(damaged[: int(kept * len(good))]))
    except PictureError:
        return
    assert max(image.size) <= 1024
    assert image.mode in ("L", "LA", "RGB", "RGBA")
