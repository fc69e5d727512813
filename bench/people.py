"""Makes nn/people.npz, the sample of real drawings that versions are measured on.

    .venv/bin/python -m bench.people ../shared/data/strokes_dev.jsonl.gz

The file holds recorded strokes, one drawing a line with its "writer". Of each digit of each
person, the first five are taken; nn/people.md tells what becomes of them.
"""

import argparse
import gzip
import json
from collections import Counter

import numpy as np

from nn.drawings import render
from nn.ink import pixels_from_image
from nn.people import FILE

EACH = 5  # of a person's drawings of one digit


def chosen(path):
    """(digit, strokes) of the drawings that are taken."""
    taken = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            kind = record["writer"], record["digit"]
            taken[kind] += 1
            if taken[kind] <= EACH:
                yield record["digit"], [np.array(stroke, float) for stroke in record["strokes"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("strokes", help="the recorded strokes, .jsonl.gz")
    drawings = list(chosen(parser.parse_args().strokes))
    pixels = [pixels_from_image(render(strokes)).ravel() for _, strokes in drawings]
    labels = [digit for digit, _ in drawings]
    np.savez_compressed(FILE, pixels=np.array(pixels), labels=np.array(labels, np.uint8))
    print(f"{FILE}: {len(labels)} drawings")


if __name__ == "__main__":
    main()
