"""The pages that tell how good versions are, in a real browser."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from nn import digits, files
from nn.digits import one_hot
from nn.model import Model, scaled
from nn.network import SigmoidNetwork
from tests.browser.looks import LAPTOP, check_admin_page
from tests.support.server import database_of
from webapp.learning import versions


@pytest.fixture
def two_versions(own_server, weak):
    """A server whose second version has learnt a little."""
    with database_of(own_server) as database, database.writing() as session:
        versions.upload(session, weak, "A little trained")
    return own_server


@pytest.fixture(scope="module")
def weak():
    """The file of a model after so few steps of gradient descent that it confuses much."""
    return files.to_bytes(little_trained())


def little_trained():
    network = SigmoidNetwork([64, 15, 10], 0, np.float32)
    (pixels, labels), _ = digits.split(*digits.load())
    x, y = scaled(pixels, np.float32), one_hot(labels).astype(np.float32)
    for _ in range(150):
        for parts, slopes in zip((network.weights, network.biases), network.backprop(x, y)):
            for part, slope in zip(parts, slopes):
                part -= slope
    return Model(network, trained_on="1500 of scikit-learn's digits")


@pytest.mark.parametrize("path", ["versions/1", "versions/2", "compare"])
def test_page_fits_every_screen_and_is_accessible(two_versions, open_admin, path):
    page = open_admin(two_versions, f"/admin/{path}", **LAPTOP)
    load_pictures(page)
    check_admin_page(page)


def load_pictures(page):
    """Bring every visible picture into view, since they load lazily, and check that it came."""
    for picture in page.locator("main img:visible").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") >= 8


def test_two_versions_are_chosen_and_the_better_one_promoted(two_versions, open_admin):
    page = open_admin(two_versions, "/admin/compare", **LAPTOP)
    page.get_by_label("First version").select_option("2")
    page.get_by_label("Second version").select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="From version 2 to version 1")).to_be_visible()
    better = page.get_by_role("region", name="Newly right")
    predicted = r"^an? \d; before: \d \(\d+%\); now: \d \(\d+%\)$"
    for picture in better.get_by_role("img").all()[:3]:
        expect(picture).to_have_accessible_name(re.compile(predicted))
    promote = page.get_by_role("button", name="Promote")
    expect(promote).to_have_count(1)
    promote.click()
    page.get_by_role("button", name="Promote anyway").click()  # it is an untrained one
    expect(page.get_by_role("status")).to_contain_text("Version 2 is live")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("status")).to_contain_text("Rolled back")


def test_everything_that_can_be_opened_opens_by_keyboard(two_versions, open_admin):
    page = open_admin(two_versions, "/admin/versions/2", **LAPTOP)
    section = page.get_by_role("region", name="The pictures it gets wrong")
    expect(section.get_by_role("img")).to_have_count(24)
    section.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(section.get_by_role("img")).not_to_have_count(24)


def test_confusion_matrix_and_figures_are_tables_with_headers(two_versions, open_admin):
    page = open_admin(two_versions, "/admin/versions/1", **LAPTOP)
    matrix = page.get_by_role("table", name="The confusion matrix")
    expect(matrix.get_by_role("rowheader")).to_have_text([str(digit) for digit in range(10)])
    expect(matrix.get_by_role("columnheader")).to_have_text(
        ["predicted", "true", *(str(digit) for digit in range(10))]
    )
    assert sum(int(cell) for cell in matrix.locator("tbody td").all_inner_texts()) == 297
    expect(page.get_by_role("table", name="Precision and recall of each digit")).to_be_visible()
