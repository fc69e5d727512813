import dataclasses

import numpy as np
import pytest

from nn import augment, digits, files
from nn.experiment import Experiment
from nn.model import Model
from nn.network import SigmoidNetwork
from nn.presets import PRESETS

QUICK = dataclasses.replace(PRESETS["workshop"], hidden=(20,), epochs=2, copies=1)
WARM = dataclasses.replace(PRESETS["quick"], epochs=2)


def finished(preset, start=None, room=None):
    """A model, the epochs' records and the calls of progress, all the way through."""
    calls = []
    experiment = Experiment(preset, start, room)
    records = list(experiment.epochs(lambda *call: calls.append(call)))
    return experiment.model(), records, calls


@pytest.fixture(scope="module", autouse=True)
def cheaper():
    """The same rows are sharpened once, and few copies are made to fit the temperature."""
    known, sharpen = {}, augment.sharpen

    def sharpen_once(rows):
        key = rows.tobytes()
        if key not in known:
            known[key] = sharpen(rows)
            known[key].flags.writeable = False
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(augment, "sharpen", sharpen_once)
        patch.setattr("nn.experiment._CALIBRATION_COPIES", 1)
        yield


@pytest.fixture(scope="module")
def quick():
    return finished(QUICK)


def test_experiment_reports_its_pictures_and_its_epochs(quick):
    _, records, calls = quick
    done, total = calls[-1]
    assert done == total > 1500
    assert [record.number for record in records] == [1, 2]


def test_test_accuracy_is_that_of_the_held_out_digits(quick):
    model, records, _ = quick
    pixels, labels = digits.held_out()
    assert len(labels) == 297
    accuracy = np.mean(model.predict_proba(pixels).argmax(axis=1) == labels)
    assert accuracy == model.figures["test_accuracy"] == records[-1].test_accuracy


def test_model_says_what_it_was_trained_on_and_how(quick):
    assert quick[0].trained_on == "1500 of scikit-learn's digits"
    assert quick[0].settings == QUICK.settings()


def test_temperature_is_fitted(quick):
    assert 0.05 < quick[0].temperature < 20
    assert quick[0].temperature != 1


def test_the_same_preset_gives_the_same_model_file(quick):
    again, records, _ = finished(QUICK)
    assert files.to_bytes(again) == files.to_bytes(quick[0])
    assert records == quick[1]


def test_another_seed_gives_another_training():
    article = dataclasses.replace(PRESETS["article"], epochs=1)
    one, two = (
        next(Experiment(dataclasses.replace(article, seed=seed)).epochs()) for seed in (0, 1)
    )
    assert one.cost != two.cost


@pytest.fixture(scope="module")
def room():
    """Twelve drawings of a room whose 3 is everybody else's 7."""
    pixels, labels = digits.held_out()
    return pixels[labels == 7][:12], np.full(12, 3)


@pytest.fixture
def start():
    return Model(SigmoidNetwork([64, 12, 10], 5, np.float32))


def test_warm_run_needs_a_model_to_start_from():
    with pytest.raises(ValueError, match="give one as `start`"):
        Experiment(WARM)


def test_warm_run_starts_from_the_given_weights_and_keeps_its_layers(start):
    experiment = Experiment(dataclasses.replace(WARM, epochs=1, learning_rate=1e-9), start)
    list(experiment.epochs())
    network = experiment.model().network
    assert experiment.preset.hidden == (12,)
    assert network.sizes == [64, 12, 10]
    np.testing.assert_allclose(network.parameters, start.network.parameters, atol=1e-6)


class Planned(Exception):
    pass


def planned(preset, start, room):
    """How many pictures a run is going to make, told by its first call of progress."""

    def stop(_done, total):
        raise Planned(total)

    with pytest.raises(Planned) as caught:
        list(Experiment(preset, start, room).epochs(stop))
    return caught.value.args[0]


@pytest.mark.parametrize(("wished", "made"), [(0, 0), (5, 5), (200, 1600 // 12)])
def test_each_drawing_of_the_room_is_copied_as_often_as_is_wished(start, room, wished, made):
    without, with_copies = (
        planned(dataclasses.replace(WARM, room_copies=copies), start, room)
        for copies in (0, wished)
    )
    assert with_copies == without + made * len(room[0])


def test_many_drawings_are_copied_less_often_so_that_a_warm_run_stays_quick(start, room):
    many = np.tile(room[0], (150, 1)), np.tile(room[1], 150)
    # Pictures that show no digit, and a copy of each drawing.
    assert planned(WARM, start, many) <= 1000 + 1800


def test_warm_run_leaves_its_start_as_it_was_and_comes_out_the_same_again(start, room):
    before = files.to_bytes(start)
    one, two = (files.to_bytes(finished(WARM, start, room)[0]) for _ in range(2))
    assert files.to_bytes(start) == before
    assert one == two != before


def test_model_of_a_warm_run_lies_halfway_from_its_start_however_often_one_asks(start):
    experiment = Experiment(WARM, start)
    list(experiment.epochs())
    one, two = experiment.model(), experiment.model()
    assert files.to_bytes(one) == files.to_bytes(two)
    trained = experiment._network.parameters
    middle = (start.network.parameters + trained) / 2
    np.testing.assert_allclose(one.network.parameters, middle, rtol=1e-5, atol=1e-6)


def test_other_presets_take_no_notice_of_a_start(start):
    article = dataclasses.replace(PRESETS["article"], epochs=1)
    assert next(Experiment(article, start).epochs()) == next(Experiment(article).epochs())


def test_network_learns_the_rooms_own_way_of_writing(room):
    plain = dataclasses.replace(PRESETS["article"], epochs=10)
    with_room = dataclasses.replace(plain, room_share=0.5)
    said = [
        finished(preset, room=room)[0].predict_proba(room[0]).argmax(axis=1)
        for preset in (plain, with_room)
    ]
    assert np.mean(said[0] == 7) > 0.9
    assert np.mean(said[1] == 3) > 0.9


@pytest.mark.parametrize(("share", "n"), [(0.5, None), (0.5, 0), (0.0, 12)])
def test_without_drawings_or_without_a_share_nothing_comes_from_the_room(room, share, n):
    article = dataclasses.replace(PRESETS["article"], epochs=1)
    shared = dataclasses.replace(article, room_share=share)
    drawings = None if n is None else (room[0][:n], room[1][:n])
    model, plain = finished(shared, room=drawings)[0], finished(article)[0]
    np.testing.assert_array_equal(model.network.parameters, plain.network.parameters)
    assert model.trained_on == plain.trained_on


def test_few_drawings_take_up_less_than_their_share(start, room):
    model = Experiment(WARM, start, room).model()
    assert "12 of the room's drawings (0.11 of every mini-batch)" in model.trained_on


def test_model_says_that_it_learned_from_the_room_and_went_on_from_a_model(start, room):
    ten_times = np.tile(room[0], (10, 1)), np.tile(room[1], 10)
    model = Experiment(WARM, start, ten_times).model()  # also before any epoch has run
    assert model.trained_on == (
        "1500 of scikit-learn's digits and 120 of the room's drawings (0.5 of every "
        "mini-batch), continuing from an earlier model and averaged with it"
    )
    assert model.settings["hidden"] == [12]
    assert "room" not in Experiment(WARM, start).model().trained_on


def test_progress_of_a_warm_run_counts_the_rooms_pictures_too(start, room):
    calls = []
    list(Experiment(WARM, start, room).epochs(lambda *call: calls.append(call)))
    done, totals = zip(*calls, strict=True)
    assert list(done) == sorted(done)
    assert set(totals) == {done[-1]}
    assert done[-1] - 8 * 12 in done  # where those of the digits end


@pytest.mark.parametrize("progress", [None, lambda *_: None], ids=["silent", "counted"])
def test_warm_run_keeps_pictures_that_are_no_digit_in_its_mix(start, monkeypatch, progress):
    seen = {}

    def caught(_network, _x, y, **_settings):
        seen["none"] = np.mean(~y.any(axis=1))
        return iter(())

    monkeypatch.setattr("nn.experiment.train", caught)
    list(Experiment(WARM, start).epochs(progress))
    assert 0.1 < seen["none"] < 0.3
