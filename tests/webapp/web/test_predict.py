"""POST /api/predict: pictures and pixels in, probabilities out."""

import io
import json

import pytest
from PIL import Image, ImageDraw

from nn.drawings import render
from tests.support import mutated


def _encoded(image, kind="PNG"):
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def seven(sample_drawings):
    """A recorded 7, as drawn on the page."""
    return render(next(strokes for digit, strokes in sample_drawings if digit == 7))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "bmp"])
def test_picture_is_recognised(client, seven, kind):
    answer = client.post(
        "/api/predict", data=_encoded(seven, kind.upper()), content_type=f"image/{kind}"
    )
    assert answer.status_code == 200
    found = answer.json
    assert set(found) == {"digit", "verdict", "probabilities", "pixels", "model"}
    assert (found["digit"], found["verdict"], found["model"]) == (
        7,
        "sure",
        {"version": 1},
    )
    assert len(found["probabilities"]) == 10
    assert sum(found["probabilities"]) == pytest.approx(1, abs=1e-9)
    assert max(range(10), key=found["probabilities"].__getitem__) == 7
    assert [len(row) for row in found["pixels"]] == [8] * 8
    assert all(type(v) is int and 0 <= v <= 16 for row in found["pixels"] for v in row)


def test_multipart_field_image_is_recognised(client, seven):
    form = {"image": (io.BytesIO(_encoded(seven)), "seven.png")}
    assert client.post("/api/predict", data=form).json["digit"] == 7


def test_network_gets_exactly_the_pixels_that_the_answer_shows(client, seven):
    drawn = client.post("/api/predict", data=_encoded(seven), content_type="image/png").json
    posted = client.post("/api/predict", json={"pixels": drawn["pixels"]}).json
    assert posted == drawn


def test_fractions_are_rounded_to_the_pixels_that_the_network_gets(client):
    found = client.post("/api/predict", json={"pixels": [[3.6] * 8] * 8}).json
    assert found["pixels"] == [[4] * 8] * 8


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_blank_picture_gets_no_digit(client, mode):
    blank = _encoded(Image.new(mode, (280, 280), "white"))
    found = client.post("/api/predict", data=blank, content_type="image/png").json
    assert found == {
        "digit": None,
        "verdict": "blank",
        "probabilities": None,
        "pixels": [[0] * 8] * 8,
        "model": {"version": 1},
    }


def test_pixels_between_two_digits_are_torn(client):
    # A stem with a bow that is open above: between 4 and 9.
    answers = (
        client.post("/api/predict", json={"pixels": _four_or_nine(middle)}).json
        for middle in range(17)
    )
    undecided = next(answer for answer in answers if answer["verdict"] == "torn")
    chances = undecided["probabilities"]
    assert sorted(sorted(range(10), key=chances.__getitem__)[-2:]) == [4, 9]
    assert undecided["digit"] in (4, 9)


def test_letter_is_unfamiliar(client):
    letter = Image.new("L", (280, 280), "white")
    pen = ImageDraw.Draw(letter)
    pen.line((60, 230, 140, 50, 220, 230), fill=0, width=20)
    pen.line((90, 160, 190, 160), fill=0, width=20)
    found = client.post("/api/predict", data=_encoded(letter), content_type="image/png").json
    assert found["verdict"] == "unfamiliar"
    assert found["digit"] is not None  # the nearest, for those who want one all the same
    assert sum(found["probabilities"]) == pytest.approx(1)


def _four_or_nine(top):
    """A 9 whose uppermost bar fades, at 0, into a 4."""
    return [
        [0, 0, 8, top, top, 8, 0, 0],
        [0, 2, 16, top // 2, top // 2, 16, 0, 0],
        [0, 8, 14, 0, 2, 16, 0, 0],
        [0, 10, 12, 0, 6, 16, 0, 0],
        [0, 4, 16, 16, 16, 16, 0, 0],
        [0, 0, 2, 4, 8, 14, 0, 0],
        [0, 0, 0, 0, 12, 12, 0, 0],
        [0, 0, 0, 0, 14, 8, 0, 0],
    ]


# JSON may escape half of a surrogate pair, which is no text.
HALF_A_PAIR = b'{"pixels": [%s]}' % b",".join([rb'["\ud800", 0, 0, 0, 0, 0, 0, 0]'] * 8)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code", "says"),
    [
        (b"", "image/png", 400, "not_a_picture", "0 bytes"),
        (b"hello", "image/png", 400, "not_a_picture", "PNG, JPEG, WebP or BMP"),
        (b"x" * (17 * 2**20), "image/png", 413, "request_entity_too_large", "16 MiB"),
        (b"x" * (16 * 2**20 + 1), "image/png", 413, "picture_too_large", "16 MiB"),
        (b"hello", "text/plain", 415, "unsupported_content_type", "image/png"),
        (b"hello", "", 415, "unsupported_content_type", "image/png"),
        (b"{", "application/json", 400, "bad_json", "pixels"),
        (b"[]", "application/json", 400, "bad_json", "pixels"),
        (b"{}", "application/json", 400, "bad_json", "pixels"),
        (b"\xff\xfe", "application/json", 400, "bad_json", "pixels"),
        (b"[" * 60_000, "application/json", 400, "bad_json", "pixels"),
        (b" " * 70_000, "application/json", 413, "json_too_large", "64 KiB"),
        (b"x", "multipart/form-data", 400, "missing_image", "'image'"),
        (HALF_A_PAIR, "application/json", 400, "bad_json", "Unicode"),
    ],
)
def test_bad_body_gets_a_sentence(client, body, kind, status, code, says):
    answer = client.post("/api/predict", data=body, content_type=kind)
    assert _error(answer) == (status, code)
    assert says in answer.json["error"]["message"]


def _with(value):
    return [[0] * 8] * 7 + [[0] * 7 + [value]]


@pytest.mark.parametrize(
    ("pixels", "says"),
    [
        *[
            (rows, "8 rows of 8")
            for rows in ([[0] * 8] * 7, [[0] * 7] * 8, [0] * 64, "x", None, {})
        ],
        *[(_with(value), "0 to 16") for value in ("16", float("nan"), float("inf"), [1])],
        *[(_with(value), "0 to 16") for value in (10**400, 10**20, "\0")],
        *[(_with(value), json.dumps(value)) for value in (17, -1, True, None)],
    ],
)
def test_bad_pixels_get_a_sentence(client, pixels, says):
    body = json.dumps({"pixels": pixels})
    answer = client.post("/api/predict", data=body, content_type="application/json")
    assert _error(answer) == (422, "bad_pixels")
    assert says in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("image", "kind", "error", "says"),
    [
        (Image.new("1", (8193, 8)), "PNG", (413, "picture_too_large"), "8192 x 8192"),
        (Image.new("1", (20_000, 20_000)), "PNG", (413, "picture_too_large"), "8192 x 8192"),
        (
            Image.new("RGB", (8000, 8000)),
            "WEBP",
            (413, "picture_too_large"),
            "12,500,000 pixels",
        ),
    ],
)
def test_picture_that_is_too_large_gets_a_sentence(client, image, kind, error, says):
    answer = client.post(
        "/api/predict", data=_encoded(image, kind), content_type=f"image/{kind.lower()}"
    )
    assert _error(answer) == error
    assert says in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("mode", "kind", "content_type"),
    [
        ("P", "PNG", "image/png"),
        ("I;16", "PNG", "image/png"),
        ("CMYK", "JPEG", "image/jpeg"),
        ("L", "JPEG", "image/jpg"),
        ("L", "MPO", "image/jpeg"),
    ],
)
def test_pictures_of_every_kind_are_accepted(client, mode, kind, content_type):
    body = _encoded(Image.new(mode, (28, 28)), kind)
    answer = client.post("/api/predict", data=body, content_type=content_type)
    assert (answer.status_code, answer.json["verdict"]) == (200, "blank")


def test_animated_picture_gets_a_sentence(client):
    frames = [Image.new("L", (28, 28), shade) for shade in (0, 255)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:])
    answer = client.post("/api/predict", data=buffer.getvalue(), content_type="image/png")
    assert _error(answer) == (415, "unsupported_picture")
    assert "2 frames" in answer.json["error"]["message"]


def test_damaged_picture_gets_a_sentence(client, seven):
    body = _encoded(seven)
    answer = client.post("/api/predict", data=body[: len(body) // 2], content_type="image/png")
    assert _error(answer) == (400, "not_a_picture")


def _error(answer):
    """Status and code of an answer in the one shape of all errors."""
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"code", "message"}
    assert answer.json["error"]["message"].endswith(".")
    return answer.status_code, answer.json["error"]["code"]


def test_files_with_faults_get_an_answer_or_a_sentence(client):
    """A short part of what `python -m bench.fuzz` sends."""
    statuses = set()
    for number, (name, data) in enumerate(mutated.files(400)):
        kind = "image/png" if name.startswith("PNG") else "image/jpeg"
        answer = client.post("/api/predict", data=data, content_type=kind)
        assert answer.status_code in (200, 400, 413, 415), (number, name)
        assert set(answer.json) >= {"digit"} or set(answer.json["error"]) == {"code", "message"}
        statuses.add(answer.status_code)
    assert {200, 400} <= statuses
