"""How good the shipped model is, as the pages say it."""

from nn import digits, evaluation, files, people

_MODEL = files.load(files.SHIPPED)


def _percent(pixels, labels):
    return f"{evaluation.accuracy(_MODEL.predict_proba(pixels), labels):.1%}"


PEOPLE = _percent(people.sample().pixels, people.sample().labels)
DIGITS = _percent(*digits.held_out())
