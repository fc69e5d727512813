"""One training run on scikit-learn's digits, from a preset to a finished model."""

import numpy as np

from nn import augment, digits, evaluation
from nn.model import Model, scaled
from nn.network import SigmoidNetwork
from nn.training import train

_CALIBRATION_COPIES = 3  # warped copies of each held-out digit, to fit the temperature
_CALIBRATION_SEED = 2**31  # one that no run's own copies use: seeds end below it


class Experiment:
    """Train, then hand over the model: read `epochs` to its end, then call `model`.

    Everything random follows from `preset.seed`: the same preset gives the same model.
    """

    def __init__(self, preset):
        self.preset = preset
        self._training, self._test = digits.split(*digits.load())
        self._network = SigmoidNetwork(
            [self._training[0].shape[1], *preset.hidden, digits.N_CLASSES],
            preset.seed,
            np.float32,  # what model files hold
        )

    def epochs(self, progress=None):
        """Make the pictures, train on them, and yield an `nn.training.Epoch` after each epoch.

        `progress(done, total)`, if given, counts the pictures. Test figures are those of the
        held-out digits.
        """
        preset = self.preset
        pictures = augment.training_pictures(
            *self._training, preset.copies, preset.seed, progress
        )
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
        )

    def model(self):
        """The trained network with its temperature and figures, an `nn.model.Model`."""
        pixels, labels = self._test
        model = Model(self._network, trained_on=self._description())
        copies = augment.warped_copies(pixels, _CALIBRATION_COPIES, _CALIBRATION_SEED)
        model.temperature = evaluation.fit_temperature(
            model.logits(copies), np.tile(labels, _CALIBRATION_COPIES)
        )
        model.figures["test_accuracy"] = evaluation.accuracy(
            model.predict_proba(pixels), labels
        )
        return model

    def _description(self):
        return f"{digits.N_TRAINING} of scikit-learn's digits, {self.preset}"


def held_out_digits():
    """The digits that no experiment trains on: pixels (297, 64) and labels (297,)."""
    return digits.split(*digits.load())[1]


def _as_inputs(pixels, labels):
    return scaled(pixels, np.float32), digits.one_hot(labels)
