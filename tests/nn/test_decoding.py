"""Files that are made to be slow, and files whose metadata is broken or huge."""

import re
import struct
import subprocess
import sys
import time
import zlib

import pytest
from PIL import Image

from nn.picture import PictureError, open_picture
from tests.conftest import ROOT
from tests.support.image_files import (
    PNG_HEADER,
    a_seven,
    chunk,
    encoded,
    riff,
    segment,
    shows_the_seven,
)

MEMORY = 300  # MB a process


def jpeg_with(*segments, image=None, **options):
    """A JPEG with segments after its first two bytes."""
    data = encoded(image or a_seven("RGB"), "JPEG", **options)
    return data[:2] + b"".join(segments) + data[2:]


def png_with(*chunks):
    """A PNG with chunks after its header."""
    data = encoded(a_seven("RGB"))
    return data[:33] + b"".join(chunks) + data[33:]


def webp_with(*chunks):
    """A WebP with chunks of metadata, which its header announces."""
    plain = encoded(a_seven("RGB"), "WEBP", lossless=True)
    header = riff(b"VP8X", struct.pack("<I", 0x2C) + b"\x3b\0\0\x4f\0\0")
    body = b"WEBP" + header + plain[12:] + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def exif(tag=0x0112, kind=3, value=1, offset=8):
    """An EXIF block of one entry, big-endian."""
    entry = struct.pack(">HHIHH", tag, kind, 1, value, 0)
    return b"Exif\0\0MM\0*" + struct.pack(">IH", offset, 1) + entry + bytes(4)


HUGE = bytes(60_000)
FAULTS = {
    "EXIF of nonsense": exif()[:6] + b"\xff" * 100,
    "EXIF cut short": exif()[:16],
    "EXIF that points beyond its end": exif(offset=2**31),
    "EXIF with a rational of no value": exif(tag=0x011A, kind=5, value=65535),
    "EXIF with an impossible orientation": exif(value=99),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_broken_exif_does_not_refuse_a_picture(fault):
    bare = fault.removeprefix(b"Exif\0\0")
    for data in (
        jpeg_with(segment(0xE1, fault)),
        png_with(chunk(b"eXIf", bare)),
        webp_with(riff(b"EXIF", bare)),
    ):
        image = open_picture(data)
        assert image.size == (60, 80)
        assert shows_the_seven(image)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            jpeg_with(*[segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + HUGE)] * 34),
            id="JPEG, 2 MB of XMP",
        ),
        pytest.param(
            jpeg_with(*[segment(0xE2, b"ICC_PROFILE\0\1\2" + HUGE)] * 34), id="JPEG, broken ICC"
        ),
        pytest.param(jpeg_with(segment(0xE2, b"MPF\0" + b"\xff" * 50)), id="JPEG, broken MPF"),
        pytest.param(
            jpeg_with(segment(0xED, b"Photoshop 3.0\0" + b"\xff" * 9)), id="JPEG, IPTC"
        ),
        pytest.param(jpeg_with(b"stray bytes"), id="JPEG, stray bytes"),
        pytest.param(
            png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + HUGE * 34)),
            id="PNG, 2 MB of XMP",
        ),
        pytest.param(
            png_with(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26)))),
            id="PNG, text bomb",
        ),
        pytest.param(png_with(chunk(b"iCCP", b"a\0\0" + b"\xff" * 40)), id="PNG, broken ICC"),
        pytest.param(png_with(chunk(b"iCCP", b"")), id="PNG, empty ICC"),
        pytest.param(png_with(chunk(b"pHYs", b"\0")), id="PNG, broken pHYs"),
        pytest.param(webp_with(riff(b"XMP ", HUGE * 34)), id="WebP, 2 MB of XMP"),
        pytest.param(webp_with(riff(b"ICCP", b"\xff" * 33)), id="WebP, broken ICC"),
    ],
)
def test_metadata_does_not_refuse_a_picture(data):
    assert shows_the_seven(open_picture(data))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_turns_the_picture_upright(orientation):
    upright = a_seven("RGB")
    # EXIF's numbers say how the stored picture was made from the upright one.
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    data = jpeg_with(segment(0xE1, exif(value=orientation)), image=stored)
    image = open_picture(data)
    assert image.size == (60, 80)
    assert shows_the_seven(image)


def progressive(side, more):
    """A progressive JPEG, white, whose last scan comes some more times."""
    data = encoded(Image.new("L", (side, side), 255), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * more + data[-2:]


def rle_bmp(width, height, runs):
    colours = bytes(1024)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(runs), 0, 0, 256, 0)
    offset = 14 + len(header) + len(colours)
    return (
        b"BM" + struct.pack("<IHHI", offset + len(runs), 0, 0, offset) + header + colours + runs
    )


def png(width, height, depth, colours, interlaced=0):
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced)
    rest = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return PNG_HEADER + chunk(b"IHDR", header) + rest


SLOW = {
    "a small JPEG of many scans": (progressive(64, 200), "100 scans"),
    "a large JPEG of many scans": (progressive(4096, 60), "8,000,000 blocks"),
    "a progressive JPEG of 67 megapixels": (
        encoded(Image.new("RGB", (8192, 8192)), "JPEG", progressive=True, subsampling=0),
        "1,310,720 blocks",
    ),
    "a JPEG of many segments": (jpeg_with(segment(0xFE, b"") * 20_000), "10,000 segments"),
    "a PNG of many chunks": (png_with(chunk(b"IDAT", b"") * 20_000), "10,000 chunks"),
    "a PNG of 16 bits and 67 megapixels": (png(8192, 8192, 16, 6), "bytes when unpacked"),
    "an interlaced PNG of 67 megapixels": (png(8192, 8192, 8, 2, 1), "interlaced"),
    "a WebP of 64 megapixels": (
        encoded(Image.new("RGB", (8000, 8000)), "WEBP", lossless=True, method=0),
        "12,500,000 pixels",
    ),
    "a WebP of many chunks": (webp_with(riff(b"XMP ", b"") * 20_000), "10,000 chunks"),
    "a BMP of many runs": (rle_bmp(1024, 1024, b"\1\0" * 2**19 + b"\0\1"), "1,048,576 bytes"),
    "a BMP of empty lines": (rle_bmp(8192, 8192, b"\0\0" * 8192 + b"\0\1"), "1,048,576 pixels"),
}


@pytest.mark.parametrize(("data", "reason"), SLOW.values(), ids=SLOW)
def test_what_takes_long_to_decode_is_refused_before(data, reason):
    start = time.process_time()
    with pytest.raises(PictureError) as caught:
        open_picture(data)
    assert time.process_time() - start < 0.25
    assert re.search(reason, str(caught.value))
    assert caught.value.code == "picture_too_large"


def test_picture_of_one_pixel_that_unpacks_to_a_gigabyte_costs_nothing():
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(1024)) + packer.flush()
    data = PNG_HEADER + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    start = time.process_time()
    assert open_picture(data).size == (1, 1)
    assert time.process_time() - start < 0.25


def test_ordinary_progressive_picture_is_taken():
    data = encoded(a_seven("RGB", (3024, 4032)), "JPEG", progressive=True)
    assert shows_the_seven(open_picture(data))


def test_jpeg_of_arithmetic_coding_gets_a_sentence():
    data = encoded(a_seven(), "JPEG").replace(b"\xff\xc0", b"\xff\xc9")
    with pytest.raises(PictureError, match=r"rare kind.*save it again"):
        open_picture(data)


MEASURE = """
import pathlib, re, sys
from nn.ink import pixels_from_image
from nn.picture import open_picture
assert pixels_from_image(open_picture(sys.stdin.buffer.read())).any()
status = pathlib.Path("/proc/self/status").read_text()
print(int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) // 1024)
"""


def largest(file_format):
    if file_format == "RGBA":
        return encoded(a_seven("RGBA", (8192, 8192)), compress_level=1)
    if file_format == "PROGRESSIVE":
        return encoded(a_seven("L", (8192, 8192)), "JPEG", progressive=True)
    side = {"JPEG": 8192, "WEBP": 3500}[file_format]
    return encoded(a_seven("RGB", (side, side)), file_format)


@pytest.mark.skipif(sys.platform != "linux", reason="measures as Linux does")
@pytest.mark.parametrize("file_format", ["RGBA", "JPEG", "PROGRESSIVE", "WEBP"])
def test_largest_pictures_take_little_memory(file_format, record_property):
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        input=largest(file_format),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    record_property("figure", f"largest {file_format}: {int(done.stdout)} MB")
    assert int(done.stdout) < MEMORY
