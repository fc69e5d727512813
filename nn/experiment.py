"""One training run on scikit-learn's digits, from a preset to a finished model."""

import dataclasses

import numpy as np

from nn import augment, digits, evaluation
from nn.model import Model, scaled
from nn.network import SigmoidNetwork
from nn.training import train

_CALIBRATION_COPIES = 3  # warped copies of each held-out digit, to fit the temperature
_CALIBRATION_SEED = 2**31  # one that no run's own copies use: seeds end below it

# So many drawings may take up half of each mini-batch. Ten, seen over and over, would teach
# ten drawings by heart rather than a room's ways of writing.
_AGAINST = 100

# Of a warm run, all tuned on two people's drawings while four others' were the room.
_KEPT = 0.5  # weight of the start in the mean of the weights before and after
_ROOM_PICTURES = 1600  # warped copies of the room's drawings, at most: about 1.5 s
_NONE = 0.2  # pictures that are no digit, as a share of the digits, where there is no room;
_MOST_NONE = 2 / 3  # the room's share comes on top, to so much


class Experiment:
    """Train, then hand over the model: read `epochs` to its end, then call `model`.

    Everything random follows from `preset.seed`: the same preset, start and room give the
    same model.

    Parameters
    ----------
    preset : nn.presets.Preset
    start : nn.model.Model, or None
        Where a warm preset starts from; it is copied, never changed. Other presets take no
        notice of it.
    room : (pixels, labels), or None
        The room's drawings, (n, 64), 0..16, and (n,), 0..9, which take up
        `preset.room_share` of every mini-batch, but never more than n / (n + 100). Without
        any, n = 0 or None, that is nothing.

    Attributes
    ----------
    preset : nn.presets.Preset
        As given, but for the hidden layers of a warm one: they are those of `start`.

    Raises
    ------
    ValueError
        If the preset is warm and there is no start.
    """

    def __init__(self, preset, start=None, room=None):
        self._training, self._test = digits.split(*digits.load())
        if preset.warm:
            if start is None:
                raise ValueError("A warm preset continues from a model: give one as `start`.")
            preset = dataclasses.replace(preset, hidden=tuple(start.network.sizes[1:-1]))
        self.preset = preset
        self._network = SigmoidNetwork(
            [self._training[0].shape[1], *preset.hidden, digits.N_CLASSES],
            preset.seed,
            np.float32,  # what model files hold
        )
        self._start = start.network.parameters.copy() if preset.warm else None
        if preset.warm:
            self._network.parameters[:] = self._start
        self._room_share = _room_share(preset, room)
        self._room = room if self._room_share else None

    def epochs(self, progress=None):
        """Make the pictures, train on them, and yield an `nn.training.Epoch` after each epoch.

        `progress(done, total)`, if given, counts the pictures. Test figures are those of the
        held-out digits.
        """
        preset = self.preset
        pictures, drawings = self._pictures(progress)
        x, y = _as_inputs(*pictures)
        yield from train(
            self._network,
            x,
            y,
            epochs=preset.epochs,
            batch_size=preset.batch_size,
            learning_rate=preset.learning_rate,
            recipe=preset.recipe,
            random_state=preset.seed,
            test=_as_inputs(*self._test),
            extra=_as_inputs(*drawings) if drawings else (),
            extra_share=self._room_share,
        )

    def model(self):
        """The trained network with its temperature and figures, an `nn.model.Model`."""
        pixels, labels = self._test
        model = Model(self._finished_network(), trained_on=self._description())
        copies = augment.warped_copies(pixels, _CALIBRATION_COPIES, _CALIBRATION_SEED)
        model.temperature = evaluation.fit_temperature(
            model.logits(copies), np.tile(labels, _CALIBRATION_COPIES)
        )
        model.figures["test_accuracy"] = evaluation.accuracy(
            model.predict_proba(pixels), labels
        )
        return model

    def _pictures(self, progress):
        """What to train on, and the room's part: (pixels, labels) each, the latter or None."""
        preset = self.preset
        n_room = self._room_copies() * len(self._room[0]) if self._room else 0
        first, second = _in_two_parts(progress, n_room)
        pictures = augment.training_pictures(
            *self._training, preset.copies, preset.seed, first, self._n_none()
        )
        return pictures, self._drawings(second)

    def _drawings(self, progress):
        """The room's drawings and warped copies of them; None without any."""
        if not self._room:
            return None
        (rows, labels), copies = self._room, self._room_copies()
        pixels = augment.warped_copies(rows, copies, self.preset.seed, progress)
        return np.concatenate([rows, pixels]), np.tile(labels, 1 + copies)

    def _room_copies(self):
        """How often to copy each drawing: as is wished, but a warm run has only seconds."""
        wished = self.preset.room_copies
        return min(wished, _ROOM_PICTURES // len(self._room[0])) if self.preset.warm else wished

    def _n_none(self):
        """Pictures that are no digit that a warm run makes beside its copies.

        It has no copies as a rule, and without such pictures it would call everything a
        digit before long. The room's drawings contain none, so the others make up for them.
        """
        if not self.preset.warm:
            return 0
        return round(digits.N_TRAINING * min(_NONE + self._room_share, _MOST_NONE))

    def _finished_network(self):
        """The trained network; of a warm run, the mean of its weights before and after.

        The mean gets better at what is new and forgets less of what was there (Wortsman et
        al., "Robust fine-tuning of zero-shot models", 2022).
        """
        if not self.preset.warm:
            return self._network
        network = SigmoidNetwork(self._network.sizes, 0, np.float32)
        network.parameters[:] = _KEPT * self._start + (1 - _KEPT) * self._network.parameters
        return network

    def _description(self):
        data = f"{digits.N_TRAINING} of scikit-learn's digits"
        if self._room:
            data += (
                f" and {len(self._room[0])} of the room's drawings "
                f"({self._room_share:.2g} of every mini-batch)"
            )
        if self.preset.warm:
            data += ", continuing from an earlier model and averaged with it"
        return f"{data}, {self.preset}"


def _room_share(preset, room):
    """The share of the room's drawings in every mini-batch, 0 if there are none."""
    n = len(room[0]) if room else 0
    return min(preset.room_share, n / (n + _AGAINST))


def _in_two_parts(progress, n_second):
    """Two functions like `progress` that count on through two parts, of n_second the second."""
    if not progress:
        return None, None
    n_first = 0

    def first(done, total):
        nonlocal n_first
        n_first = total
        progress(done, total + n_second)

    def second(done, total):
        progress(n_first + done, n_first + total)

    return first, second


def _as_inputs(pixels, labels):
    return scaled(pixels, np.float32), digits.one_hot(labels)
