import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nn import drawings, files, presets, terminal
from nn.__main__ import main
from tests.conftest import ROOT, SAMPLE_DRAWINGS, SHIPPED_MODEL

ARTICLE = ["train", "--preset", "article", "--epochs", "2"]
LINE = re.compile(
    r"^(?P<name>.{38})  *(?P<n>\d+)  *(?P<accuracy>[01]\.\d{4})  *(?P<calibration>0\.\d{4})"
    r"(?P<verdicts>( +[01]\.\d{4}){4})  (?P<digits>( *([01]\.\d{3}|-)){10}) *$"
)


def python_m_nn(*arguments, folder=ROOT):
    """A real `python -m nn`, run elsewhere if a folder is given."""
    return subprocess.run(
        [sys.executable, "-m", "nn", *map(str, arguments)],
        cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def refusal(capsys, *arguments):
    """What stderr says after a command that has to end with 2 and print nothing else."""
    try:
        status = main([str(argument) for argument in arguments])
    except SystemExit as ended:  # argparse's way
        status = ended.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    return err


def table(out):
    """The lines of an evaluation, as dicts."""
    heading, *lines = out.splitlines()
    assert heading.split() == [
        "n", "accuracy", "calibr.", "sure", "torn", "unfamiliar", "blank",
        "accuracy", "per", "digit,", "0", "to", "9",
    ]  # fmt: skip
    return [LINE.match(line).groupdict() for line in lines]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folder and finished process of a short training run."""
    folder = tmp_path_factory.mktemp("trained")
    return folder, python_m_nn(*ARTICLE, "--out", "model.npz", folder=folder)


@pytest.fixture
def preset(monkeypatch):
    """A function that changes a preset for this test."""

    def change(name, **settings):
        changed = dataclasses.replace(presets.PRESETS[name], **settings)
        monkeypatch.setitem(presets.PRESETS, name, changed)

    return change


def test_train_writes_a_model_shows_progress_and_tells_the_accuracy(trained, capsys):
    folder, run = trained
    assert run.returncode == 0
    model = files.load(folder / "model.npz")
    assert model.network.sizes == [64, 15, 10]
    assert run.stdout == f"model.npz: test accuracy {model.figures['test_accuracy']:.4f}\n"
    assert main(["evaluate", str(folder / "model.npz")]) == 0
    assert f" {table(capsys.readouterr().out)[0]['accuracy']}\n" in run.stdout
    assert "2/2" in run.stderr
    assert "Traceback" not in run.stderr


def test_same_seed_trains_the_same_file(trained, tmp_path):
    assert main([*ARTICLE, "--out", str(tmp_path / "again.npz")]) == 0
    again, first = tmp_path / "again.npz", trained[0] / "model.npz"
    assert again.read_bytes() == first.read_bytes()


def test_options_replace_the_presets_with_a_comma_too_and_copies_are_counted(tmp_path, capsys):
    out = tmp_path / "model.npz"
    options = ["--hidden", "5, 8", "--seed", "1", "--copies", "1", "--learning-rate", "0,2"]
    assert main([*ARTICLE, *options, "--out", str(out)]) == 0
    model = files.load(out)
    assert model.network.sizes == [64, 5, 8, 10]
    changed = {"hidden": [5, 8], "epochs": 2, "seed": 1, "copies": 1, "learning_rate": 0.2}
    assert model.settings == presets.PRESETS["article"].settings() | changed
    assert "pictures: 100%" in capsys.readouterr().err


def test_evaluate_measures_a_model_on_digits_and_drawings_for_people_and_programs(capsys):
    command = ["evaluate", str(SHIPPED_MODEL), "--drawings", str(SAMPLE_DRAWINGS)]
    assert main(command) == 0
    digits, *drawn = lines = table(capsys.readouterr().out)
    assert digits["n"] == "297"
    assert float(digits["accuracy"]) > 0.97
    assert [line["n"] for line in drawn] == ["60"] * 5
    assert [line["name"].strip() for line in drawn if float(line["accuracy"]) < 0.93] == []
    assert main([*command, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == [line["name"].strip() for line in lines]
    for row, line in zip(figures.values(), lines, strict=True):
        assert f"{row['accuracy']:.4f}" == line["accuracy"]
        assert sum(row["verdicts"].values()) == pytest.approx(1)
        assert len(row["per_digit"]) == 10


def test_evaluate_takes_pictures_too_and_has_nan_for_absent_digits(
    tmp_path, capsys, sample_drawings
):
    few = [drawing for drawing in sample_drawings if drawing[0] in (3, 4)]
    images = np.array([np.asarray(drawings.render(strokes)) for _, strokes in few])
    path = tmp_path / "pictures.npz"
    np.savez(path, images=images, labels=np.array([digit for digit, _ in few]))
    assert main(["evaluate", str(SHIPPED_MODEL), "--images", str(path)]) == 0
    line = table(capsys.readouterr().out)[-1]
    assert (line["name"].strip(), line["n"]) == ("pictures.npz", str(len(few)))
    assert float(line["accuracy"]) > 0.9
    shares = line["digits"].split()
    assert shares[0] == "-"
    assert shares[3] != "-"


def test_show_variants_draws_a_sheet(tmp_path):
    path = tmp_path / "sheet.png"
    assert main(["show-variants", "--out", str(path)]) == 0
    with Image.open(path) as sheet:
        cells = np.asarray(sheet)[3::6, 3::6]
    assert cells.shape == (12 * 9 + 1, 16 * 9 + 1)
    pictures = [
        cells[9 * i + 1 : 9 * i + 9, 9 * j + 1 : 9 * j + 9]
        for i in range(12)
        for j in range(16)
    ]
    assert len({picture.tobytes() for picture in pictures}) > 150  # they differ
    assert min(255 - picture.mean() for picture in pictures) > 20  # none is empty


def test_predict_prints_the_digit_of_a_drawing(tmp_path, capsys, sample_drawings):
    digit, strokes = sample_drawings[0]
    drawings.render(strokes).save(tmp_path / "drawing.png")
    assert main(["predict", str(SHIPPED_MODEL), str(tmp_path / "drawing.png")]) == 0
    verdict, *bars = capsys.readouterr().out.splitlines()
    assert verdict == f"sure: {digit}"
    percent = {int(bar.split()[0]): float(bar.split()[1].strip("%")) for bar in bars}
    assert list(percent) == list(range(10))
    assert max(percent, key=percent.get) == digit
    assert sum(percent.values()) == pytest.approx(100, abs=1)
    assert max(bars, key=lambda bar: bar.count("#")) == bars[digit]


def test_predict_calls_a_blank_picture_blank(tmp_path, capsys):
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    assert main(["predict", str(SHIPPED_MODEL), str(tmp_path / "blank.png")]) == 0
    assert capsys.readouterr().out == "blank: the picture shows no ink\n"


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--hidden", "15,,3", "Hidden layers: '15,,3' is not a list of 1 to 4 whole numbers"),
        ("--epochs", "0", "Epochs: '0' is not a whole number from 1 to 1000."),
        ("--seed", "x", "Random seed: 'x' is not a whole number from 0 to"),
    ],
)
def test_bad_option_is_refused_with_the_limits(tmp_path, capsys, option, value, sentence):
    out = tmp_path / "model.npz"
    assert sentence in refusal(capsys, *ARTICLE, f"{option}={value}", "--out", out)
    assert not out.exists()


@pytest.mark.parametrize("out", ["absent/model.npz", "."])
def test_file_that_cannot_be_written_is_told_before_the_training(tmp_path, capsys, out):
    sentence = refusal(capsys, *ARTICLE, "--out", tmp_path / out)
    assert f"{str(tmp_path / out)!r} is not a file in an existing folder." in sentence
    assert "epochs" not in sentence.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "absent.npz"),
        ("predict", "absent.npz", "absent.png"),
        ("predict", SHIPPED_MODEL, "absent.png"),
        ("evaluate", SHIPPED_MODEL, "--drawings", "absent.jsonl.gz"),
        ("evaluate", SHIPPED_MODEL, "--images", "absent-pictures.npz"),
    ],
    ids=lambda arguments: " ".join(Path(a).name for a in arguments),
)
def test_missing_file_is_named(capsys, arguments):
    sentence = refusal(capsys, *arguments)
    assert re.fullmatch(r"nn: absent\S*: No such file or directory\.\n", sentence)


def test_real_command_ends_with_2_and_a_sentence_instead_of_a_traceback():
    run = python_m_nn("evaluate", "absent.npz")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "nn: absent.npz: No such file or directory.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("evaluate", "{bad}"), "not a complete .npz file"),
        (("predict", "{bad}", "{bad}"), "not a complete .npz file"),
        (("predict", SHIPPED_MODEL, "{bad}"), "no picture that can be read"),
        (("evaluate", SHIPPED_MODEL, "--drawings", "{bad}"), "not a complete gzipped text"),
        (("evaluate", SHIPPED_MODEL, "--images", "{bad}"), "not a complete .npz file"),
    ],
    ids=str,
)
def test_file_of_the_wrong_kind_is_refused_with_a_sentence(
    tmp_path, capsys, arguments, sentence
):
    bad = tmp_path / "bad"
    bad.write_text("nothing of the kind")
    err = refusal(capsys, *(str(a).format(bad=bad) for a in arguments))
    assert err.startswith(f"nn: {bad}")
    assert sentence in err


def test_ctrl_c_ends_it_with_a_word(capsys):
    def interrupted():
        raise KeyboardInterrupt

    assert terminal.run(interrupted) == 130
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="Linux has a disk that is always full"
)
def test_full_disk_is_told_by_name(capsys):
    assert main([*ARTICLE, "--out", "/dev/full"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "nn: /dev/full: No space left on device."


def test_diverging_training_is_told_and_writes_no_file(tmp_path, capsys, preset):
    preset("article", learning_rate=1e308)  # none within the limits makes the cost overflow
    sentence = refusal(capsys, *ARTICLE, "--out", tmp_path / "model.npz")
    assert "stopped being a number at epoch 1; try a smaller learning rate." in sentence
    assert not (tmp_path / "model.npz").exists()


@pytest.mark.parametrize(
    "command", [[], ["train"], ["evaluate"], ["predict", "x"], ["paint"]], ids=str
)
def test_incomplete_command_shows_its_usage(capsys, command):
    assert refusal(capsys, *command).startswith("usage: python -m nn")


def test_help_names_every_setting(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for name in ("preset", "hidden", "epochs", "batch-size", "learning-rate", "copies", "seed"):
        assert f"--{name}" in out
    assert "room" not in out  # there is none here


def test_quick_goes_on_from_the_shipped_model_or_from_the_one_that_is_named(
    tmp_path, capsys, trained, preset
):
    preset("quick", epochs=1)
    for options, sizes in (
        ([], files.load(SHIPPED_MODEL).network.sizes),
        (["--start", str(trained[0] / "model.npz")], [64, 15, 10]),
    ):
        out = tmp_path / "quick.npz"
        assert main(["train", "--preset", "quick", *options, "--out", str(out)]) == 0
        assert files.load(out).network.sizes == sizes
    assert "pictures: 100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            (*ARTICLE, "--start", SHIPPED_MODEL),
            "nn: --start: preset article begins with random weights, not with a model; leave "
            "the option out, or choose a preset that continues from one: quick.\n",
        ),
        (
            ("train", "--preset", "quick", "--hidden", "15"),
            "nn: --hidden: preset quick keeps the layers of the model that it continues from; "
            "leave the option out.\n",
        ),
        (
            ("train", "--preset", "quick", "--start", "absent.npz"),
            "nn: absent.npz: No such file or directory.\n",
        ),
    ],
    ids=["start", "hidden", "absent"],
)
def test_options_that_do_not_go_with_the_preset_are_refused(
    tmp_path, capsys, arguments, sentence
):
    out = tmp_path / "model.npz"
    assert refusal(capsys, *arguments, "--out", out) == sentence
    assert not out.exists()
