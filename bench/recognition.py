"""What each step of the recipe buys on drawings by people it has never seen.

    .venv/bin/python -m bench.recognition --drawings ../shared/data/strokes_dev.jsonl.gz \
        --images ../shared/data/mnist_dev.npz

Prints one row a step. Every row trains the `workshop` preset's network on the same 1,500 of
scikit-learn's digits, from random weights. The rows differ only in how pictures
become 8x8 and in what is made from the digits. Takes some minutes. With `--picture steps.png`
it draws one drawing after each of the first two steps instead.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nn import augment, digits, evaluation
from nn.drawings import (
    CANVAS,
    DataFileError,
    Placement,
    read_drawings,
    read_pictures,
    render,
)
from nn.ink import MAX_INTENSITY, SIDE, pixels_from_image, pixels_from_ink
from nn.model import Model, scaled
from nn.network import SigmoidNetwork
from nn.presets import PRESETS
from nn.training import train

PRESET = PRESETS["workshop"]
MINI_BATCHES = 3000  # the least that a row trains for, however few its pictures
PLACEMENTS = {
    "pen 12": Placement(pen=12),
    "pen 20": Placement(pen=20),
    "pen 28": Placement(pen=28),
    "small 12": Placement(pen=12, height=93, random_corner=True),
    "small 20": Placement(pen=20, height=93, random_corner=True),
}
EXAMPLE = Path(__file__).parents[1] / "tests" / "data" / "strokes.jsonl.gz"
EXAMPLE_LINE = 0  # of that file
EXAMPLE_PLACEMENT = Placement(pen=8, height=110, random_corner=True)


def main(arguments=None):
    """Print the table or draw the picture; the exit status: 0, or 2 after a sentence."""
    options = _options(arguments)
    try:
        if options.picture:
            steps_picture().save(options.picture, "PNG")
        else:
            _print_table(read_drawings(options.drawings), *read_pictures(options.images))
    except DataFileError as error:
        print(f"recognition: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"recognition: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def whole_canvas(image):
    """What most demos do: the whole L canvas, dark on light, shrunk to (8, 8), 0..16."""
    ink = 255 - np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), float)
    return np.rint(ink / 255 * MAX_INTENSITY).astype(np.uint8)


def on_canvas(picture):
    """MNIST's (28, 28), light on dark, on the canvas, dark on light: its 20 px are 200."""
    image = Image.fromarray(255 - picture)
    return image.resize((CANVAS, CANVAS), Image.Resampling.BICUBIC)


def formed(rows):
    """Rows (n, 64), 0..16, sharpened and, unwarped, brought to the form: (n, 64) uint8."""
    heights = augment.sharpen(rows)
    ink = 255 / (1 + np.exp(-8 * (heights - 0.5)))  # the sharp picture that `sharpen` means
    return np.array([pixels_from_ink(picture).ravel() for picture in ink.astype(np.uint8)])


def trained(pixels, labels, epochs, describe="epochs"):
    """The workshop preset's network, trained on pixels (n, 64), 0..16, and labels (n,)."""
    network = SigmoidNetwork(
        [SIDE * SIDE, *PRESET.hidden, digits.N_CLASSES], PRESET.seed, np.float32
    )
    records = train(
        network,
        scaled(pixels, np.float32),
        digits.one_hot(labels),
        epochs=epochs,
        batch_size=PRESET.batch_size,
        learning_rate=PRESET.learning_rate,
        recipe=PRESET.recipe,
        random_state=PRESET.seed,
    )
    for _ in tqdm(records, describe, epochs):
        pass
    return Model(network)


def _print_table(strokes, images, labels):
    whole, form = _evaluation_sets(strokes, images, labels)
    heading = "".join(f"{name:>10}" for name in form)
    print(f"{'accuracy, %':<46}{heading}{'pictures':>10}{'batches':>9}")
    for step, (pixels, labels) in _training_sets():
        batches = math.ceil(len(pixels) / PRESET.batch_size)
        epochs = max(PRESET.epochs, math.ceil(MINI_BATCHES / batches))
        model = trained(pixels, labels, epochs, step)
        sets = whole if step.startswith("a") else form
        shares = (
            100 * evaluation.accuracy(model.predict_proba(seen), digit)
            for seen, digit in sets.values()
        )
        figures = "".join(f"{share:>10.1f}" for share in shares)
        print(f"{step:<46}{figures}{len(pixels):>10,}{epochs * batches:>9,}", flush=True)


def _training_sets():
    """The steps: name and (pixels, labels) to train on. Only the first is not of the form."""
    rows, labels = digits.split(*digits.load())[0]
    yield "a  whole canvas resized, rows as they come", (rows, labels)
    yield "b  the form for drawings, rows as they come", (rows, labels)
    both = np.concatenate([rows, formed(rows)]), np.tile(labels, 2)
    yield "c  the form on both sides", both
    with tqdm(desc="pictures") as bar:

        def progress(done, total):
            bar.total = total
            bar.update(done - bar.n)

        made, shown = augment.training_pictures(
            rows, labels, PRESET.copies, PRESET.seed, progress
        )
    # They come in this order: rows as they are, copies, other styles, no digit.
    warped = len(rows) * 2 * PRESET.copies
    yield "d  and warped copies", (made[:warped], shown[:warped])
    styled = shown != digits.NO_DIGIT
    yield "e  and copies in other styles", (made[styled], shown[styled])
    yield "f  and pictures that are no digit: what ships", (made, shown)


def _evaluation_sets(strokes, images, labels):
    """Each set's (pixels, labels) by name, once of the whole canvas and once of the form."""
    whole, form = {}, {}
    drawn = np.array([digit for digit, _ in strokes])
    for name, placement in PLACEMENTS.items():
        rng = np.random.default_rng(0)
        canvases = (render(drawing, placement, rng) for _, drawing in strokes)
        pixels = _both_ways(tqdm(canvases, name, len(strokes)))
        whole[name], form[name] = ((way, drawn) for way in pixels)
    pixels = _both_ways(map(on_canvas, tqdm(images, "MNIST")))
    whole["MNIST"], form["MNIST"] = ((way, labels) for way in pixels)
    whole["rows"] = form["rows"] = digits.split(*digits.load())[1]
    return whole, form


def _both_ways(canvases):
    """Pixels of the canvases, (2, n, 64) uint8: the whole canvas resized, then the form."""
    ways = [(whole_canvas(canvas), pixels_from_image(canvas)) for canvas in canvases]
    return np.array(ways).reshape(len(ways), 2, SIDE * SIDE).swapaxes(0, 1)


def steps_picture():
    """One drawing, what either way to 8x8 makes of it, a digit to learn from: an L image."""
    digit, strokes = read_drawings(EXAMPLE)[EXAMPLE_LINE]
    canvas = render(strokes, EXAMPLE_PLACEMENT, np.random.default_rng(3))
    rows, labels = digits.load()
    panels = {
        "a drawing": canvas,
        "the whole canvas resized": _enlarged(whole_canvas(canvas)),
        "brought to the form": _enlarged(pixels_from_image(canvas)),
        f"a {digit} to learn from": _enlarged(rows[labels == digit][1].reshape(SIDE, SIDE)),
    }
    gap, caption = 20, 34
    sheet = Image.new("L", (len(panels) * (CANVAS + gap) + gap, CANVAS + gap + caption), 255)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(18)
    for i, (name, panel) in enumerate(panels.items()):
        left = gap + i * (CANVAS + gap)
        draw.rectangle((left - 1, gap - 1, left + CANVAS, gap + CANVAS), outline=128)
        sheet.paste(panel, (left, gap))
        draw.text((left + CANVAS / 2, gap + CANVAS + 16), name, 0, font, anchor="mm")
    return sheet


def _enlarged(cells):
    """An (8, 8) picture, 0..16, dark on light, as large as the canvas."""
    shades = (255 - 255 * (cells / MAX_INTENSITY)).astype(np.uint8)
    return Image.fromarray(shades).resize((CANVAS, CANVAS), Image.Resampling.NEAREST)


def _options(arguments):
    parser = argparse.ArgumentParser(prog="python -m bench.recognition")
    parser.add_argument("--drawings", help="recorded strokes, .jsonl.gz")
    parser.add_argument("--images", help="pictures and labels as MNIST's, .npz")
    parser.add_argument("--picture", help="draw one drawing's steps into this .png instead")
    options = parser.parse_args(arguments)
    if not options.picture and not (options.drawings and options.images):
        parser.error("it needs --drawings and --images, or --picture.")
    return options


if __name__ == "__main__":
    with threadpool_limits(1):
        sys.exit(main())
