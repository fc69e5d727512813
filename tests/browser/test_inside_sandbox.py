"""The steps that change a private copy: what they show is NumPy's, to the digits shown."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from nn import SigmoidNetwork, files, people
from nn.digits import one_hot
from nn.drawings import render
from nn.ink import pixels_from_image
from nn.inside import gradient_check, raw_weights, sandbox
from nn.inside.gradient_check import Place
from nn.inside.misprint import MisprintedNetwork
from nn.inside.sandbox import Standing
from nn.report import Report, held_out_digits
from tests.browser.inside import READY, choose_network, example_of, hold, look_at
from tests.browser.looks import PHONE, button
from webapp.learning import versions

MODELS = {None: files.SHIPPED, 0: files.ARTICLE}  # by the version that the page asks for
NETWORKS = pytest.mark.parametrize("version", MODELS, ids=["live", "article"])
DRAWN = [(3, 0), (7, 1), (8, 0)]  # digit, number of the recording
DRAWINGS = pytest.mark.parametrize(("digit", "number"), DRAWN)
FLOAT32 = np.dtype(np.float32)

_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_NUMBER = r"(−?\d[\d,]*(?:\.\d+)?)(?: × 10(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"


@pytest.fixture
def step_of(open_page, own_server, strokes):
    """A function that opens a step with a recorded drawing."""

    def step_of(name, digit=7, number=0, version=None, **options):
        page = open_page(f"{own_server.url}/inside/{name}", ready=READY, **options)
        look_at(page, example_of(strokes(digit, number), version))
        return page

    return step_of


def row_of(strokes):
    return pixels_from_image(render(strokes)).ravel()


def numbers_in(text):
    """All numbers in a text, also those written with a power of ten."""
    return [
        float(digits.replace("−", "-").replace(",", ""))
        * 10 ** int((power or "0").translate(_RAISED))
        for digits, power in re.findall(_NUMBER, text)
    ]


def assert_shown(text, expected):
    """The numbers in the text are these, to three digits."""
    np.testing.assert_allclose(numbers_in(text), expected, rtol=0.0051)


def choose_label(page, digit):
    page.locator(f"#label input[value='{digit}']").check(force=True)


def shown_probabilities(page):
    return [
        float(page.get_by_role("meter", name=f"Digit {d}").get_attribute("aria-valuenow"))
        for d in range(10)
    ]


@NETWORKS
@DRAWINGS
def test_numbers_of_a_step_are_those_of_numpy(step_of, strokes, digit, number, version):
    page = step_of("step", digit, number, version)
    model, row = files.load(MODELS[version]), row_of(strokes(digit, number))
    network, wrong = raw_weights.private_copy(model.network), (digit + 1) % 10
    before = Standing.of(network, model.temperature, row, wrong)
    choose_label(page, wrong)
    cost = page.locator("#cost-in-words")
    expect(cost).to_contain_text("costs")
    expect(page.locator(f"#label input[value='{wrong}']")).to_be_checked()
    page.get_by_label("Learning rate").fill("0.5")
    start = network.parameters.copy()
    sandbox.take_steps(network, [sandbox.drawing(row, wrong, FLOAT32)], 0.5)
    after = Standing.of(network, model.temperature, row, wrong)
    button(page, "1 step").click()
    expect(cost).to_contain_text("Before")
    assert_shown(cost.inner_text(), [after.cost, before.cost])
    moved = sandbox.most_moved(network, start)
    gradient = (moved.before - moved.after) / 0.5
    shown = page.locator("#moved").inner_text().partition("): ")[2]
    assert_shown(shown, [moved.before, 0.5, gradient, moved.after])
    expected = 100 * after.answer.probabilities
    np.testing.assert_allclose(shown_probabilities(page), expected, atol=0.0501)
    expect(page.locator("[data-part=digits]")).to_contain_text(
        f"reads {after.digits.n_right} of 297"
    )


def test_rewinding_gives_the_same_weights_again(step_of, strokes):
    page = step_of("step")
    page.get_by_text("a mini-batch").click()
    page.get_by_label("Learning rate").fill("1")
    cost, states = page.locator("#cost-in-words"), page.locator("#history button")
    button(page, "10 steps").click()
    expect(states).to_have_count(2)
    expect(states.nth(1)).to_contain_text("10 steps on mini-batches, η = 1")
    ten = states.nth(1).inner_text()
    button(page, "100 steps").click()
    expect(states).to_have_count(3)
    hundred = states.nth(2).inner_text()
    states.nth(0).click()
    expect(states.nth(0)).to_have_attribute("aria-current", "step")
    expect(cost).not_to_contain_text("Before")
    states.nth(1).click()
    expect(states.nth(1)).to_have_attribute("aria-current", "step")
    button(page, "100 steps").click()
    expect(states).to_have_count(3)
    assert [states.nth(i).inner_text() for i in (1, 2)] == [ten, hundred]
    model, row = files.load(files.SHIPPED), row_of(strokes(7))
    network = raw_weights.private_copy(model.network)
    batches = (sandbox.mini_batch(0, i, FLOAT32) for i in range(110))
    sandbox.take_steps(network, batches, 1)
    expected = Standing.of(network, model.temperature, row, 7)
    figures = hundred.partition("η = 1")[2]
    assert_shown(figures, [expected.cost, expected.digits.n_right, 297])


def test_step_that_is_asked_for_while_a_look_is_under_way_counts_once(step_of):
    page = step_of("step")
    states = page.locator("#history button")
    expect(states).to_have_count(1)
    choose_label(page, 1)
    button(page, "10 steps").click()
    expect(page.locator("#moved")).to_contain_text("Moved most in 10 steps")
    expect(states).to_have_count(2)
    expect(page.locator("#cost-in-words")).to_contain_text("Before, it cost")


def test_label_that_is_chosen_during_a_step_stays(step_of):
    page = step_of("step")
    page.wait_for_selector("body:not([data-asking])")
    held = hold(page, "step")
    button(page, "1 step").click()
    choose_label(page, 1)
    held[0].continue_()
    expect(page.locator("#history button")).to_have_count(2)
    page.wait_for_selector("body:not([data-asking])")
    expect(page.locator("#label :checked")).to_have_value("1")
    expect(page.locator("#cost-in-words")).not_to_contain_text("Before")  # for the new label


def test_absurd_learning_rate_offers_to_rewind(step_of):
    page = step_of("step", **PHONE)
    choose_label(page, 1)
    rate, states = page.get_by_label("Learning rate"), page.locator("#history button")
    expect(states).to_have_count(1)
    rate.fill("1e9")
    button(page, "10 steps").click()
    lost = page.get_by_role("alert")
    expect(lost).to_contain_text("as good as infinite")
    expect(page.locator("#cost-in-words")).to_be_empty()
    expect(page.locator("#before-and-now")).to_be_hidden()
    expect(button(page, "1 step")).to_be_disabled()
    rewind = button(page, "Rewind")
    expect(rewind).to_be_focused()
    page.keyboard.press("Enter")
    expect(lost).to_be_hidden()
    expect(rate).to_be_focused()
    expect(page.locator("#cost-in-words")).to_contain_text("costs")
    expect(page.locator("#before-and-now")).to_be_visible()
    rate.fill("0.5")
    button(page, "10 steps").click()
    expect(states).to_have_count(2)


@pytest.mark.parametrize("typed", ["fast", "", "0", "-1", "1e39"])
def test_learning_rate_that_will_not_do_gets_a_sentence_at_the_field(step_of, typed):
    page = step_of("step")
    expect(page.locator("#history button")).to_have_count(1)
    rate = page.get_by_label("Learning rate")
    rate.fill(typed)
    button(page, "1 step").click()
    sentence = "The learning rate must be a number above 0, such as 0.1."
    expect(page.get_by_role("alert")).to_have_text(sentence)
    expect(rate).to_be_focused()
    expect(rate).to_have_accessible_description(sentence)
    rate.fill("0,5")
    expect(page.get_by_role("alert")).to_have_count(0)
    button(page, "1 step").click()
    expect(page.locator("#history button")).to_have_count(2)


def test_keyboard_stays_at_the_step_that_it_rewinds_to(step_of):
    page = step_of("step")
    button(page, "1 step").click()
    states = page.locator("#history button")
    expect(states).to_have_count(2)
    states.first.press("Enter")
    expect(states.first).to_have_attribute("aria-current", "step")
    page.wait_for_selector("body:not([data-asking])")
    expect(states.first).to_be_focused()


@pytest.mark.parametrize("typed", ["x", "", "-1", "1.5", "2147483648"])
def test_seed_that_will_not_do_gets_a_sentence_at_the_field(step_of, typed):
    page = step_of("train")
    page.get_by_label("Random seed").fill(typed)
    button(page, "Start").click()
    expect(page.get_by_role("alert")).to_have_text(
        "The random seed must be a whole number from 0 to 2147483647."
    )
    page.get_by_label("Random seed").fill("2147483647")
    button(page, "Start").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("#epoch-in-words")).to_contain_text("After epoch")


def test_start_that_is_pressed_twice_can_go_on(step_of):
    page = step_of("train")
    page.wait_for_selector("body:not([data-asking])")
    held = hold(page, "train")
    button(page, "Start").click()
    button(page, "Pause").click()
    expect(button(page, "Start")).to_be_visible()
    held[0].continue_()
    expect(page.locator("#epoch-in-words")).to_contain_text("After epoch 1 ")
    expect(button(page, "Go on")).to_be_visible()


def test_another_network_begins_another_copy(step_of):
    page = step_of("step")
    button(page, "1 step").click()
    states = page.locator("#history button")
    expect(states).to_have_count(2)
    button(page, "Change the drawing").click()
    page.get_by_label("Which network looks at it?").select_option(value="0")
    expect(page.locator("#reads small")).to_have_text("The article’s network")
    expect(states).to_have_count(1)
    button(page, "Start from random weights").click()
    expect(states).to_contain_text(["Random weights"])


def test_training_is_that_of_the_article(step_of):
    page = step_of("train")
    page.get_by_label("Random seed").fill("5")
    button(page, "Start").click()
    words = page.locator("#epoch-in-words")
    expect(words).to_contain_text(re.compile(r"After epoch \d"))
    button(page, "Pause").click()
    expect(button(page, "Go on")).to_be_visible()
    page.wait_for_selector("body:not([data-asking])")
    n = int(re.search(r"After epoch (\d+)", words.inner_text())[1])
    network = SigmoidNetwork([64, 15, 10], 5, np.float32)
    for number in range(1, n + 1):
        epoch = sandbox.train_epoch(network, number, 5, 0.1)
    expect(words).to_contain_text(f"reads {100 * epoch.test_accuracy:.1f}% of the test digits")
    plot = page.get_by_role("slider", name="Cost by epoch")
    shown = plot.get_attribute("aria-valuetext")
    assert_shown(shown, [n, epoch.test_cost, epoch.cost])
    first = page.get_by_role("img", name=re.compile("^Neuron 1:"))
    name = first.get_attribute("aria-label").partition(": ")[2]
    assert_shown(name, [np.abs(network.weights[0][0]).max()])
    button(page, "Again from the beginning").click()
    expect(plot).to_have_attribute("aria-valuetext", "No epoch yet")


def test_learning_rate_of_a_hundred_never_learns(step_of):
    page = step_of("train", **PHONE)
    page.get_by_label("100", exact=True).check()
    expect(page.locator("#eta")).to_have_text("100")
    button(page, "Start").tap()
    words = page.locator("#epoch-in-words")
    expect(words).to_contain_text(re.compile(r"After epoch ([3-9]|\d\d) "))
    assert numbers_in(words.inner_text())[1] < 30


@NETWORKS
@DRAWINGS
def test_checked_gradient_is_that_of_numpy(step_of, strokes, digit, number, version):
    page = step_of("bug", digit, number, version)
    network = raw_weights.private_copy(files.load(MODELS[version]).network, "float64")
    x, y = row_of(strokes(digit, number))[None] / 16, one_hot([digit])
    choose_label(page, digit)
    steepest = gradient_check.steepest(network, x, y, 0)
    for place in (steepest, Place(0, 4, steepest.column)):
        [checked] = gradient_check.check(network, x, y, [place])
        page.get_by_label("from", exact=True).select_option(value=str(place.column))
        page.get_by_label("to", exact=True).select_option(value=str(place.row))
        expect(page.locator("#above")).to_have_text(f"{checked.slope.above:.10f}")
        expect(page.locator("#below")).to_have_text(f"{checked.slope.below:.10f}")
        assert_shown(page.locator("#nudged").text_content(), [checked.slope.value])
        expect(page.locator("#check-in-words")).to_contain_text("they agree")


def test_switch_puts_in_the_bug_and_the_check_finds_it(step_of):
    page = step_of("bug", version=0)
    words = page.locator("#sample-in-words")
    expect(words).to_have_text("All 60 weights agree: the gradient is right.")
    switch = page.get_by_role("switch")
    switch.focus()
    page.keyboard.press("Space")
    expect(words).to_have_text("Of 60 weights, 60 do not agree: the gradient is wrong.")
    expect(page.locator("#check-in-words")).to_contain_text("backpropagation is wrong")
    page.get_by_label("Weights", exact=True).select_option(label="hidden layer 1 → outputs")
    expect(page.locator("#check-in-words")).to_contain_text("they agree")


def test_layer_that_another_network_lacks_is_forgotten(step_of):
    page = step_of("bug")
    layers = page.get_by_label("Weights", exact=True)
    layers.select_option(label="hidden layer 2 → outputs")
    page.wait_for_selector("body:not([data-asking])")
    choose_network(page, 0)
    expect(page.locator("#lesson-status")).to_be_empty()
    expect(layers.locator("option")).to_have_count(2)
    expect(layers).to_have_value("0")


def test_training_with_the_bug_stalls(step_of):
    page = step_of("bug", version=0)
    button(page, "Train both").click()
    shares = []
    for kind in (MisprintedNetwork, SigmoidNetwork):
        network = kind([64, 15, 10], 0, np.float32)
        for epoch in range(1, 51):
            share = sandbox.train_epoch(network, epoch, 0, 0.1).test_accuracy
        shares.append(share)
    sentence = (
        f"With the faulty code it reads {100 * shares[0]:.1f}% of the test digits after "
        f"epoch 50. With the correct code it reads {100 * shares[1]:.1f}%."
    )
    expect(page.locator("#race-in-words")).to_have_text(sentence, timeout=60_000)
    lines = page.locator("#accuracy .line")
    colours = lines.evaluate_all("lines => lines.map((line) => getComputedStyle(line).stroke)")
    assert len(set(colours)) == 2
    assert 0.4 < shares[0] < 0.65 < 0.95 < shares[1]


def test_parts_are_broken_and_mended_by_keyboard(step_of, shipped, strokes):
    page = step_of("bug")
    row = row_of(strokes(7))
    network = raw_weights.private_copy(shipped.network)
    pixel = page.locator("#pixels [role=gridcell]").nth(27)
    expect(page.locator("#broken-in-words")).to_have_text("Nothing is broken.")
    page.locator("#pixels [tabindex='0']").focus()
    for key in ("ArrowRight",) * 3 + ("ArrowDown",) * 3:
        page.keyboard.press(key)
    expect(pixel).to_be_focused()
    page.keyboard.press("Enter")
    expect(pixel).to_have_accessible_name("Row 4, column 4: broken")
    page.get_by_label("Neuron", exact=True).select_option(value="5")
    button(page, "Break this neuron").press("Enter")
    words = page.locator("#broken-in-words")
    expect(words).to_have_text("Broken: 1 pixel and 1 neuron.")
    for layer, unit in ((0, 27), (1, 5)):
        sandbox.silence(network, layer, unit)
    found = Standing.of(network, shipped.temperature, row)
    expected = 100 * found.answer.probabilities
    np.testing.assert_allclose(shown_probabilities(page), expected, atol=0.0501)
    button(page, "Break the whole layer").press("Enter")
    sandbox.silence(network, 1)
    n = Standing.of(network, shipped.temperature, row).digits.n_right
    expect(page.locator("[data-part=digits]")).to_contain_text(f"It reads {n} of 297")
    button(page, "Mend everything").press("Enter")
    expect(words).to_have_text("Nothing is broken.")


@NETWORKS
def test_how_good_it_is_on_digits_and_on_people(step_of, version):
    page = step_of("right", version=version)
    model = files.load(MODELS[version])
    on_digits, on_people = (
        Report(model, pictures) for pictures in (held_out_digits(), people.sample())
    )
    expect(page.locator("#right-answers")).to_have_text(str(on_digits.n_right))
    expect(page.locator(".big:visible")).to_have_text(f"{100 * on_digits.accuracy:.1f}%")
    page.get_by_label("drawings by 12 other people").check()
    expect(page.locator("#right-answers")).to_have_text(str(on_people.n_right))
    expect(page.locator("#tested")).to_have_text("600")
    expect(page.locator(".big:visible")).to_have_text(f"{100 * on_people.accuracy:.1f}%")
    shown = page.locator(".broken:visible li")
    expect(shown).to_have_count(min(24, len(on_people.mistakes)))


def test_report_of_another_network_is_not_left_after_a_refusal(step_of, room):
    model = files.load(files.ARTICLE)
    number = room.change(lambda db: versions.publish(db, model, "Another", "upload").id)
    page = step_of("right", may_lose_connection=True)  # the browser logs the refusal
    expect(page.locator(".big:visible")).to_have_count(1)
    room.change(lambda db: versions.delete(db, number))
    choose_network(page, number)
    expect(page.locator("#lesson-status")).to_have_text(f"Version {number} was deleted.")
    expect(page.locator("#report")).to_be_empty()
    expect(page.locator("#tested")).to_have_text("0")
