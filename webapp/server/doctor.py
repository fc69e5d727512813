"""`python -m webapp doctor`: says what is wrong and how to mend it, and changes nothing."""

import contextlib
import json
import os
import shutil
import socket
import sys
import urllib.request
from pathlib import Path

from webapp import config
from webapp.learning import readiness
from webapp.learning.readiness import NotReady
from webapp.room import joining
from webapp.storage.database import FILE, Database

_FEW_FILES = 1024  # fewer open files are too few for a room: each phone keeps some connections
_LITTLE_SPACE = 100 * 2**20  # bytes
_PATIENCE = 3  # seconds for a server to answer


def main(settings: config.Settings) -> int:
    """Print what each check finds; 0 if all is well, else 1."""
    checks = dict(_CHECKS)
    if settings["role"] == config.WORKER:  # which serves nobody
        for name in ("port", "phones", "proxies"):
            del checks[name]
    found = [*readiness.findings(checks, settings), *_of_database(settings)]
    for finding in found:
        print(f"{'ok   ' if finding.is_well else 'WRONG'}  {finding.name}: {finding.sentence}")
    return 0 if all(finding.is_well for finding in found) else 1


def _of_database(settings: config.Settings) -> list[readiness.Finding]:
    if not settings["database_url"] and not (settings["data_dir"] / FILE).exists():
        sentence = "The first start makes database, model and queue, and starts the worker."
        return [readiness.Finding("database", True, sentence)]
    # A machine that runs all has a worker as long as it serves.
    has_worker = settings["role"] != config.ALL or _is_inkling(
        settings["host"], settings["port"]
    )
    with contextlib.closing(Database(settings)) as database:
        found = readiness.look(database, settings)
    return [each for each in found if has_worker or each.name != "worker"]


def _folder(settings: config.Settings) -> str:
    folder: Path = settings["data_dir"].resolve()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise NotReady(
            "{there} cannot be written to. Make it yours with chown or chmod, or use another "
            "--data-dir.",
            there=there,
        )
    free = shutil.disk_usage(there).free
    if free < _LITTLE_SPACE:
        raise NotReady(
            "Only {free} MiB are free on the disk of {there}. Make room, or use another "
            "--data-dir.",
            free=free // 2**20,
            there=there,
        )
    return (
        f"{folder} can be written." if there == folder else f"The first start makes {folder}."
    )


def _port(settings: config.Settings) -> str:
    host, port = settings["host"], settings["port"]
    if _is_inkling(host, port):
        return f"Inkling answers on {host}:{port}."
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise NotReady(
            "Inkling cannot listen on {host}:{port}: {reason}. Try another --host or --port, "
            "or end the program that uses it.",
            host=host,
            port=port,
            reason=error.strerror or error,
        ) from error
    return f"{host}:{port} is free; no server runs there."


def _is_inkling(host: str, port: int) -> bool:
    """Whether a running Inkling answers at this address."""
    here = joining.address_of("127.0.0.1" if host in joining.WILDCARDS else host, port)
    with (
        contextlib.suppress(OSError, ValueError),
        urllib.request.urlopen(f"{here}/healthz", timeout=_PATIENCE) as answer,
    ):
        return "version" in json.load(answer)
    return False


def _phones(settings: config.Settings) -> str:
    if not joining.lets_others_in(settings["host"]):
        raise NotReady(
            "Phones cannot connect: Inkling listens to this machine alone. Start it so: {way}",
            way=" or ".join(joining.commands_that_let_phones_in(settings)),
        )
    found = joining.addresses(settings["host"], settings["port"])
    if not found:
        raise NotReady(
            "This machine has no address that phones can reach. Join a network, or open a "
            "hotspot on this machine."
        )
    return f"Phones in the same network connect to {found[0]}."


def _proxies(settings: config.Settings) -> str:
    if number := settings["trusted_proxies"]:
        return f"{number} trusted; what they say of the browser's address counts."
    return "None is trusted. Behind nginx or Caddy, start with --trusted-proxies 1."


def _open_files(_settings: config.Settings) -> str:
    if sys.platform == "win32":
        return "Windows sets no limit."
    import resource  # POSIX only

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < _FEW_FILES:
        raise NotReady(
            "A process may open {most} files only: too few for a room. Allow 4096 with "
            "`ulimit -n 4096` in the terminal that starts Inkling.",
            most=most,
        )
    return "Each process may open enough of them."


_CHECKS = {
    "data folder": _folder,
    "port": _port,
    "phones": _phones,
    "proxies": _proxies,
    "open files": _open_files,
}
