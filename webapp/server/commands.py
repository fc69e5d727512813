"""The admin page's actions on the command line: train, versions, promote, set-password."""

import argparse
import contextlib
import dataclasses
import getpass
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import selectinload

from nn.files import ModelFileError
from nn.presets import FIELDS, PRESETS
from nn.refusal import Refusal, option
from webapp import config
from webapp.learning import runs, versions
from webapp.storage import first_start, folder
from webapp.storage.database import Database
from webapp.storage.tables import TrainingRun
from webapp.web import auth

if TYPE_CHECKING:
    from tqdm import tqdm

_LOOK_EVERY = 0.2  # seconds between two looks at a run
_NO_WORKER = (
    "Another training from the command line is using the data folder. Try again when it ends."
)


class CommandError(Refusal):
    """Something that a command cannot do."""


class Command(NamedTuple):
    run: Callable[[Database, config.Settings, argparse.Namespace], None]
    help: str
    needs_session: bool = False  # there must be a data folder already


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status: 0, or 2 after a sentence on stderr."""
    settings = config.from_environment(os.environ)
    options = _parser(settings).parse_args(arguments)
    settings["data_dir"] = options.data_dir
    try:
        if options.needs_session:
            folder.find(settings)
        first_start.prepare(settings, with_password=False)
        with contextlib.closing(Database(settings)) as database:
            options.run(database, settings, options)
    except BrokenPipeError:  # for nn.terminal
        raise
    except (Refusal, ModelFileError, OSError) as error:
        return _failed(error)
    except SQLAlchemyError as error:
        return _failed(f"the database cannot be used: {getattr(error, 'orig', error)}")
    return 0


def _failed(sentence: object) -> int:
    print(f"webapp: {sentence}".rstrip(), file=sys.stderr)
    return 2


def _train(database: Database, settings: config.Settings, options: argparse.Namespace) -> None:
    """Train in the server's worker if there is one, else here, and show how it goes."""
    from webapp.learning import queue, trainer  # slow to import, and serving needs neither

    if options.hidden and PRESETS[options.preset].warm:
        raise CommandError(
            "--hidden: preset {preset} keeps the layers of the live version; leave the option "
            "out.",
            preset=options.preset,
        )
    given = {name: getattr(options, name) for name in FIELDS}
    given = {name: value for name, value in given.items() if value is not None}
    preset = dataclasses.replace(PRESETS[options.preset], **given)
    with contextlib.ExitStack() as stack:
        is_served = _is_served(database, options.data_dir, stack)
        if is_served:
            _wait_for_worker(database)
        with database.writing() as session:
            run_id = runs.create(session, preset, options.preset).id
        if is_served:
            queue.nudge(settings)
        else:
            pictures = options.data_dir / folder.PICTURES
            threading.Thread(target=trainer.execute, args=(database, run_id, pictures)).start()
        run = _follow(database, run_id, preset.epochs)
    if run.version is None:
        raise CommandError(
            "run {run} {status}. {reason}",
            run=run_id,
            status=run.status,
            reason=run.reason,
        )
    accuracy = run.version.figures["test_accuracy"]
    print(
        f"Version {run.version.id}: test accuracy {accuracy:.4f}. Promote it to make it live."
    )


def _is_served(database: Database, data_dir: Path, stack: contextlib.ExitStack) -> bool:
    """Whether a worker trains what waits. If none does, the stack holds the data folder."""
    if not database.is_sqlite:  # its workers may be on other machines
        with database.reading() as session:
            if runs.worker_is_there(session):
                return True
    try:
        stack.enter_context(folder.hold(data_dir, patience=0))
    except config.ConfigError:
        return True
    return False


def _wait_for_worker(database: Database) -> None:
    """Wait for the worker of the server that holds the data folder.

    Raises CommandError if none comes: another training holds the folder, not a server.
    """
    deadline = time.monotonic() + runs.WORKER_MISSED_AFTER
    while True:
        with database.reading() as session:
            if runs.worker_is_there(session):
                return
        if time.monotonic() > deadline:
            raise CommandError(_NO_WORKER)
        time.sleep(_LOOK_EVERY)


def _follow(database: Database, run_id: int, n_epochs: int) -> TrainingRun:
    """Show a run's epochs until it ends; Ctrl-C cancels it. Returns the ended run."""
    from tqdm import tqdm

    with tqdm(desc=f"run {run_id}", unit=" epochs", total=n_epochs) as bar:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                run = _look(database, run_id, bar)
                if not run.is_open:
                    return run
                time.sleep(_LOOK_EVERY)
                continue
            with database.writing() as session, contextlib.suppress(runs.RunError):
                runs.cancel(session, run_id)


def _look(database: Database, run_id: int, bar: "tqdm") -> TrainingRun:
    """Show how far the run is; returns it, with its version."""
    with database.reading() as session:
        run = session.get_one(TrainingRun, run_id, options=[selectinload(TrainingRun.version)])
        if run.epochs:
            last = run.epochs[-1]
            figures = f"cost {last.cost:.4f}, test {last.test_accuracy:.4f}"
            bar.set_postfix_str(figures, refresh=False)
            bar.update(last.number - bar.n)
        elif run.pictures_total:
            bar.set_postfix_str(f"{run.pictures_done} of {run.pictures_total} pictures")
        return run


def _versions(
    database: Database, _settings: config.Settings, _options: argparse.Namespace
) -> None:
    with database.reading() as session:
        live = versions.live(session).version_id
        for version in versions.usable(session):
            mark = "live" if version.id == live else ""
            accuracy = version.figures["test_accuracy"]
            made = version.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
            print(f"{version.id:>4}  {mark:<4}  {made}  {accuracy:.4f}  {version.name}")


def _promote(
    database: Database, _settings: config.Settings, options: argparse.Namespace
) -> None:
    with database.writing() as session:
        versions.promote(session, options.number)
    print(f"Version {options.number} is live.")


def _set_password(
    database: Database, settings: config.Settings, _options: argparse.Namespace
) -> None:
    if settings["admin_password"]:
        raise CommandError(
            "INKLING_ADMIN_PASSWORD is set, and takes precedence. Unset it first."
        )
    password = getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline()
    with database.writing() as session:
        auth.set_password(session, password.rstrip("\r\n"))
    print("The password is changed. Everyone who was signed in must sign in again.")


COMMANDS = {
    "train": Command(_train, "train a new version, as on the train page"),
    "versions": Command(
        _versions, "list the versions: number, live, made, test accuracy, name", True
    ),
    "promote": Command(_promote, "make a version live", True),
    "set-password": Command(
        _set_password, "set the admin password (typed, or a line on stdin)"
    ),
}


def _parser(settings: config.Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=config.COMMAND, description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, (run, sentence, needs_session) in COMMANDS.items():
        command = commands.add_parser(name, help=sentence, description=sentence)
        command.set_defaults(run=run, needs_session=needs_session)
        data_dir = config.SETTINGS["data_dir"]
        command.add_argument(
            "--data-dir", type=data_dir.parse, default=settings["data_dir"], help=data_dir.help
        )
        if name == "train":
            command.add_argument("--preset", choices=PRESETS, required=True)
            for field_name, field in FIELDS.items():
                flag = f"--{field_name.replace('_', '-')}"
                command.add_argument(flag, type=option(field.parse), help=field.help)
        if name == "promote":
            command.add_argument("number", type=int, help="number of the version")
    return parser
