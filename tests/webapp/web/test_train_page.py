import dataclasses
import html
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from nn.presets import FIELDS, PRESETS
from tests.support import prepared
from tests.support.pages import messages, send, sign_in
from tests.support.server import PASSWORD, free_port
from webapp import config, create_app
from webapp.learning import runs, trainer
from webapp.storage import first_start
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
    assert run.preset == PRESETS[name]


@pytest.mark.parametrize("base", ["article", "workshop"])
def test_custom_uses_typed_settings_and_the_recipe_of_the_preset_before(app, client, base):
    typed = {"hidden": "20, 12", "epochs": "7", "batch_size": "32", "learning_rate": "0.5"}
    typed |= {"seed": "11", "copies": "1", "room_share": "0.1"}
    send(client, TRAIN, page=TRAIN, preset="custom", base=base, **typed)
    [run] = all_runs(app)
    assert run.name == "custom"
    preset = run.preset
    assert (preset.hidden, preset.epochs, preset.batch_size) == ((20, 12), 7, 32)
    assert (preset.learning_rate, preset.seed, preset.copies) == (0.5, 11, 1)
    assert preset.room_share == 0.1
    assert preset.recipe == PRESETS[base].recipe


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hidden", "<b>9</b>"),
        ("epochs", ""),
        ("batch_size", "0"),
        ("learning_rate", "nan"),
        ("seed", "-1"),
        ("copies", "33"),
        ("room_share", "0.91"),
    ],
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


def test_page_says_when_the_worker_is_missing(app, client):
    def hint():
        return re.search(r'<p id="worker"[^>]*>', client.get(TRAIN).text)[0]

    assert "hidden" not in hint()
    with app.extensions["database"].writing() as db:
        runs.sign_of_life(db, 1)
    assert "hidden" in hint()


def test_nothing_starts_when_the_database_cannot_be_written(app, client, monkeypatch):
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


def test_form_comes_back_with_the_settings_of_the_last_run_as_they_were_typed(client):
    typed = {"epochs": "3", "seed": "1234567", "learning_rate": "0.1234567"}
    send(client, TRAIN, page=TRAIN, preset="custom", base="quick", **typed)
    page = client.get(TRAIN).text
    back = fields(page)
    assert {name: back[name] for name in typed} == typed
    assert '<option value="custom" selected>' in page
    assert 'name="base" value="quick"' in page


def test_last_run_with_a_way_of_training_that_no_preset_has_is_no_error(app, client):
    way = dataclasses.replace(PRESETS["quick"].recipe, dropout=0.15)
    with app.extensions["database"].writing() as db:
        runs.create(db, dataclasses.replace(PRESETS["quick"], recipe=way), "quick")
    page = client.get(TRAIN)
    assert page.status_code == 200
    assert 'name="base" value="article"' in page.text


def test_queue_that_cannot_be_reached_loses_no_run(tmp_path, caplog):
    variables = {"INKLING_DATA_DIR": str(tmp_path), "INKLING_ADMIN_PASSWORD": PASSWORD}
    variables["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    settings = config.from_environment(variables)
    first_start.prepare(settings)
    app = create_app(settings)
    client = app.test_client()
    sign_in(client)
    answer = send(client, TRAIN, page=TRAIN, preset="article", seed="9")
    assert answer.status_code == 200
    assert "was not nudged" in caplog.text
    [run] = all_runs(app)
    assert run.status == "waiting"
    prepared.close(app)


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
    assert (run["status"], run["version"]) == ("finished", None)


def test_stream_begins_with_the_whole_run(app, client):
    send(client, TRAIN, page=TRAIN, preset="custom", base="article", epochs="4")
    send(client, TRAIN, page=TRAIN, preset="quick")
    trainer.execute(app.extensions["database"], 1)
    got = messages(client.get("/admin/events?run=1").text)
    states = {data["id"]: data for kind, data in got if kind == "run"}
    first = states[1]
    assert (first["status"], first["version"], first["epochs"]) == ("finished", 2, 4)
    assert (states[2]["status"], states[2]["place"]) == ("waiting", 1)
    [epochs] = [data for kind, data in got if kind == "epochs"]
    assert epochs["run"] == 1
    assert [each[0] for each in epochs["epochs"]] == [1, 2, 3, 4]
    assert [data["version"] for kind, data in got if kind == "live"] == [1]


def test_table_holds_all_runs_page_by_page_with_what_differs(app, client):
    with app.extensions["database"].writing() as db:
        for epochs in range(1, 15):
            run = runs.create(
                db, dataclasses.replace(PRESETS["article"], epochs=epochs), "article"
            )
            runs.cancel(db, run.id)
    trainer_run = send(
        client, TRAIN, page=TRAIN, preset="quick", epochs="1", learning_rate="0,001"
    )
    assert trainer_run.status_code == 200
    trainer.execute(app.extensions["database"], 15)
    first, second = (rows(client.get(f"/admin/runs?page={n}").text) for n in (1, 2))
    assert [row.split()[1] for row in first + second] == [str(n) for n in range(15, 0, -1)]
    assert re.match(
        r"Run 15 quick epochs 1; learning rate 0\.001 9\d\.\d% 9\d\.\d% 2 \d+ s finished",
        first[0],
    )
    assert second[-1].startswith("Run 1 article epochs 1 ")
    assert "Page 1 of 2" in client.get(TRAIN).text
    page = client.get(f"{TRAIN}?run=2").text
    assert 'data-run="2"' in page
    assert "Page 2 of 2" in page
    got = messages(client.get("/admin/events?run=2&second=15").text)
    assert {2, 15} <= {data["id"] for kind, data in got if kind == "run"}
    assert [data["run"] for kind, data in got if kind == "epochs"] == [15]


def rows(page):
    """The text of each row of the table of runs."""
    found = re.findall(r"<tr id=.*?</tr>", page, re.S)
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in found]


def test_quick_has_the_layers_of_the_live_version(app, client):
    send(client, TRAIN, page=TRAIN, preset="custom", base="article", epochs="1", hidden="9, 8")
    trainer.execute(app.extensions["database"], 1)
    send(client, "/admin/versions/2/promote", sure="yes")
    assert 'data-live-layers="9, 8"' in client.get(TRAIN).text
    send(client, TRAIN, page=TRAIN, preset="quick", hidden="9, 8")
    assert all_runs(app)[-1].name == "quick"
