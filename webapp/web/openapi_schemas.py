"""JSON Schemas of the structs that come in and go out, explained by their docstrings."""

import inspect
import re
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Struct

Schema = dict[str, Any]

_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$"
_REF = "#/components/schemas/{name}"
# A line of a docstring about fields: "before, after : what they are", and what it goes on with.
_FIELDS = re.compile(r"^(\w+(?:, \w+)*) : (.+(?:\n[ ]+.+)*)\n?", re.MULTILINE)


class Schemas:
    """Schemas by type.

    components : the schema of each Struct by its name, which the others refer to
    """

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._structs: dict[str, type[Struct]] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of a type; ValueError if two Structs in it have one name."""
        for struct in _structs(kind):
            name = struct.__name__
            if self._structs.setdefault(name, struct) is not struct:
                raise ValueError(f"Two structs have the name {name!r}.")
            if name not in self.components:
                self.components[name] = _explained(struct)
        (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
        return _published(schema)

    def of_all(self, *kinds: Any) -> Schema:
        """The schema of what is of all of these types at once."""
        schemas = [self.of(kind) for kind in kinds]
        return schemas[0] if len(schemas) == 1 else {"allOf": schemas}


def of_form(*kinds: type[Struct]) -> Schema:
    """The schema of a form with the fields of these Structs."""
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for kind in kinds:
        properties |= of_texts(kind)
        required += _explained(kind).get("required", ())
    return {"type": "object", "properties": properties, "required": required}


def of_texts(kind: type[Struct]) -> dict[str, Schema]:
    """The schemas of a Struct's fields as texts of a form or a query, where nothing is null."""
    properties = _explained(kind)["properties"]
    return {name: _without_null(schema) for name, schema in properties.items()}


def _structs(hint: Any) -> Iterator[type[Struct]]:
    """All Structs in a type."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
        for each in get_type_hints(hint).values():
            yield from _structs(each)
    for each in get_args(hint):
        yield from _structs(each)


def _explained(struct: type[Struct]) -> Schema:
    """The schema of a Struct, with its docstring in the places of what it explains."""
    _, components = msgspec.json.schema_components([struct], ref_template=_REF)
    schema = _published(components[struct.__name__])
    for base in reversed(struct.__mro__):
        for names, explanation in _FIELDS.findall(_text(base)):
            for name in set(names.split(", ")) & set(schema["properties"]):
                schema["properties"][name]["description"] = " ".join(explanation.split())
    return schema | {"description": _FIELDS.sub("", _text(struct)).strip()}


def _text(struct: type) -> str:
    """The docstring, in the words of JSON."""
    return inspect.cleandoc(struct.__doc__ or "").replace("None", "null")


def _published(schema: Any) -> Any:
    r"""The schema in the words of JSON Schema: $ for \Z, and base64 as a pattern."""
    if isinstance(schema, list):
        return [_published(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _published(value) for name, value in schema.items()}
    if found.get("contentEncoding") == "base64":
        found["pattern"] = _BASE64
    elif isinstance(found.get("pattern"), str):
        found["pattern"] = found["pattern"].replace(r"\Z", "$")
    return found


def _without_null(schema: Schema) -> Schema:
    given = {name: value for name, value in schema.items() if value is not None}
    kinds = [kind for kind in given.pop("anyOf", ()) if kind != {"type": "null"}]
    return given | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})
