"""docs/scikit-learn.md: its examples run as printed, and its table is true."""

import inspect
import re

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from nn import SigmoidClassifier, sweep
from nn.__main__ import main
from nn.dask_cluster import ClusterError
from tests.conftest import ROOT
from tests.support.dask_cluster import running_cluster

TEXT = (ROOT / "docs" / "scikit-learn.md").read_text("utf-8")
BLOCKS = [block.strip("\n") for block in re.findall(r"(?:^(?: {4}.*)?\n)+", TEXT, re.MULTILINE)]
BLOCKS = [inspect.cleandoc(block) for block in BLOCKS if block]
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line[:5] == ".venv"]
PORT = "tcp://127.0.0.1:8786"
PYTHON = [block for block in BLOCKS if not block.startswith(".venv")]


def defaults(estimator):
    return {name: p.default for name, p in inspect.signature(estimator).parameters.items()}


def test_table_has_every_parameter_with_its_defaults():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)
    theirs, ours = defaults(MLPClassifier), defaults(SigmoidClassifier)
    assert [row[0] for row in rows] == [*theirs, *(ours.keys() - theirs.keys())]
    for name, their_default, our_default, remark in rows:
        assert their_default == f"`{theirs[name]!r}`"
        assert our_default == (f"`{ours[name]!r}`" if name in ours else "missing"), name
        assert (remark == "same") == (their_default == our_default), name


@pytest.fixture
def both(all_digits):
    x, y = (array[:100] for array in all_digits)
    with pytest.warns(ConvergenceWarning):
        theirs = MLPClassifier(max_iter=1).fit(x, y)
    return SigmoidClassifier(max_iter=1).fit(x, y), theirs


def test_all_attributes_and_methods_of_mlp_classifier_are_there(both):
    ours, theirs = both
    public = [name for name in dir(theirs) if name[0] != "_"]
    missing = {name for name in public if not hasattr(ours, name)}
    assert missing <= defaults(MLPClassifier).keys() | {"loss"}
    for method in (
        "fit",
        "partial_fit",
        "predict",
        "predict_proba",
        "predict_log_proba",
        "score",
    ):
        named = [list(inspect.signature(getattr(each, method)).parameters) for each in both]
        assert named[0] == named[1], method


def test_python_examples_run_as_printed_one_after_the_other(capsys):
    names = {}
    for block in PYTHON:
        exec(compile(block, "docs/scikit-learn.md", "exec"), names)
    score, stopped, digit = capsys.readouterr().out.splitlines()
    assert float(score) > 0.96
    n_iter, best = stopped.split()
    assert int(n_iter) < 500
    assert float(best) > 0.95
    assert digit == "[7]"
    assert np.shape(names["X"]) == (1500, 64)


def printed(*words):
    """The arguments of Python in the command that has these words in it."""
    [command] = [each for each in COMMANDS if all(word in each for word in words)]
    return command.removeprefix(".venv/bin/python ")


def test_sweep_runs_as_printed_and_has_the_options_that_are_named(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    command = printed("sweep", "--out").split()[2:]
    assert main([*command, "--jobs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line[:4] == "  0."]) == 4
    assert (tmp_path / "results.csv").exists()
    with pytest.raises(SystemExit):
        main(["sweep", "--help"])
    options = re.findall(r"`(--[\w-]+)`", TEXT)
    assert "--jobs" in options
    assert set(options) <= set(re.findall(r"--[\w-]+", capsys.readouterr().out))


def test_cluster_runs_as_printed_and_its_loss_is_told(tmp_path, capfd):
    scheduler = printed("dask scheduler").replace("8786", "{port}")
    with running_cluster(tmp_path, scheduler=scheduler) as cluster:
        cluster.start("worker", printed("dask worker").replace(PORT, cluster.address))
        cluster.wait_for_workers(1)
        command = printed("sweep", "--scheduler").replace(PORT, cluster.address).split()[2:]
        assert main(command) == 0
        table, *_ = capfd.readouterr().out.split("\n\n")
        assert len(table.splitlines()) == 1 + 3
        with pytest.raises(ClusterError) as caught:
            sweep.search(
                {"max_iter": [10, 20]}, 4, 0, scheduler=cluster.address,
                advance=lambda _done: kill_once(cluster, "scheduler"),
            )  # fmt: skip
    assert str(caught.value) == (
        f"The Dask cluster at {cluster.address} was lost during the search. See that its "
        "scheduler and workers run, and start the search again."
    )
    assert capfd.readouterr().err == ""


def kill_once(cluster, name):
    if name in cluster.processes:
        cluster.kill(name)
