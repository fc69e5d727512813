"""Where the ink is: how far each pixel of a picture differs from its paper.

Most pictures are drawn on paper of one colour, which the border shows. On photos and scans the
light falls off, hands throw shadows, and the sheet lies on a desk: there, ink is what is darker
than the paper around it, or lighter, on a blackboard.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Ink = NDArray[np.uint8]
Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]

FAINTEST = 24  # of 255; a picture with less contrast than this shows no ink

_EVEN = 10  # of 255: paper of one colour differs no more than this
_STROKES_ON_BORDER = 0.25  # of the border that strokes may cover on paper of one colour
_BETWEEN = 2.0  # times the ink; more that is fainter than half the ink is light and shadow
_SHEET_PIXELS = 64  # the least side of a sheet on a desk; smaller pictures are no photos
_SHEET_SIDE = 0.5  # of the picture's, at least
_SHEET_AREA = 0.65  # of its box that a sheet fills; the boldest digits stay below
_RIM = 0.03  # of the picture's side: where a sheet's edge is blurred or curls

_SIDE = 256  # px of the longer side that are looked at: five times what the form shows
_COARSE = 64  # px of the longer side at which the paper's brightness is estimated
_STROKE = 0.3  # of the longer side: whatever is darker and wider than this is paper
_SMOOTH = 3.0  # px of the coarse picture
_GRAIN = 12  # of 255; less contrast than this is the paper's grain
_NOISE = 7.5  # times the deviation of what is left as paper: ink stands out more than grain
_PALE = 0.25  # of the darkest ink; what is paler shows through from the other side
_FULL = 80  # percentile of the ink that counts as full: pencils are uneven


def find_ink(image: Image.Image) -> Ink:
    """How far each pixel differs from the paper: (height, width) uint8, 0..255.

    The paper's colour is the median of the picture's border, if the paper is of one colour.
    Otherwise the ink is at most 256 px a side. Where the border is transparent the drawing was
    made on nothing, and whatever is visible is ink.

    image : mode L, LA, RGB or RGBA
    """
    bands = [np.asarray(band) for band in image.split()]
    if image.mode in ("LA", "RGBA"):
        *bands, alpha = bands
        if _median(border(alpha)) < 128:
            return _ink_on_nothing(bands, alpha)
        if alpha.min() < 255:
            return (_distance_from_paper(bands) * (alpha / 255)).astype(np.uint8)
    ink = _distance_from_paper(bands)
    dark = ink > ink.max() // 2
    n_dark = int(np.count_nonzero(dark))
    if not _is_on_one_colour(ink, n_dark):
        return _darker_than_around(bands)
    if not _is_sheet(dark, n_dark):
        return ink
    on_sheet = _darker_than_around(_without_desk(bands, dark))
    return on_sheet if on_sheet.any() else ink


def border(band: Ink) -> Ink:
    """The outermost pixels of a picture, one after the other."""
    return np.concatenate([band[0], band[-1], band[:, 0], band[:, -1]])


def bounds(mask: Mask) -> tuple[int, int, int, int]:
    """Box of the true cells: left, right, top, bottom, the ends exclusive."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1


def _median(values: Ink) -> int:
    middle = len(values) // 2
    return int(np.partition(values, middle)[middle])


def _ink_on_nothing(bands: list[Ink], alpha: Ink) -> Ink:
    """Ink on a sheet inside a transparent margin; where there is no sheet, all that shows."""
    visible = alpha > 127
    if visible.any():
        left, right, top, bottom = bounds(visible)
        box = np.s_[top:bottom, left:right]
        ink = _distance_from_paper([band[box] for band in bands])
        if visible[box].mean() > 0.97 and ink.max() >= FAINTEST:
            return ink
    return alpha


def _distance_from_paper(bands: list[Ink]) -> Ink:
    ink = _distance(bands[0])
    for band in bands[1:]:
        ink = np.maximum(ink, _distance(band))
    return ink


def _distance(band: Ink) -> Ink:
    paper = np.int16(_median(border(band)))
    distance: Ink = np.abs(band.astype(np.int16) - paper).astype(np.uint8)
    return distance


def _is_on_one_colour(ink: Ink, n_dark: int) -> bool:
    """Whether few strokes reach the border, and little is neither paper nor ink."""
    if np.count_nonzero(border(ink) > _EVEN) > _STROKES_ON_BORDER * 2 * sum(ink.shape):
        return False
    return bool(np.count_nonzero(ink > _EVEN) <= _BETWEEN * n_dark)


def _is_sheet(dark: Mask, n_dark: int) -> bool:
    """Whether what differs from the border is a sheet of paper on a desk."""
    if n_dark < _SHEET_AREA * _SHEET_SIDE**2 * dark.size:
        return False
    left, right, top, bottom = bounds(dark)
    width, height = right - left, bottom - top
    return bool(
        min(width, height) >= _SHEET_PIXELS
        and min(width / dark.shape[1], height / dark.shape[0]) >= _SHEET_SIDE
        and n_dark >= _SHEET_AREA * width * height
    )


def _without_desk(bands: list[Ink], sheet: Mask) -> list[Ink]:
    """The bands with the sheet's colour instead of the desk and of the sheet's rim."""
    from scipy import ndimage  # takes .3 s to import; imported with the first picture

    rim = max(1, round(_RIM * max(sheet.shape)))
    whole = np.pad(ndimage.binary_fill_holes(sheet), 1)
    inside = ndimage.binary_erosion(whole, iterations=rim)[1:-1, 1:-1]
    return [np.where(inside, band, _median(band[sheet])).astype(np.uint8) for band in bands]


def _darker_than_around(bands: list[Ink]) -> Ink:
    """Ink on paper of uneven brightness, at most 256 px a side."""
    small = [_reduced(band) for band in bands]
    if _is_light_on_dark(np.mean(small, axis=0)):
        small = [255 - band for band in small]
    ink = np.max([_contrast(band) for band in small], axis=0)
    level = max(_otsu(ink), _GRAIN, _PALE * ink.max())
    mask = ink > level
    if not mask.any():
        return np.zeros(mask.shape, np.uint8)
    full = np.percentile(ink[mask], _FULL)
    if full < _NOISE * ink[~mask].std():
        return np.zeros(mask.shape, np.uint8)
    scaled: Ink = np.where(mask, np.minimum(ink / full, 1) * 255, 0).astype(np.uint8)
    return scaled


def _reduced(band: Ink) -> Ink:
    factor = -(-max(band.shape) // _SIDE)
    return np.asarray(Image.fromarray(band).reduce(factor))


def _is_light_on_dark(grey: Floats) -> bool:
    """Whether strokes are lighter than what surrounds them: the sign of the skewness."""
    from scipy import ndimage  # takes .3 s to import; imported with the first picture

    difference = grey - ndimage.uniform_filter(grey, max(grey.shape) // 4, mode="nearest")
    return bool(np.mean((difference - difference.mean()) ** 3) > 0)


def _contrast(band: Ink) -> Floats:
    """How much darker each pixel is than paper would be at its place: (height, width), 0..255.

    Closing fills whatever is dark and narrower than the widest stroke; what remains is paper.
    """
    from scipy import ndimage

    scale = min(_COARSE / max(band.shape), 1)
    width, height = (max(1, round(side * scale)) for side in band.shape[::-1])
    coarse = np.asarray(Image.fromarray(band).resize((width, height), Image.Resampling.BOX))
    stroke = int(_STROKE * max(width, height)) | 1
    # Carried on over the border, so that closing does not take a dark corner for a stroke.
    closed = ndimage.grey_closing(np.pad(coarse, stroke, "edge"), (stroke, stroke))
    closed = closed[stroke:-stroke, stroke:-stroke].astype(np.float32)
    smooth = Image.fromarray(ndimage.gaussian_filter(closed, _SMOOTH, mode="nearest"))
    paper = np.asarray(smooth.resize(band.shape[::-1], Image.Resampling.BILINEAR))
    contrast: Floats = np.clip((paper - band) / np.maximum(paper, 1) * 255, 0, 255)
    return contrast


def _otsu(ink: Floats) -> float:
    """The level, 0..255, that best tells ink from paper (Otsu, 1979)."""
    counts = np.bincount(ink.astype(np.uint8).ravel(), minlength=256).astype(float)
    below = counts.cumsum()
    above = below[-1] - below
    sums = (counts * np.arange(256)).cumsum()
    distance = sums / np.maximum(below, 1) - (sums[-1] - sums) / np.maximum(above, 1)
    return float((below * above * distance**2).argmax())
