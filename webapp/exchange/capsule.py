"""The session capsule: a data folder in a zip, with a report and the drawings as files.

`inkling.db` in it is a SQLite copy of the session, made table by table, so that it works from
every database. Inkling starts on the unzipped folder as on any other.

What differs from the original:

- Tables outside TABLES stay empty: the key that signs sessions, the password's hash, the
  address and switches of the wall, failed sign-ins, devices. The first start makes what is
  missing, with a new password.
- Rejected drawings stay behind. Pending ones come along: the presenter can still decide.
- Participants get new random tokens: their devices count as new people.
- A run that had not ended is marked as interrupted, because nobody is training it.
"""

import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.words import Sentence
from webapp import config
from webapp.exchange import drawings_out, report
from webapp.storage.database import FILE, Base, Database
from webapp.storage.tables import (
    ActiveModel,
    AuditEntry,
    Drawing,
    Epoch,
    ModelVersion,
    Participant,
    TrainingRun,
)

TABLES: tuple[type[Base], ...] = (  # each after those that its rows refer to
    TrainingRun,
    Epoch,
    ModelVersion,
    ActiveModel,
    Participant,
    Drawing,
    AuditEntry,
)
STATUSES = (Drawing.PENDING, Drawing.APPROVED)  # of the drawings in a capsule

_NOT_ENDED = Sentence("It had not ended when the session was saved. Start the run again.")
_BATCH = 50  # rows; their pictures may take 13 MB
_README = """\
This is a session of Inkling, saved on {made:%Y-%m-%d %H:%M} UTC.

To look at it, open report.html in any browser. It needs no server and no internet.
To open the session again, unzip this file into a folder, and start Inkling on that folder:
{command} --data-dir FOLDER. Inkling then makes a new password and prints it. Do so only
with a capsule from somebody you trust, as with every data folder.

drawings.csv has the drawings for a spreadsheet, and drawings.npz has the approved ones for
NumPy. inkling.db is the session: model versions, training runs, drawings and the log.
"""


def make(
    database: Database, render: Callable[[dict[str, object]], str], made: datetime
) -> BinaryIO:
    """The session as a zip file, from one state of the database: a temporary file, to be read.

    render : makes the HTML page of what `report.summary` gives
    made : now
    """
    with database.reading() as session:
        _see_one_state(session, database)
        files = {
            "README.txt": _README.format(made=made, command=config.COMMAND).encode(),
            "report.html": render(report.summary(session)).encode(),
            "drawings.csv": drawings_out.to_csv(session, STATUSES),
            "drawings.npz": drawings_out.to_npz(session),
        }
        with tempfile.TemporaryDirectory() as folder:
            copy = _copied(session, Path(folder), made)
            return _zipped(files, copy, made)


def n_drawings(session: Session) -> int:
    """How many drawings a capsule would hold."""
    query = sa.select(sa.func.count()).where(Drawing.status.in_(STATUSES))
    return session.scalar(query) or 0


def _see_one_state(session: Session, database: Database) -> None:
    """Let a session that has just begun see one state throughout; on SQLite it always does."""
    if not database.is_sqlite:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _copied(session: Session, folder: Path, made: datetime) -> Path:
    """The session's database in an empty folder, as a SQLite file."""
    copy = Database(config.from_environment({"INKLING_DATA_DIR": str(folder)}))
    try:
        copy.upgrade()
        with copy.writing() as target:
            for model in TABLES:
                _copy_rows(session, target, model, made)
    finally:
        copy.close()
    return folder / FILE


def _copy_rows(session: Session, target: Session, model: type[Base], made: datetime) -> None:
    table = Base.metadata.tables[model.__tablename__]
    query = sa.select(table).order_by(table.c.id)
    if model is Drawing:
        query = query.where(Drawing.status.in_(STATUSES))
    rows = session.execute(query.execution_options(yield_per=_BATCH))
    for batch in rows.mappings().partitions():
        values = [dict(row) | _changes(model, row, made) for row in batch]
        target.execute(sa.insert(table), values)


def _changes(model: type[Base], row: sa.RowMapping, made: datetime) -> dict[str, object]:
    """What is different in the copy of a row."""
    if model is Participant:
        return {"token": secrets.token_urlsafe(24)}
    if model is Drawing:
        return {"key": secrets.token_hex(16)}  # the sender chose it
    if model is TrainingRun and row["status"] in (TrainingRun.WAITING, TrainingRun.RUNNING):
        return {
            "status": TrainingRun.INTERRUPTED,
            "reason": _NOT_ENDED.template,
            "reason_values": _NOT_ENDED.values,
            "finished_at": made,
        }
    return {}


def _zipped(files: dict[str, bytes], database: Path, made: datetime) -> BinaryIO:
    """A zip of the files, by name, and of the database, which may be large."""
    zipped = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115  (who reads it closes it)
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(_entry(name, made), data)
        entry = _entry(FILE, made)
        entry.file_size = database.stat().st_size
        with database.open("rb") as source, archive.open(entry, "w") as target:
            shutil.copyfileobj(source, target)
    zipped.seek(0)
    return zipped


def _entry(name: str, made: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, made.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16  # the user may read and write it
    return entry
