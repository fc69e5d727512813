"""Moderation by keyboard and by mouse, in a real browser on a real server."""

import io
import re

import pytest
from playwright.sync_api import expect

from nn.drawings import Placement, render
from nn.ink import pixels_from_image
from tests.browser.conftest import CONNECTED
from tests.browser.looks import LAPTOP, PHONE, button, check_admin_page
from tests.support.given import PLENTY
from tests.support.server import PASSWORD, database_of
from webapp.learning.recognition import Recogniser
from webapp.room import drawings
from webapp.storage.tables import Drawing

PAGE = "/admin/drawings"
PEOPLE = 3


@pytest.fixture
def give(own_server, sample_drawings):
    """A function that puts the next so many recorded drawings into the server's database.

    Three people give them in turn, the second of them for tests only. Every sixth gets the
    label of the next digit.
    """
    coming = enumerate(sample_drawings)

    def give(number):
        with database_of(own_server) as database:
            recogniser = Recogniser(database)
            with database.writing() as session:
                people = people_of(session)
                for _ in range(number):
                    give_one(session, recogniser, people, *next(coming))

    return give


def people_of(session):
    people = session.query(drawings.Participant).order_by(drawings.Participant.id).all()
    if not people:
        people = [drawings.new_participant(session) for _ in range(PEOPLE)]
        people[1].held_out = True
    return people


def give_one(session, recogniser, people, n, drawing):
    digit, strokes = drawing
    image = render(strokes, Placement(pen=20))
    picture = io.BytesIO()
    image.save(picture, "PNG")
    answer = recogniser.recognise(pixels_from_image(image))
    label = (digit + (n % 6 == 5)) % 10
    neighbours = drawings.nearest_digit(answer.pixels)
    person, key = people[n % PEOPLE], f"k{n}"
    drawings.keep(session, person, key, picture.getvalue(), answer, neighbours, label, PLENTY)


@pytest.fixture
def moderate(own_server, open_admin):
    """A function that opens the page, with the focus on the first drawing."""

    def moderate(query="", **options):
        page = open_admin(own_server, PAGE + query, **options or LAPTOP)
        page.wait_for_selector(CONNECTED)
        return page

    return moderate


def enter(page):
    """Reach the grid by the Tab key alone."""
    page.locator("h1").click()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "gridcell":
            return
    pytest.fail("the Tab key does not reach the drawings")


def card(page, number):
    return page.locator(f"[role=gridcell][data-id='{number}']")


def expect_focus(page, number):
    expect(card(page, number)).to_be_focused()


def stored(server):
    with database_of(server) as database, database.reading() as session:
        return [(d.status, d.label) for d in session.query(Drawing).order_by(Drawing.id)]


def statuses(server):
    return "".join(status[0] for status, _ in stored(server))


def expect_pending(page, number):
    expect(page.locator("#counts [data-count=pending]")).to_have_text(str(number))


def told(page):
    return page.locator("#outcome")


def test_moderating_and_undoing_by_keyboard_alone(own_server, give, moderate):
    give(12)
    before = stored(own_server)
    page = moderate()
    expect(page.get_by_role("gridcell")).to_have_count(12)
    enter(page)
    expect_focus(page, 1)
    page.keyboard.press("a")
    expect_focus(page, 2)
    expect(card(page, 1)).to_contain_text("Approved")
    page.keyboard.press("r")
    expect_focus(page, 3)
    expect(card(page, 2)).to_contain_text("Rejected")
    page.keyboard.press("9")
    expect(card(page, 3).locator(".digit")).to_have_text("9")
    expect_focus(page, 3)
    page.keyboard.press("A")
    expect_focus(page, 4)
    expect(told(page)).to_have_text("Approved: a drawing of a 9.")
    assert statuses(own_server) == "arappppppppp"
    assert stored(own_server)[2] == ("approved", 9)
    page.keyboard.press("p")  # all by the first person
    expect(told(page)).to_have_text("Approved: 3 drawings, all by person 1.")
    assert statuses(own_server) == "araappappapp"

    for key in ("u", "Control+z", "u", "Control+z", "u"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")
    expect_pending(page, 12)
    assert stored(own_server) == before
    page.keyboard.press("u")
    expect(told(page)).to_have_text("There is nothing to undo.")


def test_keys_work_on_a_fresh_page_and_all_count_however_fast(own_server, give, moderate):
    give(12)
    page = moderate()
    page.keyboard.type("ararararar")
    expect_pending(page, 2)
    assert statuses(own_server) == "arararararpp"
    page.keyboard.type("uu")
    expect_pending(page, 4)
    assert statuses(own_server) == "ararararpppp"


@pytest.mark.parametrize("device", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_arrow_keys_move_as_the_cards_lie(give, moderate, device):
    give(12)
    page = moderate(**device)
    tops = [round(c.bounding_box()["y"]) for c in page.get_by_role("gridcell").all()]
    columns = tops.count(tops[0])
    assert columns == 2 if device is PHONE else columns >= 4
    enter(page)
    for key, number in [
        ("ArrowLeft", 1),
        ("ArrowUp", 1),
        ("ArrowRight", 2),
        ("ArrowDown", 2 + columns),
        ("ArrowUp", 2),
        ("End", 12),
        ("ArrowRight", 12),
        ("ArrowDown", 12),
        ("ArrowUp", 12 - columns),
        ("Home", 1),
    ]:
        page.keyboard.press(key)
        expect_focus(page, number)
    # Tab leaves the grid and comes back to the card that was left.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Tab")
    expect(card(page, 2)).not_to_be_focused()
    page.keyboard.press("Tab")
    expect_focus(page, 2)


def test_every_key_has_a_button(own_server, give, moderate):
    give(6)
    page = moderate()
    button(page, "Approve").click()
    expect(card(page, 1)).to_contain_text("Approved")
    expect(page.locator("[data-current]")).to_have_attribute("data-id", "2")
    button(page, "4").click()
    expect(card(page, 2).locator(".digit")).to_have_text("4")
    button(page, "Reject").click()
    expect(card(page, 2)).to_contain_text("Rejected")
    button(page, "Approve all by person 3").click()
    expect(told(page)).to_have_text("Approved: 2 drawings, all by person 3.")
    assert statuses(own_server) == "arappa"
    for _ in range(4):
        button(page, "Undo").click()
    expect_pending(page, 6)
    assert statuses(own_server) == "pppppp"


def test_filters_stay_on_reload_and_undo_does_too(own_server, give, moderate):
    give(18)
    page = moderate()
    page.get_by_label("Wrong only").check()
    page.get_by_label("Person", exact=True).select_option("3")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("gridcell")).to_have_count(3)
    for each in page.get_by_role("gridcell").all():
        expect(each).to_contain_text("Person 3")
        expect(each).to_contain_text("Network and neighbours see a")
    enter(page)
    page.keyboard.press("r")
    expect(page.locator("#counts")).to_contain_text("1 rejected")
    page.reload()
    expect(page.get_by_role("gridcell")).to_have_count(2)
    expect(page.get_by_label("Wrong only")).to_be_checked()
    page.get_by_role("button", name="Undo").click()
    expect_pending(page, 18)
    assert set(statuses(own_server)) == {"p"}


def test_flag_goes_when_the_label_is_put_right(give, moderate):
    give(6)
    page = moderate("?flagged=1")
    [flagged] = page.get_by_role("gridcell").all()
    expect(flagged).to_contain_text("Network and neighbours see a 5.")
    enter(page)
    page.keyboard.press("5")
    expect(flagged.locator(".doubt")).to_be_hidden()
    expect(flagged.locator(".predicted")).to_have_attribute("data-right", "")


def test_new_drawings_are_announced_and_shown_on_demand(give, moderate):
    give(2)
    page = moderate()
    enter(page)
    page.keyboard.press("a")
    give(3)
    show = button(page, "3 new: show them")
    expect(show).to_be_visible()
    expect(page.get_by_role("gridcell")).to_have_count(2)
    show.click()
    expect(page.get_by_role("gridcell")).to_have_count(4)


def test_drawing_withdrawn_meanwhile_is_told_and_the_others_go_on(own_server, give, moderate):
    give(6)
    page = moderate()
    enter(page)
    with database_of(own_server) as database, database.writing() as session:
        drawings.withdraw(session, people_of(session)[0])
    expect(card(page, 1)).to_contain_text("Withdrawn")
    expect(told(page)).to_have_text("2 drawings were withdrawn or deleted in the meantime.")
    page.keyboard.type("aa")
    expect(card(page, 2)).to_contain_text("Approved")
    assert statuses(own_server) == "appp"


def test_two_presenters_see_each_other_and_neither_overwrites_the_other(
    own_server, give, moderate
):
    give(6)
    first, second = moderate(), moderate(may_lose_connection=True, **LAPTOP)
    first.keyboard.type("ar")
    expect(card(second, 1)).to_contain_text("Approved")
    expect(card(second, 2)).to_contain_text("Rejected")
    expect(told(second)).to_contain_text("By another presenter: ")
    expect_focus(second, 1)

    # The second one decides before the news has come.
    second.route("**/admin/drawings/new**", lambda route: route.abort())
    card(second, 3).click()
    first.keyboard.press("a")
    expect(card(first, 3)).to_contain_text("Approved")
    second.keyboard.press("r")
    expect(second.locator("#failed")).to_contain_text("Another presenter was faster. Approved:")
    expect(card(second, 3)).to_contain_text("Approved")
    assert statuses(own_server) == "arappp"

    # The second one relabels what the first one has approved: undo leaves it.
    second.keyboard.press("Home")
    second.keyboard.press("9")
    expect(card(second, 1).locator(".digit")).to_have_text("9")
    first.keyboard.type("u")
    expect(card(first, 3)).to_contain_text("Pending")
    first.keyboard.type("uu")
    expect(first.locator("#failed")).to_contain_text(
        "1 drawing was changed by another presenter"
    )
    assert stored(own_server)[0] == ("approved", 9)
    assert statuses(own_server) == "appppp"


def test_all_that_are_not_flagged_are_approved_and_undone_and_nothing_moves(
    own_server, give, moderate
):
    give(6)
    page = moderate()
    places = where_everything_is(page)
    give(6)
    expect(button(page, "6 new: show them")).to_be_visible()
    assert where_everything_is(page) == places
    button(page, "Approve all that are not flagged").click()
    expect(told(page)).to_have_text("Approved: 5 drawings, none of them flagged.")
    expect(page.locator("[data-current]")).to_have_attribute("data-id", "6")
    assert where_everything_is(page) == places
    assert statuses(own_server) == "aaaaappppppp"  # what came later is not known here
    button(page, "Undo").click()
    expect_pending(page, 12)
    assert set(statuses(own_server)) == {"p"}


def where_everything_is(page):
    """Left and top of all that one may aim at."""
    return page.evaluate(
        """[...document.querySelectorAll('.filters *, #moderation button, .drawing')]
        .map((e) => [e.getBoundingClientRect().left, e.getBoundingClientRect().top])"""
    )


def test_signed_out_elsewhere_leads_to_sign_in_and_back(own_server, give, open_admin):
    give(3)
    page = open_admin(own_server, f"{PAGE}?status=all", may_lose_connection=True)
    page.wait_for_selector(CONNECTED)
    other = page.context.new_page()
    other.goto(f"{own_server.url}/admin/")
    button(other, "Sign out").click()
    page.keyboard.press("a")
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Sign in").click()
    page.wait_for_url(f"**{PAGE}?status=all")
    assert set(statuses(own_server)) == {"p"}


def test_people_are_decided_on_blocked_and_let_in_again(own_server, give, moderate):
    give(6)
    page = moderate()
    person = page.locator("#people li").filter(has_text="Person 2")
    expect(person).to_contain_text("tests only")
    person.get_by_role("button", name="Reject all").click()
    expect(person).to_contain_text("0 pending, 0 approved, 2 rejected")
    assert statuses(own_server) == "prpprp"
    person.get_by_role("button", name="Block").click()
    expect(page.locator(".notice")).to_contain_text("Person 2 is blocked:")
    page.get_by_role("button", name="Unblock").click()
    expect(page.locator(".notice")).to_contain_text("may send drawings again")


def test_all_are_deleted_only_with_the_word_and_brought_back_from_a_file(
    own_server, give, moderate, tmp_path
):
    give(6)
    page = moderate()
    page.keyboard.type("aaaaaa")
    expect_pending(page, 0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Approved drawings, .npz").click()
    download.value.save_as(tmp_path / "drawings.npz")
    word = page.get_by_label("Type DELETE")
    word.fill("delete")
    word.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("Nothing was deleted.")
    page.wait_for_load_state()  # the sentence is there before the page is complete
    word.fill("DELETE")
    word.press("Enter")
    expect(page.locator(".notice")).to_contain_text("Deleted: 6 drawings.")
    assert statuses(own_server) == ""
    page.get_by_label("File of drawings").set_input_files(tmp_path / "drawings.npz")
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".notice")).to_contain_text("6 drawings")
    expect(page.get_by_role("gridcell")).to_have_count(6)


def test_server_out_of_reach_is_told_and_nothing_is_lost(own_server, give, open_admin):
    give(3)
    page = open_admin(own_server, PAGE, may_lose_connection=True, **LAPTOP)
    page.wait_for_selector(CONNECTED)
    enter(page)
    page.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.locator("#failed")).to_have_text(
        "Not done. The server is out of reach. Try again."
    )
    expect(card(page, 1)).to_contain_text("Pending")
    page.context.set_offline(False)
    page.keyboard.press("Home")
    page.keyboard.press("a")
    expect(card(page, 1)).to_contain_text("Approved")
    expect(page.locator("#failed")).to_have_text("")
    assert statuses(own_server) == "app"


def test_page_fits_every_screen_and_is_accessible(give, moderate):
    give(30)
    page = moderate()
    page.keyboard.type("ara")
    expect_pending(page, 27)
    check_admin_page(page)


def test_card_has_a_name_with_all_that_it_shows(give, moderate):
    give(1)
    page = moderate()
    pictures = "As the network sees it As it was drawn"
    name = rf"^\d Pending {pictures} .*predicted \d \(\d+%\).* Person 1$"
    expect(page.get_by_role("gridcell")).to_have_accessible_name(re.compile(name))


def test_moderation_speaks_chinese(give, moderate):
    give(3)
    page = moderate()
    button(page, "简体中文").click()
    expect(page.locator("#connection")).to_have_text("已连接")
    first = page.get_by_role("gridcell").first
    label = first.get_attribute("data-label")
    page.keyboard.press("a")
    expect(page.locator("#outcome")).to_have_text(f"已通过：一张{label}的手写图。")
    expect(first.locator(".state")).to_have_text("已通过")
    page.keyboard.press("u")
    expect(page.locator("#outcome")).to_have_text(f"已撤销。现在待审核：一张{label}的手写图。")
