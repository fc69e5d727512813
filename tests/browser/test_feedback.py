"""Giving drawings on the draw page: asked, kept, corrected, taken back."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, expect

from tests.browser.giving import change, give_first, kept, question, told, withdraw_all
from tests.browser.hand import LETTER_A, area, draw_with_finger, draw_with_mouse, move_mouse
from tests.browser.looks import LAPTOP, PHONE, Layout, button, check_accessible
from tests.support.given import give
from tests.support.server import database_of, running_server
from webapp.storage.tables import Drawing, Participant


def test_wrong_answer_is_corrected_and_kept_after_one_sentence(own_server, open_page, strokes):
    page = open_page(own_server.url, **LAPTOP)
    expect(question(page)).to_be_hidden()
    draw_with_mouse(page, strokes(7))
    question(page).get_by_role("button", name="No", exact=True).click()
    digits = page.get_by_role("group", name="Which digit is it?")
    names = digits.get_by_role("button").all_text_contents()
    assert names == ["Back", *"0123456789"]
    button(page, "1").click()
    expect(page.get_by_text("a random number for this device")).to_be_visible()
    assert page.context.cookies() == []
    assert kept(own_server) == []
    button(page, "Keep it").click()
    expect(told(page)).to_have_text(re.compile(r"Kept as a 1\. +Thanks! 1 of 40\."))
    assert kept(own_server) == [(1, 7, 1)]
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_device_goes_on_as_the_same_participant_after_a_reload(own_server, open_page, strokes):
    page = open_page(own_server.url, **LAPTOP)
    give_first(page, strokes)
    page.reload()
    expect(button(page, "My drawings")).to_be_visible()
    button(page, "Clear").click()
    draw_with_mouse(page, strokes(3))
    button(page, "Yes").click()
    expect(told(page)).to_have_text(re.compile("2 of 40"))
    assert kept(own_server) == [(7, 7, 1), (3, 3, 1)]
    other = open_page(own_server.url, **LAPTOP)
    expect(button(other, "My drawings")).to_be_hidden()
    give_first(other, strokes)
    assert [participant for _, _, participant in kept(own_server)] == [1, 1, 2]


def test_who_does_not_agree_gives_nothing_and_may_change_their_mind(
    own_server, open_page, strokes
):
    page = open_page(own_server.url, **LAPTOP)
    draw_with_mouse(page, strokes(7))
    button(page, "Yes").click()
    button(page, "No, thanks").click()
    expect(told(page)).to_contain_text("Nothing was kept.")
    page.reload()
    draw_with_mouse(page, strokes(7))
    expect(page.get_by_text("Your drawings are not kept.")).to_be_visible()
    expect(question(page)).to_be_hidden()
    assert (kept(own_server), page.context.cookies()) == ([], [])
    button(page, "Keep some").click()
    button(page, "Keep it").click()
    button(page, "Yes").click()
    expect(told(page)).to_contain_text("Kept as a 7.")
    assert kept(own_server) == [(7, 7, 1)]


def test_drawing_that_was_left_before_agreeing_is_not_kept(own_server, open_page, strokes):
    page = open_page(own_server.url, **LAPTOP)
    draw_with_mouse(page, strokes(7))
    button(page, "Yes").click()
    button(page, "Clear").click()
    expect(button(page, "Keep it")).to_be_hidden()
    draw_with_mouse(page, strokes(3))
    button(page, "Yes").click()
    button(page, "Keep it").click()
    expect(told(page)).to_contain_text("Kept as a 3.")
    assert kept(own_server) == [(3, 3, 1)]


def test_kept_drawing_is_not_asked_about_again_but_can_be_corrected(
    own_server, open_page, strokes
):
    page = open_page(own_server.url, **LAPTOP)
    give_first(page, strokes)
    button(page, "Clear").click()
    button(page, "Undo").click()
    expect(told(page)).to_contain_text("Kept as a 7.")
    expect(question(page)).to_be_hidden()
    button(page, "Change").click()
    button(page, "Back").click()
    expect(told(page)).to_contain_text("Kept as a 7.")
    button(page, "Change").click()
    button(page, "8").click()
    expect(told(page)).to_have_text(re.compile(r"Kept as an 8\. +Thanks! 1 of 40\."))
    assert kept(own_server) == [(8, 7, 1)]


def test_withdrawing_asks_removes_all_and_says_how_many(own_server, open_page, strokes):
    page = open_page(own_server.url, **LAPTOP)
    give_first(page, strokes)
    button(page, "Clear").click()
    draw_with_mouse(page, strokes(3))
    button(page, "Yes").click()
    expect(told(page)).to_contain_text("2 of 40")
    button(page, "My drawings").click()
    button(page, "Withdraw all").click()
    button(page, "Back").click()
    page.keyboard.press("Escape")
    assert len(kept(own_server)) == 2
    withdraw_all(page)
    expect(told(page)).to_contain_text("Your 2 drawings were removed.")
    expect(button(page, "My drawings")).to_be_hidden()
    assert kept(own_server) == []
    button(page, "Clear").click()
    give_first(page, strokes)
    assert [label for label, _, _ in kept(own_server)] == [7]


def test_what_is_drawn_and_given_while_the_server_is_away_is_kept_once(
    open_page, strokes, tmp_path
):
    with running_server(data_dir=tmp_path) as server:
        page = open_page(server.url, may_lose_connection=True, **LAPTOP)
        draw_with_mouse(page, strokes(7))
    badge, verdict = page.locator("#connection"), page.locator("#verdict")
    button(page, "Yes").click()
    button(page, "Keep it").click()
    expect(told(page)).to_contain_text("It is kept as soon as the server is back.")
    button(page, "Clear").click()
    move_mouse(page, strokes(3))
    expect(badge).to_have_text("Server out of reach")
    expect(verdict).to_have_text("The answer comes as soon as the server is back.")
    page.get_by_role("gridcell").nth(0).click()  # too early: the drawing is not there yet
    with running_server(port=server.port, data_dir=tmp_path) as server:
        expect(verdict).to_have_text("This is a 3.")
        expect(badge).to_have_text("Connected")
        button(page, "Yes").click()
        expect(told(page)).to_contain_text("2 of 40")
        assert kept(server) == [(7, 7, 1), (3, 3, 1)]


def test_answer_that_is_lost_on_the_way_makes_no_second_drawing(own_server, open_page, strokes):
    page = open_page(own_server.url, may_lose_connection=True, **LAPTOP)
    lost = []

    def lose_first(route):
        if lost or route.request.method != "POST":
            return route.continue_()
        lost.append(route.fetch(max_retries=0))  # the server has it; the page learns nothing
        page.context.clear_cookies()  # that the answer to fetch has left
        return route.abort()

    page.route("**/api/drawings", lose_first)
    draw_with_mouse(page, strokes(7))
    button(page, "Yes").click()
    button(page, "Keep it").click()
    expect(told(page)).to_contain_text("1 of 40")
    assert [answer.status for answer in lost] == [201]
    assert kept(own_server) == [(7, 7, 1)]


def test_device_that_is_reloaded_before_its_first_answer_came_is_no_second_participant(
    own_server, open_page, strokes
):
    page = open_page(own_server.url, **LAPTOP)
    give_first(page, strokes)
    page.context.clear_cookies()  # as if the answer, and the cookie with it, had been lost
    page.reload()
    button(page, "Clear").click()
    draw_with_mouse(page, strokes(3))
    button(page, "Yes").click()
    expect(told(page)).to_contain_text("2 of 40")
    assert [participant for _, _, participant in kept(own_server)] == [1, 1]
    page.context.clear_cookies()
    page.reload()
    withdraw_all(page)
    expect(told(page)).to_contain_text("Your 2 drawings were removed.")
    assert kept(own_server) == []
    assert page.evaluate("localStorage.length") == 0


def test_replaced_data_folder_asks_again_and_loses_no_drawing(own_server, open_page, strokes):
    page = open_page(own_server.url, may_lose_connection=True, **LAPTOP)
    give_first(page, strokes)
    page.reload()
    expect(button(page, "My drawings")).to_be_visible()
    change(own_server, sa.delete(Drawing), sa.delete(Participant))
    button(page, "Clear").click()
    draw_with_mouse(page, strokes(3))
    button(page, "Yes").click()
    button(page, "Keep it").click()
    expect(told(page)).to_contain_text("Kept as a 3.")
    assert [label for label, _, _ in kept(own_server)] == [3]


# Notes how many ms after the pen was lifted the question appeared.
_TIME_THE_QUESTION = """() => {
    const question = document.querySelector('[data-step=question]');
    let lifted = 0;
    addEventListener('pointerup', () => { lifted = performance.now(); }, true);
    new MutationObserver(() => {
        if (question.matches('.off')) return;
        document.body.dataset.calm = performance.now() - lifted;
    }).observe(question, {attributes: true});
}"""


def test_question_waits_until_the_pen_is_up_for_a_while(open_page):
    page = open_page(**LAPTOP)
    page.evaluate(_TIME_THE_QUESTION)
    left, top, width = area(page)
    page.mouse.move(left + width / 2, top + 60)
    page.mouse.down()
    page.mouse.move(left + width / 2, top + 400, steps=8)
    expect(page.locator("#verdict")).to_have_text("Looks like a 1 …")
    expect(page.locator("#verdict")).to_have_attribute("aria-busy", "false")
    expect(question(page)).to_be_hidden()
    page.mouse.up()
    expect(question(page)).to_be_visible()
    assert float(page.locator("body").get_attribute("data-calm")) > 600
    page.mouse.down()
    expect(question(page)).to_be_hidden()
    page.mouse.up()


def test_no_digit_at_all_is_right_or_a_digit_after_all(own_server, open_page):
    page = open_page(own_server.url, **LAPTOP)
    draw_with_mouse(page, LETTER_A)
    button(page, "Yes").click()
    expect(told(page)).to_contain_text("We only collect digits, so nothing was saved.")
    button(page, "Clear").click()
    draw_with_mouse(page, LETTER_A)
    button(page, "No").click()
    button(page, "4").click()
    button(page, "Keep it").click()
    expect(told(page)).to_contain_text("Kept as a 4.")
    assert [label for label, _, _ in kept(own_server)] == [4]


def test_torn_between_two_digits_yes_asks_which(open_page):
    page = open_page(**LAPTOP)
    answer = {
        "digit": 4,
        "verdict": "torn",
        "probabilities": [0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5],
        "pixels": [[1] * 8] * 8,
        "model": {"version": 1},
    }
    page.route("**/api/predict", lambda route: route.fulfill(json=answer))
    page.get_by_role("img", name="Drawing area").click()
    expect(page.locator("#verdict")).to_have_text("Torn between 4 and 9.Draw it larger.")
    button(page, "Yes").click()
    expect(page.get_by_role("group", name="Which digit is it?")).to_be_visible()


def test_grid_edited_by_hand_can_be_given(own_server, open_page):
    page = open_page(own_server.url, **LAPTOP)
    for row in range(8):
        page.get_by_role("gridcell").nth(8 * row + 3).click()
    button(page, "No").click()
    button(page, "1").click()
    button(page, "Keep it").click()
    expect(told(page)).to_contain_text("Kept as a 1.")
    assert [label for label, _, _ in kept(own_server)] == [1]


def test_refusal_is_told_in_the_servers_words(own_server, open_page, strokes):
    page = open_page(own_server.url, may_lose_connection=True, **LAPTOP)
    give_first(page, strokes)
    change(own_server, sa.update(Participant).values(blocked=True))
    button(page, "Clear").click()
    draw_with_mouse(page, strokes(3))
    button(page, "Yes").click()
    expect(told(page)).to_contain_text("No further drawings are accepted from this device.")
    page.set_viewport_size({"width": 320, "height": 568})
    height = told(page).bounding_box()["height"]  # of the whole sentence, within its line
    assert height <= page.locator(".ask").bounding_box()["height"]


def test_who_gave_all_that_are_taken_is_thanked_and_not_asked(own_server, open_page, strokes):
    page = open_page(own_server.url, **LAPTOP)
    give_first(page, strokes)
    with database_of(own_server) as database, database.writing() as session:
        for _ in range(38):
            give(session, participant=session.get(Participant, 1))
    button(page, "Clear").click()
    draw_with_mouse(page, strokes(3))
    button(page, "Yes").click()
    expect(told(page)).to_contain_text("40 of 40")
    button(page, "Clear").click()
    draw_with_mouse(page, strokes(3))
    expect(told(page)).to_have_text(
        re.compile("You have given as many drawings as we keep.*40 of 40")
    )
    expect(question(page)).to_be_hidden()


def test_phone_gives_corrects_and_withdraws_by_touch(own_server, open_page, strokes):
    page = open_page(own_server.url, **PHONE)
    draw_with_finger(page, strokes(7))
    button(page, "No").tap()
    button(page, "1").tap()
    button(page, "Keep it").tap()
    expect(told(page)).to_contain_text("Kept as a 1.")
    button(page, "Clear").tap()
    draw_with_finger(page, strokes(3))
    button(page, "Yes").tap()
    expect(told(page)).to_contain_text("2 of 40")
    withdraw_all(page, Locator.tap)
    expect(told(page)).to_contain_text("Your 2 drawings were removed.")
    assert kept(own_server) == []


def test_everything_can_be_done_by_keyboard(own_server, open_page, strokes):
    page = open_page(own_server.url, **LAPTOP)
    draw_with_mouse(page, strokes(7))

    def press(name):
        for _ in range(30):
            if button(page, name).evaluate("b => b === document.activeElement"):
                page.keyboard.press("Enter")
                return
            page.keyboard.press("Tab")
        pytest.fail(f"Tab does not lead to {name}")

    press("No")
    page.keyboard.press("1")
    press("Keep it")
    expect(told(page)).to_contain_text("Kept as a 1.")
    press("Change")
    press("8")
    expect(told(page)).to_contain_text("Kept as an 8.")
    press("My drawings")
    expect(page.locator(".own img")).to_have_js_property("complete", True)
    press("Withdraw all")
    press("Remove")
    expect(told(page)).to_contain_text("Your drawing was removed.")
    page.keyboard.press("Escape")
    expect(page.locator("#verdict")).to_have_text("Draw a digit.")


def test_open_choice_leaves_nothing_below_it_to_tab_to_and_goes_with_the_drawing(
    open_page, strokes
):
    page = open_page(**LAPTOP)
    draw_with_mouse(page, strokes(7))
    button(page, "No").click()
    covered = "e => e.matches('.cell') || e.dataset.do === 'yes'"
    for _ in range(20):
        page.keyboard.press("Tab")
        assert not page.evaluate(f"({covered})(document.activeElement)")
    page.keyboard.press("Escape")  # closes the choice, and leaves the drawing
    expect(button(page, "0")).to_be_hidden()
    expect(question(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(question(page)).to_be_hidden()


def test_every_step_fits_every_screen_moves_nothing_and_is_accessible(
    own_server, open_page, strokes
):
    page = open_page(own_server.url, **LAPTOP)
    layout = Layout(page)

    def check():
        layout.check()
        check_accessible(page, ["phone"])

    draw_with_mouse(page, strokes(7))
    expect(question(page)).to_be_visible()
    check()
    button(page, "No").click()
    check()
    button(page, "8").click()  # asks for consent
    check()
    button(page, "Keep it").click()
    expect(told(page)).to_contain_text("Kept as an 8.")
    check()
    button(page, "Clear").click()
    draw_with_mouse(page, strokes(3))
    layout.check()
    button(page, "My drawings").click()
    button(page, "Withdraw this 8").click()
    check()
