"""One training run on scikit-learn's digits, from a preset to a finished model."""

import numpy as np

from nn import augment, digits, evaluation
from nn.model import Model, scaled
from nn.network import SigmoidNetwork
from nn.training import train

_CALIBRATION_COPIES = 3  # warped copies of each held-out digit, to fit the temperature
_CALIBRATION_SEED = 2**31  # one that no run's own copies use: seeds end below it


class Experiment:
    """Prepare the pictures, train, and hand over the model; each step once, in this order.

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

    def prepare(self, progress=None):
        """Make the warped copies; `progress(done, total)` counts pictures."""
        pixels, labels = self._training
        copies = augment.warped_copies(pixels, self.preset.copies, self.preset.seed, progress)
        # The digits as they are, often enough that the copies do not drown them.
        plain = max(1, self.preset.copies // 2)
        self._training = (
            np.concatenate([np.tile(pixels, (plain, 1)), copies]),
            np.tile(labels, plain + self.preset.copies),
        )

    def epochs(self):
        """Train, yielding an `nn.training.Epoch` after each epoch; test: held-out digits."""
        x, y = _as_inputs(*self._training)
        return train(
            self._network,
            x,
            y,
            epochs=self.preset.epochs,
            batch_size=self.preset.batch_size,
            learning_rate=self.preset.learning_rate,
            recipe=self.preset.recipe,
            random_state=self.preset.seed,
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
