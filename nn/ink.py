"""Any picture of a digit -> the 8x8 intensities, 0..16, that the network sees.

scikit-learn's digits went through NIST's form-processing normalisation: upright, 32 high
and about 20 wide whatever the digit's own shape, three tenths of the frame ink; then every
4x4 block was counted into one of 8x8 cells (Garris et al., "NIST Form-Based Handprint
Recognition System", NISTIR 5469, 1994; Alpaydin and Kaynak, "Cascading Classifiers", 1998).
`nn.paper` finds the ink, `nn.lines` and `nn.pieces` tell the digit from what else is on the
paper, `normalised` brings it to that form. Training pictures and visitors' drawings both pass
through it, so that the network sees the same form in use as in training.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nn import lines, pieces
from nn.network import Floats
from nn.paper import FAINTEST, border, bounds, find_ink

Bytes = NDArray[np.uint8]

SIDE = 8  # cells across and down
MAX_INTENSITY = 16  # a cell full of ink

_FRAME = 64  # working resolution: NIST's 32x32, doubled
_INNER = 52  # longer side of the drawing inside the frame, leaving room for it to grow
_FAINT = 0.2  # of the darkest ink; what is fainter belongs to no piece
_SMALLEST = 0.03  # of the picture's longer side; smaller digits cannot be told from dirt
_PIECES_SIDE = 256  # px of the longer side at which pieces are told apart
_GROWN_AREA = 0.30  # ink, as a share of its bounding box, after `_grow`
_NARROW = 0.35  # below this ratio of width to height a digit keeps its shape
_FORM_WIDTH = 20 / 32  # of the frame, the median in the original bitmaps
_FORM_AREA = 0.305  # of the frame that is ink, the mean in the original bitmaps


class Jitter(NamedTuple):
    """Small random departures from the form, for training pictures; none for drawings."""

    slant: float = 0.0  # added to the measured slant
    width: float = 1.0  # factor of the form's width
    area: float = 1.0  # factor of the grown ink's area

    @classmethod
    def random(cls, rng: np.random.Generator) -> Self:
        return cls(rng.normal(0, 0.06), *np.exp(rng.normal(0, (0.05, 0.1))))


NO_JITTER = Jitter()


class Steps(NamedTuple):
    """What becomes of the ink on its way to the 8x8 picture. Frames have 64x64 px.

    Attributes
    ----------
    found : ndarray of shape (64, 64), float32, 0..1
        The ink, its longer side scaled to 52 px, in the middle.
    evened : ndarray of shape (64, 64), float32, 0 or 1
        Its strokes grown or thinned to one weight.
    slant : float
        Columns that its stem moves to the right per row downwards.
    stretched : ndarray of shape (64, 64), float32, 0..1
        `evened` upright, as high as the frame and as wide as a digit of its kind.
    counted : ndarray of shape (64, 64), bool
        Which of its pixels count as ink.
    cells : ndarray of shape (8, 8), uint8, 0..16
        How much of each block of 8x8 px is ink.
    """

    found: Floats
    evened: Floats
    slant: float
    stretched: Floats
    counted: NDArray[np.bool_]
    cells: Bytes

    @property
    def upright(self) -> Floats:
        """`evened` without its slant. In `stretched` both happen at once."""
        rows = np.flatnonzero(self.evened.any(axis=1))
        middle = (rows[0] + rows[-1] + 1) / 2
        return _transformed(self.evened, (1, self.slant, -self.slant * middle, 0, 1, 0))


def pixels_from_image(image: Image.Image) -> Bytes:
    """The 8x8 picture of a drawing.

    Parameters
    ----------
    image : PIL.Image.Image
        Mode L, LA, RGB or RGBA, any size and polarity; transparent parts count as paper.

    Returns
    -------
    ndarray of shape (8, 8), uint8, 0..16
        All zero when the picture shows no ink, or too little to read. Several digits are all
        in it, and look like none.
    """
    return _cells(steps_from_image(image))


def steps_from_image(image: Image.Image) -> Steps | None:
    """All steps from a drawing to its 8x8 picture; None if it shows no ink, or too little.

    image : as for `pixels_from_image`
    """
    ink = find_ink(image)
    box = cropped(ink)
    if box is None:
        return None
    frame = _centred(box)
    smallest = _SMALLEST * max(ink.shape)
    if border(ink).max() > _FAINT * box.max():
        return _steps_from_ink(_digits_ink(ink, smallest))
    mask = frame > _FAINT
    if pieces.count(mask) > 1:
        # A piece may seem a pixel larger than it is at this size.
        digit = pieces.digit(mask, smallest * _INNER / max(box.shape) + 1)
        if not (digit == mask).all():
            return _steps_from_ink(_digits_ink(np.pad(box, _margin(box)), smallest))
    return normalised(frame)


def _margin(box: Bytes) -> int:
    """So much paper around the ink's box that nothing in it seems cut by the border."""
    return int(max(box.shape)) // 16 + 1


def pixels_from_ink(ink: Bytes, jitter: Jitter = NO_JITTER) -> Bytes:
    """The 8x8 picture, (8, 8) uint8 0..16, of ink (height, width), uint8 0 paper to 255."""
    return _cells(_steps_from_ink(ink, jitter))


def _steps_from_ink(ink: Bytes, jitter: Jitter = NO_JITTER) -> Steps | None:
    box = cropped(ink)
    return None if box is None else normalised(_centred(box), jitter)


def _cells(steps: Steps | None) -> Bytes:
    return np.zeros((SIDE, SIDE), np.uint8) if steps is None else steps.cells


def _digits_ink(ink: Bytes, smallest: float) -> Bytes:
    """Ink without what is not the digit: lines, boxes, specks, neighbours. uint8, 0..255."""
    factor = -(-max(ink.shape) // _PIECES_SIDE)
    small = np.asarray(Image.fromarray(ink).reduce(factor))
    mask = small > _FAINT * ink.max()
    digit = pieces.digit(lines.erased(mask, small), smallest / factor)
    return ink if (digit == mask).all() else np.where(digit, small, 0)


def cropped(ink: Bytes) -> Bytes | None:
    """The part of the ink that is at least half as dark as its darkest; None if too faint."""
    darkest = ink.max()
    if darkest < FAINTEST:
        return None
    left, right, top, bottom = bounds(ink > darkest // 2)
    return ink[top:bottom, left:right]


def _centred(ink: Bytes) -> Floats:
    """Longer side scaled to 52, in the middle of a frame of 64: float32, 0..1."""
    scale = _INNER / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    small = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BOX))
    frame = np.zeros((_FRAME, _FRAME), np.float32)
    top, left = (_FRAME - height) // 2, (_FRAME - width) // 2
    frame[top : top + height, left : left + width] = small
    frame /= ink.max()
    return frame


def normalised(ink: Floats, jitter: Jitter = NO_JITTER) -> Steps:
    """NIST's form of a digit, step by step.

    ink has shape (64, 64), float32, 0..1, with room around the strokes. It must not be all
    zero.
    """
    grown = _grow(ink, jitter.area)
    slant = _slant(grown) + jitter.slant
    form, width = _stretched(grown, slant, jitter.width)
    blurred = _blur(form, 2.4)
    area = _FORM_AREA * min(max(1.1 * width / _FORM_WIDTH, 0.5), 1)
    sharp = blurred >= _level(blurred, area * _FRAME**2)
    cells: Bytes = np.rint(_COUNT @ sharp @ _COUNT.T * _UNIT).astype(np.uint8)
    return Steps(ink, grown, slant, form, sharp, cells)


# Products with _COUNT sum the pixels of each cell; _UNIT brings a cell full of ink to 16.
_COUNT = np.repeat(np.eye(SIDE, dtype=np.float32), _FRAME // SIDE, axis=1)
_UNIT = np.float32(MAX_INTENSITY * SIDE**2 / _FRAME**2)


def _grow(ink: Floats, factor: float) -> Floats:
    """Thin pens and thick ones brought to one weight: 0/1, float32, shape as ink."""
    left, right, top, bottom = bounds(ink > 0.5 * ink.max())
    width, height = right - left, bottom - top
    area = factor * _GROWN_AREA * max(width, _NARROW * height) * max(height, _NARROW * width)
    blurred = _blur(ink, 1.3)
    return (blurred >= _level(blurred, area)).astype(np.float32)


def _level(picture: Floats, area: float) -> float:
    """The value that `area` of the picture's pixels reach (more where many are alike)."""
    # Sorting all is a tenth of np.partition's time: processors sort small numbers in parallel.
    values = np.sort(picture, axis=None)
    return max(float(values[-1 - int(min(area, values.size - 1))]), 1e-3)


def _slant(ink: Floats) -> float:
    """Columns that the stem moves to the right per row downwards: cov(x, y) / var(y)."""
    across, down = ink.sum(axis=0), ink.sum(axis=1)
    total = down.sum()
    i = np.arange(_FRAME, dtype=np.float32)
    x, y = i - across @ i / total, i - down @ i / total
    variance = down @ y**2
    return float(np.clip(y @ ink @ x / variance, -1, 1)) if variance > 0 else 0.0


def _stretched(ink: Floats, slant: float, factor: float) -> tuple[Floats, float]:
    """Slant sheared away, then the ink's box stretched to the form's: (frame, width 0..1)."""
    inked = ink > 0
    y = np.flatnonzero(inked.any(axis=1))
    inked, lean = inked[y], slant * (y + 0.5)
    left = (inked.argmax(axis=1) - lean).min()
    right = (_FRAME - inked[:, ::-1].argmax(axis=1) - lean).max()
    top, bottom = y[0], y[-1] + 1
    w, h = right - left, bottom - top
    width, height = factor * _FORM_WIDTH, 1.0
    if w < _NARROW * h:
        width = max(w / h, 6 / 32)
    elif h < _NARROW * w:
        height = max(_FORM_WIDTH * h / w, 6 / 32)
    sx, sy = w / (width * _FRAME), h / (height * _FRAME)
    # The target point (u, v) comes from
    # y = top + sy (v - v0), x = left + slant y + sx (u - u0).
    u0, v0 = (1 - width) / 2 * _FRAME, (1 - height) / 2 * _FRAME
    e, f = sy, top - sy * v0
    a, b, c = sx, slant * e, left + slant * f - sx * u0
    return _transformed(ink, (a, b, c, 0, e, f)), width


def _transformed(ink: Floats, coefficients: tuple[float, ...]) -> Floats:
    """A frame whose point (u, v) comes from (a u + b v + c, d u + e v + f) of the ink."""
    picture = Image.fromarray(ink).transform(
        (_FRAME, _FRAME), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(picture)


def _gaussian(sigma: float) -> Floats:
    i = np.arange(_FRAME)
    kernel = np.exp(-((i[:, None] - i) ** 2) / (2 * sigma**2))
    kernel /= kernel.sum(axis=1).max()
    # Products with numbers near float32's least, 1e-38, take ten times as long.
    return np.where(kernel < 1e-7, 0, kernel).astype(np.float32)


_GAUSSIANS = {sigma: _gaussian(sigma) for sigma in (1.3, 2.4)}


def _blur(picture: Floats, sigma: float) -> Floats:
    """Gaussian blur, paper all around. As two matrix products: fast at this size."""
    g = _GAUSSIANS[sigma]
    return g @ picture @ g
