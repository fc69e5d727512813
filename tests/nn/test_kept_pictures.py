import dataclasses

import numpy as np
import pytest

from nn import files, handwriting, kept_pictures
from nn.experiment import Experiment
from nn.presets import PRESETS

N = 12_000
SETTINGS = (16, 0, 0, 110_000)


class Maker:
    """Makes n random pictures; counts how often."""

    def __init__(self, n=N):
        self.n, self.calls = n, 0

    def __call__(self):
        self.calls += 1
        rng = np.random.default_rng(self.calls)
        return rng.integers(0, 17, (self.n, 64), np.uint8), rng.integers(0, 10, self.n)


def test_the_second_time_nothing_is_made(tmp_path):
    make = Maker()
    first = kept_pictures.kept(tmp_path / "new", SETTINGS, make)
    second = kept_pictures.kept(tmp_path / "new", SETTINGS, make)
    assert make.calls == 1
    for kept, made in zip(second, first, strict=True):
        np.testing.assert_array_equal(kept, made)
        assert kept.dtype == made.dtype


def test_other_settings_are_other_pictures(tmp_path):
    make = Maker()
    kept_pictures.kept(tmp_path, SETTINGS, make)
    kept_pictures.kept(tmp_path, (*SETTINGS[:3], 5000), make)
    assert make.calls == 2


def test_another_collection_of_handwriting_is_noticed(tmp_path, monkeypatch):
    make = Maker()
    kept_pictures.kept(tmp_path, SETTINGS, make)
    edited = tmp_path / "handwriting.toml"
    edited.write_bytes(handwriting.FILE.read_bytes() + b"\n# one more way\n")
    monkeypatch.setattr(handwriting, "FILE", edited)
    kept_pictures.kept(tmp_path, SETTINGS, make)
    assert make.calls == 2


@pytest.mark.parametrize("damage", [b"", b"PK", b"not a zip file at all"])
def test_a_damaged_file_is_made_anew(tmp_path, damage):
    make = Maker()
    kept_pictures.kept(tmp_path, SETTINGS, make)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    kept_pictures.kept(tmp_path, SETTINGS, make)
    kept_pictures.kept(tmp_path, SETTINGS, make)
    assert make.calls == 2


def test_few_pictures_are_not_kept(tmp_path):
    kept_pictures.kept(tmp_path, SETTINGS, Maker(500))
    assert not list(tmp_path.iterdir())


def test_the_oldest_files_go(tmp_path):
    for written in range(kept_pictures._MOST_FILES + 2):
        kept_pictures.kept(tmp_path, (*SETTINGS[:3], written), Maker())
    assert len(list(tmp_path.iterdir())) == kept_pictures._MOST_FILES


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path):
    (tmp_path / "file").write_text("in the way")
    make = Maker()
    pixels, _ = kept_pictures.kept(tmp_path / "file", SETTINGS, make)
    assert len(pixels) == N


def test_a_run_with_kept_pictures_gives_the_same_model(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_pictures, "_WORTH_KEEPING", 1)
    monkeypatch.setattr("nn.experiment._CALIBRATION_COPIES", 1)
    preset = dataclasses.replace(
        PRESETS["workshop"], hidden=(12,), epochs=1, copies=0, written=110
    )

    def trained(kept_in):
        calls = []
        experiment = Experiment(preset, kept_in=kept_in)
        list(experiment.epochs(lambda *call: calls.append(call)))
        return files.to_bytes(experiment.model()), calls

    without, _ = trained(None)
    first, made = trained(tmp_path)
    second, kept = trained(tmp_path)
    assert without == first == second
    assert len(made) > len(kept) == 1
    done, total = kept[0]
    assert done == total > 0
