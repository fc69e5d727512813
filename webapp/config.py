"""Every setting, once: name, how to read it, default and a sentence.

The environment variable is the name in capitals with INKLING_ before it; an option of
`python -m webapp` comes first. Addresses and secrets of other services have no option: options
can be seen by everyone on the machine. Those may stand in the environment without INKLING_,
as other programs name them.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

MAX_PASSWORD = 200  # characters


class ConfigError(ValueError):
    """A setting with a value it cannot have; the message says which values it can."""


class Setting(NamedTuple):
    parse: Callable[[str], Any]
    default: Any
    help: str
    is_option: bool = True  # of the command line
    variables: tuple = ()  # further environment variables that may hold it


def _whole_number(low, high):
    def parse(text):
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ConfigError(f"{text!r} is not a whole number from {low} to {high}.")
        return int(text)

    return parse


def _password(text):
    if len(text) > MAX_PASSWORD:
        raise ConfigError(f"A password has at most {MAX_PASSWORD} characters, not {len(text)}.")
    return text


SETTINGS = {
    "host": Setting(str, "127.0.0.1", "address to listen on; 0.0.0.0 lets phones in"),
    "port": Setting(_whole_number(1, 65535), 8000, "port to listen on"),
    "data_dir": Setting(Path, Path("instance"), "folder for everything that Inkling keeps"),
    "workers": Setting(
        _whole_number(1, 64), min(os.cpu_count() or 1, 4), "web server processes"
    ),
    "max_drawings": Setting(
        _whole_number(1, 10_000), 40, "drawings that are kept of each participant"
    ),
    "admin_password": Setting(_password, None, "password of the admin page", is_option=False),
    "database_url": Setting(
        str, None, "database, if not a file in the data folder", False, ("DATABASE_URL",)
    ),
    "redis_url": Setting(
        str, None, "queue of training runs, if not a file there", False, ("REDIS_URL",)
    ),
}


def from_environment(environ):
    """All settings by name, from a mapping like os.environ; ConfigError for a wrong value."""
    return {name: _value(name, environ) for name in SETTINGS}


def variable(name):
    """The environment variable of a setting."""
    return f"INKLING_{name.upper()}"


def _value(name, environ):
    setting = SETTINGS[name]
    for source in (variable(name), *setting.variables):
        if environ.get(source):
            try:
                return setting.parse(environ[source])
            except ConfigError as error:
                raise ConfigError(f"{source}: {error}") from error
    return setting.default
