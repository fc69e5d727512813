"""Every setting, once: name, type, default and a sentence.

The environment variable is the name in capitals with INKLING_ before it; an option of
`python -m webapp` comes first.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple


class Setting(NamedTuple):
    kind: type
    default: Any
    help: str


SETTINGS = {
    "host": Setting(str, "127.0.0.1", "address to listen on; 0.0.0.0 lets phones in"),
    "port": Setting(int, 8000, "port to listen on"),
    "data_dir": Setting(Path, Path("instance"), "folder for everything that Inkling keeps"),
    "workers": Setting(int, min(os.cpu_count() or 1, 4), "web server processes"),
}


class ConfigError(ValueError):
    """A setting with a value it cannot have; the message names it."""


def from_environment(environ):
    """All settings by name, from a mapping like os.environ; ConfigError for a wrong value."""
    return {
        name: _value(name, setting, environ.get(f"INKLING_{name.upper()}"))
        for name, setting in SETTINGS.items()
    }


def _value(name, setting, text):
    if not text:
        return setting.default
    try:
        return setting.kind(text)
    except ValueError as error:
        raise ConfigError(f"INKLING_{name.upper()}: {text!r} is not a whole number.") from error
