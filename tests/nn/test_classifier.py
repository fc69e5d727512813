import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from nn import SigmoidClassifier
from nn.digits import split
from nn.training import Diverged


@parametrize_with_checks([SigmoidClassifier()])
def test_scikit_learn_takes_it_for_an_estimator(estimator, check):
    check(estimator)


def test_the_articles_experiment_reaches_96_5_percent(all_digits):
    training, test = split(*all_digits)
    accuracies = [
        SigmoidClassifier(
            hidden_layer_sizes=(15,), batch_size=10, learning_rate_init=0.1, max_iter=50,
            random_state=seed,
        ).fit(*training).score(*test)
        for seed in range(5)
    ]  # fmt: skip
    assert np.mean(accuracies) >= 0.965


def test_the_defaults_are_the_articles_settings():
    assert SigmoidClassifier().get_params() == {
        "hidden_layer_sizes": (15,),
        "batch_size": 10,
        "learning_rate_init": 0.1,
        "max_iter": 50,
        "random_state": None,
    }


def test_loss_curve_has_one_falling_cost_per_epoch(all_digits):
    classifier = SigmoidClassifier(max_iter=5, random_state=0).fit(*all_digits)
    assert len(classifier.loss_curve_) == classifier.n_iter_ == 5
    assert (np.diff(classifier.loss_curve_) < 0).all()
    assert classifier.scale_ == 16


def test_classes_keep_their_names_and_order(all_digits):
    pixels, labels = all_digits
    few = labels < 3
    names = np.array(["zero", "one", "two"])[labels[few]]
    classifier = SigmoidClassifier(max_iter=10, random_state=0).fit(pixels[few], names)
    assert list(classifier.classes_) == ["one", "two", "zero"]
    probabilities = classifier.predict_proba(pixels[few])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert np.mean(classifier.classes_[probabilities.argmax(axis=1)] == names) > 0.98
    assert classifier.score(pixels[few], names) > 0.98


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 0),
        ("batch_size", 2.5),
        ("max_iter", 0),
        ("max_iter", "50"),
        ("learning_rate_init", 0),
        ("learning_rate_init", -1.0),
        ("learning_rate_init", float("nan")),
        ("learning_rate_init", float("inf")),
        ("learning_rate_init", "fast"),
        ("hidden_layer_sizes", (0,)),
        ("hidden_layer_sizes", (2.5,)),
        ("hidden_layer_sizes", 15),
    ],
)
def test_unfit_setting_is_refused_with_its_value(all_digits, name, value):
    pixels, labels = all_digits
    with pytest.raises(ValueError, match=r"is not") as caught:
        SigmoidClassifier(**{name: value}).fit(pixels[:20], labels[:20])
    assert str(value).strip("()") in str(caught.value)


def test_diverging_is_told_and_leaves_no_estimator_that_predicts(all_digits):
    classifier = SigmoidClassifier(learning_rate_init=1e308)
    with pytest.raises(Diverged, match="epoch 1;"):
        classifier.fit(*all_digits)
    with pytest.raises(NotFittedError):
        classifier.predict(all_digits[0])


def test_fit_that_fails_leaves_the_estimator_as_it_was(all_digits):
    pixels, labels = (array[:100] for array in all_digits)
    classifier = SigmoidClassifier(max_iter=2, random_state=0).fit(pixels, labels)
    before = classifier.predict_proba(pixels)
    with pytest.raises(Diverged):
        classifier.set_params(learning_rate_init=1e308).fit(pixels[:, :32], labels > 4)
    np.testing.assert_array_equal(classifier.predict_proba(pixels), before)
