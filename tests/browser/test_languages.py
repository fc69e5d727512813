"""No text of any page is forgotten: all of them can be said in another language."""

import contextlib
import dataclasses
import io
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.browser.hand import LETTER_A, move_mouse
from tests.browser.inside import READY
from tests.browser.looks import LAPTOP, PHONE, PROJECTOR
from tests.browser.room import CONNECTED as FOLLOWS
from tests.browser.room import Room
from tests.browser.untranslated import NAMES, NOTE_WRITING, SYMBOLS, forgotten
from tests.support import prepared
from tests.support.server import PASSWORD, database_of, running_server
from tests.support.session import SMALL, hold_session
from tests.support.stubborn import make_stubborn_version_live
from webapp import config
from webapp.learning import runs, versions
from webapp.room import game, wall
from webapp.storage import audit
from webapp.storage.database import Database
from webapp.storage.tables import Drawing, Epoch, TrainingRun
from webapp.web.views.inside import STEPS

# Every page, with all that a session leaves on it. The draw page, the way inside and the wall,
# which change while one looks at them, have tests of their own below.
PAGES = {
    "a page that is not there": "/nothing",
    "overview": "/admin/",
    "training": "/admin/train",
    "a finished run": "/admin/train?run=1",
    "a cancelled run": "/admin/train?run=3",
    "a failed run": "/admin/train?run=4",
    "drawings": "/admin/drawings",
    "drawings, filtered": "/admin/drawings?status=approved&label=3&wrong=1&sort=unsure",
    "no drawings": "/admin/drawings?status=rejected",
    "versions": "/admin/versions",
    "the shipped version": "/admin/versions/1",
    "a version from a run": "/admin/versions/2",
    "comparison": "/admin/compare",
    "comparison of two": "/admin/compare?a=1&b=2",
    "the wall's switches": "/admin/wall",
    "capsule": "/admin/capsule",
    "log": "/admin/log",
    "an admin page that is not there": "/admin/nothing",
}


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory):
    """A server in the pseudo language, after a session. Tests leave it as it is."""
    with _after_a_session(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def own_pseudo(tmp_path):
    """One that a test may leave as it likes."""
    with _after_a_session(tmp_path / "data") as running:
        yield running


@contextlib.contextmanager
def _after_a_session(data_dir):
    prepared.fill(data_dir)
    database = Database(config.from_environment({"INKLING_DATA_DIR": str(data_dir)}))
    hold_session(database, n_drawings=30)
    with database.writing() as session:
        runs.cancel(session, 5)  # or the server's worker would begin it
        versions.promote(session, 1)
    database.close()
    variables = {"INKLING_LANGUAGES": "pseudo"}
    with running_server(data_dir=data_dir, variables=variables) as running:
        yield running


@pytest.fixture
def open_signed_in(open_page, pseudo):
    """A function that opens a page of the presenter, and checks it and the way to it."""

    def open_signed_in(path):
        page = open_page(f"{pseudo.url}/admin/sign-in", True, ready="form", **LAPTOP)
        assert forgotten(page) == []
        sign_in(page)
        page.wait_for_selector(".sign-out")
        page.goto(pseudo.url + path)
        page.wait_for_selector(f"body:not(:has(#connection)), {FOLLOWS}")
        assert forgotten(page) == []
        return page

    return open_signed_in


def sign_in(page, password=PASSWORD):
    page.locator("[type=password]").fill(password)
    page.locator("main button").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_no_text_of_a_page_is_forgotten(open_signed_in, path):
    open_signed_in(path)


@pytest.mark.parametrize("name", [step.name for step in STEPS])
def test_no_text_of_the_way_inside_is_forgotten(pseudo, open_page, name):
    page = open_page(f"{pseudo.url}/inside/{name}", True, ready=READY, **LAPTOP)
    assert forgotten(page, NAMES + SYMBOLS) == []


@pytest.fixture
def open_step(pseudo, open_page):
    """A function that opens a step of the way inside; the page, and two functions.

    The first presses or chooses what a selector finds, waits for what shows that it had its
    effect, and looks for forgotten texts. The second only waits and looks.
    """

    def open_step(name):
        page = open_page(f"{pseudo.url}/inside/{name}", True, ready=READY, **LAPTOP)

        def shows(selector, text=""):
            expect(page.locator(selector).first).to_contain_text(text)
            assert forgotten(page, NAMES + SYMBOLS) == []

        def press(target, selector, text=""):
            page.locator(target).first.dispatch_event("click")
            shows(selector, text)

        return page, press, shows

    return open_step


def test_no_text_that_follows_steps_is_forgotten(open_step):
    page, press, shows = open_step("step")
    history, moved = "#history li:last-child", "#moved"
    shows(history, "The network as it is")
    press("[data-steps='1']", moved, "Moved most (")
    press("[data-steps='10']", moved, "Moved most in 10 steps")
    page.get_by_label("a mini-batch").check()
    press("[data-steps='100']", history, " on mini-batches")
    press("#history button", "#cost-in-words", "costs")
    page.get_by_label("Learning rate").fill("fast")
    press("[data-steps='1']", "#rate-problem", "must be a number above 0")
    page.get_by_label("Learning rate").fill("1e9")
    page.get_by_label("this drawing").check()
    page.locator("#label [value='1']").check(force=True)
    press("[data-steps='10']", "#lost", "as good as infinite")
    press("#random", history, "Random weights")


def test_no_text_that_follows_training_on_the_way_inside_is_forgotten(open_step):
    page, press, shows = open_step("train")
    press("#go", "#go", "Pause")
    shows("#epoch-in-words", "In your drawing it sees")
    shows("#stop-in-words", "The test cost")
    press("#go", "#go", "Go on")
    page.get_by_label("100", exact=True).check()
    shows("#go", "Start")


def test_no_text_that_follows_the_search_for_the_bug_is_forgotten(open_step):
    _, press, shows = open_step("bug")
    shows("#sample-in-words", "All 60 weights agree")
    press("#printed", "#sample-in-words", "do not agree")
    shows("#check-in-words", "backpropagation is wrong")
    press("#go", "#go", "Pause")
    shows("#race-in-words", "With the faulty code")
    press("#go", "#go", "Go on")
    press("#pixels [role=gridcell]", "#broken-in-words", "1 pixel")
    press("#break-layer", "#broken-in-words", "1 whole layer")
    shows("[data-part=broken]", "Newly wrong")


def test_no_text_that_follows_edited_cells_is_forgotten(open_step):
    _, press, shows = open_step("what-if")
    shows("#share-in-words", "with")
    press("#shares [role=gridcell]", "#share-in-words", "is empty already")
    press("#search", "#found-in-words", "enough")
    press("#take:enabled", "#reads small")
    press("#search", "#found-in-words", "enough")
    for challenge, says in {"turn": "It is no 2 yet", "thin": "It is surely a 3"}.items():
        press(f"[data-challenge={challenge}]", "#goal", says)
    press("#grid [role=gridcell]:nth-child(4)", "#goal", "3")
    for digit in range(10):
        press(f"[data-guess='{digit}']", "#misread-in-words", "It was written as")


def test_no_text_of_how_good_the_network_is_is_forgotten(open_step):
    page, _, shows = open_step("right")
    shows(".big:visible", "%")
    page.get_by_label("drawings by 12 other people").check()
    shows(".big:visible", "%")


def test_no_text_that_follows_an_action_of_the_presenter_is_forgotten(pseudo, open_signed_in):
    page = open_signed_in("/admin/versions")
    page.locator("form[action$='/2/promote'] button").click()
    page.wait_for_url("**/2/promote")  # asks, because it is worse
    assert forgotten(page) == []
    for form in ("[action$='/2/promote']", "[action$='/roll-back']"):
        page.locator(f"form{form} button").first.click()
        page.wait_for_selector(".notice")
        assert forgotten(page) == []

    page.goto(f"{pseudo.url}/admin/train")
    other = page.context.new_page()
    other.goto(f"{pseudo.url}/admin/log")
    other.locator(".sign-out button").click()
    other.wait_for_load_state()
    page.locator("#settings").evaluate("form => form.requestSubmit()")
    page.wait_for_selector("[type=password]")
    assert forgotten(page) == []
    sign_in(page, "a wrong one")
    assert forgotten(page) == []
    sign_in(page)
    page.wait_for_selector(".resume")  # asks whether to send the form again
    assert forgotten(page) == []


def test_no_text_of_the_report_is_forgotten(open_signed_in, open_page, tmp_path):
    page = open_signed_in("/admin/capsule")
    capsule = page.request.get(page.locator("a[download]").evaluate("link => link.href"))
    with zipfile.ZipFile(io.BytesIO(capsule.body())) as archive:
        path = archive.extract("report.html", tmp_path)
    report = open_page(Path(path).as_uri(), ready=".curves .reading", **LAPTOP)
    report.locator(".curves .plot").first.focus()
    assert forgotten(report) == []


def test_no_text_of_the_draw_page_is_forgotten(pseudo, open_page, strokes):
    page = open_page(pseudo.url, True, **PHONE)
    page.evaluate(NOTE_WRITING)

    def shows(selector):
        page.wait_for_selector(selector)
        assert forgotten(page) == []

    def press(selector, shown="body"):
        page.locator(selector).click()
        shows(shown)

    def draw(what, shown):
        page.locator("#clear").click()
        move_mouse(page, what)
        shows(shown)

    question = "[data-step=question]:not(.off)"
    shows("[data-verdict=blank]")
    draw(strokes(7), question)
    press("[data-do=no]", "[data-sheet=digits]:not(.off)")
    press("[data-digit='8']", "[data-sheet=consent]:not(.off)")
    press("[data-do=decline]", "[data-step=result]:not(.off)")
    draw(strokes(8), "[data-step=declined]:not(.off)")
    press("[data-do=reconsider]", "[data-sheet=consent]:not(.off)")
    press("[data-do=agree]", question)
    press("[data-do=no]")
    press("[data-digit='8']", "[data-do=change]:not(.off)")
    press("#more summary")
    with page.expect_download():
        page.locator("#save-card").click()
    shows("body")

    press("#mine", ".own")
    press(".own [data-do=one]", ".confirm")
    press(".confirm [data-do=back]")
    press("#gallery [data-do=all]", ".confirm")
    press("[data-do=remove]", "[data-step=result]:not(.off)")
    draw(LETTER_A, question)
    press("[data-do=yes]", "[data-step=result]:not(.off)")  # it is no digit
    text = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    page.locator("#picture-file").set_input_files(text)
    shows("[data-verdict=refused]")

    press("#play")
    for _ in range(10):
        page.locator("#pad").click()
        press("[data-do=next]:enabled")
    shows("#game small:not(:empty)")  # the room's score
    press("[data-do=stop]")

    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 200, steps=5)
    shows("[data-verdict=drawing]")
    page.mouse.up()
    shows(question)
    try:
        with database_of(pseudo) as database, database.writing() as session:
            make_stubborn_version_live(session, 2)
        shows("#notice:not(:empty)")
        page.route("**/*", lambda route: route.abort())
        draw(strokes(3), "[data-verdict=waiting]")
    finally:
        with database_of(pseudo) as database, database.writing() as session:
            go_back_to_the_first_version(session)


def test_no_text_of_the_wall_is_forgotten(own_pseudo, open_page):
    room = Room(own_pseudo)
    page = open_page(room.wall, True, ready=FOLLOWS, **PROJECTOR)

    def shows(selector):
        page.wait_for_selector(selector, state="attached")
        assert forgotten(page) == []

    def after(change, selector):
        result = room.change(change)
        shows(selector)
        return result

    def let_wait(session):
        session.execute(sa.update(Drawing).values(status=Drawing.PENDING))

    try:
        shows("[data-shown]")
        after(lambda s: game.count(s, True), "#game:not([hidden])")
        for label in (7, 8, 6):
            number = room.give(label, 7)
            after(lambda s, n=number: wall.show_large(s, n), f"[data-drawing='{number}']")
            expect(page.locator("#large figcaption")).to_contain_text(f"{label}")
            assert forgotten(page) == []
        after(lambda s: wall.show_large(s, None), "#large[hidden]")
        after(lambda s: wall.name_wifi(s, "⟦Room⟧"), "[data-shown]")
        after(lambda s: wall.switch(s, "frozen", True, 1), "#paused:not([hidden])")
        room.change(lambda s: wall.switch(s, "frozen", False, 1))
        room.wait_for_worker()
        run = after(begin_run, "#run:not([hidden])")
        after(lambda s: s.add(epoch(run, 1)), "#run-figure strong:not(:empty)")
        after(lambda s: finish_run(s, run), "#run-result li")
        after(lambda s: make_stubborn_version_live(s, 2), "#news[data-stage=announced]")
        shows("#news[data-stage=result]")
        after(versions.roll_back, "#news[data-stage=announced]")
        after(let_wait, "#empty:not([hidden])")
        page.route("**/*", lambda route: route.abort())
        room.change(wall.renew_token)  # ends the stream
        shows("#connection[data-state=lost]")
    finally:
        room.database.close()


def go_back_to_the_first_version(session):
    if versions.live(session).version_id != 1:
        versions.promote(session, 1)


def begin_run(session):
    settings = dataclasses.asdict(SMALL)
    run = TrainingRun(name="quick", settings=settings, status=TrainingRun.RUNNING)
    session.add(run)
    session.flush()
    return run.id


def epoch(run, number):
    figures = {"accuracy": 0.9, "test_accuracy": 0.98, "people_accuracy": 0.9}
    return Epoch(run_id=run, number=number, cost=1, test_cost=1, **figures)


def finish_run(session, run_id):
    version = versions.publish(session, versions.load(session, 1), "⟦Room⟧", "run")
    run = session.get(TrainingRun, run_id)
    run.status, version.run_id = TrainingRun.FINISHED, run_id
    run.outcome = {name: {"before": 0.8, "now": 0.9} for name in ("people", "digits")}
    audit.note(session, "⟦Run finished.⟧")
