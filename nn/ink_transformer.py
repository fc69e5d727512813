"""Pictures of digits as a scikit-learn transformer: the first step of a Pipeline."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from nn.ink import SIDE, pixels_from_image
from nn.network import Floats
from nn.picture import MAX_BYTES, from_pillow, open_picture
from nn.refused_pictures import NotAPicture, PictureError

# A Pillow image; an array (height, width) or (height, width, 1 to 4 channels); the bytes of a
# PNG, JPEG, WebP or BMP file; or the path of one.
Picture = Image.Image | NDArray[Any] | bytes | str | os.PathLike[str]


class InkTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Any pictures of digits -> rows of 64 intensities, 0..16, as SigmoidClassifier learns.

    Every picture is brought to the form of scikit-learn's digits by nn.ink: size, place,
    polarity, pen and slant do not matter. There is nothing to fit.

    A picture is a Pillow image, the bytes or the path of a PNG, JPEG, WebP or BMP file, or an
    array of shape (height, width) or (height, width, channels), grey or RGB, each with or
    without opacity. An array holds truth values, or numbers 0..1 if none is larger, or
    numbers 0..255.
    """

    def fit(self, X: Iterable[Picture], y: object = None) -> Self:  # noqa: ARG002
        """Nothing: what is done to a picture depends on that picture alone."""
        return self

    def transform(self, X: Iterable[Picture]) -> Floats:
        """Rows of n pictures: (n, 64), 0..16; all zero for a picture that shows no ink.

        Raises PictureError, a ValueError, that names the first picture that cannot be read by
        its index, from 0.
        """
        if isinstance(X, (Image.Image, bytes, str, os.PathLike)):
            raise ValueError("X is one picture; put it into a list: [X].")
        rows = [_row(picture, index) for index, picture in enumerate(X)]
        if not rows:
            raise ValueError("X holds no pictures; at least one is needed.")
        return np.array(rows, np.float64)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """Names of the 64 columns, row by row, as in sklearn.datasets.load_digits."""
        names = [f"pixel_{row}_{column}" for row in range(SIDE) for column in range(SIDE)]
        return np.array(names, object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        return tags


def _row(picture: Picture, index: int) -> NDArray[np.uint8]:
    """The picture's 64 intensities."""
    try:
        return pixels_from_image(_image(picture)).ravel()
    except PictureError as error:
        raise PictureError(
            "Picture {index}: {reason}", code=error.code, index=index, reason=error.sentence
        ) from error


def _image(picture: Picture) -> Image.Image:
    if isinstance(picture, Image.Image):
        if 0 in picture.size:
            raise NotAPicture("the picture has no pixels.")
        return from_pillow(picture)
    if isinstance(picture, bytes):
        return open_picture(picture)
    if isinstance(picture, (str, os.PathLike)):
        return _from_file(Path(picture))
    if isinstance(picture, np.ndarray):
        return _from_array(picture)
    raise NotAPicture(
        "{kind} is no picture. Give a Pillow image, an array, bytes or a path.",
        kind=type(picture).__name__,
    )


def _from_file(path: Path) -> Image.Image:
    try:
        with path.open("rb") as file:
            return open_picture(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise NotAPicture("{path}: {reason}.", path=path, reason=error.strerror) from error
    except PictureError as error:
        raise type(error)("{path}: {reason}", path=path, reason=error.sentence) from error


def _from_array(array: NDArray[Any]) -> Image.Image:
    is_grey = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 1)
    if not is_grey and not (array.ndim == 3 and 2 <= array.shape[2] <= 4):
        raise NotAPicture(
            "an array of shape {shape} is no picture. The shape must be (height, width) or "
            "(height, width, 1 to 4 channels).",
            shape=array.shape,
        )
    values = _bytes(array)
    return from_pillow(Image.fromarray(values.reshape(array.shape[:2]) if is_grey else values))


def _bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """The values of a picture as 0..255."""
    if array.dtype.kind not in "buif" or not array.size:
        raise NotAPicture("the array holds no numbers.")
    low, high = array.min(), array.max()
    if not 0 <= low <= high <= 255:  # no comparison holds for NaN
        raise NotAPicture(
            "its values go from {low:g} to {high:g}; they must be 0 to 1, or 0 to 255.",
            low=float(low),
            high=float(high),
        )
    if high <= 1:
        array = array * 255.0
    values: NDArray[np.uint8] = np.rint(array).astype(np.uint8)
    return values
