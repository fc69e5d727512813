"""Reads a session capsule, a zip file, as a stranger's: all of it is checked, or none is taken.

What comes out is a `Capsule`, whose values are within their limits and fit together; nothing in
it has to be believed but what nobody can check: names, dates, and the curves of runs.
"""

import dataclasses
import hashlib
import io
import re
import zipfile
from datetime import datetime

from nn import files
from nn.presets import FIELDS
from webapp.exchange.capsule_format import (
    DRAWINGS,
    EPOCH_FIGURES,
    FORMAT,
    FORMAT_VERSION,
    LIVE_MODEL,
    MANIFEST,
    MAX_BYTES,
    MAX_COST,
    MAX_EPOCHS,
    MAX_JSON,
    MAX_MODELS,
    MAX_NUMBER,
    MAX_TEXT,
    MAX_UNPACKED,
    README,
    REPORT,
    RUNS,
    VERSIONS,
    CapsuleError,
    weights_file,
)
from webapp.exchange.json_entry import EntryError, parse
from webapp.learning import runs as training_runs
from webapp.learning import versions as registry
from webapp.storage.tables import SHIPPED_VERSION, TrainingRun, measured

_REQUIRED = {README, REPORT, LIVE_MODEL, VERSIONS, RUNS, DRAWINGS, MANIFEST}
_WEIGHTS = re.compile(r"versions/[1-9][0-9]{0,6}\.npz")
_MEASURED = ("test_accuracy", "calibration_error")  # of a version
_ORIGINS = ("shipped", "run", "upload")
_STATUSES = (
    TrainingRun.WAITING,
    TrainingRun.RUNNING,
    TrainingRun.FINISHED,
    TrainingRun.FAILED,
    TrainingRun.CANCELLED,
    TrainingRun.INTERRUPTED,
)


@dataclasses.dataclass(frozen=True)
class Capsule:
    """A session that was kept.

    Attributes
    ----------
    made : datetime
    versions : list of dict
        Columns of ModelVersion; a version without `weights` has a date of deletion. The
        `figures` of the others were measured just now.
    history : list of (dict of columns of ActiveModel, position of the row before it or None)
        The last row says which version is live.
    runs : list of dict, columns of TrainingRun; none is open
    epochs : list of dict, columns of Epoch
    drawings : bytes, of the CSV file; not checked yet
    """

    made: datetime
    versions: list
    history: list
    runs: list
    epochs: list
    drawings: bytes


def read(data):
    """The Capsule in the bytes of a zip file; CapsuleError says what is wrong with them."""
    contents = _unpacked(data)
    try:
        return _checked(contents)
    except EntryError as error:
        raise CapsuleError(str(error)) from error


def _checked(contents):
    made = _checked_manifest(parse(MANIFEST, contents[MANIFEST]), contents)
    runs, epochs = _runs(parse(RUNS, contents[RUNS]))
    listed = parse(VERSIONS, contents[VERSIONS])
    versions = _versions(listed, contents, {run["id"] for run in runs})
    history = _history(listed, versions)
    live = history[-1][0]["version_id"]
    if contents[LIVE_MODEL] != contents.get(weights_file(live)):
        raise CapsuleError(f"{LIVE_MODEL} is not the model of version {live}, which was live.")
    return Capsule(made, versions, history, runs, epochs, contents[DRAWINGS])


def _unpacked(data):
    """The files of the zip: {name: bytes}."""
    if len(data) > MAX_BYTES:
        raise CapsuleError(
            f"The file has {len(data):,} bytes; a capsule has at most {MAX_BYTES:,}."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(members)
            return {member.filename: _read(archive, member) for member in members}
    except CapsuleError:
        raise
    except Exception as error:  # damage makes zipfile and zlib raise almost anything
        raise CapsuleError(
            f"This is not a complete zip file ({error}). Take the capsule as it was downloaded."
        ) from error


def _read(archive, member):
    """The bytes of a file; never more of them than it says it has, which is checked."""
    with archive.open(member) as file:
        return file.read(member.file_size)


def _check_members(members):
    names = [member.filename for member in members]
    if len(names) > len(_REQUIRED) + MAX_MODELS:
        raise CapsuleError(
            f"The zip holds {len(names):,} files; a capsule has at most {MAX_MODELS:,} models."
        )
    for name in names:
        if name not in _REQUIRED and not _WEIGHTS.fullmatch(name):
            raise CapsuleError(
                f"The zip holds {name[:60]!r}, which belongs to no capsule. Take the capsule "
                "as it was downloaded, without packing it anew."
            )
    missing = sorted(_REQUIRED - set(names))
    if missing:
        raise CapsuleError(f"This is no capsule of Inkling's: {missing[0]} is missing in it.")
    if len(set(names)) < len(names):
        raise CapsuleError("The zip holds a file twice.")
    for member in members:
        plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if not plain or member.flag_bits & 1:
            raise CapsuleError(f"{member.filename} is encrypted, or packed in an unknown way.")
        if member.filename.endswith(".json") and member.file_size > MAX_JSON:
            raise CapsuleError(
                f"{member.filename} has {member.file_size:,} bytes; it may have {MAX_JSON:,}."
            )
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise CapsuleError(
            f"Unpacked, the capsule has {unpacked:,} bytes; it may have {MAX_UNPACKED:,}."
        )


def _checked_manifest(manifest, contents):
    """When the capsule was made, once its files are known to be those that it was made of."""
    manifest.one_of("format", (FORMAT,))
    version = manifest.whole("version", 1, 10**6)
    if version != FORMAT_VERSION:
        raise CapsuleError(
            f"The capsule has format {version}; this Inkling reads format {FORMAT_VERSION}. "
            "Use the Inkling that made it, or a newer one."
        )
    told = manifest.get("sha256")
    found = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in contents.items()
        if name != MANIFEST
    }
    if not isinstance(told, dict) or told.keys() != found.keys():
        raise CapsuleError(f"{MANIFEST} does not list the files that are in the zip.")
    for name, digest in found.items():
        if told[name] != digest:
            raise CapsuleError(
                f"{name} was changed or damaged since the capsule was made: its SHA-256 is "
                f"not that of {MANIFEST}."
            )
    return manifest.moment("made")


def _runs(listed):
    """(columns of TrainingRun, columns of Epoch), lists of dict."""
    runs, epochs = [], []
    for entry in listed.entries("runs"):
        run = _run(entry)
        runs.append(run)
        epochs += _epochs(entry.entry("epochs"), run["id"])
        if len(epochs) > MAX_EPOCHS:
            raise CapsuleError(f"{RUNS} has more than {MAX_EPOCHS:,} epochs.")
    _check_numbers(RUNS, [run["id"] for run in runs])
    return runs, epochs


def _run(entry):
    run = {
        "id": entry.whole("number", 1, MAX_NUMBER),
        "name": entry.text("name", 40),
        "base_id": entry.whole("base", 1, MAX_NUMBER, or_none=True),
        "settings": _settings(entry),
        "status": entry.one_of("status", _STATUSES),
        "reason": entry.text("reason", MAX_TEXT),
        "pictures_done": entry.whole("pictures_done", 0, 10**9),
        "pictures_total": entry.whole("pictures_total", 0, 10**9),
        "created_at": entry.moment("created"),
        "started_at": entry.moment("started", or_none=True),
        "finished_at": entry.moment("finished", or_none=True),
    }
    if run["status"] in (TrainingRun.WAITING, TrainingRun.RUNNING):  # nobody goes on with it
        run["status"] = TrainingRun.INTERRUPTED
        run["reason"] = "It had not ended when the session was kept. Start the run again."
    return run


def _settings(entry):
    """The settings of a run, as they are stored: an nn.presets.Preset as a dict."""
    settings = entry.entry("settings").value
    try:
        preset = training_runs.preset_of(TrainingRun(settings=settings))
        for part in (preset, preset.recipe):
            _check_settings(part)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise CapsuleError(f"{entry.where}: its settings cannot be used: {error}") from error
    return dataclasses.asdict(preset)


def _check_settings(part):
    """ValueError unless every value of a Preset or Recipe has its type and is in its range."""
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        kinds = (float, int) if field.type is float else (field.type,)
        parts = value if field.type is tuple else ()
        if type(value) not in kinds or any(type(part) is not int for part in parts):
            raise ValueError(f"{field.name!r} is {value!r}"[:100])
        if field.name == "hidden":
            FIELDS["hidden"].parse(", ".join(map(str, value)))
        elif field.name in FIELDS:
            FIELDS[field.name].parse(str(value))
        elif field.type is float and not 0 <= value < 1:
            raise ValueError(f"{field.name!r} is {value!r}, not 0 or more and below 1")


def _epochs(columns, run_id):
    """Columns of Epoch; the file has a list of all epochs for each."""
    numbers = columns.numbers("number", 1, FIELDS["epochs"].high)
    if any(type(number) is not int for number in numbers) or sorted(set(numbers)) != numbers:
        raise CapsuleError(f"{columns.where}: 'number' is no list of whole numbers that rise.")
    highest = {name: 1 if name.endswith("accuracy") else MAX_COST for name in EPOCH_FIGURES}
    figures = [columns.numbers(name, 0, high) for name, high in highest.items()]
    if any(len(values) != len(numbers) for values in figures):
        raise CapsuleError(f"{columns.where}: the lists are not of the same length.")
    return [
        {"run_id": run_id, "number": number, **dict(zip(EPOCH_FIGURES, values))}
        for number, *values in zip(numbers, *figures)
    ]


def _versions(listed, contents, runs):
    """Columns of ModelVersion, a list of dict."""
    versions = [_version(entry, contents, runs) for entry in listed.entries("versions")]
    numbers = [version["id"] for version in versions]
    _check_numbers(VERSIONS, numbers)
    if SHIPPED_VERSION not in numbers or versions[0]["weights"] is None:
        raise CapsuleError(f"Version {SHIPPED_VERSION}, which every Inkling has, is missing.")
    used = [version["run_id"] for version in versions if version["run_id"]]
    if len(set(used)) < len(used):
        raise CapsuleError(f"{VERSIONS}: two versions come from the same run.")
    weights = {name for name in contents if _WEIGHTS.fullmatch(name)}
    if weights != {weights_file(v["id"]) for v in versions if v["weights"]}:
        raise CapsuleError(f"{VERSIONS} does not tell of the same versions as the zip holds.")
    return versions


def _version(entry, contents, runs):
    number = entry.whole("number", 1, MAX_NUMBER)
    file = entry.get("file")
    if file not in (None, weights_file(number)) or (file and file not in contents):
        raise CapsuleError(f"{entry.where}: 'file' is {file!r}, which is not in the zip."[:200])
    run = entry.whole("run", 1, MAX_NUMBER, or_none=True)
    if run is not None and run not in runs:
        raise CapsuleError(f"{entry.where}: there is no run {run}.")
    try:
        name = registry.checked_name(entry.text("name", registry.MAX_NAME))
        model = files.from_bytes(contents[file]) if file else None
    except (registry.RegistryError, files.ModelFileError) as error:
        raise CapsuleError(f"Version {number}: {error}") from error
    deleted = entry.moment("deleted", or_none=True)
    return {
        "id": number,
        "name": name,
        "origin": entry.one_of("origin", _ORIGINS),
        "run_id": run,
        "weights": model and files.to_bytes(model),
        "trained_on": entry.text("trained_on", MAX_TEXT),
        "figures": measured(model) if model else _figures(entry.entry("figures")),
        "created_at": entry.moment("made"),
        # What has no weights cannot be used: it counts as deleted.
        "deleted_at": None if model else deleted or entry.moment("made"),
    }


def _figures(entry):
    """What was measured once of a version that is there no more."""
    return {name: entry.number(name, 0, 1) for name in _MEASURED if name in entry.value}


def _history(listed, versions):
    """[(columns of ActiveModel, position of the row that it goes back to or None)]."""
    usable = {version["id"]: version["weights"] is not None for version in versions}
    rows = []
    for position, entry in enumerate(listed.entries("history")):
        number = entry.whole("version", 1, MAX_NUMBER)
        if number not in usable:
            raise CapsuleError(f"{entry.where}: there is no version {number}.")
        back = entry.whole("back_to", 0, position - 1, or_none=True)
        rows.append(({"version_id": number, "since": entry.moment("since")}, back))
    if not rows or not usable[rows[-1][0]["version_id"]]:
        raise CapsuleError(f"{VERSIONS} does not tell which version was live.")
    return rows


def _check_numbers(name, numbers):
    if sorted(set(numbers)) != numbers:
        raise CapsuleError(f"{name}: the numbers do not rise, or one is there twice.")
