"""Machines as people have them: names, folders, networks, terminals, other systems."""

import os
import shutil
import subprocess
import sys
import threading
from urllib.request import urlopen

import pytest

from tests.support import prepared
from tests.support.server import ROOT, environment, free_port, running_server
from webapp import config
from webapp.learning import versions
from webapp.server import processes
from webapp.storage.database import Database


def python(*arguments, **options):
    """Run Python to its end in the project's folder."""
    options = {"cwd": ROOT, "env": environment(), "stderr": subprocess.PIPE} | options
    return subprocess.run([sys.executable, *arguments], timeout=60, check=False, **options)


def test_server_listens_on_a_name():
    port = free_port()
    with (
        running_server(workers=1, port=port, options=["--host", "localhost"]),
        urlopen(f"http://localhost:{port}/healthz") as answer,
    ):
        assert answer.status == 200


def test_folder_may_have_any_name(tmp_path):
    project = tmp_path / "100%s of Jürgen's & co"
    for name in ("nn", "webapp", "static", "templates"):
        shutil.copytree(ROOT / name, project / name)
    start = (
        "import os; from webapp import config, create_app;"
        "from webapp.storage import first_start;"
        "settings = config.from_environment(os.environ); first_start.prepare(settings);"
        "print(create_app(settings).test_client().get('/').status)"
    )
    run = python("-c", start, cwd=project, stdout=subprocess.PIPE)
    assert (run.stdout, run.stderr) == (b"200 OK\n", b"")
    assert (project / "instance" / "inkling.db").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/sys is Linux's")
def test_data_folder_that_takes_no_files_gets_a_sentence():
    run = python("-m", "webapp", "--data-dir", "/sys", "--port", str(free_port()))
    assert run.returncode == 2
    assert b"/sys cannot be written to" in run.stderr
    assert b"Traceback" not in run.stderr


def test_terminal_that_lacks_characters_gets_escapes(tmp_path):
    prepared.fill(tmp_path)
    database = Database(config.from_environment({"INKLING_DATA_DIR": str(tmp_path)}))
    with database.writing() as session:
        versions.rename(session, 1, "Ж")
    database.close()
    run = python(
        *("-m", "webapp", "versions", "--data-dir", tmp_path),
        env=environment() | {"PYTHONIOENCODING": "cp1252"},
        stdout=subprocess.PIPE,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert rb"\u0416" in run.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["webapp", "versions"],
        ["webapp", "--port", "18230"],
        ["nn", "evaluate", "nn/workshop.npz"],
    ],
    ids=["command", "server", "nn"],
)
def test_reader_that_leaves_ends_the_program_without_a_word(tmp_path, arguments):
    prepared.fill(tmp_path)
    folder = ["--data-dir", tmp_path] if arguments[0] == "webapp" else []
    reader, writer = os.pipe()
    os.close(reader)
    run = python("-m", *arguments, *folder, stdout=writer)
    os.close(writer)
    assert (run.returncode, run.stderr) == (141, b"")


@pytest.fixture
def windows(monkeypatch):
    """There a process keeps the number of its parent, also when that is gone."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(os, "getppid", lambda: pytest.fail("it tells nothing there"))


@pytest.fixture
def parent():
    """A process that ends when its input does."""
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        yield parent


@pytest.mark.usefixtures("windows")
def test_child_ends_with_its_parent_on_windows(monkeypatch, parent):
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda _status: ended.set())
    monkeypatch.setenv("INKLING_PARENT", processes.name_of(parent.pid))
    processes.end_with_parent()
    assert not ended.wait(0.5)
    parent.communicate()
    assert ended.wait(30)


@pytest.mark.usefixtures("windows")
def test_later_process_with_the_parents_number_is_not_the_parent(monkeypatch, parent):
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda _status: ended.set())
    monkeypatch.setenv("INKLING_PARENT", f"{parent.pid} 12345.6")
    processes.end_with_parent()
    assert ended.wait(30)
    parent.communicate()
