"""Reads JSON of a stranger's: what comes out has the type and the range that were asked for."""

import json
import math
from datetime import datetime


class EntryError(ValueError):
    """JSON that does not hold what it should; the message says where."""


def parse(name, data):
    """The Entry in the bytes of a file of JSON text; EntryError if there is none."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EntryError(f"{name} is not JSON text ({error}).") from error
    return Entry(name, value)


class Entry:
    """A JSON object of a stranger's, and where it stands; what it holds comes out checked."""

    def __init__(self, where, value):
        if not isinstance(value, dict):
            raise EntryError(f"{where} is {_shown(value)}, not an object.")
        self.where, self.value = where, value

    def get(self, key):
        """Whatever stands there."""
        if key not in self.value:
            raise EntryError(f"{self.where}: {key!r} is missing.")
        return self.value[key]

    def entry(self, key):
        """An Entry."""
        return Entry(f"{self.where}: {key!r}", self.get(key))

    def entries(self, key):
        """A list of Entry."""
        value = self._must(key, "a list", lambda value: isinstance(value, list))
        return [Entry(f"{self.where}: {key}, line {i + 1}", v) for i, v in enumerate(value)]

    def whole(self, key, low, high, or_none=False):
        """An int."""
        what = f"a whole number from {low:,} to {high:,}{' or null' * or_none}"
        return self._must(key, what, lambda v: type(v) is int and low <= v <= high, or_none)

    def number(self, key, low, high):
        """An int or float."""
        what = f"a number from {low:g} to {high:g}"
        return self._must(key, what, lambda value: _is_number(value, low, high))

    def numbers(self, key, low, high):
        """A list of int or float."""

        def is_right(value):
            return isinstance(value, list) and all(_is_number(v, low, high) for v in value)

        return self._must(key, f"a list of numbers from {low:g} to {high:g}", is_right)

    def text(self, key, most):
        """A str that a database can keep."""

        def is_right(value):
            return isinstance(value, str) and len(value) <= most and is_clean(value)

        return self._must(key, f"a text of up to {most:,} characters", is_right)

    def one_of(self, key, allowed):
        """One of these strings."""
        return self._must(key, " or ".join(allowed), lambda value: value in list(allowed))

    def moment(self, key, or_none=False):
        """A datetime with its time zone."""
        what = f"a date and time with its zone{', or null' * or_none}"
        text = self._must(key, what, lambda value: _moment(value) is not None, or_none)
        return _moment(text)

    def _must(self, key, what, is_right, or_none=False):
        value = self.get(key)
        if not ((or_none and value is None) or is_right(value)):
            raise EntryError(f"{self.where}: {key!r} is {_shown(value)}, not {what}.")
        return value


def _is_number(value, low, high):
    return type(value) in (int, float) and low <= value <= high  # which NaN is not


def _moment(text):
    """The datetime in a text in ISO 8601; None if there is none that can be used."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo and 2000 <= moment.year <= 2200 else None


def is_clean(text):
    """Whether every database can keep a text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _shown(value):
    """A value as a sentence quotes it, however long or deep it is."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, float) and not math.isfinite(value):
        return "not a finite number"
    return repr(value)[:60]
