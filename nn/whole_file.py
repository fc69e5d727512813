"""Writes files whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write, within it, to the path that it gives: the file then takes the place of `path`.

    If anything fails, what was at `path` stays as it was. An OSError names `path`.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            whole = Path(folder) / path.name
            yield whole
            os.replace(whole, path)
    except OSError as error:  # it names the temporary folder, or nothing at all
        raise OSError(error.errno, error.strerror, str(path)) from error
