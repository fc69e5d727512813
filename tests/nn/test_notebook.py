"""The example notebook runs from top to bottom."""

import json

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

PATH = ROOT / "docs" / "notebook.ipynb"


@pytest.fixture
def notebook():
    return nbformat.read(PATH, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_notebook_runs_without_an_error_or_a_warning(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for folder in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(folder, str(tmp_path))
    strict = nbformat.v4.new_code_cell("import warnings\nwarnings.simplefilter('error')")
    notebook.cells.insert(0, strict)
    for cell in code_cells(notebook):
        cell.outputs = []
    before = psutil.Process().children(recursive=True)
    NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"stream", "execute_result"}
    assert {output.name for output in outputs if output.output_type == "stream"} == {"stdout"}
    assert "This is a 7\n" in [output.get("text") for output in outputs]
    assert set(psutil.Process().children(recursive=True)) <= set(before)


def test_notebook_shows_what_its_cells_gave_and_nothing_of_the_machine(notebook):
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {output.output_type for cell in cells for output in cell.outputs}
    assert kinds == {"stream", "execute_result"}
    assert sum("image/png" in o.get("data", {}) for c in cells for o in c.outputs) >= 5
    text = json.dumps(notebook)
    assert not any(word in text for word in ("/home", "/root", "/tmp", "/usr", "Traceback"))
    assert len(PATH.read_bytes()) < 100_000
