"""The pages that tell how good versions are, in a real browser."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from nn import digits, files
from nn.digits import one_hot
from nn.model import Model, scaled
from nn.network import SigmoidNetwork
from tests.browser.looks import LAPTOP, PHONE, PROJECTOR
from tests.support.server import running_server
from webapp import config
from webapp.learning import versions
from webapp.storage.folder import open_database

SIZES = {"phone": PHONE, "laptop": LAPTOP, "projector": PROJECTOR}
PAGES = {
    "version": "/admin/versions/1",
    "version-weak": "/admin/versions/2",
    "compare": "/admin/compare",
}


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory):
    """A server whose second version has learnt a little."""
    data_dir = tmp_path_factory.mktemp("data")
    database = open_database(config.from_environment({"INKLING_DATA_DIR": str(data_dir)}))
    with database.writing() as db:
        versions.upload(db, files.to_bytes(little_trained()), "A little trained")
    database.close()
    with running_server(data_dir=data_dir) as running:
        yield running


def little_trained():
    """A model after so few steps of gradient descent that it confuses much."""
    network = SigmoidNetwork([64, 15, 10], 0, np.float32)
    (pixels, labels), _ = digits.split(*digits.load())
    x, y = scaled(pixels, np.float32), one_hot(labels).astype(np.float32)
    for _ in range(150):
        for parts, slopes in zip((network.weights, network.biases), network.backprop(x, y)):
            for part, slope in zip(parts, slopes):
                part -= slope
    return Model(network, trained_on="1500 of scikit-learn's digits")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SIZES)
def test_pages_look(two_versions, open_admin, name, scheme):
    size = SIZES[name]
    page = open_admin(
        two_versions, "/admin/versions", color_scheme=scheme, reduced_motion="reduce", **size
    )
    for title, path in PAGES.items():
        page.goto(two_versions.url + path)
        load_pictures(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["viewport"]["width"], f"{path} scrolls sideways"
        page.screenshot(
            path=f"test-results/screenshots/admin-{title}-{name}-{scheme}.png", full_page=True
        )
        found = Axe().run(page).response["violations"]
        assert [v for v in found if v["impact"] in ("serious", "critical")] == []


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
    said = r"^an? \d; version 2 said \d, \d+ % sure; version 1 said \d, \d+ % sure$"
    for picture in better.get_by_role("img").all()[:3]:
        expect(picture).to_have_accessible_name(re.compile(said))
    promote = page.get_by_role("button", name="Promote")
    expect(promote).to_have_count(1)
    promote.click()
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
        ["said", "is", *(str(digit) for digit in range(10))]
    )
    assert sum(int(cell) for cell in matrix.locator("tbody td").all_inner_texts()) == 297
    expect(page.get_by_role("table", name="Precision and recall of each digit")).to_be_visible()
