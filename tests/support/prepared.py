"""A data folder after a first start: made once, then copied, which is much faster."""

import functools
import tempfile
from pathlib import Path

from webapp import config
from webapp.storage import first_start
from webapp.storage.database import FILE


def fill(data_dir):
    """Put the database of a first start into a data folder, unless it has one."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if not (data_dir / FILE).exists():
        (data_dir / FILE).write_bytes(_database())


@functools.cache
def _database():
    """The bytes of the database that a first start makes."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"INKLING_DATA_DIR": folder, "INKLING_ADMIN_PASSWORD": "unused"}
        first_start.prepare(config.from_environment(settings))
        return (Path(folder) / FILE).read_bytes()
