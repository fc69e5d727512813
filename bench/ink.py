"""How long a 280 px drawing takes to become 8x8, and a photo of a phone to be answered.

    .venv/bin/python -m bench.ink

Drawings: beside decoding their PNG, median over the recorded drawings of tests/data; "pieces"
are those with a dot beside them. Photo: 12 megapixels, JPEG, a whole request to the application
without the network. One process with one BLAS thread.
"""

import io
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits

from nn.drawings import read_drawings, render
from nn.ink import pixels_from_image
from nn.picture import open_picture
from tests.support.papers import gradient
from webapp import config, create_app
from webapp.storage import first_start

DRAWINGS = Path(__file__).parents[1] / "tests" / "data" / "strokes.jsonl.gz"
ROUNDS = 20
PHOTO = (4032, 3024)  # px, of a phone


def main() -> None:
    drawings = [render(strokes) for _, strokes in read_drawings(DRAWINGS)]
    kinds = {
        "L": drawings,
        "RGBA": [image.convert("RGBA") for image in drawings],
        "L, pieces": [_with_dot(image) for image in drawings],
    }
    for kind, images in kinds.items():
        decode, ink = _drawings([_encoded(image, "PNG") for image in images])
        print(
            f"{kind:<10} decoding {decode:.3f} ms   ink {ink:.3f} ms   ratio {ink / decode:.2f}"
        )
    photo = _photo(drawings[0])
    print(f"photo of {len(photo) / 1e6:.1f} MB: {_request(photo):.0f} ms a request")


def _drawings(bodies: list[bytes]) -> tuple[float, float]:
    """Median milliseconds of decoding and of finding the ink."""
    decode, ink = [], []
    for body in bodies * ROUNDS:
        start = time.perf_counter()
        image = open_picture(body)
        decoded = time.perf_counter()
        pixels_from_image(image)
        decode.append(decoded - start)
        ink.append(time.perf_counter() - decoded)
    return 1000 * statistics.median(decode), 1000 * statistics.median(ink)


def _request(body: bytes) -> float:
    """Median milliseconds of POST /api/predict with a photo."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        settings = config.from_environment({"INKLING_DATA_DIR": folder})
        first_start.prepare(settings)
        app = create_app(settings)
        client = app.test_client()
        for _ in range(ROUNDS):
            start = time.perf_counter()
            answer = client.post("/api/predict", data=body, content_type="image/jpeg")
            seconds.append(time.perf_counter() - start)
            assert answer.status_code == 200, answer.text
        app.extensions["database"].close()
    return 1000 * statistics.median(seconds)


def _photo(drawing: Image.Image) -> bytes:
    rng = np.random.default_rng(0)
    large = gradient(drawing, rng).resize(PHOTO, Image.Resampling.BICUBIC)
    noise = rng.normal(0, 4, (PHOTO[1], PHOTO[0], 1))
    grainy = np.clip(np.asarray(large) + noise, 0, 255).astype(np.uint8)
    return _encoded(Image.fromarray(grainy), "JPEG", quality=88)


def _with_dot(drawing: Image.Image) -> Image.Image:
    dotted = drawing.copy()
    dotted.paste(0, (255, 130, 275, 150))
    return dotted


def _encoded(image: Image.Image, file_format: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
