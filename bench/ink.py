"""How long a 280 px drawing takes to become 8x8, beside decoding its PNG alone.

    .venv/bin/python -m bench.ink

Median over the recorded drawings of tests/data, in one process with one BLAS thread.
"""

import io
import statistics
import time
from pathlib import Path

from threadpoolctl import threadpool_limits

from nn.drawings import read_drawings, render
from nn.ink import pixels_from_image
from nn.picture import open_picture

DRAWINGS = Path(__file__).parents[1] / "tests" / "data" / "strokes.jsonl.gz"
ROUNDS = 20


def main():
    for mode in ("L", "RGBA"):
        pictures = [_png(strokes, mode) for _, strokes in read_drawings(DRAWINGS)]
        decode, ink = [], []
        for body in pictures * ROUNDS:
            start = time.perf_counter()
            image = open_picture(body)
            decoded = time.perf_counter()
            pixels_from_image(image)
            decode.append(decoded - start)
            ink.append(time.perf_counter() - decoded)
        decode, ink = (1000 * statistics.median(seconds) for seconds in (decode, ink))
        print(
            f"{mode:<5} decoding {decode:.3f} ms   ink {ink:.3f} ms   ratio {ink / decode:.2f}"
        )


def _png(strokes, mode):
    buffer = io.BytesIO()
    render(strokes).convert(mode).save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
