"""`python -m webapp train | versions | promote | set-password`."""

import contextlib
import io
import os
import sqlite3
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from tests.support import prepared
from tests.support.pages import sign_in
from tests.support.server import ROOT, STARTED_WITHIN, database_of, environment, running_server
from webapp import config, create_app
from webapp.__main__ import main
from webapp.learning import runs
from webapp.server import commands
from webapp.storage import first_start
from webapp.storage.folder import hold
from webapp.storage.tables import TrainingRun

FAST = ["--preset", "article", "--epochs", "2"]


@pytest.fixture
def webapp(tmp_path, monkeypatch, capsys):
    """A function that runs a command; it returns the exit status, stdout and stderr."""
    for name in set(os.environ) - set(environment("")):
        monkeypatch.delenv(name)

    def webapp(*arguments, typed=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            status = commands.main([arguments[0], "--data-dir", str(tmp_path), *arguments[1:]])
        except SystemExit as error:  # argparse's way
            status = error.code
        return status, *capsys.readouterr()

    return webapp


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server whose training worker is up."""
    with running_server(workers=1, data_dir=tmp_path_factory.mktemp("data")) as server:
        with database_of(server) as database:
            deadline = time.monotonic() + STARTED_WITHIN
            while time.monotonic() < deadline:
                with database.reading() as session:
                    if runs.worker_is_there(session):
                        break
                time.sleep(0.1)
        yield server


def process(data_dir, *arguments):
    """Run `python -O -m webapp` to its end: nothing may depend on assertions."""
    command = [sys.executable, "-O", "-m", "webapp", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )


def test_train_publishes_a_version_that_versions_lists_and_promote_makes_live(webapp, tmp_path):
    run = process(tmp_path, "train", *FAST)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Version 2: test accuracy 0.")
    assert "2/2" in run.stderr  # the progress bar
    assert webapp("promote", "2")[1] == "Version 2 is live.\n"
    second, first = webapp("versions")[1].splitlines()
    assert second.split()[:2] == ["2", "live"]
    assert first.split()[0] == "1"
    assert "live" not in first


def test_train_beside_a_running_server_waits_in_its_line(server):
    run = process(server.data_dir, "train", *FAST)
    assert run.returncode == 0, run.stderr
    with database_of(server) as database, database.reading() as session:
        assert session.scalars(sa.select(TrainingRun.status)).all() == ["finished"]
        assert runs.worker_is_there(session)


def test_second_server_on_a_data_folder_is_refused_with_a_sentence(server):
    run = process(server.data_dir)
    assert run.returncode == 2
    assert "Another Inkling is running" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["promote", "9"], "There is no version 9."),
        (["promote", "1"], "Version 1 is live already."),
        (["promote", "one"], "invalid int"),
        (["train", "--preset", "article", "--epochs", "0"], "1 to 1000"),
        (["train", "--preset", "magic"], "invalid choice"),
        (["train", *FAST, "--learning-rate", "1e38"], "smaller learning rate"),
        (["train", "--preset", "quick", "--hidden", "15"], "keeps the layers of the live"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence(webapp, arguments, says):
    status, _, errors = webapp(*arguments)
    assert (status, says in errors) == (2, True)
    assert "Traceback" not in errors


def test_two_trainings_from_the_command_line_do_not_wait_for_each_other(
    webapp, tmp_path, monkeypatch
):
    monkeypatch.setattr(runs, "WORKER_MISSED_AFTER", 0.1)
    with hold(tmp_path, 0):
        status, _, errors = webapp("train", *FAST)
    assert (status, "Another training from the command line" in errors) == (2, True)
    assert "Version 2" in webapp("train", *FAST)[1]  # and no run is left waiting


@pytest.mark.parametrize("command", [["versions"], ["promote", "1"]], ids=str)
def test_mistyped_data_folder_is_told_and_not_made(webapp, tmp_path, command):
    folder = tmp_path / "mistyped"
    status, _, errors = webapp(*command, "--data-dir", str(folder))
    assert (status, errors) == (
        2,
        f"webapp: There is no data folder {folder}. Check --data-dir.\n",
    )
    assert not folder.exists()


def test_short_password_of_the_environment_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INKLING_ADMIN_PASSWORD", "short")
    assert main(["--data-dir", str(tmp_path / "new")]) == 2
    assert "8 to 200 characters, not 5" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_locked_database_is_told_in_a_sentence(webapp, tmp_path):
    webapp("versions")
    with contextlib.closing(sqlite3.connect(tmp_path / "inkling.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        status, _, errors = webapp("set-password", typed="a new password\n")
    assert status == 2
    assert errors == "webapp: the database cannot be used: database is locked\n"


def test_set_password_takes_a_line_and_ends_older_sessions(webapp, tmp_path):
    settings = config.from_environment({"INKLING_DATA_DIR": str(tmp_path)})
    first_start.prepare(settings)
    app = create_app(settings)
    status, output, _ = webapp("set-password", typed="open the door\n")
    assert (status, "open the door" in output) == (0, False)
    assert sign_in(app.test_client(), "open the door").status_code == 303
    assert webapp("set-password", typed="short\n")[0] == 2
    assert sign_in(app.test_client(), "open the door").status_code == 303
    prepared.close(app)


def test_set_password_says_when_the_environment_has_one(webapp, monkeypatch):
    monkeypatch.setenv("INKLING_ADMIN_PASSWORD", "from outside")
    status, _, errors = webapp("set-password", typed="another one\n")
    assert (status, "INKLING_ADMIN_PASSWORD" in errors) == (2, True)


def test_commands_make_no_password_that_nobody_sees(webapp, tmp_path):
    assert "assword" not in "".join(webapp("versions")[1:])
    assert first_start.prepare(config.from_environment({"INKLING_DATA_DIR": str(tmp_path)}))


def test_data_folder_is_held_by_one_at_a_time(tmp_path):
    with (
        hold(tmp_path, 0),
        pytest.raises(config.ConfigError, match="Another Inkling is running"),
        hold(tmp_path, 0),
    ):
        pytest.fail("held twice")
    with hold(tmp_path, 0):
        pass
