import dataclasses
import html
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from nn.presets import FIELDS, PRESETS
from tests.support.pages import messages, send, sign_in
from tests.support.server import PASSWORD, free_port
from webapp import config, create_app
from webapp.learning import runs, trainer
from webapp.storage.tables import TrainingRun

TRAIN = "/admin/train"


@pytest.fixture(autouse=True)
def _signed_in(client):
    sign_in(client)


def all_runs(app):
    with app.extensions["database"].reading() as db:
        return db.scalars(sa.select(TrainingRun).order_by(TrainingRun.id)).all()


def fields(page):
    """What stands in the fields, by name."""
    names = "|".join(FIELDS)
    found = re.findall(rf'<input id="(?:{names})" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(text) for name, text in found}


def test_page_offers_every_setting_with_a_label_and_a_sentence(client):
    page = client.get(TRAIN).text
    for name, field in FIELDS.items():
        assert f'<label for="{name}">{field.label}</label>' in page
        assert html.escape(field.help, quote=False) in html.unescape(page).replace("&#39;", "'")
    for preset in ("article", "workshop", "quick", "custom"):
        assert f'<option value="{preset}"' in page


@pytest.mark.parametrize("name", PRESETS)
def test_preset_alone_starts_a_run_with_all_its_settings(app, client, name):
    answer = send(client, TRAIN, page=TRAIN, preset=name)
    assert answer.status_code == 200
    [run] = all_runs(app)
    assert (run.name, run.status) == (name, "waiting")
    assert runs.preset_of(run) == PRESETS[name]


def test_typed_settings_are_used_and_the_run_is_called_custom(app, client):
    typed = {"hidden": "20, 12", "epochs": "7", "batch_size": "32", "learning_rate": "0.5"}
    typed |= {"seed": "11", "copies": "1", "room_share": "0.1"}
    send(client, TRAIN, page=TRAIN, preset="custom", base="article", **typed)
    [run] = all_runs(app)
    assert run.name == "custom"
    preset = runs.preset_of(run)
    assert (preset.hidden, preset.epochs, preset.batch_size) == ((20, 12), 7, 32)
    assert (preset.learning_rate, preset.seed, preset.copies) == (0.5, 11, 1)
    assert preset.room_share == 0.1
    assert preset.recipe == PRESETS["article"].recipe


def test_custom_trains_the_way_of_the_preset_before(app, client):
    send(client, TRAIN, page=TRAIN, preset="custom", base="workshop", epochs="3")
    assert runs.preset_of(all_runs(app)[0]).recipe == PRESETS["workshop"].recipe


WRONG = {
    "hidden": ["", "0", "15,,3", "513", "5,5,5,5,5", "<b>9</b>", "-1"],
    "epochs": ["", "0", "1001", "1.5", "ten"],
    "batch_size": ["0", "1501", "a"],
    "learning_rate": ["0", "-1", "nan", "inf", "", "1e39", "0,1"],
    "seed": ["-1", "2147483648", "x"],
    "copies": ["-1", "33", "2.5"],
    "written": ["-1", "200001", "2.5"],
    "room_share": ["-0.1", "0.91", "nan"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts]
)
def test_wrong_setting_gets_its_own_sentence_and_keeps_what_was_typed(app, client, name, text):
    typed = {"preset": "custom", "base": "quick", "epochs": "9", name: text}
    answer = send(client, TRAIN, page=TRAIN, **typed)
    assert answer.status_code == 422
    [error] = re.findall(r'<p id="(\w+)-error" class="error">([^<]+)</p>', answer.text)
    assert error[0] == name
    assert FIELDS[name].label in error[1]
    assert fields(answer.text)[name] == text
    assert all_runs(app) == []


def test_every_wrong_field_gets_a_sentence(client):
    typed = dict.fromkeys(FIELDS, "nonsense")
    page = send(client, TRAIN, page=TRAIN, preset="custom", base="article", **typed).text
    assert set(re.findall(r'<p id="(\w+)-error"', page)) == set(FIELDS)
    assert fields(page) == typed


def test_unknown_preset_is_refused(app, client):
    assert send(client, TRAIN, page=TRAIN, preset="magic").status_code == 400
    assert all_runs(app) == []


def test_line_that_is_full_says_so_and_keeps_what_was_typed(app, client):
    for _ in range(runs.MAX_WAITING):
        send(client, TRAIN, page=TRAIN, preset="article")
    answer = send(client, TRAIN, page=TRAIN, preset="custom", base="article", epochs="8")
    assert answer.status_code == 409
    assert "waiting in line" in answer.text
    assert fields(answer.text)["epochs"] == "8"
    assert len(all_runs(app)) == runs.MAX_WAITING


def test_cancel_of_a_run_that_is_over_says_so(client):
    send(client, TRAIN, page=TRAIN, preset="article")
    send(client, "/admin/runs/1/cancel", page=TRAIN)
    answer = send(client, "/admin/runs/1/cancel", page=TRAIN)
    assert "Run 1 has ended already: cancelled." in answer.text
    for number in (9, 10**30):
        answer = send(client, f"/admin/runs/{number}/cancel", page=TRAIN)
        assert f"There is no run {number}." in answer.text


def test_missing_worker_is_told(app, client):
    def hint():
        return re.search(r'<p id="worker"[^>]*>', client.get(TRAIN).text)[0]

    assert "hidden" not in hint()
    with app.extensions["database"].writing() as db:
        runs.sign_of_life(db)
    assert "hidden" in hint()


def test_database_that_cannot_be_written_is_told_and_starts_nothing(app, client, monkeypatch):
    page = client.get(TRAIN).text
    database = app.extensions["database"]

    def full():
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(database, "writing", full)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        answer = client.post(TRAIN, data={"preset": "article", "csrf_token": token})
    assert answer.status_code == 503
    assert "disk is full" in answer.text
    assert "Nothing was changed" in answer.text
    assert all_runs(app) == []


def test_charting_library_comes_from_this_machine(client):
    with client.get("/admin/plotly.js") as answer:
        assert answer.status_code == 200
        assert b"plotly.js" in answer.data[:100]
    assert not re.search(r'(src|href)="(https?:)?//', client.get(TRAIN).text)


def test_form_comes_back_with_the_settings_of_the_last_run(client):
    send(client, TRAIN, page=TRAIN, preset="custom", base="quick", epochs="3")
    page = client.get(TRAIN).text
    assert fields(page)["epochs"] == "3"
    assert '<option value="custom" selected>' in page
    assert 'name="base" value="quick"' in page


def test_long_numbers_come_back_as_they_were_typed(client):
    typed = {"seed": "1234567", "learning_rate": "0.1234567"}
    send(client, TRAIN, page=TRAIN, preset="custom", base="article", **typed)
    back = fields(client.get(TRAIN).text)
    assert {name: back[name] for name in typed} == typed


def test_last_run_with_a_way_of_training_that_no_preset_has_is_no_error(app, client):
    way = dataclasses.replace(PRESETS["quick"].recipe, dropout=0.15)
    with app.extensions["database"].writing() as db:
        runs.create(db, dataclasses.replace(PRESETS["quick"], recipe=way), "quick")
    page = client.get(TRAIN)
    assert page.status_code == 200
    assert 'name="base" value="article"' in page.text


def test_queue_that_cannot_be_reached_is_told_and_the_run_has_failed(tmp_path):
    variables = {"INKLING_DATA_DIR": str(tmp_path), "INKLING_ADMIN_PASSWORD": PASSWORD}
    variables["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    app = create_app(config.from_environment(variables))
    client = app.test_client()
    sign_in(client)
    answer = send(client, TRAIN, page=TRAIN, preset="article", seed="9")
    assert answer.status_code == 409
    assert "The queue of runs could not be written" in answer.text
    assert fields(answer.text)["seed"] == "9"
    [run] = all_runs(app)
    assert run.status == "failed"
    assert "could not be written" in run.reason
    app.extensions["database"].close()


@pytest.mark.parametrize("run", [10**20, 2**31, -1, 0])
def test_stream_of_a_run_that_cannot_be_is_that_of_all_runs(client, run):
    answer = client.get(f"/admin/events?run={run}")
    assert answer.status_code == 200
    assert "event: live" in answer.text


def test_version_that_was_deleted_is_not_offered_any_more(app, client):
    send(client, TRAIN, page=TRAIN, preset="custom", base="article", epochs="1")
    trainer.execute(app.extensions["database"], 1)
    send(client, "/admin/versions/2/delete")
    [run] = [data for kind, data in messages(client.get("/admin/events").text) if kind == "run"]
    assert (run["status"], run["version"], run["accuracy"]) == ("finished", None, None)


def test_stream_begins_with_the_whole_run(app, client):
    send(client, TRAIN, page=TRAIN, preset="custom", base="article", epochs="4")
    send(client, TRAIN, page=TRAIN, preset="quick")
    trainer.execute(app.extensions["database"], 1)
    told = messages(client.get("/admin/events?run=1").text)
    heard = {data["id"]: data for kind, data in told if kind == "run"}
    assert (heard[1]["status"], heard[1]["version"], heard[1]["epochs"]) == ("finished", 2, 4)
    assert (heard[2]["status"], heard[2]["place"]) == ("waiting", 1)
    [epochs] = [data for kind, data in told if kind == "epochs"]
    assert epochs["run"] == 1
    assert [each[0] for each in epochs["epochs"]] == [1, 2, 3, 4]
    assert ("live", {"version": 1, "name": "As it comes"}) in told
