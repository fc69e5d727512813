"""POST /api/inside/ink, nearest, averages, class: the drawing, and the data."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from nn import ink, neighbours
from nn.drawings import render
from tests.support.given import give
from webapp.room import moderation
from webapp.storage.tables import Drawing

BLANK = [[0] * 8] * 8


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def ask_about_ink(client, picture, pixels=BLANK):
    text = None if picture is None else base64.b64encode(picture).decode()
    return client.post("/api/inside/ink", json={"pixels": pixels, "picture": text})


def frame(text):
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(64, 64)


def test_steps_are_those_of_the_code_that_predicts(client, sample_drawings):
    for _, strokes in sample_drawings[::7]:
        drawing = png(render(strokes))
        predicted = client.post("/api/predict", data=drawing, content_type="image/png").json
        steps = ask_about_ink(client, drawing).json["steps"]
        assert np.reshape(steps["cells"], (8, 8)).tolist() == predicted["pixels"]
        counted = frame(steps["counted"])
        assert set(np.unique(counted)) == {0, 255}
        counts = (counted == 255).reshape(8, 8, 8, 8).sum(axis=(1, 3)).ravel()
        assert counts.tolist() == steps["counts"]
        assert np.rint(counts / 4).astype(int).tolist() == steps["cells"]
        assert steps["exact"] == (counts / 4).tolist()
        expected = ink.steps_from_image(render(strokes))
        assert steps["slant"] == expected.slant
        for name in ("found", "evened", "upright", "stretched"):
            np.testing.assert_allclose(
                frame(steps[name]) / 255, getattr(expected, name), atol=0.003
            )


def test_without_a_picture_there_are_no_steps(client):
    pixels = [[5] * 8] * 8
    answer = ask_about_ink(client, None, pixels)
    assert answer.json == {"steps": None, "cells": [5] * 64}


def test_blank_paper_has_no_steps(client):
    paper = png(Image.new("L", (280, 280), "white"))
    assert ask_about_ink(client, paper).json["steps"] is None


@pytest.mark.parametrize(
    ("picture", "status", "says"),
    [
        (b"hello", 400, "no picture that can be read"),
        (png(Image.new("1", (641, 8))), 413, "640 x 640"),
        (png(Image.new("1", (8000, 8000))), 413, "640 x 640"),
    ],
)
def test_bad_picture_gets_a_sentence(client, picture, status, says):
    answer = ask_about_ink(client, picture)
    assert answer.status_code == status
    assert says in answer.json["error"]["message"]


def test_picture_that_is_not_base64_gets_a_sentence(client):
    answer = client.post("/api/inside/ink", json={"pixels": BLANK, "picture": "???"})
    assert answer.status_code == 422
    assert "a picture file in base64" in answer.json["error"]["message"]


def test_nearest_three_are_sent_with_distance_and_label(client, plain_pixels):
    pixels = plain_pixels[5].reshape(8, 8).tolist()
    found = client.post("/api/inside/nearest", json={"pixels": pixels}).json["nearest"]
    known, labels = neighbours.known()
    distances = np.linalg.norm(known.astype(float) - plain_pixels[5], axis=1)
    assert [each["distance"] for each in found] == pytest.approx(np.sort(distances)[:3])
    for each in found:
        row = (known == each["pixels"]).all(axis=1).argmax()
        assert labels[row] == each["label"]


def test_class_has_all_pictures_of_the_digit(client):
    for digit in range(10):
        found = client.post("/api/inside/class", json={"digit": digit}).json["pictures"]
        assert len(found) == (neighbours.known()[1] == digit).sum() <= 18 * 11
        assert {len(picture) for picture in found} == {64}


@pytest.mark.parametrize("digit", [10, -1, None, "x"])
def test_class_of_no_digit_gets_a_sentence(client, digit):
    answer = client.post("/api/inside/class", json={"digit": digit})
    assert answer.status_code == 422
    assert "a whole number from 0 to 9" in answer.json["error"]["message"]


def averages(client):
    """The averages, once the room's have been read."""
    while not (found := client.post("/api/inside/averages", json={}).json)["room"]:
        pass
    return found


def test_averages_of_an_empty_room_have_no_drawings(client):
    found = averages(client)
    assert sum(found["digits"]["counts"]) == 1797
    assert found["room"]["counts"] == [0] * 10


def test_only_approved_drawings_of_people_who_are_not_blocked_count(client, app):
    with app.extensions["database"].writing() as session:
        give(session, label=4, pixels=[8] * 64)
        give(session, label=4, pixels=[4] * 64)
        give(session, label=4, status=Drawing.PENDING)
        give(session, label=4, status=Drawing.REJECTED)
        blocked = give(session, label=4, pixels=[16] * 64)
        moderation.block(session, blocked.participant_id, True)
    found = averages(client)
    assert found["room"]["counts"] == [0, 0, 0, 0, 2, 0, 0, 0, 0, 0]
    assert found["room"]["averages"][4] == [6] * 64
    difference = np.subtract(6, found["digits"]["averages"][4])
    np.testing.assert_allclose(found["room"]["differences"][4], difference)
