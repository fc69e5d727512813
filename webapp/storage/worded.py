"""Sentences in the database: a template in one column, and its values as JSON in another."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from nn.refusal import Refusal
from nn.words import Sentence

_PARTS = {"template", "values"}


class Worded(sa.TypeDecorator[Any]):
    """JSON that may hold Sentences. A value that JSON has no form for is kept as its text."""

    impl = sa.JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def process_bind_param(self, value: Any, _dialect: object) -> Any:
        return _plain(value)

    def process_result_value(self, value: Any, _dialect: object) -> Any:
        return _worded(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Refusal):
        value = value.sentence
    if isinstance(value, Sentence):
        return {"template": value.template, "values": _plain(value.values)}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _worded(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == _PARTS:
        return Sentence.restored(value["template"], _worded(value["values"]))
    if isinstance(value, dict):
        return {name: _worded(each) for name, each in value.items()}
    return [_worded(each) for each in value] if isinstance(value, list) else value
