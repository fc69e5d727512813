import pickle
import re
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.neural_network import MLPClassifier
from sklearn.utils.estimator_checks import check_estimator

from nn import SigmoidClassifier
from nn.digits import one_hot, split
from nn.network import softmax
from nn.training import Diverged


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9, "alpha": 1e-4}], ids=str)
def test_scikit_learns_estimator_checks_pass(settings):
    check_estimator(SigmoidClassifier(**settings), on_skip=None)


@pytest.mark.parametrize(
    ("settings", "contrary"),
    [
        (
            {"early_stopping": True, "validation_fraction": 0.2},
            {  # They call partial_fit.
                "check_estimators_partial_fit_n_features",
                "check_fit_score_takes_y",
                "check_n_features_in_after_fitting",
            },
        ),
        # It asks that a second call of fit begins anew.
        ({"warm_start": True}, {"check_supervised_y_2d"}),
    ],
    ids=["early_stopping", "warm_start"],
)
def test_checks_pass_that_do_not_ask_the_contrary_of_a_setting(settings, contrary):
    results = check_estimator(SigmoidClassifier(**settings), on_skip=None, on_fail=None)
    assert {each["check_name"] for each in results if each["status"] == "failed"} == contrary


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


def test_the_defaults_are_the_articles_settings_without_anything_else():
    articles = {
        "hidden_layer_sizes": (15,),
        "batch_size": 10,
        "learning_rate_init": 0.1,
        "max_iter": 50,
        "random_state": None,
    }
    found = SigmoidClassifier().get_params()
    assert articles.items() <= found.items()
    assert (found["alpha"], found["momentum"], found["tol"]) == (0, 0, None)
    assert not found["early_stopping"]


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
        ("alpha", -0.1),
        ("momentum", 1.1),
        ("momentum", float("nan")),
        ("tol", -1),
        ("n_iter_no_change", 0),
        ("n_iter_no_change", 1.5),
        ("validation_fraction", 1.0),
        ("early_stopping", "yes"),
        ("shuffle", 2),
        ("hidden_layer_sizes", (0,)),
        ("hidden_layer_sizes", (2.5,)),
        ("hidden_layer_sizes", 15),
    ],
)
def test_unfit_setting_is_refused_with_its_value(all_digits, name, value):
    pixels, labels = all_digits
    with pytest.raises(ValueError, match=rf"^{name}: .* is not") as caught:
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


@pytest.fixture
def few(all_digits):
    """200 digits, as (pixels, labels)."""
    return tuple(array[:200] for array in all_digits)


def quick(**settings):
    """A classifier for a few digits, not yet fitted."""
    return SigmoidClassifier(**{"max_iter": 4, "random_state": 0} | settings)


def parameters(classifier):
    return classifier.network_.parameters


# Going on


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9, "alpha": 0.1}], ids=str)
def test_calls_of_partial_fit_make_what_one_fit_makes(few, settings):
    whole, parts = quick(**settings).fit(*few), quick(**settings)
    for _ in range(4):
        parts.partial_fit(*few, classes=range(10))
        assert parts.n_iter_ == 1
    np.testing.assert_array_equal(parameters(parts), parameters(whole))
    assert parts.loss_curve_ == whole.loss_curve_
    assert parts.t_ == whole.t_ == 4 * 200


def test_partial_fit_learns_from_one_part_of_the_data_after_another(all_digits):
    (x, y), test = split(*all_digits)
    classifier = quick()
    for start in range(0, 15 * 1500, 100):
        rows = np.arange(start, start + 100) % 1500
        classifier.partial_fit(x[rows], y[rows], classes=range(10))
    assert classifier.score(*test) > 0.94


def test_partial_fit_knows_classes_that_no_sample_has_yet(few):
    x, y = few
    classifier = quick().partial_fit(x[y < 3], y[y < 3], classes=range(10))
    assert classifier.predict_proba(x).shape == (200, 10)
    classifier.partial_fit(*few)
    assert list(classifier.classes_) == list(range(10))


def test_partial_fit_goes_on_from_fit_also_after_a_pickle(few):
    fitted = quick(momentum=0.9).fit(*few)
    twin = pickle.loads(pickle.dumps(fitted))
    for each in (fitted, twin):
        each.partial_fit(*few)
    np.testing.assert_array_equal(parameters(twin), parameters(fitted))
    whole = quick(momentum=0.9, max_iter=5).fit(*few)
    np.testing.assert_array_equal(parameters(fitted), parameters(whole))


def test_partial_fit_takes_the_settings_of_its_call(few):
    x, y = few
    classifier = quick().partial_fit(x, y, classes=range(10))
    before = parameters(classifier).copy()
    classifier.set_params(learning_rate_init=1e-12, momentum=0.9).partial_fit(x, y)
    np.testing.assert_allclose(parameters(classifier), before, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "arguments", "sentence"),
    [
        ({}, {}, "classes must be passed on the first call to partial_fit."),
        ({}, {"classes": range(5)}, "y has classes that the first call did not name: [5, 6"),
        ({}, {"classes": [3]}, "y has one class only, 3; two are needed."),
        ({"early_stopping": True}, {"classes": range(10)}, "does not support early_stopping"),
    ],
    ids=["no classes", "other classes", "one class", "stopping"],
)
def test_partial_fit_that_cannot_begin_is_refused(few, settings, arguments, sentence):
    classifier = quick(**settings)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        classifier.partial_fit(*few, **arguments)
    with pytest.raises(NotFittedError):
        classifier.predict(few[0])


@pytest.mark.parametrize(
    ("settings", "arguments", "sentence"),
    [
        ({}, {"classes": range(9)}, "classes: [0, 1, 2, 3, 4, 5, 6, 7, 8] are not those of"),
        ({"hidden_layer_sizes": (20,)}, {}, "hidden_layer_sizes: (20,) are not those of"),
        ({"learning_rate_init": 1e308}, {}, "stopped being a number at epoch 1"),
    ],
    ids=str,
)
def test_partial_fit_that_fails_leaves_the_estimator_as_it_was(
    few, settings, arguments, sentence
):
    classifier = quick().partial_fit(*few, classes=range(10))
    before, curve = parameters(classifier).copy(), list(classifier.loss_curve_)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        classifier.set_params(**settings).partial_fit(*few, **arguments)
    np.testing.assert_array_equal(parameters(classifier), before)
    assert classifier.loss_curve_ == curve


def test_warm_start_goes_on_and_fit_without_it_begins_anew(few):
    warm, cold = quick(max_iter=2, warm_start=True), quick(max_iter=2)
    for each in (warm, cold):
        each.fit(*few).fit(*few)
        assert each.n_iter_ == 2
    np.testing.assert_array_equal(parameters(warm), parameters(quick().fit(*few)))
    assert (len(warm.loss_curve_), warm.t_) == (4, 800)
    np.testing.assert_array_equal(parameters(cold), parameters(quick(max_iter=2).fit(*few)))
    assert (len(cold.loss_curve_), cold.t_) == (2, 400)


def test_warm_start_with_other_hidden_layers_is_refused(few):
    classifier = quick(warm_start=True).fit(*few)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes: \(4,\).*warm_start=False"):
        classifier.set_params(hidden_layer_sizes=(4,)).fit(*few)


# Stopping


def test_early_stopping_ends_with_the_weights_that_did_best_on_data_set_aside(all_digits):
    settings = {"random_state": 0, "early_stopping": True, "learning_rate_init": 0.5}
    classifier = SigmoidClassifier(**settings, n_iter_no_change=3).fit(*all_digits)
    scores = classifier.validation_scores_
    assert len(scores) == len(classifier.loss_curve_) == classifier.n_iter_ < 50
    assert classifier.best_validation_score_ == max(scores) > 0.9
    assert classifier.best_loss_ is None
    # A tenth of the samples is set aside, and never trained on.
    assert classifier.t_ == classifier.n_iter_ * (1797 - 180)
    best = SigmoidClassifier(**settings, max_iter=1 + int(np.argmax(scores)))
    with pytest.warns(ConvergenceWarning):
        best.fit(*all_digits)
    np.testing.assert_array_equal(parameters(classifier), parameters(best))
    # The last epochs brought nothing, as MLPClassifier counts it.
    assert max(scores[-4:]) < max(scores) + 1e-4


def test_early_stopping_goes_on_from_the_best_and_is_never_worse_for_it(all_digits):
    settings = {"early_stopping": True, "warm_start": True, "tol": 0, "random_state": 1}
    classifier = SigmoidClassifier(**settings, n_iter_no_change=np.inf, max_iter=3)
    bests = []
    for _ in range(3):
        with pytest.warns(ConvergenceWarning):
            classifier.fit(*all_digits)
        bests.append(classifier.best_validation_score_)
    assert bests == sorted(bests)
    assert len(classifier.validation_scores_) == 9


def test_tol_stops_when_the_loss_no_longer_falls_by_it(few):
    curve = quick(max_iter=30).fit(*few).loss_curve_
    falls = -np.diff(curve)
    tol = float(np.sort(falls)[10])
    stopped = quick(max_iter=30, tol=tol, n_iter_no_change=1).fit(*few)
    # The best so far must be beaten by tol; after the second epoch in a row that fails, stop.
    failed = np.array([c > min(curve[: i + 1]) - tol for i, c in enumerate(curve[1:])])
    expected = int(np.flatnonzero(failed[1:] & failed[:-1])[0]) + 3
    assert stopped.n_iter_ == expected < 30
    assert stopped.loss_curve_ == curve[:expected]
    assert stopped.best_loss_ == min(stopped.loss_curve_)
    assert stopped.validation_scores_ is stopped.best_validation_score_ is None


def test_training_stops_after_as_many_epochs_as_that_of_mlp_classifier(few):
    settings = {"batch_size": 200, "learning_rate_init": 0.5, "max_iter": 60, "tol": 0.03,
                "n_iter_no_change": 4}  # fmt: skip
    ours, theirs = twins(few, **settings)
    # Its loss is that before the step, ours after it: one epoch apart.
    assert abs(ours.n_iter_ - theirs.n_iter_) <= 1
    assert 5 < ours.n_iter_ < 60


def test_without_tol_training_never_stops_by_itself(few):
    classifier = quick(max_iter=30, learning_rate_init=1e-9, n_iter_no_change=1).fit(*few)
    assert classifier.n_iter_ == 30


def test_training_that_was_to_stop_by_itself_and_did_not_warns(few):
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(4\)") as caught:
        quick(tol=0.0).fit(*few)
    assert caught[0].filename == __file__


# The same as MLPClassifier


def twins(few, **settings):
    """Both classifiers, fitted from the same weights with the same settings."""
    x, y = np.asarray(few[0], np.float32) / 16, few[1]
    # Labels as rows of 0 and 1 make MLPClassifier use sigmoid outputs, as ours does.
    rows = one_hot(y).astype(int)
    ours = quick(warm_start=True, shuffle=False, max_iter=1, batch_size=200, momentum=0.9)
    theirs = MLPClassifier(
        (15,), activation="logistic", solver="sgd", alpha=0, momentum=0.9, warm_start=True,
        shuffle=False, max_iter=1, random_state=0,
    )  # fmt: skip
    ours.fit(x, y)
    with pytest.warns(ConvergenceWarning):
        theirs.fit(x, rows)
    for mine, other in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_):
        mine[:] = other
    settings = {"max_iter": 5, "learning_rate_init": 0.1, "tol": 0, "momentum": 0} | settings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours.set_params(**settings).fit(x, y)
        theirs.set_params(**settings).fit(x, rows)
    return ours, theirs


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 10},
        {"batch_size": 10, "momentum": 0.9},
        {"batch_size": 10, "momentum": 0.9, "nesterovs_momentum": False},
        {"batch_size": 10, "alpha": 0.5},
        {"batch_size": 7, "alpha": 0.5, "momentum": 0.5},  # a last mini-batch of 4
    ],
    ids=str,
)
def test_same_settings_make_the_same_weights_as_in_mlp_classifier(few, settings):
    ours, theirs = twins(few, **settings)
    for mine, other in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_):
        np.testing.assert_allclose(mine, other, rtol=0, atol=2e-5)
    assert (ours.n_iter_, ours.n_layers_, ours.n_outputs_, ours.out_activation_) == (
        theirs.n_iter_, theirs.n_layers_, theirs.n_outputs_, theirs.out_activation_,
    )  # fmt: skip
    assert ours.t_ == theirs.t_


def test_loss_holds_the_penalty_as_in_mlp_classifier(few):
    # In one whole batch, MLPClassifier's loss is that before the step: ours an epoch before.
    ours, theirs = twins(few, batch_size=200, alpha=5.0)
    np.testing.assert_allclose(ours.loss_curve_[1:-1], theirs.loss_curve_[2:], rtol=1e-5)
    assert ours.loss_ == ours.loss_curve_[-1]


# What one can look at


def test_coefs_and_intercepts_make_the_probabilities(few):
    x, _ = few
    classifier = quick(hidden_layer_sizes=(7, 5)).fit(*few)
    a = x / classifier.scale_
    for coefs, intercepts in zip(classifier.coefs_, classifier.intercepts_, strict=True):
        z = a @ coefs + intercepts
        a = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(softmax(z), classifier.predict_proba(x), rtol=1e-5)
    assert (classifier.n_layers_, classifier.n_outputs_) == (4, 10)


def test_log_probabilities_are_finite_or_minus_infinity_without_a_warning(few):
    classifier = quick().fit(*few)
    probabilities = classifier.predict_proba(few[0])
    logarithms = classifier.predict_log_proba(few[0])
    np.testing.assert_allclose(np.exp(logarithms), probabilities)
    classifier.intercepts_[-1][0] = -1e6
    assert (classifier.predict_log_proba(few[0])[:, 0] == -np.inf).all()


def test_verbose_prints_as_mlp_classifier_does_and_silence_is_the_default(few, capsys):
    quick().fit(*few)
    assert capsys.readouterr().out == ""
    classifier = quick(
        verbose=True, early_stopping=True, n_iter_no_change=1, tol=1.0, max_iter=9
    ).fit(*few)
    lines = capsys.readouterr().out.splitlines()
    assert classifier.n_iter_ == 3
    assert lines[:2] == [
        f"Iteration 1, loss = {classifier.loss_curve_[0]:.8f}",
        f"Validation score: {classifier.validation_scores_[0]:f}",
    ]
    assert lines[-1] == (
        "Validation score did not improve more than tol=1.000000 for 1 consecutive epochs. "
        "Stopping."
    )
    assert len(lines) == 7
