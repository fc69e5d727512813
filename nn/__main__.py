"""Command line: python -m nn train | evaluate | predict."""

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from nn import drawings, evaluation, files, presets
from nn.ink import pixels_from_image
from nn.picture import PictureError, open_picture
from nn.training import Diverged
from nn.verdict import verdict


def main(arguments=None):
    """Run one command; returns the exit status: 0, or 2 after a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (files.ModelFileError, PictureError, drawings.DataFileError, Diverged) as error:
        return _failed(error)
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}.")
    return 0


def _failed(sentence):
    print(f"nn: {sentence}", file=sys.stderr)
    return 2


def _train(options):
    from nn.experiment import Experiment  # imports scikit-learn; predicting does without

    given = {name: getattr(options, name) for name in presets.FIELDS}
    given = {name: value for name, value in given.items() if value is not None}
    preset = dataclasses.replace(presets.PRESETS[options.preset], **given)
    experiment = Experiment(preset)
    if preset.copies:
        with tqdm(desc="warped copies", unit=" pictures") as bar:
            experiment.prepare(lambda done, total: _advance(bar, done, total))
    with tqdm(experiment.epochs(), total=preset.epochs, unit=" epochs") as bar:
        for epoch in bar:
            bar.set_postfix_str(
                f"cost {epoch.cost:.4f}, accuracy {epoch.accuracy:.4f}, "
                f"test {epoch.test_accuracy:.4f}"
            )
    model = experiment.model()
    files.save(model, options.out)
    print(f"{options.out}: test accuracy {model.figures['test_accuracy']:.4f}")


def _advance(bar, done, total):
    bar.total = total
    bar.update(done - bar.n)


def _evaluate(options):
    from nn.experiment import held_out_digits

    model = files.load(options.model)
    sets = [("digits held out of training", *held_out_digits())]
    if options.drawings:
        sets += _drawn_sets(drawings.read_drawings(options.drawings))
    if options.images:
        images, labels = drawings.read_pictures(options.images)
        pixels = drawings.pictured_pixels(images, tqdm)
        sets.append((f"{Path(options.images).name}", pixels, labels))
    print(_HEADING)
    for name, pixels, labels in sets:
        print(_line(name, model, pixels, labels))


_PLACEMENTS = {
    "pen 12 px, 200 px tall": drawings.Placement(pen=12),
    "pen 20 px, 200 px tall": drawings.Placement(pen=20),
    "pen 28 px, 200 px tall": drawings.Placement(pen=28),
    "pen 12 px, 93 px, anywhere": drawings.Placement(pen=12, height=93, random_corner=True),
    "pen 20 px, 93 px, anywhere": drawings.Placement(pen=20, height=93, random_corner=True),
}


def _drawn_sets(strokes):
    for name, placement in _PLACEMENTS.items():
        yield f"drawings, {name}", *drawings.drawn_pixels(strokes, placement, tqdm)


_HEADING = f"{'':<40} {'n':>6} {'accuracy':>9} {'calibration error':>18} {'sure':>6}  per digit"


def _line(name, model, pixels, labels):
    probabilities = model.predict_proba(pixels)
    sure = [verdict(*pair) == "sure" for pair in zip(pixels, probabilities)]
    recall = evaluation.recall_per_digit(evaluation.confusion_matrix(probabilities, labels))
    return (
        f"{name:<40} {len(labels):>6} {evaluation.accuracy(probabilities, labels):>9.4f} "
        f"{evaluation.calibration_error(probabilities, labels):>18.4f} {np.mean(sure):>6.3f}  "
        + " ".join(f"{digit}:{share:.3f}" for digit, share in enumerate(recall))
    )


def _predict(options):
    model = files.load(options.model)
    pixels = pixels_from_image(open_picture(Path(options.picture).read_bytes())).ravel()
    if not pixels.any():
        print("blank: the picture shows no ink")
        return
    probabilities = model.predict_proba(pixels[None])[0]
    print(f"{verdict(pixels, probabilities)}: {probabilities.argmax()}")
    for digit, probability in enumerate(probabilities):
        print(f"  {digit}  {probability:6.1%}  {'#' * round(40 * probability)}")


def _parser():
    parser = argparse.ArgumentParser(prog="python -m nn", description=__doc__)
    commands = parser.add_subparsers(required=True)

    train = commands.add_parser("train", help="train a network on scikit-learn's digits")
    train.set_defaults(run=_train)
    train.add_argument("--preset", choices=presets.PRESETS, required=True)
    train.add_argument("--out", required=True, type=_new_file, help="model file to write, .npz")
    for name, field in presets.FIELDS.items():
        train.add_argument(
            f"--{name.replace('_', '-')}", type=_checked_by(field), help=field.help
        )

    evaluate = commands.add_parser("evaluate", help="measure a model")
    evaluate.set_defaults(run=_evaluate)
    evaluate.add_argument("model", help="model file, .npz")
    evaluate.add_argument("--drawings", help="recorded strokes, .jsonl.gz")
    evaluate.add_argument("--images", help="pictures and labels, .npz")

    predict = commands.add_parser("predict", help="recognise one picture")
    predict.set_defaults(run=_predict)
    predict.add_argument("model", help="model file, .npz")
    predict.add_argument("picture", help="PNG, JPEG, WebP or BMP file")
    return parser


def _checked_by(field):
    def parse(text):
        try:
            return field.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parse


def _new_file(text):
    """A path that can be written: told before the training, not after it."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a file in an existing folder.")
    return path


if __name__ == "__main__":
    sys.exit(main())
