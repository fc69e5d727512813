import io
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from nn import files
from nn.model import Model
from nn.network import SigmoidNetwork
from nn.report import Report, held_out_digits
from tests.conftest import ROOT
from tests.support.pages import send, sign_in
from tests.support.shipped import PEOPLE
from webapp.learning import versions
from webapp.room import pictures

SHOW, COMPARE = "/admin/versions/{}", "/admin/compare"


@pytest.fixture(autouse=True)
def _signed_in(client):
    sign_in(client)


@pytest.fixture
def untrained():
    """A model that knows nothing."""
    return Model(SigmoidNetwork([64, 5, 10], 0, np.float32))


@pytest.fixture
def two(app, untrained):
    """Beside the shipped version a second one, which knows nothing."""
    return publish(app, untrained, "<i>Empty</i>")


def publish(app, model, name):
    with app.extensions["database"].writing() as db:
        return versions.upload(db, files.to_bytes(model), name).id


def text(answer):
    return " ".join(re.sub("<[^>]+>", " ", answer.text).split())


def images(answer):
    return re.findall(r'<img src="([^"]+)" alt="([^"]+)"', answer.text)


def test_page_of_a_version_shows_its_figures(client, shipped):
    report = Report(shipped, held_out_digits())
    answer = client.get(SHOW.format(1))
    words = text(answer)
    assert answer.status_code == 200
    assert re.search("Version 1, .+ live", words)
    low, high = report.interval
    assert re.search(f"{100 * report.accuracy:.1f} ?%", words)
    assert re.search(f"{100 * low:.1f} to {100 * high:.1f} ?% with 297 held-out digits", words)
    assert "Promote" not in words
    cells = re.findall(r"<td data-right>(\d+)</td>", answer.text)
    assert [int(count) for count in cells] == np.diag(report.confusion).tolist()


def test_mistakes_are_shown_with_what_was_predicted(client, shipped):
    report = Report(shipped, held_out_digits())
    shown = images(client.get(SHOW.format(1)))
    assert len(shown) == len(report.mistakes)
    row = report.mistakes[0]
    label, predicted = report.pictures.labels[row], report.predicted[row]
    source, alt = shown[0]
    assert re.fullmatch(rf"an? {label}\b.* {predicted}\b.*\d+ ?%.*", alt)
    png = client.get(source)
    assert np.array_equal(png.data, pictures.digit_png(report.pictures.pixels[row]))


def test_many_mistakes_are_shown_up_to_sixty(client, untrained, two):
    answer = client.get(SHOW.format(two))
    assert len(images(answer)) == 60
    others = len(Report(untrained, held_out_digits()).mistakes) - 60
    assert f"And {others} more" in text(answer)


def test_version_that_is_not_live_can_be_promoted_from_its_page(client, two):
    answer = client.get(SHOW.format(two))
    assert "&lt;i&gt;Empty&lt;/i&gt;" in answer.text
    assert "uploaded" in text(answer)
    action = re.search(r'action="(/admin/versions/\d+/promote)"', answer.text)[1]
    assert f"Version {two} is live" in text(
        send(client, action, page=SHOW.format(two), sure="yes")
    )


def test_comparison_by_default_is_of_the_live_version_and_the_newest_other(client, app, two):
    newest = publish(app, Model(SigmoidNetwork([64, 10], 1, np.float32)), "Newest")
    assert f"From version 1 to version {newest}" in text(client.get(COMPARE))
    assert f"From version 1 to version {two}" in text(client.get(f"{COMPARE}?b={two}"))
    assert f"From version {two} to version {newest}" in text(client.get(f"{COMPARE}?a={two}"))
    assert f"From version {newest} to version 1" in text(client.get(f"{COMPARE}?b=1"))


def test_comparison_shows_what_got_better_and_worse(client, shipped, untrained, two):
    digits = held_out_digits()
    before, after = Report(untrained, digits), Report(shipped, digits)
    better = (~before.right & after.right).sum()
    worse = (before.right & ~after.right).sum()
    answer = client.get(f"{COMPARE}?a={two}&b=1")
    words = text(answer)
    assert f"{better} of 297 newly right, {worse} newly wrong" in words
    assert "does not prove" not in words
    assert words.index("People whose drawings") < words.index("newly right,")
    assert re.search(rf"On a sample of 600 .*: before 1?\d\.\d%, now {PEOPLE}: better\.", words)
    assert re.search(r'alt="an? \d; .+ \d.+\d+ ?%.*; .+ \d.+\d+ ?%', answer.text)
    assert answer.text.count('<table class="confusion">') == 2
    assert words.count("Promote") == 1


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "There is only one version. Train another or upload one"),
        ("?a=1&b=1", "Version 1 is on both sides."),
    ],
)
def test_comparison_needs_two_versions(client, app, untrained, query, says):
    if query:
        publish(app, untrained, "Second")
    answer = client.get(f"{COMPARE}{query}")
    assert answer.status_code == 200
    assert says in text(answer)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        *[
            (path, "There is no version 7.")
            for path in (SHOW.format(7), "/admin/versions/7/weights.png", f"{COMPARE}?a=1&b=7")
        ],
        *[
            (f"{COMPARE}?{query}", "There is no version")
            for query in ("a=0&b=1", "a=1&b=0", "a=0", "b=-1")
        ],
        (SHOW.format(3), "Version 3 was deleted."),
        (f"{COMPARE}?b=3", "Version 3 was deleted."),
        ("/admin/pictures/123.png", "64 characters"),
    ],
)
def test_what_is_not_there_is_a_404_with_a_sentence(client, app, untrained, two, path, says):
    deleted = publish(app, untrained, "Deleted")
    assert (two, deleted) == (2, 3)
    send(client, f"/admin/versions/{deleted}/delete")
    answer = client.get(path)
    assert answer.status_code == 404
    assert says in answer.text


def test_settings_that_older_inklings_wrote_beside_the_data_are_not_shown(client, app, two):
    with app.extensions["database"].writing() as db:
        versions.version(db, two).trained_on = "1500 digits, Preset(hidden=(15,), seed=0)"
    for page in (SHOW.format(two), "/admin/versions"):
        words = text(client.get(page))
        assert "1500 digits" in words
        assert "Preset(" not in words


@pytest.mark.parametrize("sizes", [[64, 10], [64, 512, 10], [64, 1, 1, 10]])
def test_network_of_any_shape_has_a_page_and_weights(client, app, sizes):
    number = publish(app, Model(SigmoidNetwork(sizes, 0, np.float32)), "Any")
    answer = client.get(SHOW.format(number))
    assert answer.status_code == 200
    sheets = re.findall(r'(?:src|srcset)="([^"]+weights[^"]+)"', answer.text)
    assert len(sheets) == (4 if sizes[1] > 64 else 2)
    for address in sheets:
        png = client.get(address.replace("&amp;", "&"))
        assert Image.open(io.BytesIO(png.data)).width > 8


@pytest.mark.parametrize(
    "query", ["", "?columns=0&most=0", "?columns=-3&most=99999", "?columns=x"]
)
def test_weights_are_a_picture_whatever_the_address_asks_for(client, query):
    answer = client.get(f"/admin/versions/1/weights.png{query}")
    assert answer.mimetype == "image/png"
    assert Image.open(io.BytesIO(answer.data)).width <= 64 * 64


@pytest.mark.parametrize(
    "path", [f"/admin/pictures/{'0' * 64}.png", "/admin/versions/1/weights.png"]
)
def test_pictures_may_be_kept_by_the_browser_but_by_nobody_between(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    kept = answer.cache_control
    assert kept.private
    assert not kept.public
    assert kept.max_age > 86400


def test_pages_need_neither_scikit_learn_nor_scipy(tmp_path):
    program = f"""
import sys
from tests.support.pages import sign_in
from tests.support.server import PASSWORD
from webapp import config, create_app
from webapp.storage import first_start
environment = {{"INKLING_DATA_DIR": {str(tmp_path)!r}, "INKLING_ADMIN_PASSWORD": PASSWORD}}
settings = config.from_environment(environment)
first_start.prepare(settings)
client = create_app(settings).test_client()
sign_in(client)
assert client.get("/admin/versions/1").status_code == 200
assert client.get("/admin/compare").status_code == 200
print([name for name in ("sklearn", "scipy") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
