import contextlib
import csv
import json
import os
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold, cross_val_score

from nn import SigmoidClassifier, digits, sweep
from nn.__main__ import main
from tests.conftest import ROOT
from tests.support.dask_cluster import running_cluster

OPTIONS = ["--hidden", "10", "20,15", "--learning-rate", "0.1", "0.3", "--momentum", "0.5",
           "--epochs", "12", "--folds", "3"]  # fmt: skip
TINY = [
    "--hidden",
    "4",
    "--learning-rate",
    "0.3",
    "--epochs",
    "2",
    "--folds",
    "2",
    "--jobs",
    "1",
]


@contextlib.contextmanager
def running_sweep(*options, folder):
    """A real `python -m nn sweep`, warnings as errors, which writes results.csv."""
    command = [sys.executable, "-W", "error", "-m", "nn", "sweep", *options]
    with subprocess.Popen(
        [*command, "--out", "results.csv"],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def read(path):
    """The rows of a CSV file, as dicts."""
    return list(csv.DictReader(path.read_text().splitlines()))


def refusal(capsys, *options):
    """What stderr says at last after a sweep that has to end with 2 and print nothing."""
    try:
        status = main(["sweep", *options])
    except SystemExit as ended:  # argparse's way
        status = ended.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    return err.splitlines()[-1]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The folder of a search in two processes, and what it printed."""
    folder = tmp_path_factory.mktemp("alone")
    with running_sweep(*OPTIONS, "--jobs", "2", folder=folder) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    return folder, out, err


def test_search_shows_all_combinations_best_first_with_mean_and_spread(alone):
    folder, out, err = alone
    heading, *lines = out.split("\n\n")[0].splitlines()
    assert re.split("  +", heading) == [
        "accuracy", "spread", "hidden", "learning rate", "batch size", "epochs", "momentum",
        "alpha",
    ]  # fmt: skip
    rows = [line.split() for line in lines]
    assert len({tuple(row[2:]) for row in rows}) == 4
    means = [float(row[0]) for row in rows]
    assert means == sorted(means, reverse=True)
    assert means[0] > 0.9
    written = read(folder / "results.csv")
    assert [f"{float(row['mean']):.4f}" for row in written] == [row[0] for row in rows]
    assert [row["hidden_layer_sizes"] for row in written] == [row[2] for row in rows]
    for row in written:
        folds = [float(row[f"fold_{number}"]) for number in (1, 2, 3)]
        assert float(row["mean"]) == pytest.approx(np.mean(folds))
        assert float(row["spread"]) == pytest.approx(np.std(folds))
    assert "12/12" in err
    assert [path.name for path in folder.iterdir()] == ["results.csv"]


def test_scores_are_those_of_scikit_learns_cross_validation(alone):
    last = read(alone[0] / "results.csv")[-1]
    classifier = SigmoidClassifier(
        tuple(map(int, last["hidden_layer_sizes"].split(","))),
        learning_rate_init=float(last["learning_rate_init"]), momentum=float(last["momentum"]),
        max_iter=12, random_state=0,
    )  # fmt: skip
    parts = StratifiedKFold(3, shuffle=True, random_state=0)
    scores = cross_val_score(classifier, *digits.split(*digits.load())[0], cv=parts)
    assert [float(last[f"fold_{number}"]) for number in (1, 2, 3)] == list(scores)


def test_what_it_says_to_type_trains_the_best(alone):
    out = alone[1]
    printed = re.search(r"from nn import SigmoidClassifier\n  (.*)\n", out)[1]
    best = eval(printed, {"SigmoidClassifier": SigmoidClassifier})
    training, test = digits.split(*digits.load())
    accuracy = best.fit(*training).score(*test)
    assert f"reads {accuracy:.2%} of the 297" in out


def test_command_that_it_says_to_type_is_one(tmp_path, capsys, monkeypatch):
    assert main(["sweep", *TINY]) == 0
    [command] = re.findall(r"python -m nn (train .*)", capsys.readouterr().out)
    assert "--hidden 4 --learning-rate 0.3 --batch-size 10 --epochs 2 --seed 0" in command
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)) == 0
    assert (tmp_path / "best.npz").exists()


def test_command_is_left_out_where_it_lacks_the_setting(capsys):
    assert main(["sweep", *TINY, "--alpha", "0.5"]) == 0
    out = capsys.readouterr().out
    assert "alpha=0.5" in out
    assert "nn train" not in out


def test_cluster_finds_the_same_although_a_worker_is_killed_in_mid_search(alone, tmp_path):
    with (
        running_cluster(tmp_path, workers="ab") as cluster,
        running_sweep(*OPTIONS, "--scheduler", cluster.address, folder=tmp_path) as process,
    ):
        cluster.wait_until_busy("a")
        cluster.kill("a")
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert out == alone[1]
    written = [folder / "results.csv" for folder in (alone[0], tmp_path)]
    assert written[0].read_bytes() == written[1].read_bytes()
    assert "12/12" in err


def test_cluster_that_cannot_be_used_is_told(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    sentence = refusal(capsys, "--scheduler", "tcp://127.0.0.1:8786")
    assert sentence == (
        "nn: A search on a cluster needs the package distributed, which is not installed here."
    )


def test_same_seed_gives_the_same_results_and_another_seed_others():
    grid = {"hidden_layer_sizes": [(5,)], "max_iter": [2]}
    first, same, other = (sweep.search(grid, 2, seed) for seed in (3, 3, 4))
    assert first == same
    assert first[0].scores != other[0].scores


def test_progress_counts_every_network():
    counts = []
    sweep.search({"max_iter": [1, 2]}, 2, 0, advance=counts.append)
    assert counts[-1] == 4
    assert counts == sorted(counts)


def test_settings_that_diverge_come_last_and_are_called_so(tmp_path, capsys):
    for suffix in ("csv", "json"):
        out = tmp_path / f"results.{suffix}"
        options = [*TINY, "--learning-rate", "1e38", "0.3", "--out", str(out)]
        assert main(["sweep", *options]) == 0
        table = capsys.readouterr().out.splitlines()
        assert table[1].split()[3] == "0.3"
        assert table[2].split() == ["diverged", "4", "1e+38", "10", "2", "0", "0"]
    row = read(tmp_path / "results.csv")[1]
    assert (row["rank"], row["mean"], row["fold_1"]) == ("2", "", "")
    best, worst = json.loads((tmp_path / "results.json").read_text())
    assert best["settings"] == {
        "hidden_layer_sizes": [4], "learning_rate_init": 0.3, "batch_size": 10, "max_iter": 2,
        "momentum": 0, "alpha": 0,
    }  # fmt: skip
    assert (best["rank"], len(best["scores"])) == (1, 2)
    assert best["mean"] == pytest.approx(np.mean(best["scores"]))
    assert (worst["mean"], worst["spread"], worst["scores"]) == (None, None, [None, None])


def test_search_in_which_everything_diverges_is_told(capsys):
    assert refusal(capsys, *TINY, "--learning-rate", "1e38") == (
        "nn: With every combination the cost stopped being a number; try smaller learning "
        "rates."
    )


def test_value_that_is_given_twice_is_tried_once(capsys):
    assert main(["sweep", *TINY, "--hidden", "4", "4", "--momentum", "0", "0,0"]) == 0
    assert len(capsys.readouterr().out.split("\n\n")[0].splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--hidden", "15", "0"], "Hidden layers: '0' is not a list of 1 to 4 whole numbers"),
        (["--momentum", "2"], "Momentum: '2' is not a number from 0 to 1."),
        (["--alpha", "-1"], "Alpha: '-1' is not a number from 0 to 1000."),
        (["--folds", "1"], "Folds: '1' is not a whole number from 2 to 20."),
        (["--jobs", "0"], "Jobs: '0' is not a whole number from 1 to 1024."),
        (["--scheduler", "localhost"], "'localhost' is not the address of a scheduler"),
        (["--jobs", "2", "--scheduler", "tcp://a:1"], "not allowed with argument"),
        (["--out", "absent/a.csv"], "'absent/a.csv' is not a .csv or .json file"),
        (["--out", "results.txt"], "'results.txt' is not a .csv or .json file"),
        (["--epochs", *map(str, range(1, 101)), "--alpha", *map(str, range(12))],
         "nn: These values make 10,800 combinations; at most 1,000 are tried."),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)  # fmt: skip
def test_bad_value_is_refused_with_its_limits(capsys, options, sentence):
    assert sentence in refusal(capsys, *options)


def test_file_stays_whole_if_the_new_one_cannot_be_written(tmp_path, capsys, monkeypatch):
    out = tmp_path / "results.csv"
    out.write_text("what was there before")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nn.sweep_command.os.replace", fail)
    assert main(["sweep", *TINY, "--out", str(out)]) == 2
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == f"nn: {out}: No space left on device."
    assert "accuracy" in printed.out  # the results are not lost
    assert out.read_text() == "what was there before"
    assert list(tmp_path.iterdir()) == [out]
