"""`python -m webapp train | versions | promote | set-password` as real processes."""

import contextlib
import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa

from tests.support.pages import sign_in
from tests.support.server import ROOT, environment, running_server
from webapp import config, create_app
from webapp.learning import runs
from webapp.server import commands
from webapp.storage import first_start
from webapp.storage.database import Database
from webapp.storage.folder import hold
from webapp.storage.tables import TrainingRun

FAST = ["--preset", "article", "--epochs", "2"]


def webapp(data_dir, *arguments, password="", typed=None):
    """Run a command to its end."""
    command = [sys.executable, "-m", "webapp", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(password),
        input=typed,
        capture_output=True,
        text=True,
    )


def test_train_publishes_a_version_that_versions_lists_and_promote_makes_live(tmp_path):
    run = webapp(tmp_path, "train", *FAST)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Version 2: test accuracy 0.")
    assert "2/2" in run.stderr  # the progress bar
    assert webapp(tmp_path, "promote", "2").stdout == "Version 2 is live.\n"
    second, first = webapp(tmp_path, "versions").stdout.splitlines()
    assert second.split()[:2] == ["2", "live"]
    assert first.split()[0] == "1"
    assert "live" not in first


def test_train_beside_a_running_server_waits_in_its_line(tmp_path):
    with running_server(workers=1, data_dir=tmp_path) as server:
        server.worker()
        assert webapp(tmp_path, "train", *FAST).returncode == 0
        settings = config.from_environment({"INKLING_DATA_DIR": str(tmp_path)})
        database = Database(settings)
        with database.reading() as session:
            [run] = session.scalars(sa.select(TrainingRun)).all()
            assert run.status == "finished"
            assert runs.worker_is_there(session)
        database.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["promote", "9"], "There is no version 9."),
        (["promote", "1"], "Version 1 is live already."),
        (["promote", "one"], "invalid int"),
        (["train", "--preset", "article", "--epochs", "0"], "1 to 1000"),
        (["train", "--preset", "magic"], "invalid choice"),
        (["train", *FAST, "--learning-rate", "1e38"], "smaller learning rate"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence(tmp_path, arguments, says):
    run = webapp(tmp_path, *arguments)
    assert run.returncode != 0
    assert says in run.stderr
    assert "Traceback" not in run.stderr


def test_two_trainings_from_the_command_line_do_not_wait_for_each_other(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(runs, "WORKER_MISSED_AFTER", 0.1)
    with hold(tmp_path, 0):
        assert commands.main(["train", *FAST, "--data-dir", str(tmp_path)]) == 2
    assert "Another training from the command line" in capsys.readouterr().err
    assert "Version 2" in webapp(tmp_path, "train", *FAST).stdout  # and no run is left waiting


def test_locked_database_is_told_in_a_sentence(tmp_path):
    webapp(tmp_path, "versions")
    with contextlib.closing(sqlite3.connect(tmp_path / "inkling.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        run = webapp(tmp_path, "set-password", typed="a new password\n")
    assert run.returncode == 2
    assert run.stderr == "webapp: the database cannot be used: database is locked\n"


def test_set_password_takes_a_line_and_ends_older_sessions(tmp_path):
    settings = config.from_environment({"INKLING_DATA_DIR": str(tmp_path)})
    first_start.prepare(settings)
    app = create_app(settings)
    run = webapp(tmp_path, "set-password", typed="open the door\n")
    assert run.returncode == 0, run.stderr
    assert "open the door" not in run.stdout
    assert sign_in(app.test_client(), "open the door").status_code == 303
    assert webapp(tmp_path, "set-password", typed="short\n").returncode == 2
    assert sign_in(app.test_client(), "open the door").status_code == 303
    app.extensions["database"].close()


def test_set_password_says_when_the_environment_has_one(tmp_path):
    run = webapp(tmp_path, "set-password", password="from outside", typed="another one\n")
    assert run.returncode == 2
    assert "INKLING_ADMIN_PASSWORD" in run.stderr


def test_commands_print_no_password(tmp_path):
    assert "assword" not in webapp(tmp_path, "versions").stdout


def test_data_folder_is_held_by_one_at_a_time(tmp_path):
    with (
        hold(tmp_path, 0),
        pytest.raises(config.ConfigError, match="Another Inkling is running"),
        hold(tmp_path, 0),
    ):
        pytest.fail("held twice")
    with hold(tmp_path, 0):
        pass


def test_second_server_on_a_data_folder_is_refused_with_a_sentence(tmp_path):
    with running_server(workers=1, data_dir=tmp_path):
        run = webapp(tmp_path)
        assert run.returncode == 2
        assert "Another Inkling is running" in run.stderr
