"""The pages of the model, the forward pass, the cost and the backward pass.

What they show is compared with NumPy's numbers, to the digits shown, for recorded drawings.
"""

import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from nn import SigmoidNetwork, files
from nn.model import Model
from tests.browser.inside import READY, choose_network, look_at
from tests.browser.looks import PHONE, button, check_accessible, check_width
from webapp.learning import versions

DRAWINGS = (0, 17, 42)  # three of the recorded ones
STEPS = ("model", "forward", "cost", "backward")
MODELS = {None: files.SHIPPED, 0: files.ARTICLE}  # by the version that the page asks for
NETWORKS = pytest.mark.parametrize("version", MODELS, ids=["live", "article"])
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@pytest.fixture
def open_step(open_page, own_server):
    """A function that opens a step with a drawing, pixels (64,), and a version's network."""

    def open_step(step, pixels, version=None, **options):
        page = open_page(f"{own_server.url}/inside/{step}", ready=READY, **options)
        example = {"pixels": pixels.tolist(), "picture": None, "strokes": []}
        look_at(page, example | {"version": version})
        return page

    return open_step


def decimal(value, digits):
    text = f"{abs(value):.{digits}f}"
    return f"−{text}" if value < 0 and float(text) else text


def precise(value):
    if value == 0:
        return "0"
    if not 0.001 <= abs(value) < 999.5:
        exponent = math.floor(math.log10(abs(value)))
        digits = f"{value / 10**exponent:.2f}"
        return f"{digits} × 10{str(exponent).translate(RAISED)}".replace("-", "−")
    return f"{value:#.3g}".replace("-", "−")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Passes:
    """A network's numbers for one picture, in double precision, written out."""

    def __init__(self, version, pixels):
        model = files.load(MODELS[version])
        self.temperature = model.temperature
        self.w = [w.astype(float) for w in model.network.weights]
        self.b = [b.astype(float) for b in model.network.biases]
        self.a, self.z = [pixels / 16], []
        for w, b in zip(self.w, self.b, strict=True):
            self.z.append(w @ self.a[-1] + b)
            self.a.append(sigmoid(self.z[-1]))

    @property
    def probabilities(self):
        odds = np.exp(self.z[-1] / self.temperature)
        return odds / odds.sum()

    def terms(self, label):
        a = self.a[-1].copy()
        a[np.arange(10) != label] = 1 - a[np.arange(10) != label]
        return -np.log(a)

    def gradients(self, label):
        delta = self.a[-1] - np.eye(10)[label]
        found = [np.outer(delta, self.a[-2])]
        for layer in range(len(self.w) - 1, 0, -1):
            a = self.a[layer]
            delta = (self.w[layer].T @ delta) * a * (1 - a)
            found.insert(0, np.outer(delta, self.a[layer - 1]))
        return found


def texts(page, selector):
    return page.locator(selector).all_inner_texts()


@NETWORKS
@pytest.mark.parametrize("number", DRAWINGS)
def test_numbers_of_the_forward_pass_are_those_of_numpy(
    open_step, plain_pixels, number, version
):
    page = open_step("forward", plain_pixels[number], version)
    expected = Passes(version, plain_pixels[number])
    expect(page.locator("#softmax td").first).not_to_be_empty()
    for digit in range(10):
        shown = texts(page, f"#softmax tr:nth-child({digit + 1}) td")
        assert shown[0] == decimal(expected.a[-1][digit], 3)
        assert shown[1] == decimal(expected.z[-1][digit], 3)
        assert shown[3] == decimal(expected.probabilities[digit], 4)
    layer, neuron = map(int, page.locator("#neurons :checked").get_attribute("value").split())
    z, a = expected.z[layer - 1][neuron], expected.a[layer][neuron]
    sums = page.locator("#chosen [data-part=total]")
    expect(sums).to_contain_text(f"the bias {decimal(expected.b[layer - 1][neuron], 3)}")
    expect(sums).to_contain_text(f"z = {decimal(z, 3)}.")
    expect(page.locator("#sigmoid-in-words")).to_contain_text(f"a = {decimal(a, 3)}.")


@NETWORKS
@pytest.mark.parametrize("number", DRAWINGS)
def test_cost_and_gradient_are_those_of_numpy(open_step, plain_pixels, number, version):
    page = open_step("cost", plain_pixels[number], version)
    expected = Passes(version, plain_pixels[number])
    page.locator("#label").get_by_role("radio", name="3", exact=True).check()
    expect(page.locator("#total")).to_have_text(decimal(expected.terms(3).sum(), 4))
    shown = texts(page, "#terms td:nth-child(4)")
    assert shown == [decimal(term, 4) for term in expected.terms(3)]
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#label :checked")).to_have_value("3")  # it is the same drawing
    gradients = expected.gradients(3)[0]
    neuron, pixel = np.unravel_index(np.abs(gradients).argmax(), gradients.shape)
    expect(page.locator("#gradient-in-words")).to_contain_text(
        f"to neuron {neuron + 1}: {precise(gradients[neuron, pixel])}."
    )
    output = page.locator("#path :checked").get_attribute("value")
    expect(page.locator("#factors tr").first).to_contain_text(f"how wrong output {output} is")
    expect(page.locator("#weights tr").last).to_contain_text("→ output")
    page.locator("#pixels").get_by_role("gridcell").nth(28).click()
    expect(page.locator("#gradient-in-words")).to_contain_text(
        f"from row 4, column 5 to neuron {neuron + 1}: {precise(gradients[neuron, 28])}."
    )


def test_a_product_is_spelled_out_by_keys_alone(open_step, plain_pixels):
    page = open_step("forward", plain_pixels[0], 0)
    expected = Passes(0, plain_pixels[0])
    chosen = page.locator("#neurons :checked")
    expect(chosen).to_have_count(1)
    chosen.focus()
    page.keyboard.press("ArrowRight")
    _, neuron = map(int, page.locator("#neurons :checked").get_attribute("value").split())
    expect(page.locator("#chosen [data-part=total]")).to_contain_text(
        f"z = {decimal(expected.z[0][neuron], 3)}."
    )
    for _ in range(3):  # inputs, weights, products
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    x, w = expected.a[0][9], expected.w[0][neuron, 9]
    expect(page.locator("#chosen [data-part=product]")).to_have_text(
        f"Row 2, column 2: input {decimal(x, 3)} × weight "
        + (f"({decimal(w, 3)})" if w < 0 else decimal(w, 3))
        + f" = {decimal(x * w, 3)}."
    )


def test_diagram_shows_the_strongest_neurons_and_follows_the_chosen_output(
    open_step, plain_pixels
):
    page = open_step("model", plain_pixels[0])
    expect(page.locator("#diagram .neuron")).to_have_count(32)
    expect(page.get_by_role("group", name="Hidden layer 1: 16 of 384")).to_be_visible()
    page.locator("#output").get_by_role("radio", name="4", exact=True).check()
    expect(page.locator("#diagram .chosen")).to_have_text("4")
    seen = re.compile("seen from the output for 4")
    expect(page.locator("#diagram")).to_have_attribute("aria-label", seen)
    page.locator("#diagram .neuron").first.click()
    expect(page.locator("#neuron-in-words")).to_contain_text("of hidden layer 1 has activation")


@pytest.mark.parametrize("sizes", [[64, 10], [64, 3, 10], [64, 20, 512, 512, 20, 10]], ids=str)
def test_networks_of_any_depth_and_a_blank_picture_can_be_looked_into(open_step, room, sizes):
    model = Model(SigmoidNetwork(sizes, random_state=0, dtype=np.float32))
    number = room.change(lambda db: versions.publish(db, model, "Another", "upload").id)
    page = open_step("model", np.zeros(64, int), number)
    expect(page.locator("#size-in-words")).to_contain_text(f"{model.network.parameters.size:,}")
    for step in STEPS[1:]:
        page.goto(f"{room.server.url}/inside/{step}")
        expect(page.locator("#lesson-status")).to_be_empty()
        page.wait_for_selector("body:not([data-asking])")
        expect(page.locator("#reads small")).to_have_text(f"Version {number}")


def test_version_that_was_deleted_is_a_sentence_and_another_one_goes_on(
    open_step, room, plain_pixels
):
    model = files.load(files.ARTICLE)
    number = room.change(lambda db: versions.publish(db, model, "Another", "upload").id)
    page = open_step("forward", plain_pixels[0], number, may_lose_connection=True)
    expect(page.locator("#softmax td").first).not_to_be_empty()
    room.change(lambda db: versions.delete(db, number))
    page.locator("#output").get_by_role("radio", name="4", exact=True).check()
    expect(page.locator("#lesson-status")).to_contain_text(f"Version {number} was deleted.")
    button(page, "Change the drawing").click()
    page.get_by_label("Which network looks at it?").select_option("0")
    expect(page.locator("#lesson-status")).to_be_empty()
    z = decimal(Passes(0, plain_pixels[0]).z[-1][4], 3)
    expect(page.locator("#outgoing [data-part=total]")).to_contain_text(f"z = {z}.")


@pytest.mark.parametrize("step", ["forward", "backward"])
def test_neuron_that_another_network_lacks_is_forgotten(open_step, plain_pixels, step):
    page = open_step(step, plain_pixels[0])
    page.wait_for_selector("body:not([data-asking])")
    values = page.locator("#neurons input").evaluate_all("all => all.map((each) => each.value)")
    lacked = [v for v in values if v.startswith("1 ") and int(v[2:]) >= 15][-1]
    page.locator(f"#neurons [value='{lacked}']").check(force=True)
    choose_network(page, 0)
    expect(page.locator("#lesson-status")).to_be_empty()
    expect(page.get_by_role("group", name="Hidden layer 1: 15 neurons")).to_be_visible()


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("forward", "#output-in-words"),
        ("cost", "#total-in-words"),
        ("backward", "#deltas-in-words"),
    ],
)
def test_nobody_reads_a_digit_in_a_blank_picture(open_step, step, place):
    page = open_step(step, np.zeros(64, int))
    expect(page.locator(place)).to_contain_text("Nothing is drawn")
    expect(page.locator(place)).not_to_contain_text("right, so")


@NETWORKS
def test_gradient_is_explained_by_the_weight_that_wants_to_change_most(
    open_step, plain_pixels, version
):
    page = open_step("backward", plain_pixels[0], version)
    page.locator("#label").get_by_role("radio", name="3", exact=True).check()
    gradients = Passes(version, plain_pixels[0]).gradients(3)
    most = max((g for each in gradients for g in each.ravel()), key=abs)
    way = "falls" if most < 0 else "rises"
    words = page.locator("#example-in-words")
    expect(words).to_contain_text(
        f"has gradient {precise(most)}: make it 0.01 larger, and the cost {way} by about 0.0"
    )
    amount = float(words.inner_text().split()[-1].rstrip("."))
    assert amount == pytest.approx(abs(most) / 100, rel=0.06)


def test_row_of_neurons_fades_where_it_goes_on(open_step, plain_pixels):
    page = open_step("forward", plain_pixels[0], **PHONE)
    line = page.locator("#neurons .line").first
    expect(line).to_have_attribute("data-after", "")
    line.evaluate("line => line.scrollTo(line.scrollWidth, 0)")
    expect(line).to_have_attribute("data-before", "")
    expect(line).not_to_have_attribute("data-after", "")


@pytest.mark.parametrize("step", STEPS)
def test_step_fits_every_screen_and_everyone_can_use_it(open_step, plain_pixels, step):
    page = open_step(step, plain_pixels[0], **PHONE)
    expect(page.locator("body:not([data-asking])")).to_have_count(1)
    check_width(page)
    check_accessible(page)
