"""Command line: python -m nn train | sweep | evaluate | predict | export."""

import argparse
import contextlib
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from nn import digits, drawings, evaluation, export, files, presets, sweep_command, terminal
from nn.digits import Labels, Pixels
from nn.ink import pixels_from_image
from nn.model import Model
from nn.picture import open_picture
from nn.presets import Preset
from nn.refusal import Refusal, option
from nn.verdict import VERDICTS

Pictures = tuple[str, Pixels, Labels]  # with the name of the set

# Without the settings for the room's drawings: this command line has no room.
_SETTINGS = {name: field for name, field in presets.FIELDS.items() if name[:5] != "room_"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, or 2 after a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except BrokenPipeError:  # for nn.terminal
        raise
    except Refusal as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}.")
    return 0


def _failed(sentence: str) -> int:
    print(f"nn: {sentence}", file=sys.stderr)
    return 2


def _train(options: argparse.Namespace) -> None:
    from nn.experiment import Experiment  # imports scikit-learn; predicting does without

    preset = presets.PRESETS[options.preset]
    _check_fit(options, preset)
    given = {name: getattr(options, name) for name in _SETTINGS}
    given = {name: value for name, value in given.items() if value is not None}
    preset = dataclasses.replace(preset, **given)
    start = _model(options.start or files.SHIPPED) if preset.warm else None
    experiment = Experiment(preset, start)
    with (
        tqdm(desc="pictures", unit="", disable=not (preset.copies or start)) as pictures,
        tqdm(desc="epochs", unit="", total=preset.epochs) as epochs,
    ):
        for epoch in experiment.epochs(lambda done, total: _advance(pictures, done, total)):
            epochs.set_postfix_str(
                f"cost {epoch.cost:.4f}, accuracy {epoch.accuracy:.4f}, "
                f"test {epoch.test_accuracy:.4f}"
            )
            epochs.update()
    model = experiment.model()
    files.save(model, options.out)
    print(f"{options.out}: test accuracy {model.figures['test_accuracy']:.4f}")


def _check_fit(options: argparse.Namespace, preset: Preset) -> None:
    """A Refusal of an option that the preset does not use."""
    if preset.warm and options.hidden:
        raise Refusal(
            "--hidden: preset {preset} keeps the layers of the model that it continues from; "
            "leave the option out.",
            code="bad_option",
            preset=options.preset,
        )
    if options.start and not preset.warm:
        warm = ", ".join(name for name, other in presets.PRESETS.items() if other.warm)
        raise Refusal(
            "--start: preset {preset} begins with random weights, not with a model; leave the "
            "option out, or choose a preset that continues from one: {warm}.",
            code="bad_option",
            preset=options.preset,
            warm=warm,
        )


def _advance(bar: Any, done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def _evaluate(options: argparse.Namespace) -> None:
    model = _model(options.model)
    sets: list[Pictures] = [("digits held out of training", *digits.held_out())]
    if options.drawings:
        sets += _drawn_sets(drawings.read_drawings(options.drawings))
    if options.images:
        images, labels = drawings.read_pictures(options.images)
        pixels = drawings.pictured_pixels(images, tqdm)
        sets.append((f"{Path(options.images).name}", pixels, labels))
    figures = {name: _figures(model, pixels, labels) for name, pixels, labels in sets}
    print(json.dumps(figures, indent=2) if options.json else _table(figures))


_PLACEMENTS = {
    "pen 12 px, 200 px tall": drawings.Placement(pen=12),
    "pen 20 px, 200 px tall": drawings.Placement(pen=20),
    "pen 28 px, 200 px tall": drawings.Placement(pen=28),
    "pen 12 px, 93 px, anywhere": drawings.Placement(pen=12, height=93, random_corner=True),
    "pen 20 px, 93 px, anywhere": drawings.Placement(pen=20, height=93, random_corner=True),
}


def _drawn_sets(strokes: Sequence[drawings.Drawing]) -> Iterator[Pictures]:
    for name, placement in _PLACEMENTS.items():
        yield f"drawings, {name}", *drawings.drawn_pixels(strokes, placement, tqdm)


def _figures(model: Model, pixels: Pixels, labels: Labels) -> dict[str, Any]:
    """All figures of one data set, as plain numbers by name."""
    answers = model.judge(pixels)
    probabilities = np.array([answer.probabilities for answer in answers])
    verdicts = [answer.verdict for answer in answers]
    matrix = evaluation.confusion_matrix(probabilities, labels)
    return {
        "n": len(labels),
        "accuracy": evaluation.accuracy(probabilities, labels),
        "calibration_error": evaluation.calibration_error(probabilities, labels),
        "verdicts": {name: verdicts.count(name) / len(verdicts) for name in VERDICTS},
        "per_digit": [
            None if np.isnan(share) else share for share in evaluation.recall_per_digit(matrix)
        ],
    }


def _table(figures: dict[str, dict[str, Any]]) -> str:
    """The figures of all data sets, a line each."""
    heading = " ".join(f"{name:>10}" for name in ("n", "accuracy", "calibr.", *VERDICTS))
    lines = [f"{'':<38} {heading}  accuracy per digit, 0 to 9"]
    for name, row in figures.items():
        shares = [row["accuracy"], row["calibration_error"], *row["verdicts"].values()]
        per_digit = ("  -  " if share is None else f"{share:.3f}" for share in row["per_digit"])
        lines.append(
            f"{name:<38} {row['n']:>10} {' '.join(f'{share:>10.4f}' for share in shares)}  "
            + " ".join(per_digit)
        )
    return "\n".join(lines)


def _show_variants(options: argparse.Namespace) -> None:
    from nn import sheet  # imports scikit-learn

    sheet.variants().save(options.out, "PNG")
    print(
        f"{options.out}: a row for each digit and its copies, and two of pictures without one"
    )


def _show_handwriting(options: argparse.Namespace) -> None:
    from nn import sheet  # imports scikit-learn

    sheet.ways().save(options.out, "PNG")
    print(f"{options.out}: the ways of writing in nn/handwriting.toml")


def _predict(options: argparse.Namespace) -> None:
    model = _model(options.model)
    with _naming(options.picture):
        pixels = pixels_from_image(open_picture(Path(options.picture).read_bytes()))
    [answer] = model.judge(pixels.reshape(1, -1))
    if answer.is_blank:
        print("blank: the picture shows no ink")
        return
    print(f"{answer.verdict}: {answer.digit}")
    for digit, probability in enumerate(answer.probabilities):
        print(f"  {digit}  {probability:6.1%}  {'#' * round(40 * probability)}")


def _export(options: argparse.Namespace) -> None:
    export.save(_model(options.model), options.out)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes")


def _model(path: str | Path) -> Model:
    with _naming(path):
        return files.load(path)


@contextlib.contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Within it, the reason why a file is refused names the file."""
    try:
        yield
    except Refusal as error:
        raise Refusal("{path}: {reason}", code=error.code, path=path, reason=error) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nn", description=__doc__)
    commands = parser.add_subparsers(required=True)

    train = commands.add_parser("train", help="train a network on scikit-learn's digits")
    train.set_defaults(run=_train)
    train.add_argument("--preset", choices=presets.PRESETS, required=True)
    train.add_argument("--out", required=True, type=_new_file, help="model file to write, .npz")
    train.add_argument(
        "--start", help="model file that preset quick continues from; default: the shipped one"
    )
    for name, field in _SETTINGS.items():
        train.add_argument(
            f"--{name.replace('_', '-')}", type=option(field.parse), help=field.help
        )

    evaluate = commands.add_parser("evaluate", help="measure a model")
    evaluate.set_defaults(run=_evaluate)
    evaluate.add_argument("model", help="model file, .npz")
    evaluate.add_argument("--drawings", help="recorded strokes, .jsonl.gz")
    evaluate.add_argument("--images", help="pictures and labels, .npz")
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of a table")

    sweep_command.add_parser(commands)

    variants = commands.add_parser(
        "show-variants", help="draw a sheet of what the network learns from"
    )
    variants.set_defaults(run=_show_variants)
    variants.add_argument("--out", required=True, type=_new_file, help="picture to write, .png")

    written = commands.add_parser(
        "show-handwriting", help="draw the ways of writing that the network learns from"
    )
    written.set_defaults(run=_show_handwriting)
    written.add_argument("--out", required=True, type=_new_file, help="picture to write, .png")

    predict = commands.add_parser("predict", help="recognise one picture")
    predict.set_defaults(run=_predict)
    predict.add_argument("model", help="model file, .npz")
    predict.add_argument("picture", help="PNG, JPEG, WebP or BMP file")

    exported = commands.add_parser("export", help="write a model for other programs")
    exported.set_defaults(run=_export)
    exported.add_argument("model", help="model file, .npz")
    exported.add_argument(
        "--out", required=True, type=_new_file, help="file to write, .onnx or .json"
    )
    return parser


def _new_file(text: str) -> Path:
    """A path in an existing folder, checked before the training rather than after it."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a file in an existing folder.")
    return path


if __name__ == "__main__":
    sys.exit(terminal.run(main))
