"""docs/api.md: every example runs as it is printed, and prints what is said."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from nn.drawings import render
from tests.conftest import ROOT
from tests.support.server import running_server

PRINTED = "http://127.0.0.1:8000"
# An example, and what it prints if the guide says so.
EXAMPLE = re.compile(r"```(sh|python)\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
SHELLS = {"sh": ["sh", "-ec"], "python": [sys.executable, "-c"]}


@pytest.fixture
def server():
    """A server without drawings, as after `make run`."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed here")
    with running_server(workers=1) as running:
        yield running


def test_every_example_runs_as_printed(server, tmp_path, sample_drawings):
    render(next(s for digit, s in sample_drawings if digit == 7)).save(tmp_path / "seven.png")
    (tmp_path / ".curlrc").write_text("silent\nshow-error\nfail\n")
    guide = (ROOT / "docs" / "api.md").read_text("utf-8")
    examples = EXAMPLE.findall(guide)
    assert len(examples) == len(re.findall("```(?:sh|python)\n", guide)) >= 10
    for language, example, expected in examples:
        assert PRINTED in example
        printed = _run(language, example.replace(PRINTED, server.url), tmp_path)
        assert printed.strip() == (expected or printed).strip() != ""
    assert (tmp_path / "drawing-1.png").read_bytes() == (tmp_path / "seven.png").read_bytes()


def _run(language, example, folder):
    """What an example prints; it must succeed."""
    environment = {**os.environ, "CURL_HOME": str(folder)}
    command = [*SHELLS[language], example]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), example
    return done.stdout
