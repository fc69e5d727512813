"""Command line: python -m nn sweep."""

import argparse
import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from nn.presets import FIELDS, Field, HiddenLayers
from nn.refusal import Refusal, option

if TYPE_CHECKING:  # importing it takes a second, for scikit-learn
    from nn.sweep import Result

# The options whose values are combined: their limits, the parameter of SigmoidClassifier, and
# what is tried by default.
_TRIED: dict[str, tuple[Field | HiddenLayers, str, list[Any]]] = {
    "hidden": (FIELDS["hidden"], "hidden_layer_sizes", [(15,), (30,), (60,)]),
    "learning_rate": (FIELDS["learning_rate"], "learning_rate_init", [0.03, 0.1, 0.3]),
    "batch_size": (FIELDS["batch_size"], "batch_size", [10]),
    "epochs": (FIELDS["epochs"], "max_iter", [50]),
    "momentum": (
        Field("Momentum", float, 0, 1, "Share of each step that the next one keeps."),
        "momentum",
        [0.0],
    ),
    "alpha": (
        Field("Alpha", float, 0, 1000, "Strength of the penalty on large weights."),
        "alpha",
        [0.0],
    ),
}
_FOLDS = Field("Folds", int, 2, 20, "Into how many parts the digits are split.")
_JOBS = Field("Jobs", int, 1, 1024, "Processes on this computer; default: one per processor.")


def add_parser(commands: Any) -> None:
    """Add `sweep` to the commands, an action of argparse's add_subparsers."""
    parser = commands.add_parser(
        "sweep", help="try combinations of settings, and show which learn the digits best"
    )
    parser.set_defaults(run=_run)
    for name, (field, _, default) in _TRIED.items():
        parser.add_argument(
            _flag(name),
            nargs="+",
            type=option(field.parse),
            default=default,
            metavar="VALUE",
            help=f"{field.help} Default: {' '.join(_text(value) for value in default)}",
        )
    parser.add_argument("--folds", type=option(_FOLDS.parse), default=5, help=_FOLDS.help)
    seed = FIELDS["seed"]
    parser.add_argument("--seed", type=option(seed.parse), default=0, help=seed.help)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=option(_JOBS.parse), help=_JOBS.help)
    where.add_argument(
        "--scheduler",
        type=option(_address),
        help="a Dask cluster that does the work, such as tcp://127.0.0.1:8786",
    )
    parser.add_argument("--out", type=option(_out), help="file for all results, .csv or .json")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _text(value: Any) -> str:
    """What to type for a value."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:.12g}"


def _address(text: str) -> str:
    if not re.fullmatch(r"tcp://[^/\s]+:\d{1,5}", text):
        raise Refusal(
            "{text!r} is not the address of a scheduler, such as tcp://127.0.0.1:8786.",
            text=text,
        )
    return text


def _out(text: str) -> Path:
    path = Path(text)
    if path.suffix not in _WRITTEN or path.is_dir() or not path.parent.is_dir():
        raise Refusal("{text!r} is not a .csv or .json file in an existing folder.", text=text)
    return path


def _run(options: argparse.Namespace) -> None:
    from joblib import cpu_count

    from nn import sweep

    grid = {
        parameter: list(dict.fromkeys(getattr(options, name)))
        for name, (_, parameter, _) in _TRIED.items()
    }
    total = sweep.n_fits(grid, options.folds)
    with tqdm(desc="networks", unit="", total=total) as bar:
        results = sweep.search(
            grid,
            options.folds,
            options.seed,
            jobs=options.jobs or cpu_count(),
            scheduler=options.scheduler,
            advance=lambda done: bar.update(done - bar.n),
        )
    print(_table(results))
    best = results[0].settings
    accuracy = sweep.held_out_accuracy(best, options.seed)
    print(
        f"\nThe first, trained on all 1,500 digits, reads {accuracy:.2%} of the 297 that the\n"
        "search has not seen. To train it:\n"
    )
    print(_how_to_train(best, options.seed))
    if options.out:
        _write(options.out, _WRITTEN[options.out.suffix](results))


def _table(results: Sequence["Result"]) -> str:
    """All results, a line each."""
    heading = ["accuracy", "spread", *(name.replace("_", " ") for name in _TRIED)]
    rows = [
        [
            "diverged" if result.mean != result.mean else f"{result.mean:.4f}",
            "" if result.mean != result.mean else f"{result.spread:.4f}",
            *map(_text, result.settings.values()),
        ]
        for result in results
    ]
    widths = [max(map(len, column)) for column in zip(heading, *rows)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [heading, *rows]
    )


def _how_to_train(settings: dict[str, Any], seed: int) -> str:
    """What to type, in Python, and on the command line if that has all settings."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in settings.items())
    lines = [
        "  from nn import SigmoidClassifier",
        f"  SigmoidClassifier({arguments}, random_state={seed})",
    ]
    if not settings["momentum"] and not settings["alpha"]:
        flags = " ".join(
            f"{_flag(name)} {_text(settings[parameter])}"
            for name, (_, parameter, _) in _TRIED.items()
            if name in FIELDS
        )
        lines += [
            "",
            f"  python -m nn train --preset article {flags} --seed {seed} --out best.npz",
        ]
    return "\n".join(lines)


def _csv(results: Sequence["Result"]) -> str:
    scores = [f"fold_{number}" for number, _ in enumerate(results[0].scores, 1)]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["rank", *results[0].settings, "mean", "spread", *scores])
    for result in results:
        settings = map(_text, result.settings.values())
        figures = (result.mean, result.spread, *result.scores)
        rows.writerow([result.rank, *settings, *map(_or_none, figures)])
    return text.getvalue()


def _json(results: Sequence["Result"]) -> str:
    rows = [
        {
            "rank": result.rank,
            "settings": result.settings,
            "mean": _or_none(result.mean),
            "spread": _or_none(result.spread),
            "scores": [_or_none(score) for score in result.scores],
        }
        for result in results
    ]
    return json.dumps(rows, indent=2) + "\n"


_WRITTEN: dict[str, Callable[[Sequence["Result"]], str]] = {".csv": _csv, ".json": _json}


def _or_none(figure: float) -> float | None:
    """None for NaN: neither format has it."""
    return figure if figure == figure else None


def _write(path: Path, text: str) -> None:
    """A whole file or none; OSError names the path."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            whole = Path(folder) / path.name
            whole.write_text(text, encoding="utf-8")
            os.replace(whole, path)
    except OSError as error:  # the error of a full disk does not name the file
        raise OSError(error.errno, error.strerror, str(path)) from error
