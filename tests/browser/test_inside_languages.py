"""The pages about the network in other languages: no text is forgotten, and Chinese fits."""

import pytest
from playwright.sync_api import expect

from tests.browser.inside import READY, example_of, look_at
from tests.browser.looks import PHONE, check_width, check_width_of_large_text
from tests.browser.untranslated import forgotten
from tests.support.server import running_server
from webapp.web.views.inside import STEPS

# What a reader does on a page, one after the other: what is clicked, by step.
ACTIONS = {
    "ink": ("#counted-cells [role=gridcell] >> nth=20",),
    "model": ("#neurons fieldset:last-child label", "#output label >> nth=3"),
    "data": ("#classes button >> nth=8",),
    "forward": (
        "#neurons fieldset:last-child label",
        "#chosen [data-part=products] [role=gridcell] >> nth=1",
        "#output label >> nth=3",
        "#outgoing [data-part=products] [role=gridcell] >> nth=1",
    ),
    "cost": ("#label label >> nth=8",),
    "backward": (
        "#neurons fieldset:last-child label",
        "#label label >> nth=8",
        "#pixels [role=gridcell] >> nth=20",
        "#path label >> nth=2",
    ),
}


@pytest.fixture(scope="module")
def pseudo():
    """A server in the pseudo language."""
    with running_server(variables={"INKLING_LANGUAGES": "pseudo"}) as running:
        yield running


@pytest.mark.parametrize("step", ACTIONS)
def test_no_text_of_a_step_is_forgotten(pseudo, open_page, strokes, step):
    page = open_page(f"{pseudo.url}/inside/{step}", True, ready=READY, **PHONE)

    def check():
        page.wait_for_load_state("networkidle")
        assert forgotten(page) == []

    check()  # a sample, which has no ink
    for version in (None, 0):  # the article's network has a single hidden layer
        look_at(page, example_of(strokes(7), version))
        check()
        for target in ACTIONS[step]:
            page.locator(target).first.click()
            check()
    page.context.set_offline(True)
    page.locator("#change").click()
    page.locator("#changing [data-do=clear]").click()
    expect(page.locator("#lesson-status")).not_to_be_empty()
    check()


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_step_fits_in_chinese(open_page, own_server, strokes, step):
    page = open_page(f"{own_server.url}/inside/{step}", ready=READY, locale="zh-CN", **PHONE)
    look_at(page, example_of(strokes(7)))
    page.wait_for_load_state("networkidle")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    check_width(page)
    check_width_of_large_text(page)
