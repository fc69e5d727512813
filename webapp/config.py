"""Every setting, once: name, how to read it, default and a sentence.

The environment variable is the name in capitals with INKLING_ before it. An option of
`python -m webapp` takes precedence. Addresses and secrets of other services have no option,
because everyone on the machine can see options. Their variables also work without INKLING_,
under the names that other programs use.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from nn.refusal import Refusal
from webapp import translations

_PACKAGE = Path(__file__).resolve().parent
# A package that was installed has the pages within it; in a checkout they lie beside it.
IS_INSTALLED = (_PACKAGE / "templates").is_dir()
PAGES = _PACKAGE if IS_INSTALLED else _PACKAGE.parent  # the folder of static/ and templates/
COMMAND = "inkling" if IS_INSTALLED else "python -m webapp"  # what people type

MIN_PASSWORD, MAX_PASSWORD = 8, 200  # characters
ANY_HOST = "*"  # in allowed_hosts: any name
ALL, WEB, WORKER = ROLES = ("all", "web", "worker")  # what a machine runs

Settings = dict[str, Any]  # the value of every setting by its name


class ConfigError(Refusal):
    """A wrong value of a setting, or something around Inkling that keeps it from starting."""

    code = "bad_setting"


class Setting(NamedTuple):
    parse: Callable[[str], Any]
    default: Any
    help: str
    is_option: bool = True  # of the command line
    variables: tuple[str, ...] = ()  # further environment variables that may hold it


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ConfigError(
                "{text!r} is not a whole number from {low} to {high}.",
                text=text,
                low=low,
                high=high,
            )
        return int(text)

    return parse


def _role(text: str) -> str:
    """One of ROLES."""
    if text not in ROLES:
        raise ConfigError("{text!r} is none of {all}.", text=text, all=", ".join(ROLES))
    return text


def _host_names(text: str) -> str:
    """Names with commas between them and without spaces."""
    names = [name.strip().lower() for name in text.split(",")]
    for name in names:
        if name != ANY_HOST and not re.fullmatch(r"[\w.-]*", name, re.ASCII):
            raise ConfigError(
                "{name!r} is no name of a host, such as inkling.example. Leave out https:// "
                "and the port.",
                name=name,
            )
    return ",".join(names)


def _redis_url(text: str) -> str:
    """The address of a Redis, which is not shown: it may hold a password."""
    try:
        found = urlsplit(text)
        is_address = found.scheme in ("redis", "rediss", "unix") and found.port != 0
    except ValueError:  # a port that is no number
        is_address = False
    if not is_address:
        raise ConfigError("This is no address such as redis://host:6379/0.")
    return text


def _languages(text: str) -> str:
    """Names of languages with commas between them and without spaces."""
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in translations.NAMES:
            raise ConfigError(
                "{name!r} is none of Inkling's languages: {all}.",
                name=name,
                all=", ".join(translations.NAMES),
            )
    return ",".join(names)


def password(text: str) -> str:
    """The password, if its length is right."""
    if not MIN_PASSWORD <= len(text) <= MAX_PASSWORD:
        raise ConfigError(
            "A password has {low} to {high} characters, not {length}.",
            low=MIN_PASSWORD,
            high=MAX_PASSWORD,
            length=len(text),
        )
    return text


SETTINGS = {
    "host": Setting(str, "127.0.0.1", "address to listen on; 0.0.0.0 lets phones connect"),
    "port": Setting(_whole_number(1, 65535), 8000, "port to listen on"),
    "data_dir": Setting(Path, Path("instance"), "folder in which Inkling keeps everything"),
    "workers": Setting(
        _whole_number(1, 64), min(os.cpu_count() or 1, 4), "web server processes"
    ),
    "role": Setting(
        _role,
        ALL,
        "what this machine runs: web (the web server), worker (the training worker) or all; "
        "several machines share the database of DATABASE_URL",
    ),
    "trusted_proxies": Setting(
        _whole_number(0, 9),
        0,
        "web servers in front of this one whose X-Forwarded- headers count",
    ),
    "allowed_hosts": Setting(
        _host_names, "", "further names that browsers may use for Inkling, with commas"
    ),
    "languages": Setting(
        _languages, "en,zh", "languages of the pages; the first where a browser wants another"
    ),
    "max_drawings": Setting(_whole_number(1, 10_000), 40, "most drawings kept per participant"),
    "admin_password": Setting(password, None, "password of the admin page", is_option=False),
    "database_url": Setting(
        str, None, "database, in place of a file in the data folder", False, ("DATABASE_URL",)
    ),
    "redis_url": Setting(
        _redis_url,
        None,
        "the worker's queue, in place of a file there",
        False,
        ("REDIS_URL",),
    ),
    "max_room_drawings": Setting(
        _whole_number(1, 1_000_000), 50_000, "most drawings kept in all"
    ),
    "max_room_mib": Setting(
        _whole_number(1, 100_000), 512, "most MiB that the pictures of all drawings take"
    ),
    "max_newcomers": Setting(
        _whole_number(1, 100_000), 300, "most devices whose first drawing is kept in a minute"
    ),
}


def from_environment(environ: Mapping[str, str]) -> Settings:
    """All settings by name, from a mapping like os.environ; ConfigError for a wrong value."""
    return {name: _value(name, environ) for name in SETTINGS}


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"INKLING_{name.upper()}"


def _value(name: str, environ: Mapping[str, str]) -> Any:
    setting = SETTINGS[name]
    for source in (variable(name), *setting.variables):
        if environ.get(source):
            try:
                return setting.parse(environ[source])
            except ConfigError as error:
                raise ConfigError("{source}: {error}", source=source, error=error) from error
    return setting.default
