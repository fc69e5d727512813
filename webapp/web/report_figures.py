"""How a report's figures look on pages."""

import math
from bisect import bisect_right

_LEVELS = (1e-9, 0.05, 0.1, 0.2, 0.4)  # shares of a digit from which a cell is darker


def level(count: int, total: int) -> int:
    """How dark a mistake is in the confusion matrix, 0..5: by its share of the digit."""
    return bisect_right(_LEVELS, count / total) if total else 0


def whole_percent(certainty: float) -> int:
    """A certainty in whole percent; 100 only if there is no doubt at all."""
    return math.floor(100 * certainty)
