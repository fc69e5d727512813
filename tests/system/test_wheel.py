"""The wheel: built, installed in a fresh environment, and used there as people would."""

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from urllib.request import Request, urlopen

import pytest

from nn import drawings
from tests.support.server import ROOT, environment, free_port, wait_until_listening

MAX_BYTES = 2 * 10**6
# Where the wheel has the project's folders.
PLACES = {
    "nn": "nn",
    "webapp": "webapp",
    "static": "webapp/static",
    "templates": "webapp/templates",
}
# Only those who translate need these.
LEFT_OUT = {"webapp/translations/__main__.py", "webapp/translations/zh.po"}


def build(project, folder):
    """The wheel of the project, made in a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A function that runs a program of a fresh environment, in an empty folder."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    programs = folder / "env" / "bin"
    install = [programs / "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    subprocess.run(install, check=True)
    (folder / "empty").mkdir()

    def start(name, *arguments, **options):
        return subprocess.Popen(
            [programs / name, *arguments],
            cwd=folder / "empty",
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )

    return start


@pytest.fixture(scope="module")
def served(installed):
    """The address of `inkling` as the wheel starts it."""
    port = free_port()
    with installed("inkling", "--port", str(port), "--workers", "1") as process:
        try:
            wait_until_listening(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def said(process):
    with process:
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return output


def test_wheel_is_small_and_has_all_that_the_project_has(wheel):
    assert wheel.stat().st_size < MAX_BYTES
    wanted = {
        f"{place}/{name}" for folder, place in PLACES.items() for name in files_of(folder)
    }
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert found == wanted - LEFT_OUT


def files_of(folder):
    paths = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path.relative_to(ROOT / folder) for path in paths if path.suffix != ".pyc"]


def test_dockerfile_copies_all_that_the_wheel_is_made_of(wheel, tmp_path):
    printed = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    copied = re.findall(r"^COPY (.+) \S+$", printed, re.MULTILINE)
    (tmp_path / "project").mkdir()
    for name in " ".join(copied).split():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / "project" / name)
    assert build(tmp_path / "project", tmp_path).read_bytes() == wheel.read_bytes()


def test_installed_command_says_its_name_and_version(installed):
    assert said(installed("inkling", "--version")) == "Inkling 1.0.0\n"
    assert said(installed("inkling", "--help")).startswith("usage: inkling ")


def test_it_serves_predicts_and_translates(served, sample_drawings):
    digit, strokes = next(drawing for drawing in sample_drawings if drawing[0] == 7)
    picture = io.BytesIO()
    drawings.render(strokes).save(picture, "PNG")
    answer = ask(f"{served}/api/predict", picture.getvalue(), "Content-Type", "image/png")
    assert json.loads(answer)["digit"] == digit
    assert 'lang="en"' in ask(served)
    assert "数字" in ask(served, None, "Accept-Language", "zh-CN")
    assert "export" in ask(f"{served}/static/js/parts/pad.js")


def ask(address, data=None, *header):
    headers = dict([header]) if header else {}
    with contextlib.closing(urlopen(Request(address, data, headers))) as answer:
        return answer.read().decode()


@pytest.mark.usefixtures("served")
def test_it_trains_in_the_running_server_and_alone(installed):
    started = said(installed("inkling", "train", "--preset", "article", "--epochs", "2"))
    assert "version 2" in started.lower()
    assert "2" in said(installed("inkling", "versions"))
    alone = said(
        installed("python", "-m", "nn", "train", "--preset", "article", "--out", "own.npz")
    )
    assert "test accuracy 0.9" in alone
    code = "from nn import SigmoidClassifier; print(SigmoidClassifier(max_iter=3))"
    assert said(installed("python", "-c", code)) == "SigmoidClassifier(max_iter=3)\n"
