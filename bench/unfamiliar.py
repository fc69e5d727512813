"""How the shipped model judges letters and scribbles, which are no digits.

    .venv/bin/python -m bench.unfamiliar

Twelve letters in five typefaces, 200 px tall on a canvas of 280 px, and 200 random scribbles.
The typefaces are those of Debian's fonts-dejavu-core, -extra and fonts-liberation.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nn import files
from nn.drawings import CANVAS
from nn.ink import pixels_from_image
from nn.verdict import VERDICTS

FONTS = Path("/usr/share/fonts/truetype")
TYPEFACES = (
    "dejavu/DejaVuSans.ttf",
    "dejavu/DejaVuSerif.ttf",
    "liberation/LiberationSans-Italic.ttf",
    "liberation/LiberationMono-Regular.ttf",
    "liberation/LiberationSerif-Bold.ttf",
)
LETTERS = "AEFHKMNRTWXY"
N_SCRIBBLES = 200
SEED = 99


def main():
    """Print the share of each verdict; the exit status: 0, or 2 where a typeface is missing."""
    missing = [name for name in TYPEFACES if not (FONTS / name).exists()]
    if missing:
        print(f"unfamiliar: {FONTS / missing[0]} is missing; install it.", file=sys.stderr)
        return 2
    model = files.load(files.SHIPPED)
    letters = [_pixels(_letter(name, letter)) for name in TYPEFACES for letter in LETTERS]
    rng = np.random.default_rng(SEED)
    scribbles = [_pixels(_scribble(rng, i % 2)) for i in range(N_SCRIBBLES)]
    print(f"{'':<12}{'n':>6}" + "".join(f"{name:>12}" for name in VERDICTS))
    for name, pixels in (
        ("letters", letters),
        ("scribbles", scribbles),
        ("both", letters + scribbles),
    ):
        verdicts = [answer.verdict for answer in model.judge(np.array(pixels))]
        shares = "".join(f"{verdicts.count(v) / len(verdicts):>12.3f}" for v in VERDICTS)
        print(f"{name:<12}{len(verdicts):>6}{shares}")
    return 0


def _pixels(image):
    return pixels_from_image(image).ravel()


def _letter(typeface, letter):
    image = Image.new("L", (CANVAS, CANVAS), 255)
    font = ImageFont.truetype(FONTS / typeface, 200)
    ImageDraw.Draw(image).text((CANVAS / 2, CANVAS / 2), letter, 0, font, anchor="mm")
    return image


def _scribble(rng, walk):
    """A pen that wanders (walk), or that jumps about the canvas."""
    n = rng.integers(5, 40)
    if walk:
        points = np.cumsum(rng.normal(0, 30, (n, 2)), axis=0)
        points = 40 + 200 * (points - points.min(axis=0)) / np.ptp(points, axis=0).max()
    else:
        points = rng.uniform(40, 240, (n // 3 + 3, 2))
    image = Image.new("L", (CANVAS, CANVAS), 255)
    path = [tuple(point) for point in points]
    ImageDraw.Draw(image).line(path, 0, int(rng.integers(10, 24)), joint="curve")
    return image


if __name__ == "__main__":
    sys.exit(main())
