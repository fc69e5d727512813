import gzip

import numpy as np
import pytest
from PIL import Image

from nn.drawings import (
    CANVAS,
    DataFileError,
    Placement,
    drawn_pixels,
    pictured_pixels,
    read_drawings,
    read_pictures,
    render,
)
from nn.ink import pixels_from_image

GOOD_LINE = '{"digit": 7, "strokes": [[[1, 2], [3, 4.5]], [[5, 6]]], "writer": 1}'


@pytest.fixture
def written(tmp_path):
    """A function that writes gzipped lines and returns the file's path."""

    def write(*lines):
        path = tmp_path / "drawings.jsonl.gz"
        path.write_bytes(gzip.compress("\n".join(lines).encode()))
        return path

    return write


def test_file_without_drawings_is_refused(tmp_path):
    path = tmp_path / "none.jsonl.gz"
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(DataFileError, match="there are no drawings in the file"):
        read_drawings(path)


def test_drawings_are_read_with_digit_and_strokes(written):
    (digit, strokes), second = read_drawings(written(GOOD_LINE, GOOD_LINE.replace("7", "0")))
    assert digit == 7
    np.testing.assert_array_equal(strokes[0], [[1, 2], [3, 4.5]])
    np.testing.assert_array_equal(strokes[1], [[5, 6]])
    assert second[0] == 0


NO_DRAWING = "not a drawing like"
NO_POINTS = "not a list of one or more points"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not JSON", NO_DRAWING),
        ("", NO_DRAWING),
        ("7", NO_DRAWING),
        ("[" * 100_000, NO_DRAWING),
        ('{"digit": 7}', NO_DRAWING),
        ('{"strokes": [[[1, 2]]]}', NO_DRAWING),
        ('{"digit": 7, "strokes": 3}', NO_DRAWING),
        ('{"digit": 7, "strokes": [[[1, 2], [3]]]}', NO_DRAWING),
        ('{"digit": 7, "strokes": [[[1' + "0" * 400 + ", 2]]]}", "a"),  # beyond floats
        ('{"digit": 11, "strokes": [[[1, 2]]]}', "the digit is 11, not a whole number"),
        ('{"digit": 7.0, "strokes": [[[1, 2]]]}', "the digit is 7.0, not a whole number"),
        ('{"digit": "7", "strokes": [[[1, 2]]]}', "the digit is '7', not a whole number"),
        ('{"digit": true, "strokes": [[[1, 2]]]}', "the digit is True, not a whole number"),
        ('{"digit": 7, "strokes": []}', "no strokes"),
        ('{"digit": 7, "strokes": [[]]}', NO_POINTS),
        ('{"digit": 7, "strokes": [[[1, 2, 3]]]}', NO_POINTS),
        ('{"digit": 7, "strokes": [[[1, null]]]}', NO_POINTS),
        ('{"digit": 7, "strokes": [[[1, 1e400]]]}', NO_POINTS),
    ],
    ids=lambda value: value[:40],
)
def test_wrong_line_is_named_with_its_reason(written, line, reason):
    path = written(GOOD_LINE, GOOD_LINE, line, GOOD_LINE)
    with pytest.raises(DataFileError) as caught:
        read_drawings(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        GOOD_LINE.encode(),
        gzip.compress(GOOD_LINE.encode())[:-12],
        gzip.compress(GOOD_LINE.encode() * 99)[:60],
        gzip.compress(b"\xff\xfe\xff"),
        gzip.compress(GOOD_LINE.encode())[:20] + bytes(80),
    ],
    ids=["not gzip", "cut", "cut early", "not UTF-8", "damaged"],
)
def test_file_that_is_not_whole_gzipped_text_is_refused(tmp_path, data):
    path = tmp_path / "drawings.jsonl.gz"
    path.write_bytes(data)
    with pytest.raises(DataFileError, match="not a complete gzipped text file") as caught:
        read_drawings(path)
    assert str(path) in str(caught.value)


IMAGES = np.random.default_rng(0).integers(0, 256, (3, 9, 7), np.uint8)
LABELS = np.array([1, 2, 3])


@pytest.fixture
def pictures_file(tmp_path):
    """A function that writes arrays as .npz and returns the file's path."""

    def write(**arrays):
        np.savez(tmp_path / "pictures.npz", **arrays)
        return tmp_path / "pictures.npz"

    return write


def test_pictures_are_read_with_their_labels(pictures_file):
    images, labels = read_pictures(pictures_file(images=IMAGES, labels=LABELS))
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(labels, LABELS)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        pytest.param({"images": IMAGES}, "'labels' is missing", id="no labels"),
        pytest.param({"labels": LABELS}, "'images' is missing", id="no images"),
        pytest.param(
            {"images": np.array([None]), "labels": LABELS}, "not a complete .npz", id="pickle"
        ),
        pytest.param({"images": IMAGES / 255}, "`images` is float64", id="floats"),
        pytest.param({"images": IMAGES[0]}, "shape (9, 7)", id="one image"),
        pytest.param({"images": IMAGES[:0], "labels": LABELS[:0]}, "(0, 9, 7)", id="none"),
        pytest.param({"labels": LABELS[:2]}, "3 whole numbers", id="too few"),
        pytest.param({"labels": LABELS + 7}, "from 0 to 9", id="label 10"),
        pytest.param({"labels": LABELS - 2}, "from 0 to 9", id="label -1"),
        pytest.param({"labels": LABELS / 1}, "whole numbers", id="float labels"),
    ],
)
def test_wrong_pictures_are_refused_with_the_reason(pictures_file, arrays, reason):
    if "missing" not in reason:
        arrays = {"images": IMAGES, "labels": LABELS} | arrays
    path = pictures_file(**arrays)
    with pytest.raises(DataFileError) as caught:
        read_pictures(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def box(image):
    """Bounding box of the ink: left, top, right, bottom."""
    return Image.eval(image, lambda v: 255 - v).getbbox()


@pytest.mark.parametrize(
    ("pen", "height", "corner"), [(12, 200, False), (20, 93, True), (28, 240, True)]
)
def test_drawings_lie_within_the_canvas_in_the_size_asked_for(
    sample_drawings, pen, height, corner
):
    rng = np.random.default_rng(0)
    boxes = []
    for _, strokes in sample_drawings:
        image = render(strokes, Placement(pen, height, corner), rng)
        assert (image.mode, image.size) == ("L", (CANVAS, CANVAS))
        boxes.append(box(image))
        left, top, right, bottom = boxes[-1]
        assert max(right - left, bottom - top) == pytest.approx(height + pen, abs=3)
    assert {0, 255} < set(np.unique(np.asarray(image)))  # black on white, with soft edges
    boxes = np.array(boxes)
    assert boxes.min() >= 0
    # A path that ran over the edge would be cut there and fall short of its size above.
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert (np.ptp(centres, axis=0) > (10 if corner else 0)).all()
    if not corner:
        assert np.abs(centres - CANVAS / 2).max() <= 2


def test_drawing_of_one_point_is_a_dot_of_the_pens_width():
    left, top, right, bottom = box(render([np.array([[31.0, 400.0]])], Placement(pen=20)))
    assert right - left == pytest.approx(20, abs=1)
    assert bottom - top == pytest.approx(20, abs=1)
    assert (left + right) / 2 == pytest.approx(CANVAS / 2, abs=1)


def test_points_all_in_one_place_are_a_dot_too():
    dot = render([np.array([[5.0, 5.0]])])
    assert render([np.array([[5.0, 5.0]] * 3), np.array([[5.0, 5.0]])]) == dot


def test_drawn_pixels_are_those_of_each_rendered_drawing(sample_drawings):
    few = sample_drawings[:5]
    wrapped = []
    pixels, digits = drawn_pixels(
        few, Placement(pen=12), lambda them: wrapped.append(them) or them
    )
    assert list(digits) == [digit for digit, _ in few]
    assert wrapped == [few]
    for row, (_, strokes) in zip(pixels, few):
        expected = pixels_from_image(render(strokes, Placement(pen=12)))
        np.testing.assert_array_equal(row.reshape(8, 8), expected)


def test_random_corners_are_the_same_every_time(sample_drawings):
    placement = Placement(height=93, random_corner=True)
    first, again = (drawn_pixels(sample_drawings[:5], placement)[0] for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_pictured_pixels_are_those_of_each_picture():
    pixels = pictured_pixels(IMAGES)
    assert (pixels.shape, pixels.dtype) == ((3, 64), np.uint8)
    for row, image in zip(pixels, IMAGES):
        expected = pixels_from_image(Image.fromarray(image))
        np.testing.assert_array_equal(row.reshape(8, 8), expected)
