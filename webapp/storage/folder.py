"""The data folder: it can be written, and one server at a time holds it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from webapp.config import ConfigError, Settings

PICTURES = "pictures"  # the folder in it that keeps training pictures; may be deleted
_LOCK = "running.lock"
_OURS = ("inkling.", "queue.", _LOCK, PICTURES)  # how the names of our files begin


def make(data_dir: Path) -> None:
    """Make the data folder if there is none; ConfigError if it cannot be made or written.

    Only the user can read what is in it, and what this process and its children write from
    now on: the database holds the key that signs sessions, and people's drawings.
    """
    os.umask(0o077)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _make_private(data_dir)
    except OSError as error:
        raise ConfigError(
            "The data folder {folder} cannot be made: {reason}. Try another --data-dir.",
            folder=data_dir,
            reason=error.strerror,
        ) from error
    if not os.access(data_dir, os.W_OK):
        raise ConfigError("The data folder {folder} cannot be written to.", folder=data_dir)


def _make_private(data_dir: Path) -> None:
    """Close what an older Inkling left open; not a folder that also has other files in it."""
    entries = list(data_dir.iterdir())
    ours = [path for path in entries if path.name.startswith(_OURS)]
    for path in [data_dir, *ours] if ours == entries else ours:
        with contextlib.suppress(OSError):  # gone again, or another user's
            path.chmod(path.stat().st_mode & 0o700)


def find(settings: Settings) -> None:
    """Raise ConfigError if the data folder does not exist, as after a typing error."""
    if not settings["data_dir"].is_dir():
        raise ConfigError(
            "There is no data folder {folder}. Check --data-dir.", folder=settings["data_dir"]
        )


@contextlib.contextmanager
def hold(data_dir: Path, patience: float) -> Iterator[None]:
    """Hold the data folder. Two servers on it would interrupt each other's training runs.

    Raises ConfigError if another process holds it for more than `patience` seconds.
    """
    lock = FileLock(data_dir / _LOCK)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise ConfigError(
            "Another Inkling is running on the data folder {folder}. "
            "End it first, or use another --data-dir.",
            folder=data_dir,
        ) from None
    except OSError as error:  # such as in /sys, where root may write but make no file
        raise ConfigError(
            "The data folder {folder} cannot be written to: {reason}. Try another --data-dir.",
            folder=data_dir,
            reason=error.strerror,
        ) from error
    try:
        yield
    finally:
        lock.release()
