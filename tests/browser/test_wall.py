"""The wall in a browser of its own, while things happen in the database and in admin."""

import io
import re

import pytest
from playwright.sync_api import expect

from nn.drawings import render
from nn.ink import pixels_from_image
from tests.browser.looks import LAPTOP, PROJECTOR, check_accessible
from tests.browser.room import CONNECTED, LIVE, Room, fill, press
from tests.support.server import running_server
from webapp.learning import versions
from webapp.room import drawings, wall
from webapp.storage.tables import Drawing, Epoch, TrainingRun
from webapp.web.views.wall import TILES

FITS = "t => t.scrollWidth <= t.clientWidth && t.scrollHeight <= t.clientHeight"
RED = "c => [...c.getContext('2d').getImageData(0, 0, 8, 8).data].filter((_, i) => i % 4 === 0)"


@pytest.fixture
def open_wall(open_page, room):
    """A function that opens the wall as the projector's browser does, not signed in."""

    def open_wall(**options):
        return open_page(room.wall, ready=CONNECTED, **PROJECTOR, **options)

    return open_wall


def shown(page):
    """The tiles that show a drawing."""
    return page.locator("[data-shown]")


def tile(page, number):
    return page.locator(f"[data-drawing='{number}']")


def test_drawing_appears_live_on_every_wall_with_guess_certainty_and_truth(room, open_wall):
    walls = [open_wall() for _ in range(3)]
    for page in walls:
        expect(page.get_by_text("The drawings appear here.")).to_be_visible()
    right = room.give(label=7, predicted=7, certainty=0.987)
    for page in walls:
        expect(tile(page, right)).to_have_text(re.compile(r"7\s*98%\s*✓"), timeout=LIVE)
    wrong = room.give(label=4, predicted=9, certainty=0.6, verdict="torn")
    for page in walls:
        expect(tile(page, wrong)).to_have_text(re.compile(r"9\?\s*60%\s*✗ 4"), timeout=LIVE)
        expect(page.locator("#right")).to_have_text("1 of 2 right")
        expect(page.locator("#pace")).to_have_text("2 drawings a minute")
        expect(page.locator("#confused")).to_contain_text("4 read as 9 (1×)")


def test_picture_is_the_8x8_that_the_network_saw(room, open_wall):
    pixels = [[16 if row == column else 0 for column in range(8)] for row in range(8)]
    number = room.give(pixels=pixels)
    canvas = tile(open_wall(), number).locator("canvas")
    seen = canvas.evaluate(RED)
    assert seen == [0 if value else 255 for row in pixels for value in row]


def test_new_drawing_takes_the_place_of_the_oldest_and_no_other_moves(room, open_wall):
    page = open_wall()
    numbers = [room.give() for _ in range(TILES)]
    expect(shown(page)).to_have_count(TILES)

    def places():
        return page.locator(".tile").evaluate_all("all => all.map((t) => t.dataset.drawing)")

    before = places()
    new = room.give()
    expect(tile(page, new)).to_be_visible(timeout=LIVE)
    expect(tile(page, new)).to_have_attribute("data-newest", "")
    expect(page.locator("[data-newest]")).to_have_count(1)
    oldest = str(numbers[0])
    assert places() == [str(new) if number == oldest else number for number in before]


def test_drawing_waits_for_approval_unless_the_presenter_lets_all_appear(
    room, open_wall, open_admin
):
    page, admin = open_wall(), open_admin(room.server, "/admin/wall", **LAPTOP)
    number = room.give(status=Drawing.PENDING)
    press(admin, "Show without approval")
    expect(tile(page, number)).to_be_visible(timeout=LIVE)
    press(admin, "Hold for approval")
    expect(tile(page, number)).to_have_count(0, timeout=LIVE)
    room.decide(number, Drawing.APPROVED)
    expect(tile(page, number)).to_be_visible(timeout=LIVE)


def test_rejected_and_withdrawn_drawings_disappear(room, open_wall):
    rejected, withdrawn, stays = (room.give() for _ in range(3))
    page = open_wall()
    expect(shown(page)).to_have_count(3)
    room.decide(rejected, Drawing.REJECTED)
    expect(tile(page, rejected)).to_have_count(0, timeout=LIVE)
    room.change(lambda db: drawings.withdraw(db, db.get(Drawing, withdrawn).participant))
    expect(tile(page, withdrawn)).to_have_count(0, timeout=LIVE)
    expect(tile(page, stays)).to_be_visible()
    # Nothing of it is left in its tile.
    assert page.locator(".tile:not([data-shown])").first.inner_text().strip() == ""


def test_freeze_blank_and_large_by_one_press_each(room, open_wall, open_admin):
    first = room.give(label=3, predicted=3)
    page, admin = open_wall(), open_admin(room.server, "/admin/wall", **LAPTOP)
    expect(tile(page, first)).to_be_visible()

    press(admin, "Pause")
    expect(page.get_by_text("Paused")).to_be_visible(timeout=LIVE)
    second = room.give(label=8, predicted=5)
    press(admin, "Resume")
    expect(tile(page, second)).to_be_visible(timeout=LIVE)
    expect(page.get_by_text("Paused")).to_be_hidden()

    press(admin, "Blank")
    expect(tile(page, first)).to_have_count(0, timeout=LIVE)
    expect(page.locator(".figures")).to_be_hidden()
    expect(page.get_by_text("Phones cannot connect yet")).to_be_visible()
    press(admin, "Show drawings")
    expect(tile(page, first)).to_be_visible(timeout=LIVE)

    admin.get_by_role("button", name=re.compile(f"Show drawing {second} large")).focus()
    admin.keyboard.press("Enter")
    large = page.locator("#large")
    expect(large).to_contain_text("5, 90%: ✗ it is an 8", timeout=LIVE)
    expect(large.get_by_role("meter", name="Digit 5")).to_have_attribute(
        "aria-valuenow", "90.0"
    )
    press(admin, "Show all again")
    expect(page.locator("#large")).to_be_hidden(timeout=LIVE)


def test_curve_grows_during_a_run_and_its_result_stands_large_until_it_is_live(
    room, open_wall, open_admin
):
    room.wait_for_worker()
    page = open_wall()
    curve = page.get_by_role("slider", name="Accuracy by epoch")

    def begin(session):
        run = TrainingRun(name="quick", settings={"epochs": 3}, status=TrainingRun.RUNNING)
        session.add(run)
        session.flush()
        return run.id

    run_id = room.change(begin)

    def epoch(number, accuracy):
        figures = {"cost": 1, "accuracy": 0.9, "test_cost": 1, "test_accuracy": 0.98}
        figures["people_accuracy"] = accuracy
        room.change(lambda session: session.add(Epoch(run_id=run_id, number=number, **figures)))

    def finish(session):
        version = versions.publish(session, versions.load(session, 1), "Room", "run")
        run = session.get(TrainingRun, run_id)
        run.status, version.run_id = TrainingRun.FINISHED, run_id
        figures = {"people": (0.71, 0.95), "digits": (0.983, 0.983)}
        run.outcome = {k: {"before": b, "now": n} for k, (b, n) in figures.items()}
        wall.audit.note(session, "Run finished.")
        return version.id

    for number, accuracy in ((1, 0.91), (2, 0.955)):
        epoch(number, accuracy)
        expect(page.locator("#run")).to_contain_text(f"{100 * accuracy:.1f}%", timeout=LIVE)
        expect(page.locator("#run")).to_contain_text(f"Epoch {number} of 3")
        read = f"Epoch {number}: {100 * accuracy:.1f}% on people it never met"
        expect(curve).to_have_attribute("aria-valuetext", re.compile(read))
    late = open_wall()
    expect(late.locator("#run")).to_contain_text("95.5%")
    expect(late.locator("#confused")).to_be_hidden()
    small = late.locator("#run").bounding_box()["width"]
    admin = open_admin(room.server, "/admin/wall", **LAPTOP)
    press(admin, "Show training large")
    expect(late.locator("#confused")).to_be_visible(timeout=LIVE)
    assert late.locator("#run").bounding_box()["width"] > 2 * small

    version = room.change(finish)
    expect(page.locator("#run")).to_contain_text(f"Done: version {version}", timeout=LIVE)
    result = "People it never met: before 71%, now 95%"
    expect(open_wall().locator("#run li").first).to_have_text(result)
    room.change(lambda session: versions.promote(session, version))
    expect(page.locator("#run")).to_be_hidden(timeout=LIVE)


@pytest.fixture
def recorded(room, sample_drawings):
    """Ids of drawings that wait: version 1 read five wrong, which it will get right if it reads
    them again, and one right, whose label is another digit than anyone would read.
    """
    given = []
    for number, (digit, strokes) in enumerate(sample_drawings[:6]):
        image, buffer = render(strokes), io.BytesIO()
        image.save(buffer, "PNG")
        wrong = (digit + 1) % 10
        label = wrong if number == 0 else digit
        given.append(
            room.give(
                label=label,
                predicted=wrong,
                status=Drawing.PENDING,
                pixels=pixels_from_image(image),
                picture=buffer.getvalue(),
            )
        )
    return given


# Notes each text of the tally, and when it came, in ms.
WATCH = """tally => {
  window.seen = [];
  const note = () => window.seen.push([tally.textContent, performance.now()]);
  new MutationObserver(note).observe(tally, { childList: true });
}"""


def test_tiles_turn_when_a_version_goes_live_and_turn_back_when_it_is_rolled_back(
    room, open_wall, open_admin, recorded
):
    room.wait_for_worker()
    page, admin = open_wall(), open_admin(room.server, "/admin/versions", **LAPTOP)
    news, tally = page.locator("#news"), page.locator("#right strong").first
    expect(page.get_by_text("6 wait for approval")).to_be_visible()
    for number in recorded:
        room.decide(number, Drawing.APPROVED)
    expect(page.locator("#right")).to_have_text("1 of 6 right", timeout=LIVE)
    handwriting = tile(page, recorded[1]).get_by_role("presentation")
    expect(handwriting).to_be_visible()
    expect(handwriting).to_have_js_property("naturalWidth", 280)

    again = room.change(
        lambda session: (
            versions.publish(session, versions.load(session, 1), "Again", "upload").id
        )
    )
    tally.evaluate(WATCH)
    admin.goto(f"{room.server.url}/admin/versions/{again}")
    press(admin, "Promote")
    expect(news).to_contain_text(f"Version {again} is live", timeout=LIVE)
    for number in recorded:
        expect(tile(page, number)).to_have_attribute(
            "data-right", "false" if number == recorded[0] else "true", timeout=3 * LIVE
        )
    expect(page.locator("#right")).to_have_text("5 of 6 right")
    seen = page.evaluate("window.seen")
    assert [text for text, _ in seen] == ["2", "3", "4", "5"]
    assert 1000 < seen[-1][1] - seen[0][1] < 4500  # one after another
    expect(news).to_contain_text("Newly right 5, newly wrong 1", timeout=2 * LIVE)
    expect(news.locator(".result li").first).to_have_text(
        re.compile(r"People it never met: before [\d.]+%, now [\d.]+%")
    )
    expect(news.locator(".changed li:visible")).to_have_count(6)
    expect(news.locator(".changed [data-right=false]")).to_have_count(1)

    late = open_wall()
    expect(late.locator("#right")).to_have_text("5 of 6 right")
    expect(late.locator("#news")).to_be_hidden()

    press(admin, "Roll back")
    expect(news).to_contain_text("Back to version 1", timeout=LIVE)
    expect(page.locator("#right")).to_have_text("1 of 6 right", timeout=3 * LIVE)
    expect(tile(late, recorded[1])).to_have_attribute("data-right", "false")
    expect(news).to_contain_text("Newly right 1, newly wrong 5", timeout=2 * LIVE)


def test_pages_that_lost_the_server_say_so_and_are_complete_when_it_is_back(
    tmp_path, open_page, open_admin
):
    with running_server(data_dir=tmp_path) as server:
        room = Room(server)
        number = room.give()
        page = open_page(room.wall, may_lose_connection=True, ready="[data-shown]", **PROJECTOR)
        admin = open_admin(server, "/admin/train", may_lose_connection=True)
        assert page.locator("#connection").is_hidden()
        page.clock.install()
        page.reload()
        page.wait_for_selector("[data-shown]")
        for process in server.web_processes():
            process.suspend()
        page.clock.fast_forward(26_000)  # in which the server should have sent an event
        expect(page.get_by_text("No connection")).to_be_visible()
        for process in server.web_processes():
            process.resume()
        expect(page.locator("#connection")).to_be_hidden()
    expect(page.get_by_text("No connection")).to_be_visible(timeout=20_000)
    expect(admin.locator("#connection")).to_have_text("Server out of reach")
    expect(tile(page, number)).to_be_visible()
    new = room.give()
    room.decide(number, Drawing.REJECTED)
    room.database.close()
    with running_server(data_dir=tmp_path, port=server.port):
        expect(tile(page, new)).to_be_visible(timeout=30_000)
        expect(tile(page, number)).to_have_count(0)
        expect(page.locator("#connection")).to_be_hidden()
        expect(admin.locator("#connection")).to_have_text("Connected", timeout=30_000)


def test_address_with_the_token_needs_no_session_until_it_is_renewed(
    room, open_wall, open_admin
):
    page = open_wall(may_lose_connection=True)
    assert "/wall?token=" in page.url
    admin = open_admin(room.server, "/admin/wall", **LAPTOP)
    admin.get_by_text("Make a new address").click()
    expect(admin.get_by_text("This cannot be undone")).to_be_visible()
    press(admin, "End the old address")
    page.wait_for_url("**/admin/sign-in**", timeout=20_000)
    with admin.expect_popup() as popup:
        admin.get_by_role("link", name="Open the wall").click()
    expect(popup.value.get_by_role("heading", name="Draw a digit")).to_be_visible()


def test_wall_fits_a_projector_and_is_accessible(room, open_wall):
    fill(room)
    page = open_wall(reduced_motion="reduce")
    expect(shown(page)).to_have_count(TILES)
    root = "document.documentElement"
    assert page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]") == [1920, 1080]
    assert page.locator(".tile").evaluate_all(f"all => all.every({FITS})")
    assert page.locator(".picture").first.evaluate("p => p.getAnimations().length") == 0
    check_accessible(page, ["projector"])
