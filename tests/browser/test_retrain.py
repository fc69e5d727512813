"""Retraining from the admin page: a real server, a real worker, a real database."""

import http.client
import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.hand import draw_with_mouse
from tests.browser.looks import LAPTOP, check_admin_page, check_width
from tests.support.shipped import DIGITS, PEOPLE

RUN_TIME = 120_000  # ms that a run may take on a busy machine
LONG = {"Hidden layers": "64", "Epochs": "1000"}


def start(page, preset, **fields):
    """Fill in the form and press Start training."""
    page.get_by_label("Preset").select_option(preset)
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Start training").click()


def status(page):
    return page.locator("#run-status")


def expect_status(page, pattern):
    expect(status(page)).to_have_text(re.compile(pattern), timeout=RUN_TIME)


def curve(page, name="Cost"):
    """What the table of a chart says: (epoch, on people, on unseen digits, on known pictures).

    Cost has no figures on people.
    """
    page.get_by_text(f"{name} as a table").click()
    rows = page.get_by_role("region", name=name).locator("tbody tr")
    expect(rows).not_to_have_count(0)
    cells = rows.evaluate_all("rows => rows.map(r => [...r.cells].map(c => c.textContent))")
    page.get_by_text(f"{name} as a table").click()
    return [tuple(float(text.strip("%")) for text in row) for row in cells]


def answering(server):
    """The versions that answer over some new connections."""
    found = set()
    for _ in range(8):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        body = json.dumps({"pixels": [[9] * 8] * 8})
        connection.request("POST", "/api/predict", body, {"Content-Type": "application/json"})
        found.add(json.load(connection.getresponse())["model"]["version"])
        connection.close()
    return found


def seconds_until(condition):
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > 30:
            pytest.fail("it never came true")
    return time.monotonic() - begin


def test_article_run_from_the_form_to_live_and_back(
    own_server, open_page, open_admin, sample_drawings
):
    page = open_admin(own_server, **LAPTOP)
    start(page, "article")
    expect_status(page, "finished: version 2")
    for name in ("Cost", "Accuracy"):
        assert [epoch for epoch, *_ in curve(page, name)] == list(range(1, 51))
    *_, (_, people, unseen, _) = curve(page, "Accuracy")
    assert unseen >= 95 > people > 75
    for sentence in (
        rf"12 people: before {PEOPLE}, now {people}%: worse.",
        rf"On the digits test set: before {DIGITS}, now {unseen}%: within chance.",
    ):
        expect(status(page)).to_contain_text(sentence)
    expect(page.get_by_role("progressbar", name="Training")).to_have_attribute(
        "aria-valuenow", "100"
    )
    assert answering(own_server) == {1}

    page.get_by_role("button", name="Promote").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Promote version 2?")
    assert answering(own_server) == {1}
    page.get_by_role("button", name="Promote anyway").click()
    page.wait_for_url("**/admin/versions")
    assert seconds_until(lambda: answering(own_server) == {2}) < 1
    visitor = open_page(own_server.url, **LAPTOP)
    with visitor.expect_response("**/api/predict") as answer:
        draw_with_mouse(visitor, sample_drawings[0][1])
    assert answer.value.json()["model"] == {"version": 2}

    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("status")).to_contain_text("Rolled back")
    assert seconds_until(lambda: answering(own_server) == {1}) < 1


def test_curve_is_read_with_keys_and_pointer(own_server, open_admin):
    page = open_admin(own_server, **LAPTOP)
    cost = page.get_by_role("slider", name="Cost by epoch")
    expect(cost).to_have_attribute("aria-valuetext", "No epoch yet")
    start(page, "article", Epochs="20")
    expect_status(page, "finished")
    accuracy, values = (
        page.get_by_role("slider", name="Accuracy by epoch"),
        curve(page, "Accuracy"),
    )
    expect(accuracy).to_have_attribute("aria-valuenow", "20")
    for keys, epoch in ((["Home"], 1), (["PageUp", "ArrowLeft"], 10), (["End"], 20)):
        for key in keys:
            accuracy.press(key)
        _, people, unseen, known = values[epoch - 1]
        expect(accuracy).to_have_attribute(
            "aria-valuetext",
            f"Epoch {epoch}: {people}% on people it never met, "
            f"{unseen}% on digits it never sees, {known}% on the pictures it learns from",
        )
    box = cost.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    expect(page.locator("#cost .reading")).to_contain_text(re.compile(r"Epoch (9|10|11|12) "))
    page.mouse.move(0, 0)
    expect(page.locator("#cost .reading")).to_contain_text("Epoch 20 ")
    check_width(page)


def test_reload_in_mid_run_shows_the_run_from_its_start_and_cancel_ends_it(
    own_server, open_admin
):
    page = open_admin(own_server, **LAPTOP)
    start(page, "article", **LONG)
    expect_status(page, r"Epoch \d\d+ of 1000")
    page.reload()
    expect_status(page, r"Epoch \d\d+ of 1000")
    epochs = [epoch for epoch, *_ in curve(page)]
    assert epochs == list(range(1, len(epochs) + 1))
    expect_status(page, r"Epoch \d\d\d of 1000")  # and it goes on
    page.get_by_role("button", name="Cancel").click()
    expect_status(page, "cancelled: nothing was kept")
    expect(page.get_by_role("button", name="Promote")).to_be_hidden()
    page.goto(f"{own_server.url}/admin/versions")
    expect(page.locator(".version")).to_have_count(1)


def test_run_that_one_comes_back_to_is_whole_and_the_address_is_followed(
    own_server, open_admin
):
    page = open_admin(own_server, **LAPTOP)
    start(page, "article", **{"Learning rate": "0,1"})
    expect_status(page, "finished: version 2")
    start(page, "article", **LONG)
    expect_status(page, r"Epoch \d\d+ of 1000")
    page.get_by_role("link", name="Run 1").click()
    expect_status(page, "finished: version 2")
    page.get_by_role("link", name="Run 2").click()
    expect_status(page, r"Epoch \d\d\d+ of 1000")
    epochs = [epoch for epoch, *_ in curve(page)]
    assert epochs == list(range(1, len(epochs) + 1))
    page.goto(f"{own_server.url}/admin/train?run=1")
    expect(page.locator("#run-2 .status")).to_have_text("running")
    expect_status(page, "finished: version 2")
    expect(page.locator("#run-1")).to_contain_text("99.0%")
    thin = page.locator("#accuracy .line.second")
    page.get_by_role("button", name="Draw run 2 too").click()
    expect(thin).to_have_count(3)
    expect(page.locator("#accuracy")).to_be_in_viewport()
    expect(page.locator(".legend")).to_contain_text("thin: Run 2, custom")
    page.get_by_role("button", name="Draw run 2 too").click()
    expect(thin).to_have_count(0)


def test_quick_ends_in_the_point_of_its_version(own_server, open_admin):
    page = open_admin(own_server, **LAPTOP)
    page.get_by_label("Preset").select_option("quick")
    expect(page.get_by_label("Hidden layers")).to_have_value("384, 96")
    page.get_by_label("Epochs").fill("1")
    page.get_by_role("button", name="Start training").click()
    expect_status(page, f"finished: version 2.*people: before {PEOPLE}, now 9")
    expect(page.locator("#accuracy rect.end")).to_have_count(2)
    expect(page.get_by_text("Quick averages the trained network")).to_be_visible()
    expect(page.locator("#run-1")).to_contain_text("epochs 1")
    check_width(page)


def test_killed_worker_leaves_an_interrupted_run_and_trains_the_one_in_line(
    own_server, open_admin
):
    page = open_admin(own_server, **LAPTOP)
    start(page, "article", **LONG | {"Hidden layers": "512"})
    expect_status(page, r"Epoch \d+ of 1000")
    start(page, "article")
    expect(page.locator("#in-line")).to_have_text("Run 2 waits, place 1.")
    own_server.worker().kill()
    expect_status(page, "finished: version 2")  # the page follows what is under way
    page.get_by_role("link", name="Run 1").click()
    expect_status(page, "interrupted: the training worker ended during the run")
    assert answering(own_server) == {1}


def test_two_starts_at_once_are_one_run_and_one_in_line(own_server, open_admin):
    pages = [open_admin(own_server, **LAPTOP) for _ in range(2)]
    for page in pages:
        page.get_by_label("Preset").select_option("article")
        for label, text in LONG.items():
            page.get_by_label(label).fill(text)
    for page in pages:
        page.get_by_role("button", name="Start training").click(no_wait_after=True)
    for page in pages:
        expect(page.locator("#in-line")).to_have_text("Run 2 waits, place 1.", timeout=RUN_TIME)
        expect(page.locator("#run-2")).to_contain_text("waiting")
        expect(page.locator("#run-1")).to_contain_text("running", timeout=RUN_TIME)
    for run in ("Run 2", "Run 1"):
        pages[0].locator("#table").get_by_role("row", name=run).get_by_text(run).click()
        expect(pages[0].get_by_role("heading", level=2).first).to_contain_text(run)
        pages[0].get_by_role("button", name="Cancel").click()
        pages[0].wait_for_load_state()
    for page in pages:
        expect(page.locator("#table .status", has_text="cancelled")).to_have_count(
            2, timeout=RUN_TIME
        )


def test_wrong_fields_are_told_beside_them_and_keep_what_was_typed(own_server, open_admin):
    page = open_admin(own_server, may_lose_connection=True, **LAPTOP)  # 422 is logged
    start(page, "article", **{"Epochs": "0", "Hidden layers": "15,,3"})
    for label, text, sentence in (
        ("Epochs", "0", "'0' is not a whole number from 1 to 1000"),
        ("Hidden layers", "15,,3", "'15,,3' is not a list"),
    ):
        field = page.get_by_label(label)
        expect(field).to_have_value(text)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
    expect(page.get_by_label("Preset")).to_have_value("custom")


def test_changed_setting_makes_the_preset_custom_and_a_preset_fills_the_fields(
    server, open_admin
):
    page = open_admin(server, **LAPTOP)
    preset, epochs = page.get_by_label("Preset"), page.get_by_label("Epochs")
    preset.select_option("workshop")
    expect(page.get_by_label("Hidden layers")).to_have_value("384, 96")
    epochs.fill("5")
    page.get_by_label("Random seed").focus()
    expect(preset).to_have_value("custom")
    preset.select_option("article")
    expect(epochs).to_have_value("50")
    page.get_by_label("Random seed").fill("3")
    expect(preset).to_have_value("article")
    preset.select_option("quick")
    expect(page.get_by_label("Hidden layers")).to_be_disabled()


def test_everything_by_keyboard(own_server, open_page):
    page = open_page(f"{own_server.url}/admin/train", ready="form", **LAPTOP)
    page.keyboard.type("a password for tests")
    page.keyboard.press("Enter")
    page.get_by_label("Preset").focus()
    page.keyboard.type("Art")
    tab_to(page, "Start training")
    page.keyboard.press("Enter")
    expect_status(page, "finished")
    tab_to(page, "Promote")
    page.keyboard.press("Enter")
    page.wait_for_url("**/promote")
    tab_to(page, "Promote anyway")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/versions")
    tab_to(page, "Roll back")
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_contain_text("Rolled back")


def tab_to(page, name):
    """Press Tab until the button of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    pytest.fail(f"{name} cannot be reached with Tab")


@pytest.mark.parametrize("path", ["/admin/", "/admin/train", "/admin/versions", "/admin/log"])
def test_admin_page_fits_every_screen_and_is_accessible(server, open_admin, path):
    check_admin_page(open_admin(server, path, **LAPTOP))


def test_run_is_followed_in_chinese(own_server, open_admin):
    page = open_admin(own_server, **LAPTOP)
    page.get_by_role("button", name="简体中文").click()
    page.get_by_label("预设方案").select_option("article")
    page.get_by_label("轮数", exact=True).fill("3")
    page.get_by_role("button", name="开始训练").click()
    expect_status(page, "^已完成：版本2。.+：之前.+，现在.+。还没有启用。$")
    expect(page.locator("#left")).to_have_text("第3轮，共3轮")
    expect(page.get_by_role("slider", name="每一轮的准确率")).to_have_attribute(
        "aria-valuetext", re.compile("^第3轮：没见过的人")
    )
    expect(page.locator("#result h2")).to_have_text("带来的变化")
