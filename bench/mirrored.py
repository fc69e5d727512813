"""What one Quick run makes of a way of writing that the model has never seen: mirrored 3s.

    .venv/bin/python -m bench.mirrored ../shared/data/strokes_workshop.jsonl.gz

The file holds digits by six people, one drawing a line with its "writer". Six times, five of
the people teach 20 mirrored 3s each, and Quick goes on from the shipped model. Prints, before
and after: how many of the sixth person's mirrored 3s the model is sure are 3s, and how many
have 3 on top; accuracy and sure answers on the digits held out of training, and accuracy on
the drawings of the sixth person as they are.
"""

import argparse
import gzip
import json
import statistics
import sys
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from nn import digits, files
from nn.drawings import render
from nn.experiment import Experiment
from nn.ink import pixels_from_image
from nn.presets import PRESETS

DIGIT = 3
EACH = 20  # mirrored drawings that a teacher gives


def read(path):
    """{writer: (pixels (n, 64), labels (n,), mirrored 3s (m, 64))} of recorded strokes."""
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            strokes = [np.array(stroke, float) for stroke in record["strokes"]]
            pixels, labels, mirrored = found.setdefault(record["writer"], ([], [], []))
            pixels.append(_pixels(strokes))
            labels.append(record["digit"])
            if record["digit"] == DIGIT:
                mirrored.append(_pixels([stroke * (-1, 1) for stroke in strokes]))
    return {name: tuple(map(np.array, lists)) for name, lists in found.items()}


def _pixels(strokes):
    return pixels_from_image(render(strokes)).ravel()


def retrained(start, people):
    """What Quick makes of `start` with the mirrored 3s of some people."""
    pixels = np.concatenate([mirrored[:EACH] for _, _, mirrored in people])
    room = pixels, np.full(len(pixels), DIGIT)
    experiment = Experiment(PRESETS["quick"], start, room)
    for _ in experiment.epochs():
        pass
    return experiment.model()


def measured(model, person):
    """Shares of right and sure answers, by name, 0..1."""
    pixels, labels, mirrored = person
    rows, said = digits.held_out()
    new = model.judge(mirrored)
    return {
        "mirrored 3s, sure": np.mean([a.verdict == "sure" and a.digit == DIGIT for a in new]),
        "mirrored 3s, on top": np.mean([a.digit == DIGIT for a in new]),
        "digits": np.mean([a.digit == d for a, d in zip(model.judge(rows), said, strict=True)]),
        "digits, sure": np.mean([a.verdict == "sure" for a in model.judge(rows)]),
        "same person's drawings": np.mean(
            [a.digit == d for a, d in zip(model.judge(pixels), labels, strict=True)]
        ),
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m bench.mirrored", description=__doc__)
    parser.add_argument("drawings", type=Path, help="recorded strokes, .jsonl.gz")
    parser.add_argument("--model", type=Path, default=files.SHIPPED, help="where Quick starts")
    options = parser.parse_args(arguments)
    people, start = read(options.drawings), files.load(options.model)
    rounds = []
    for name, person in people.items():
        taught = retrained(start, [other for n, other in people.items() if n != name])
        rounds.append((measured(start, person), measured(taught, person)))
    for what in rounds[0][0]:
        before, after = (statistics.mean(r[i][what] for r in rounds) for i in (0, 1))
        print(f"{what:<24} {before:.4f} -> {after:.4f}")


if __name__ == "__main__":
    with threadpool_limits(1):
        sys.exit(main())
