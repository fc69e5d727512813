"""How many pictures from elsewhere a model reads, by kind: photos, scans, boxes of forms.

    .venv/bin/python -m bench.pictures nn/workshop.npz ../shared/data/real_dev.zip

The zip holds pictures of single digits and `manifest.csv` with the columns file, label and
kind. A picture that is refused counts as wrong. `--wrong` lists those that are wrong.
"""

import argparse
import csv
import io
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nn import files
from nn.ink import pixels_from_image
from nn.model import Answer, Model
from nn.picture import PictureError, open_picture


class Read(NamedTuple):
    """A picture of the zip, and the model's answer or the sentence that refuses it."""

    file: str
    kind: str
    label: int
    answer: Answer | None
    refusal: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the model's digit is the label."""
        return self.answer is not None and self.answer.digit == self.label


def main(arguments: list[str] | None = None) -> None:
    """Print a table: pictures, right, share, refused, blank, and wrong although sure."""
    options = _options(arguments)
    model = files.load(Path(options.model))
    by_kind = defaultdict(list)
    for read in read_pictures(model, Path(options.pictures)):
        by_kind[read.kind].append(read)
    by_kind["all"] = [read for reads in by_kind.values() for read in reads]
    print(f"{'kind':<8}{'n':>6}{'right':>7}{'share':>8}{'refused':>9}{'blank':>7}{'sure':>7}")
    for kind, reads in by_kind.items():
        right = sum(read.is_right for read in reads)
        refused = sum(read.answer is None for read in reads)
        verdicts = [(read.answer.verdict, read.is_right) for read in reads if read.answer]
        blank, sure = (verdicts.count((v, False)) for v in ("blank", "sure"))
        print(
            f"{kind:<8}{len(reads):>6}{right:>7}{right / len(reads):>8.3f}"
            f"{refused:>9}{blank:>7}{sure:>7}"
        )
    if options.wrong:
        for read in by_kind["all"]:
            if not read.is_right:
                said = read.answer.digit if read.answer else read.refusal
                print(f"{read.file} {read.kind}: a {read.label}, not {said}")


def read_pictures(model: Model, path: Path) -> list[Read]:
    """Each picture that the manifest lists, read by the model."""
    with zipfile.ZipFile(path) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode())))
        return [_read(model, archive.read(row["file"]), row) for row in tqdm(rows, "pictures")]


def _read(model: Model, data: bytes, row: dict[str, str]) -> Read:
    file, kind, label = row["file"], row["kind"], int(row["label"])
    try:
        pixels = pixels_from_image(open_picture(data))
    except PictureError as error:
        return Read(file, kind, label, None, str(error))
    return Read(file, kind, label, model.judge(pixels.reshape(1, -1))[0])


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pictures")
    parser.add_argument("model", help="a model file, .npz")
    parser.add_argument("pictures", help="pictures and manifest.csv, .zip")
    parser.add_argument("--wrong", action="store_true", help="list the pictures read wrongly")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    with threadpool_limits(1):
        sys.exit(main())
