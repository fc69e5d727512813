"""One training run on scikit-learn's digits, from a preset to a finished model."""

import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nn import augment, digits, evaluation, kept_pictures, training_data
from nn.digits import Labels, Pixels
from nn.model import Model, scaled
from nn.network import Floats, SigmoidNetwork
from nn.presets import Preset
from nn.training import Epoch, mixed, shuffled, train

Progress = augment.Progress
Room = tuple[Pixels, Labels]

_CALIBRATION_COPIES = 3  # warped copies of each held-out digit, to fit the temperature
_CALIBRATION_SEED = 2**31  # one that no run's own copies use: seeds end below it

# At this many drawings, they may fill half of each mini-batch. Ten drawings, seen over and
# over, would teach the network those ten rather than how the room writes.
_AGAINST = 100

# Drawings of one digit fill at most so much of each mini-batch. More would teach that nearly
# everything is this digit.
_OF_ONE_DIGIT = 0.2

# Weight of the start in the mean of the hidden layers before and after a warm run. With less of
# it the model is sure of more mirrored 3s afterwards (bench/mirrored.py), with more of it the
# digits of other people's hands are kept better.
_KEPT = 0.25

# Of a warm run, all tuned on two people's drawings while four others' were the room.
_ROOM_PICTURES = 1600  # warped copies of the room's drawings, at most: about 1.5 s
_NONE = 0.2  # pictures that show no digit, as a share of the digits, without a room
_MOST_NONE = 2 / 3  # and at most, with a room, whose share is added to that


class Experiment:
    """Train, then hand over the model: read `epochs` to its end, then call `model`.

    Everything random follows from `preset.seed`: the same preset, start and room give the
    same model.

    Parameters
    ----------
    preset : nn.presets.Preset
    start : nn.model.Model, or None
        Where a warm preset starts from; it is copied, never changed. Other presets ignore it.
    room : (pixels, labels), or None
        The room's drawings, (n, 64), 0..16, and (n,), 0..9. They fill `preset.room_share` of
        every mini-batch, but never more than n / (n + 100), nor those of one digit more than a
        fifth.
    kept_in : Path, or None
        A folder where the pictures are kept for the next run with the same ones.

    Attributes
    ----------
    preset : nn.presets.Preset
        As given, but for the hidden layers of a warm one: they are those of `start`.

    Raises
    ------
    ValueError
        If the preset is warm and there is no start.
    """

    def __init__(
        self,
        preset: Preset,
        start: Model | None = None,
        room: Room | None = None,
        kept_in: Path | None = None,
    ) -> None:
        self._training, self._test = digits.split(*digits.load())
        self._start = _warm_start(start) if preset.warm else None
        if self._start:
            preset = dataclasses.replace(preset, hidden=tuple(self._start.sizes[1:-1]))
            self._network = copy.deepcopy(self._start)
        else:
            sizes = [self._training[0].shape[1], *preset.hidden, digits.N_CLASSES]
            self._network = SigmoidNetwork(sizes, preset.seed, np.float32)
        self.preset = preset
        self._room_share = _room_share(preset, room)
        self._room = room if self._room_share else None
        self._kept_in = kept_in

    def epochs(self, progress: Progress | None = None) -> Iterator[Epoch]:
        """Make the pictures, train on them, and yield an `nn.training.Epoch` after each epoch.

        `progress(done, total)`, if given, counts the pictures. Test figures are those of the
        held-out digits.
        """
        preset = self.preset
        (pixels, labels), drawings = self._pictures(progress)
        sampler = shuffled(len(labels))
        if drawings:
            sampler = mixed(len(labels), len(drawings[1]), self._room_share)
            pixels = np.concatenate([pixels, drawings[0]])
            labels = np.concatenate([labels, drawings[1]])
        yield from train(
            self._network,
            *_as_inputs(pixels, labels),
            epochs=preset.epochs,
            batch_size=preset.batch_size,
            learning_rate=preset.learning_rate,
            recipe=preset.recipe,
            sampler=sampler,
            random_state=preset.seed,
            test=_as_inputs(*self._test),
        )

    def accuracy(self, pixels: Pixels, labels: Labels) -> float:
        """Share of pictures (n, 64), 0..16, that the network, as it is now, reads correctly."""
        return evaluation.accuracy(self._network.logits(scaled(pixels, np.float32)), labels)

    def model(self) -> Model:
        """The trained network with its temperature and figures, an `nn.model.Model`."""
        pixels, labels = self._test
        model = Model(
            self._finished_network(),
            trained_on=self._description(),
            settings=self.preset.settings(),
        )
        copies = augment.warped_copies(pixels, _CALIBRATION_COPIES, _CALIBRATION_SEED)
        model.temperature = evaluation.fit_temperature(
            model.logits(copies), np.tile(labels, _CALIBRATION_COPIES)
        )
        model.figures["test_accuracy"] = evaluation.accuracy(
            model.predict_proba(pixels), labels
        )
        return model

    def _pictures(self, progress: Progress | None) -> tuple[Room, Room | None]:
        """What to train on, and the room's part: (pixels, labels) each."""
        n_room = self._room_copies() * len(self._room[0]) if self._room else 0
        first, second = _in_two_parts(progress, n_room)
        return self._lasting_pictures(first), self._drawings(second)

    def _lasting_pictures(self, progress: Progress | None) -> Room:
        """What the settings alone decide: the digits, their copies, handwriting, no digits."""
        preset, none = self.preset, self._n_none()

        def make() -> Room:
            return augment.training_pictures(
                *self._training, preset.copies, preset.seed, progress, none, preset.written
            )

        if self._kept_in is None:
            return make()
        settings = preset.copies, preset.seed, none, preset.written
        pictures = kept_pictures.kept(self._kept_in, settings, make)
        if progress:
            progress(len(pictures[1]), len(pictures[1]))
        return pictures

    def _drawings(self, progress: Progress | None) -> Room | None:
        """The room's drawings and warped copies of them; None without any."""
        if not self._room:
            return None
        (rows, labels), copies = self._room, self._room_copies()
        pixels = augment.warped_copies(rows, copies, self.preset.seed, progress)
        return np.concatenate([rows, pixels]), np.tile(labels, 1 + copies)

    def _room_copies(self) -> int:
        """How often to copy each drawing: as the preset asks, if there is time for it."""
        asked = self.preset.room_copies
        if not self.preset.warm or not self._room:
            return asked
        return min(asked, _ROOM_PICTURES // len(self._room[0]))

    def _n_none(self) -> int:
        """How many pictures that show no digit a warm run makes beside its copies.

        As a rule it makes no copies. Without pictures that show no digit it would soon call
        everything a digit. The room's drawings are all digits, which these make up for.
        """
        if not self.preset.warm:
            return 0
        return round(digits.N_TRAINING * min(_NONE + self._room_share, _MOST_NONE))

    def _finished_network(self) -> SigmoidNetwork:
        """The trained network; of a warm run, its hidden layers averaged with the start's.

        The mean is better at what is new and forgets less of what was there (Wortsman et al.,
        "Robust fine-tuning of zero-shot models", 2022). The outputs are as trained: a mean
        would take half of what they have learned, and be sure of nothing new.
        """
        if not self._start:
            return self._network
        network, start = copy.deepcopy(self._network), self._start
        for mean, before in zip(
            network.weights[:-1] + network.biases[:-1], start.weights[:-1] + start.biases[:-1]
        ):
            mean += np.float32(_KEPT) * (before - mean)
        return network

    def _description(self) -> str:
        return str(
            training_data.described(
                digits.N_TRAINING,
                self.preset.written,
                len(self._room[0]) if self._room else 0,
                f"{self._room_share:.2g}",
                self.preset.warm,
            )
        )


def _warm_start(start: Model | None) -> SigmoidNetwork:
    """A copy of the start's network, in the precision of model files."""
    if start is None:
        raise ValueError("A warm preset continues from a model: give one as `start`.")
    network = SigmoidNetwork(start.network.sizes, dtype=np.float32)
    network.parameters[:] = start.network.parameters
    return network


def _room_share(preset: Preset, room: Room | None) -> float:
    """The share of the room's drawings in every mini-batch, 0 if there are none."""
    if not room or not len(room[1]):
        return 0.0
    n, most = len(room[1]), np.bincount(room[1]).max()
    return min(preset.room_share, n / (n + _AGAINST), float(_OF_ONE_DIGIT * n / most))


def _in_two_parts(
    progress: Progress | None, n_second: int
) -> tuple[Progress | None, Progress | None]:
    """Two functions like `progress` that count on through two parts, of n_second the second."""
    if not progress:
        return None, None
    n_first = 0

    def first(done: int, total: int) -> None:
        nonlocal n_first
        n_first = total
        progress(done, total + n_second)

    def second(done: int, total: int) -> None:
        progress(n_first + done, n_first + total)

    return first, second


def _as_inputs(pixels: Pixels, labels: Labels) -> tuple[Floats, Floats]:
    return scaled(pixels, np.float32), digits.one_hot(labels)
