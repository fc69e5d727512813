import pickle
import re

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from nn import InkTransformer, SigmoidClassifier, drawings
from nn.ink import pixels_from_image
from nn.picture import PictureError, open_picture
from tests.support.image_files import a_seven, encoded

INK = InkTransformer()


@pytest.fixture
def seven():
    """Black on white, (280, 280) uint8, and its 64 intensities."""
    image = a_seven("L")
    return np.asarray(image), pixels_from_image(image).ravel()


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
    ids=lambda check: check.__name__,
)
def test_scikit_learns_checks_that_need_no_table_of_numbers_pass(check):
    check("InkTransformer", InkTransformer())


def test_rows_are_what_nn_ink_makes_of_each_picture(sample_drawings, plain_pixels):
    pictures = [drawings.render(strokes) for _, strokes in sample_drawings]
    rows = INK.fit_transform(pictures)
    assert (rows.shape, rows.dtype) == ((60, 64), np.float64)
    np.testing.assert_array_equal(rows, plain_pixels)


@pytest.mark.parametrize(
    "made",
    [
        lambda grey: grey,
        lambda grey: 255 - grey,  # polarity does not matter
        lambda grey: grey[:, :, None],
        lambda grey: (grey > 127).astype(int),  # numbers 0 and 1
        lambda grey: grey.astype(np.int64),
        lambda grey: grey.astype(np.float32),
        lambda grey: grey / 255,
        lambda grey: np.stack([grey] * 3, axis=2),
        lambda grey: np.stack([grey] * 3, axis=2) / 255,
        lambda grey: np.dstack([*[grey] * 3, np.full_like(grey, 255)]),
        Image.fromarray,
        lambda grey: Image.fromarray(grey).convert("P"),
        lambda grey: Image.fromarray(grey.astype(np.uint16) * 257),
        lambda grey: encoded(Image.fromarray(grey)),
    ],
)
def test_picture_gives_the_same_row_in_every_form(seven, made):
    grey, expected = seven
    [row] = INK.transform([made(grey)])
    np.testing.assert_array_equal(row, expected)


def test_truth_values_are_ink_and_paper(seven):
    ink = seven[0] < 128
    [by_hand] = INK.transform([255 * ink.astype(np.uint8)])
    np.testing.assert_array_equal(INK.transform([ink]), [by_hand])


def test_photo_taken_sideways_is_turned_in_every_form(tmp_path):
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned by a quarter
    a_seven("RGB").save(path, exif=exif)
    with Image.open(path) as opened:
        np.testing.assert_array_equal(INK.transform([opened]), INK.transform([path]))


@pytest.mark.parametrize("path_type", [str, lambda path: path])
def test_paths_are_opened(tmp_path, seven, path_type):
    path = tmp_path / "seven.png"
    Image.fromarray(seven[0]).save(path)
    np.testing.assert_array_equal(INK.transform([path_type(path)]), [seven[1]])


def test_stacked_arrays_and_generators_are_pictures_one_by_one(seven):
    grey, row = seven
    for pictures in (
        np.stack([grey, grey]),
        (grey for _ in range(2)),
        [grey, encoded(a_seven())],
    ):
        np.testing.assert_array_equal(INK.transform(pictures), [row, row])


def test_large_pillow_image_is_reduced_as_its_file_is():
    large = a_seven("RGB").resize((3000, 3000))
    from_file = pixels_from_image(open_picture(encoded(large))).ravel()
    np.testing.assert_array_equal(INK.transform([large]), [from_file])


def test_blank_picture_becomes_zeros_also_among_others(seven):
    blank = np.full((50, 50), 255, np.uint8)
    rows = INK.transform([seven[0], blank, np.zeros((9, 9))])
    assert rows[0].any()
    assert not rows[1:].any()


def test_pictures_are_left_as_they_are(seven):
    values = seven[0] / 255
    before = values.copy()
    INK.transform([values])
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (np.zeros(64), "an array of shape (64,) is no picture. The shape must be (height,"),
        (np.zeros((2, 3, 4, 5)), "an array of shape (2, 3, 4, 5) is no picture."),
        (np.zeros((8, 8, 5)), "an array of shape (8, 8, 5) is no picture."),
        (np.full((8, 8), 300), "its values go from 300 to 300; they must be 0 to 1, or 0 to"),
        (np.full((8, 8), -0.5), "its values go from -0.5 to -0.5;"),
        (np.full((8, 8), np.nan), "its values go from nan to nan;"),
        (np.zeros((0, 8)), "the array holds no numbers."),
        (np.full((8, 8), "x"), "the array holds no numbers."),
        (np.zeros((1, 8193), np.uint8), "The picture is 8193 x 1 pixels; at most 8192 x 8192"),
        (Image.new("F", (9, 9)), "The picture's colours are stored as F; send greyscale or"),
        (Image.new("L", (0, 9)), "the picture has no pixels."),
        (b"", "The picture is empty (0 bytes)."),
        (b"a text", "This is no picture that can be read."),
        (encoded(a_seven())[:-30], "The picture is damaged or cut short."),
        ("absent.png", "absent.png: No such file or directory."),
        (None, "NoneType is no picture. Give a Pillow image, an array, bytes or a path."),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_bad_picture_is_named_by_its_index(seven, bad, sentence):
    with pytest.raises(PictureError, match=rf"^Picture 2: {re.escape(sentence)}"):
        INK.transform([seven[0], seven[0], bad])


def test_file_that_is_no_picture_is_named(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear network")
    with pytest.raises(PictureError, match=r"^Picture 0: .*letter\.txt: This is no picture"):
        INK.transform([path])


def test_damaged_file_that_pillow_has_opened_is_refused(tmp_path):
    path = tmp_path / "cut.png"
    path.write_bytes(encoded(a_seven())[:-30])
    with Image.open(path) as image, pytest.raises(PictureError, match=r"^Picture 0: .*damaged"):
        INK.transform([image])


@pytest.mark.parametrize(
    "single",
    [Image.new("L", (9, 9)), b"bytes", "seven.png"],
    ids=lambda single: type(single).__name__,
)
def test_single_picture_is_asked_to_be_put_into_a_list(single):
    with pytest.raises(ValueError, match=r"X is one picture; put it into a list: \[X\]\."):
        INK.transform(single)


def test_no_pictures_at_all_are_refused():
    with pytest.raises(ValueError, match="X holds no pictures; at least one is needed"):
        INK.transform([])


def test_columns_have_the_names_of_load_digits():
    names = INK.get_feature_names_out()
    assert (names[0], names[9], names[63]) == ("pixel_0_0", "pixel_1_1", "pixel_7_7")
    assert len(set(names)) == 64


def test_output_can_be_set_as_for_every_transformer(seven):
    chosen = clone(INK).set_output(transform="default")
    np.testing.assert_array_equal(chosen.transform([seven[0]]), [seven[1]])


def test_pipeline_from_pictures_to_digits_works_copied_pickled_and_cross_validated(
    sample_drawings, all_digits
):
    pictures = [drawings.render(strokes) for _, strokes in sample_drawings]
    digits = [digit for digit, _ in sample_drawings]
    pipeline = make_pipeline(InkTransformer(), SigmoidClassifier(random_state=0))
    twin = pickle.loads(pickle.dumps(clone(pipeline).fit(pictures, digits)))
    assert twin.score(pictures, digits) > 0.9
    assert list(twin[:-1].get_feature_names_out()) == list(INK.get_feature_names_out())
    assert cross_val_score(pipeline, pictures, digits, cv=2).shape == (2,)
    # Learnt from scikit-learn's digits, it reads drawings: both have the same form.
    pipeline[-1].fit(*all_digits)
    assert pipeline.score(pictures, digits) > 0.75


def test_nn_has_no_other_names():
    import nn

    assert nn.InkTransformer is InkTransformer
    with pytest.raises(AttributeError, match="has no attribute 'Sigmoid'"):
        _ = nn.Sigmoid
