import csv
import hashlib
import io
import json
import re
import tracemalloc
import zipfile

import numpy as np
import pytest
import sqlalchemy as sa

from nn import files
from nn.evaluation import wilson_interval
from nn.model import Model
from nn.network import SigmoidNetwork
from tests.support.given import give
from tests.support.pages import send, sign_in
from tests.support.server import PASSWORD
from tests.support.session import HTML, SMALL, hold_session
from webapp import config, create_app
from webapp.exchange import capsule, capsule_writer, report
from webapp.learning import runs, versions
from webapp.storage import audit, first_start
from webapp.storage.tables import (
    ActiveModel,
    AuditEntry,
    Drawing,
    Epoch,
    ModelVersion,
    Participant,
    Setting,
    TrainingRun,
    now,
)

PAGE = "/admin/capsule"
FILES = {
    "README.txt",
    "report.html",
    "live-model.npz",
    "versions.json",
    "runs.json",
    "drawings.csv",
    "manifest.json",
}


@pytest.fixture(scope="module")
def make_app(tmp_path_factory):
    """A function that makes an app with a data folder of its own."""
    apps = []

    def make_app(password=PASSWORD):
        variables = {"INKLING_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
        if password:
            variables["INKLING_ADMIN_PASSWORD"] = password
        settings = config.from_environment(variables)
        first_start.prepare(settings)
        apps.append(create_app(settings))
        return apps[-1]

    yield make_app
    for app in apps:
        app.extensions["database"].close()


@pytest.fixture(scope="module")
def held(make_app):
    """An app after a session."""
    app = make_app()
    hold_session(app.extensions["database"])
    return app


@pytest.fixture(scope="module")
def kept(held):
    """The capsule of that session, bytes."""
    return download(held)


@pytest.fixture(scope="module")
def contents(kept):
    """What is in it: {name: bytes}."""
    return unpacked(kept)


def download(app, password=PASSWORD):
    client = app.test_client()
    sign_in(client, password)
    answer = client.get("/admin/capsule.zip")
    assert answer.status_code == 200
    assert re.search(
        r"filename=inkling-session-[\d-]+\.zip", answer.headers["Content-Disposition"]
    )
    return answer.data


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def restore(app, data):
    """Send the form; the message that comes back."""
    client = app.test_client()
    sign_in(client)
    answer = send(client, PAGE, page=PAGE, file=(io.BytesIO(data), "capsule.zip"))
    assert answer.status_code == 200
    [message] = re.findall(r'class="notice"[^>]*>([^<]+)<', answer.text)
    return message


def state(app):
    """All that a capsule is to bring back, as it stands in the database."""
    with app.extensions["database"].reading() as session:
        history = session.scalars(sa.select(ActiveModel).order_by(ActiveModel.id)).all()
        ids = [row.id for row in history]
        drawings = session.scalars(
            sa.select(Drawing).where(Drawing.status == Drawing.APPROVED).order_by(Drawing.id)
        ).all()
        people = list(dict.fromkeys(drawing.participant_id for drawing in drawings))
        return {
            "versions": [columns(v) for v in session.query(ModelVersion)],
            "runs": [
                columns(run, "cancel_requested", "seconds_left")
                for run in session.query(TrainingRun)
            ],
            "epochs": [columns(epoch, "id") for epoch in session.query(Epoch)],
            "history": [
                (row.version_id, row.since, row.previous_id and ids.index(row.previous_id))
                for row in history
            ],
            "drawings": [
                columns(d, "id", "key", "participant_id")
                | {"person": people.index(d.participant_id), "held_out": d.participant.held_out}
                for d in drawings
            ],
        }


def columns(row, *but):
    names = {attribute.key for attribute in sa.inspect(type(row)).column_attrs} - {*but}
    return {name: getattr(row, name) for name in names}


def rows(app):
    """How many rows each table has, but for the log and what signing in leaves."""
    with app.extensions["database"].reading() as session:
        return {
            table: session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (ModelVersion, ActiveModel, TrainingRun, Epoch, Drawing, Participant)
        }


def told(page):
    """The text of a page, without its tags."""
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S).split())


# Keeping


def test_capsule_holds_what_it_says(held, contents):
    assert contents.keys() == FILES | {f"versions/{n}.npz" for n in (1, 2, 3)}
    manifest = json.loads(contents["manifest.json"])
    assert (manifest["format"], manifest["version"]) == ("inkling-capsule", 1)
    assert manifest["counts"] == {"versions": 4, "runs": 5, "drawings": 12}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256(contents[name]).hexdigest() == digest
    assert manifest["sha256"].keys() == contents.keys() - {"manifest.json"}
    assert contents["live-model.npz"] == contents["versions/2.npz"]
    with held.extensions["database"].reading() as session:
        assert contents["live-model.npz"] == versions.version(session, 2).weights
    assert "Open report.html" in contents["README.txt"].decode()
    drawings = list(csv.DictReader(io.StringIO(contents["drawings.csv"].decode())))
    assert [drawing["status"] for drawing in drawings] == ["approved"] * 12
    assert all(drawing["participant"].isdecimal() for drawing in drawings)


def test_capsule_tells_seed_settings_and_curves_of_every_run(contents):
    runs = json.loads(contents["runs.json"])["runs"]
    assert [run["status"] for run in runs] == [
        "finished",
        "finished",
        "cancelled",
        "failed",
        "waiting",
    ]
    assert [run["settings"]["seed"] for run in runs[:2]] == [3, 4]
    assert runs[0]["settings"]["hidden"] == [6]
    for figures in runs[0]["epochs"].values():
        assert len(figures) == SMALL.epochs


def test_capsule_is_the_same_twice_but_for_the_moment(held, kept):
    first, second = unpacked(kept), unpacked(download(held))
    assert list(first) == list(second)
    same = {name for name in first if first[name] == second[name]}
    assert first.keys() - same == {"README.txt", "report.html", "manifest.json"} - same


def test_no_secret_is_in_the_capsule(make_app, capsys):
    app = make_app(password=None)
    [password] = re.findall(r"shown this once: (\S+)", capsys.readouterr().out)
    hold_session(app.extensions["database"])
    contents = unpacked(download(app, password))
    with app.extensions["database"].reading() as session:
        secrets = [row.value for row in session.query(Setting)]
        secrets += [row.token for row in session.query(Participant)]
        secrets += [row.key for row in session.query(Drawing)]
        secrets += [row.sentence for row in session.query(AuditEntry) if "sign" in row.sentence]
    assert len(secrets) > 15
    for name, data in contents.items():
        for secret in [*secrets, password, app.secret_key]:
            assert len(secret) < 4 or secret.encode() not in data, name


def test_capsule_says_what_it_had_to_leave_out(held, monkeypatch):
    monkeypatch.setattr(capsule_writer, "_MAX_WEIGHTS", 255_000 + 5_000)
    monkeypatch.setattr(capsule_writer, "MAX_EPOCHS", 4)
    monkeypatch.setattr(capsule_writer, "_MAX_CSV", 2000)
    contents = unpacked(download(held))
    assert {name for name in contents if "versions/" in name} == {
        "versions/1.npz",
        "versions/2.npz",  # which is live
    }
    left_out = json.loads(contents["manifest.json"])["left_out"]
    assert len(left_out) == 3
    for sentence in left_out:
        assert sentence in contents["README.txt"].decode()


def test_capsule_of_more_drawings_than_one_may_hold_has_the_newest(held, make_app, monkeypatch):
    monkeypatch.setattr(capsule_writer, "MAX_ROWS", 2)
    data, fresh = download(held), make_app()
    approved = [d for d in state(held)["drawings"] if d["status"] == "approved"]
    assert len(approved) > 2
    [sentence] = json.loads(unpacked(data)["manifest.json"])["left_out"]
    assert f"the oldest {len(approved) - 2} are left out" in sentence
    assert restore(fresh, data).startswith("The session is back")
    assert [d["pixels"] for d in state(fresh)["drawings"]] == [
        d["pixels"] for d in approved[-2:]
    ]


def test_capsule_with_things_left_out_is_restored_without_them(held, make_app, monkeypatch):
    monkeypatch.setattr(capsule_writer, "_MAX_WEIGHTS", 255_000 + 5_000)
    monkeypatch.setattr(capsule_writer, "MAX_EPOCHS", 4)
    monkeypatch.setattr(capsule_writer, "_MAX_CSV", 2000)
    data, fresh = download(held), make_app()
    assert restore(fresh, data).startswith("The session is back")
    after = state(fresh)
    assert [v["deleted_at"] is not None for v in after["versions"]] == [
        False,
        False,
        True,
        True,
    ]
    assert {epoch["run_id"] for epoch in after["epochs"]} == {2}
    assert [d["pixels"] for d in after["drawings"]] == [
        d["pixels"] for d in state(held)["drawings"]
    ]


# Bringing back


def test_restored_session_is_the_one_that_was_kept(held, kept, make_app):
    fresh = make_app()
    assert restore(fresh, kept) == "The session is back: its versions, runs and drawings."
    before, after = state(held), state(fresh)
    waiting = before["runs"].pop()
    interrupted = after["runs"].pop()
    for what, expected in before.items():
        assert after[what] == expected, what
    assert rows(fresh)[Drawing] == 12  # those that wait for approval were not kept
    assert waiting["status"] == TrainingRun.WAITING
    assert interrupted["status"] == TrainingRun.INTERRUPTED
    assert "had not ended" in interrupted["reason"]
    assert interrupted["settings"] == waiting["settings"]
    with fresh.extensions["database"].reading() as session:
        sentences = [entry.sentence for entry in audit.latest(session)]
    assert any("was restored from its capsule" in sentence for sentence in sentences)


def test_restored_session_can_be_kept_again(kept, make_app):
    fresh = make_app()
    restore(fresh, kept)
    before, after = unpacked(kept), unpacked(download(fresh))
    for name in before.keys() - {"README.txt", "report.html", "manifest.json", "runs.json"}:
        if name == "drawings.csv":  # only the numbers of drawings and people may differ
            assert after[name].count(b"\n") == before[name].count(b"\n")
        else:
            assert after[name] == before[name], name


def test_restored_live_version_answers_at_once_and_can_be_rolled_back(
    kept, make_app, monkeypatch
):
    monkeypatch.setattr("webapp.learning.recognition.FOLLOWED_WITHIN", 0)
    fresh = make_app()
    client = fresh.test_client()
    picture = {"pixels": [[9] * 8] * 8}
    assert client.post("/api/predict", json=picture).json["model"] == {"version": 1}
    restore(fresh, kept)
    assert client.post("/api/predict", json=picture).json["model"] == {"version": 2}
    with fresh.extensions["database"].writing() as session:
        versions.roll_back(session)  # past version 3, from which was rolled back before
        assert versions.live(session).version_id == 1


def test_numbers_go_on_where_the_kept_session_ended(kept, make_app):
    fresh = make_app()
    restore(fresh, kept)
    with fresh.extensions["database"].writing() as session:
        model = versions.load(session, 2)
        assert versions.publish(session, model, "Next", "upload").id == 5
        assert runs.create(session, SMALL, "article").id == 6


def test_participants_come_back_with_new_tokens(held, kept, make_app):
    fresh = make_app()
    restore(fresh, kept)
    with (
        held.extensions["database"].reading() as before,
        fresh.extensions["database"].reading() as after,
    ):
        tokens = [{p.token for p in session.query(Participant)} for session in (before, after)]
    assert [len(found) for found in tokens] == [3, 3]
    assert not tokens[0] & tokens[1]


def test_session_without_runs_and_drawings_comes_back(make_app):
    app, fresh = make_app(), make_app()
    with app.extensions["database"].writing() as session:
        versions.rename(session, 1, "Renamed")
    assert restore(fresh, download(app)).startswith("The session is back")
    assert state(fresh) == state(app)


def test_figures_are_measured_anew_and_not_believed(kept, make_app):
    def flatter(versions):
        versions["versions"][1]["figures"] = {"test_accuracy": 1.0, "calibration_error": 0.0}

    fresh = make_app()
    assert restore(fresh, changed(kept, "versions.json", flatter)).startswith("The session")
    assert state(fresh)["versions"][1]["figures"]["test_accuracy"] < 0.9


def test_other_model_as_version_1_comes_back_and_the_own_one_follows(kept, make_app, shipped):
    other = Model(SigmoidNetwork([64, 5, 10], 0, np.float32), trained_on="elsewhere")
    fresh = make_app()
    data = repacked(unpacked(kept) | {"versions/1.npz": files.to_bytes(other)})
    assert restore(fresh, data).startswith("The session is back")
    with fresh.extensions["database"].reading() as session:
        assert versions.version(session, 1).weights == files.to_bytes(other)
        own = versions.version(session, 5)
        assert (own.name, own.origin) == ("As this Inkling came", "shipped")
        assert own.weights == files.to_bytes(shipped)
        assert versions.live(session).version_id == 2


def test_inkling_with_a_session_of_its_own_refuses_and_keeps_it(held, kept):
    before = state(held), rows(held)
    message = restore(held, kept)
    assert "model versions: 4, training runs: 5, drawings: 14" in message
    assert "empty data folder" in message
    assert (state(held), rows(held)) == before


@pytest.mark.parametrize("what", ["version", "run", "drawing"])
def test_one_thing_of_its_own_is_enough_to_refuse(kept, make_app, what):
    app = make_app()
    with app.extensions["database"].writing() as session:
        if what == "version":
            model = versions.load(session, 1)
            versions.delete(session, versions.publish(session, model, "x", "upload").id)
        elif what == "run":
            runs.create(session, SMALL, "article")
        else:
            give(session)
    before = rows(app)
    assert "a session of its own already" in restore(app, kept)
    assert rows(app) == before


# Strangers' files


def repacked(contents, fix=True, **options):
    """A zip of these files, its manifest telling their hashes."""
    if fix:
        manifest = json.loads(contents["manifest.json"])
        manifest["sha256"] = {
            name: hashlib.sha256(data).hexdigest()
            for name, data in contents.items()
            if name != "manifest.json"
        }
        contents = contents | {"manifest.json": json.dumps(manifest).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def changed(data, name, change):
    """The capsule after `change(value)` has changed the JSON value of one file."""
    contents = unpacked(data)
    value = json.loads(contents[name])
    change(value)
    return repacked(contents | {name: json.dumps(value).encode()})


def refusal(make_app, data):
    """The message of an app that refuses, once it is clear that it has stored nothing."""
    app = make_app()
    before = state(app), rows(app)
    message = restore(app, data)
    assert message.startswith("Nothing was restored. ")
    assert (state(app), rows(app)) == before
    return message


@pytest.fixture(scope="module")
def refuse(make_app):
    """A function as `refusal`, with one app for all."""
    app = make_app()
    return lambda data: refusal(lambda: app, data)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 1000])
def test_what_is_no_zip_is_refused(refuse, data):
    assert "not a complete zip file" in refuse(data)


def test_cut_off_or_damaged_capsule_is_refused(refuse, kept):
    assert "not a complete zip file" in refuse(kept[: len(kept) // 2])
    middle = len(kept) // 2
    damaged = kept[:middle] + bytes(255 - byte for byte in kept[middle : middle + 20])
    assert "not a complete zip file" in refuse(damaged + kept[middle + 20 :])


@pytest.mark.parametrize(
    "name",
    ["../../evil.py", "/etc/passwd", "versions/../1.npz", "versions/01.npz", ".DS_Store"],
)
def test_zip_with_a_foreign_name_is_refused(refuse, contents, name):
    message = refuse(repacked({**contents, name: b"x"}))
    assert "belongs to no capsule" in message
    assert name in message


@pytest.mark.parametrize("name", sorted(FILES))
def test_zip_without_one_of_its_files_is_refused(refuse, contents, name):
    without = {other: data for other, data in contents.items() if other != name}
    assert f"{name} is missing" in refuse(repacked(without, fix=False))


def test_file_that_is_there_twice_is_refused(refuse, contents):
    buffer = io.BytesIO(repacked(contents))
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(buffer, "a") as archive,
    ):
        archive.writestr("runs.json", b"{}")
    assert "a file twice" in refuse(buffer.getvalue())


def test_zip_bombs_are_refused_before_they_are_unpacked(refuse, contents):
    bomb = bytes(100 * 2**20)
    options = {"compression": zipfile.ZIP_DEFLATED}
    data = repacked(contents | {"drawings.csv": bomb}, fix=False, **options)
    assert len(data) < 2**20
    assert "it may have 100,663,296" in refuse(data)
    data = repacked(contents | {"runs.json": bomb[: 17 * 2**20]}, fix=False, **options)
    assert "runs.json has 17,825,792 bytes; it may have 16,777,216" in refuse(data)
    many = {f"versions/{n}.npz": b"" for n in range(1, 2000)}
    assert "at most 1,000 models" in refuse(repacked(contents | many, fix=False))


def test_zip_that_lies_about_its_size_is_refused(refuse, contents):
    data = repacked(contents | {"runs.json": bytes(10_000)}, fix=False)
    directory = data.rindex(b"PK\x01\x02", 0, data.rindex(b"runs.json"))
    lie = bytearray(data)
    lie[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    assert "not a complete zip file" in refuse(bytes(lie))


def test_zip_that_unpacks_to_more_than_it_says_takes_no_memory(contents):
    bomb = {RUNS: bytes(100 * 2**20)}
    data = repacked(contents | bomb, fix=False, compression=zipfile.ZIP_DEFLATED)
    directory = data.rindex(b"PK\x01\x02", 0, data.rindex(RUNS.encode()))
    data = data[: directory + 24] + (10).to_bytes(4, "little") + data[directory + 28 :]
    tracemalloc.start()
    with pytest.raises(capsule.CapsuleError, match="not a complete zip file"):
        capsule.read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 2**20


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_packed_in_another_way_is_refused(refuse, contents, compression):
    assert "packed in an unknown way" in refuse(repacked(contents, compression=compression))


def test_capsule_larger_than_the_limit_is_refused(refuse):
    assert "at most 67,108,864" in refuse(bytes(capsule.MAX_BYTES + 1))


def test_request_larger_than_a_capsule_is_refused(make_app):
    client = make_app().test_client()
    sign_in(client)
    body = bytes(capsule.MAX_BYTES + 2**17)
    answer = client.post(PAGE, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
    assert "67,174,400 bytes" in answer.text


def test_form_without_a_file_says_so(make_app):
    client = make_app().test_client()
    sign_in(client)
    assert "Choose a file first" in send(client, PAGE, page=PAGE).text


@pytest.mark.parametrize("name", ["drawings.csv", "versions/3.npz", "report.html"])
def test_file_that_is_not_that_of_the_manifest_is_refused(refuse, contents, name):
    data = repacked(contents | {name: contents[name] + b" "}, fix=False)
    assert f"{name} was changed or damaged" in refuse(data)


def test_file_that_the_manifest_does_not_know_is_refused(refuse, contents):
    data = repacked(contents | {"versions/9.npz": b"x"}, fix=False)
    assert "does not list the files" in refuse(data)


def setting(*path):
    """A function that sets the value at the end of a path of keys and positions."""
    *path, last, new = path

    def change(value):
        for step in path:
            value = value[step]
        value[last] = new

    return change


NAN, HUGE = float("nan"), float("inf")
MANIFEST, VERSIONS, RUNS = "manifest.json", "versions.json", "runs.json"
V2, RUN1 = ("versions", 1), ("runs", 0)


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        (MANIFEST, setting("format", "other"), "'format' is 'other', not inkling-capsule"),
        (MANIFEST, setting("version", 2), "has format 2; this Inkling reads format 1"),
        (MANIFEST, setting("version", "1"), "'version' is '1', not a whole number"),
        (MANIFEST, setting("made", "yesterday"), "not a date and time with its zone"),
        (MANIFEST, setting("made", "2025-01-31T12:00:00"), "not a date and time with its zone"),
        (MANIFEST, setting("made", "0001-01-01T00:00:00+01:00"), "not a date and time"),
        (VERSIONS, setting("versions", 3), "'versions' is 3, not a list"),
        (VERSIONS, setting("versions", []), "Version 1, which every Inkling has, is missing"),
        (VERSIONS, setting("versions", 0, []), "versions, line 1 is a list, not an object"),
        (VERSIONS, setting(*V2, "number", True), "'number' is True"),
        (VERSIONS, setting(*V2, "number", 10**9), "whole number from 1 to 1,000,000"),
        (VERSIONS, setting(*V2, "number", 1), "is not in the zip"),
        (VERSIONS, setting(*V2, "name", ""), "1 to 60 characters"),
        (VERSIONS, setting(*V2, "name", "x\n\x1b"), "1 to 60 characters"),
        (VERSIONS, setting(*V2, "name", "\ud800"), "not a text of up to 60 characters"),
        (VERSIONS, setting(*V2, "origin", "stolen"), "not shipped or run or upload"),
        (VERSIONS, setting(*V2, "run", 77), "there is no run 77"),
        (VERSIONS, setting(*V2, "run", 2), "two versions come from the same run"),
        (VERSIONS, setting(*V2, "trained_on", "\0"), "not a text"),
        (VERSIONS, setting(*V2, "trained_on", "x" * 10_001), "up to 10,000 characters"),
        (VERSIONS, setting(*V2, "made", None), "'made' is None"),
        (VERSIONS, setting(*V2, "file", "../x"), "is not in the zip"),
        (VERSIONS, setting(*V2, "file", "versions/3.npz"), "is not in the zip"),
        (VERSIONS, setting(*V2, "file", {}), "is not in the zip"),
        (VERSIONS, setting(*V2, "file", None), "does not tell of the same versions"),
        (VERSIONS, setting("versions", 3, "figures", {"test_accuracy": 7}), "from 0 to 1"),
        (VERSIONS, setting("history", []), "does not tell which version was live"),
        (VERSIONS, setting("history", 0, "version", 9), "there is no version 9"),
        (VERSIONS, setting("history", 3, "version", 4), "does not tell which version was live"),
        (VERSIONS, setting("history", 3, "version", 3), "not the model of version 3"),
        (VERSIONS, setting("history", 1, "back_to", 1), "whole number from 0 to 0 or null"),
        (VERSIONS, setting("history", 1, "back_to", -1), "'back_to' is -1"),
        (RUNS, setting("runs", {}), "'runs' is an object, not a list"),
        (RUNS, setting(*RUN1, "number", 2), "the numbers do not rise"),
        (RUNS, setting(*RUN1, "status", "won"), "'status' is 'won'"),
        (RUNS, setting(*RUN1, "status", []), "'status' is a list"),
        (RUNS, setting(*RUN1, "name", 5), "'name' is 5"),
        (RUNS, setting(*RUN1, "pictures_done", -1), "'pictures_done' is -1"),
        (RUNS, setting(*RUN1, "settings", None), "not an object"),
        (RUNS, setting(*RUN1, "settings", {}), "its settings cannot be used"),
        (RUNS, setting(*RUN1, "settings", "more", 1), "its settings cannot be used"),
        (
            RUNS,
            setting(*RUN1, "settings", "epochs", 10**6),
            "not a whole number from 1 to 1000",
        ),
        (RUNS, setting(*RUN1, "settings", "epochs", "4"), "'epochs' is '4'"),
        (RUNS, setting(*RUN1, "settings", "hidden", [0]), "is not a list of 1 to 4"),
        (
            RUNS,
            setting(*RUN1, "settings", "hidden", "66"),
            "'hidden' is",
        ),
        (RUNS, setting(*RUN1, "settings", "learning_rate", NAN), "nan"),
        (
            RUNS,
            setting(*RUN1, "settings", "recipe", "dropout", 1.5),
            "not 0 or more and below 1",
        ),
        (RUNS, setting(*RUN1, "settings", "recipe", "adam", 1), "'adam' is 1"),
        (RUNS, setting(*RUN1, "settings", "recipe", 3), "its settings cannot be used"),
        (RUNS, setting(*RUN1, "epochs", "cost", [NAN] * 4), "is a list, not a list of numbers"),
        (RUNS, setting(*RUN1, "epochs", "cost", [HUGE] * 4), "not a list of numbers"),
        (RUNS, setting(*RUN1, "epochs", "accuracy", [1.5] * 4), "list of numbers from 0 to 1"),
        (RUNS, setting(*RUN1, "epochs", "accuracy", [0.5] * 3), "not of the same length"),
        (RUNS, setting(*RUN1, "epochs", "number", [1, 2, 2, 3]), "whole numbers that rise"),
        (RUNS, setting(*RUN1, "epochs", "number", [1, 2, 3, 4.5]), "whole numbers that rise"),
        (RUNS, setting(*RUN1, "epochs", "number", [1, 2, 3, 1001]), "from 1 to 1000"),
    ],
)
def test_json_that_does_not_hold_what_it_should_is_refused(refuse, kept, name, change, says):
    if name == MANIFEST:
        contents = unpacked(kept)
        value = json.loads(contents[name])
        change(value)
        data = repacked(contents | {name: json.dumps(value).encode()}, fix=False)
    else:
        data = changed(kept, name, change)
    assert re.search(says, refuse(data).replace("&#39;", "'"))


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"[]", b"7", b"[" * 100_000, b'{"runs": [1', b"1" * 5000]
)
def test_file_that_is_no_json_object_is_refused(refuse, contents, text):
    assert re.search("not JSON text|not an object", refuse(repacked(contents | {RUNS: text})))


@pytest.mark.parametrize("key", ["number", "settings", "epochs", "reason", "created"])
def test_run_without_one_of_its_values_is_refused(refuse, kept, key):
    message = refuse(changed(kept, RUNS, lambda value: value["runs"][0].pop(key)))
    assert f"{key}&#39; is missing" in message


def test_too_many_epochs_are_refused(refuse, kept):
    def multiply(value):
        run = value["runs"][0]
        run["epochs"] = {name: [0.5] * 1000 for name in run["epochs"]}
        run["epochs"]["number"] = list(range(1, 1001))
        value["runs"] = [run | {"number": n} for n in range(1, 60)]

    assert "more than 50,000 epochs" in refuse(changed(kept, RUNS, multiply))


def test_model_that_is_none_is_refused(refuse, contents):
    bad = Model(SigmoidNetwork([64, 6, 10], 0, np.float32))
    bad.network.weights[0][:] = np.nan
    for data, says in ((files.to_bytes(bad), "no numbers"), (b"no model", "npz")):
        message = refuse(repacked(contents | {"versions/3.npz": data}))
        assert message.startswith("Nothing was restored. Version 3: ")
        assert says in message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("label", "lable", 1), "label"),
        (lambda text: text + "1,2,3\r\n", "values"),
        (lambda text: text.replace("approved", "loved", 1), "loved"),
        (lambda text: text + text.split("\r\n", 1)[1] * 2000, "20,000"),
    ],
)
def test_drawings_that_are_none_are_refused_with_all_the_rest(refuse, contents, change, says):
    text = change(contents["drawings.csv"].decode())
    assert says in refuse(repacked(contents | {"drawings.csv": text.encode()}))


# The page


def test_report_escapes_every_text_and_needs_nothing_else(contents):
    page = contents["report.html"].decode()
    assert HTML not in page
    assert page.count("&lt;b&gt;Bold&lt;/b&gt;") >= 3  # name, twice, and reason
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:image/png;base64,)', page) == []
    assert "url(" not in page
    assert "@import" not in page


def test_report_tells_how_good_the_live_version_is_and_how_sure_that_is(held, contents):
    text = told(contents["report.html"].decode())
    assert "Live at the end: version 2" in text
    accuracy = next(v for v in state(held)["versions"] if v["id"] == 2)["figures"][
        "test_accuracy"
    ]
    low, high = wilson_interval(round(297 * accuracy), 297)
    assert f"{100 * accuracy:.1f} % right, of 297 digits that it never learnt from" in text
    assert f"{100 * low:.1f} to {100 * high:.1f} %" in text
    assert "of 4 drawings by people who never taught it" in text


def test_report_shows_drawings_with_label_and_answer_and_what_was_confused(contents):
    page = contents["report.html"].decode()
    assert page.count('src="data:image/png;base64,') == 12
    text = told(page)
    assert "12 drawings by 3 people 9 recognised when they were drawn" in text
    assert "0 taken for 1 1 time" in text
    assert "8 said 9" in text


def test_report_limits_drawings_and_curves_and_says_how_many_more(held, monkeypatch):
    monkeypatch.setattr(report, "MOST_DRAWINGS", 5)
    monkeypatch.setattr(report, "MOST_CURVES", 1)
    page = unpacked(download(held))["report.html"].decode()
    assert page.count('src="data:image/png;base64,') == 5
    assert "7 more drawings: see drawings.csv" in told(page)
    assert "1 older run: see runs.json" in told(page)


def test_report_of_a_session_in_which_nothing_happened(make_app):
    text = told(unpacked(download(make_app()))["report.html"].decode())
    assert "Live at the end: version 1, Original" in text
    assert "No drawing was given and approved." in text


def test_curve_goes_from_corner_to_corner():
    points = report.curve([1, 2, 3], [0.0, 0.5, 1.0], 0.0, 1.0)
    assert points == "44.0,140.0 178.0,74.0 312.0,8.0"
    assert report.curve([1], [1.0], 0.0, 1.0) == "44.0,8.0"


def test_long_curve_keeps_its_ends_and_few_points():
    numbers = list(range(1, 1001))
    points = report.curve(numbers, [n / 1000 for n in numbers], 0.0, 1.0).split()
    assert len(points) <= 201
    assert points[-1] == "312.0,8.0"


def test_flat_and_empty_curves_do_no_harm(make_app):
    app = make_app()
    with app.extensions["database"].writing() as session:
        run = runs.create(session, SMALL, "article")
        run.status, run.finished_at = TrainingRun.FINISHED, now()
        assert report.charts(run) == []
        flat = Epoch(number=1, cost=0.0, accuracy=1.0, test_cost=0.0, test_accuracy=1.0)
        run.epochs.append(flat)
        assert [chart.name for chart in report.charts(run)] == ["Accuracy", "Cost"]
    assert "Its curve" not in told(unpacked(download(app))["report.html"].decode())


def test_admin_page_tells_what_is_kept_and_what_is_not(held):
    client = held.test_client()
    sign_in(client)
    text = told(client.get(PAGE).text)
    assert "3 versions, 2 finished runs, 12 approved drawings. Version 2 is live." in text
    assert "2 drawings that are not approved will not be in it" in text
    assert "empty data folder" in text
    assert 'type="file"' not in client.get(PAGE).text
