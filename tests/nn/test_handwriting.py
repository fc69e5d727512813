import dataclasses
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from nn import augment, handwriting
from nn.__main__ import main
from nn.digits import NO_DIGIT
from nn.handwriting import read
from nn.ink import pixels_from_ink


def ink(heights):
    """The ink of heights, uint8, dark where a pen has been."""
    return (255 * np.clip(8 * (heights - 0.5) + 0.5, 0, 1)).astype(np.uint8)


def test_every_digit_is_written_in_many_ways_and_no_name_or_shape_twice():
    ways = handwriting.ways()
    assert set(Counter(way.digit for way in ways)) == {NO_DIGIT, *range(10)}
    assert min(Counter(way.digit for way in ways).values()) >= 12
    assert max(Counter((way.digit, way.name) for way in ways).values()) == 1
    assert len({handwriting.model_of(way).tobytes() for way in ways}) == len(ways)


def test_shipped_model_reads_nearly_every_way_as_it_is_taught(shipped):
    ways = handwriting.ways()
    pixels = np.array([pixels_from_ink(ink(handwriting.model_of(w))).ravel() for w in ways])
    answers = shipped.judge(pixels)
    read_as = [a.digit if a.verdict == "sure" else NO_DIGIT for a in answers]
    wrong = [f"{w.digit}, {w.name}" for w, d in zip(ways, read_as, strict=True) if w.digit != d]
    assert len(wrong) <= 10, wrong


def test_shipped_model_reads_most_copies(shipped):
    rng = np.random.default_rng(5)
    pixels, labels = augment._warped(handwriting.copies(1100, rng), 1100, rng, None)
    said = shipped.predict_proba(pixels).argmax(axis=1)
    assert (said == labels)[labels != NO_DIGIT].mean() > 0.93


def test_copies_are_as_many_as_asked_for_and_all_digits_alike():
    made = list(handwriting.copies(1103, np.random.default_rng(0)))
    labels = np.concatenate([said for _, said in made])
    heights = np.concatenate([heights for heights, _ in made])
    assert heights.shape == (1103, 60, 60)
    assert heights.dtype == np.float32
    assert ((heights > 0.5).mean(axis=(1, 2)) > 0.01).all()
    assert set(np.bincount(labels - NO_DIGIT)) <= {100, 101}


def test_no_copies_are_none():
    assert sum(len(said) for _, said in handwriting.copies(0, np.random.default_rng(0))) == 0


def test_handwriting_is_made_also_where_no_copies_are_asked_for(all_digits):
    pixels, labels = (array[:5] for array in all_digits)
    made, shown = augment.training_pictures(pixels, labels, 0, 0, written=22)
    assert made.shape == (27, 64)
    assert (np.bincount(shown[5:] - NO_DIGIT) == 2).all()


def test_common_ways_outweigh_rare_ones():
    common, rare, other = (
        read(1, "a", "50,0 50,100", 4),
        read(1, "b", "0,0 9,9"),
        read(2, "c", "0,0 9,9"),
    )
    assert handwriting.shares(100, (common, rare, other)) == [40, 10, 50]


def test_the_same_seed_gives_the_same_copies_and_every_copy_differs():
    way = handwriting.ways()[50]
    one, two, other = (handwriting.drawn(way, 4, np.random.default_rng(s)) for s in (1, 1, 2))
    assert (one == two).all()
    assert (one != other).any()
    assert len(np.unique(one, axis=0)) == 4


def test_a_curve_passes_through_its_points_and_a_corner_stays_sharp():
    way = read(7, "plain", "0,0 0,0 100,0 100,0 40,100")
    dots = way.curve @ way.points
    for point in way.points:
        assert np.abs(dots - point).sum(axis=1).min() < 1e-4
    assert ((dots[:, 1] == 0) | (np.abs(dots[:, 0] + 0.6 * dots[:, 1] - 100) < 1e-3)).all()


def test_a_point_alone_between_curves_is_bent_smoothly():
    dots = (way := read(0, "bow", "0,0 100,50 0,100")).curve @ way.points
    direction = np.diff(dots, axis=0)
    turns = np.abs(np.diff(np.unwrap(np.arctan2(direction[:, 1], direction[:, 0]))))
    assert turns.max() < 0.5


def test_a_straight_line_is_as_wide_as_the_pen_and_ends_where_it_ends():
    way = read(1, "stem", "50,0 50,100")
    picture = handwriting.model_of(way) > 0.5
    columns, rows = np.flatnonzero(picture.any(axis=0)), np.flatnonzero(picture.any(axis=1))
    assert len(columns) == pytest.approx(2 * 0.45 * 6, abs=1.1)
    assert (columns.mean(), rows.mean()) == pytest.approx((29.5, 29.5), abs=0.6)
    assert len(rows) == pytest.approx((7 + 2 * 0.45) * 6, abs=2.1)


def test_no_ink_joins_two_strokes():
    way = read(1, "two", "0,0 0,100 / 100,0 100,100")
    assert not (handwriting.model_of(way)[:, 25:35] > 0).any()


@pytest.mark.parametrize(
    ("strokes", "reason"),
    [
        ("50,0 50;100", "4, odd: '50;100' is not a point such as 50,100."),
        ("50,0 50", "4, odd: '50' is not a point such as 50,100."),
        ("50,0", "4, odd: '50,0' has no stroke of two points."),
    ],
)
def test_a_way_that_cannot_be_read_is_named_with_the_reason(strokes, reason):
    with pytest.raises(ValueError, match="4, odd") as caught:
        read(4, "odd", strokes)
    assert str(caught.value) == reason


def test_ways_cannot_be_changed_by_mistake():
    with pytest.raises(dataclasses.FrozenInstanceError):
        handwriting.ways()[0].digit = 5


def test_show_handwriting_draws_every_way_with_its_name(tmp_path):
    path = tmp_path / "handwriting.png"
    assert main(["show-handwriting", "--out", str(path)]) == 0
    with Image.open(path) as sheet:
        shades = np.asarray(sheet)
    cells = shades.reshape(shades.shape[0] // 84, 84, 9, 124).transpose(0, 2, 1, 3)
    drawn = (cells[:, :, :64] < 128).any(axis=(2, 3))
    named = (cells[:, :, 64:] < 128).any(axis=(2, 3))
    assert drawn.sum() == named.sum() == len(handwriting.ways())
