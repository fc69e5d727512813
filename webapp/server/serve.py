"""Starts the web server, the training worker or both, and ends them together."""

import argparse
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
import time

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from threadpoolctl import threadpool_limits

from webapp import config, create_app
from webapp.room import joining
from webapp.server.gateway import Gateway
from webapp.server.lasting import LastingGranian
from webapp.server.processes import Supervised, end_with_parent, name_parent
from webapp.storage import first_start, folder
from webapp.storage.database import DatabaseAway

_PATIENCE = 3  # seconds that processes of a killed server may take to notice and end
_AGAIN_AFTER = 2  # seconds between two tries to use a database that is away
_LONG = 3600  # seconds: a signal ends this sleep
_AWAY = (
    "Drawings are recognised with the model that came with Inkling. All else waits for the "
    "database."
)
_GRACE = 3  # seconds that a process gets to finish its requests before it is killed
# Milliseconds until a connection is closed that asks for nothing. The page asks every 5 s.
# Where processes take fewer connections than a room has, others would wait that long.
_SILENCE, _SILENCE_OF_FEW = 7000, 1500
_FEW = 1000
_MOST_CONNECTIONS = 8192  # of a process; more wait in line until others are closed
_BUFFER = 2**16  # bytes of each that are read ahead; the least is 2**13
_BACKLOG = 2048  # connections that the system keeps in that line
_RESERVED_FILES = 64  # open files that are no connections: database, queue, libraries


def run(options: argparse.Namespace) -> None:
    """Serve, train or both until Ctrl-C or SIGTERM.

    options : the options of the command line by name, one for each setting that is one

    Raises ConfigError if the data folder or the address cannot be used, or if this machine
    alone has a database that other machines need.
    """
    if options.role != config.ALL and not config.from_environment(os.environ)["database_url"]:
        raise config.ConfigError(
            "--role {role} needs a database that the other machines reach too: set "
            "DATABASE_URL.",
            role=options.role,
        )
    folder.make(options.data_dir)
    # Ctrl-C during the start comes as an exception; later Granian takes the signal.
    with contextlib.suppress(KeyboardInterrupt), folder.hold(options.data_dir, _PATIENCE):
        if options.role == config.WORKER:
            _work(_settings_of_all(options))
        else:
            _serve(options)
    print("Stopped.", flush=True)


def _settings_of_all(options: argparse.Namespace) -> config.Settings:
    """The settings with these options, which the processes that we start have too."""
    for name, setting in config.SETTINGS.items():  # they read them from there
        if setting.is_option:
            os.environ[config.variable(name)] = str(getattr(options, name))
    name_parent()
    return config.from_environment(os.environ)


def _work(settings: config.Settings) -> None:
    """Run the training worker alone, until Ctrl-C or SIGTERM comes as an exception."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print("The training worker starts.  (Ctrl-C ends it)", flush=True)
    try:
        _prepare(settings)
    except DatabaseAway as error:
        print(f"The worker waits for the database. {error}", file=sys.stderr, flush=True)
        _prepare_later(settings)
    with _training_worker():
        while True:
            time.sleep(_LONG)


def _training_worker() -> Supervised:
    # One thread of BLAS: the worker takes what predictions leave, not all there is.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return Supervised("webapp.server.worker", environment)


def _serve(options: argparse.Namespace) -> None:
    address = _check_address(options.host, options.port)
    if joining.is_loopback(address) or address in joining.WILDCARDS:
        options.host = address  # what a name means, as far as phones are concerned
    settings = _settings_of_all(options)
    try:
        _prepare(settings)
    except DatabaseAway as error:
        print(f"{_AWAY} {error}", file=sys.stderr, flush=True)
        threading.Thread(target=_prepare_later, args=(settings,), daemon=True).start()
    _announce(options.host, options.port)
    connections = _connections()
    silence = _SILENCE if connections >= _FEW else _SILENCE_OF_FEW
    with _training_worker() if options.role == config.ALL else contextlib.nullcontext():
        LastingGranian(
            "webapp.server.serve:worker",
            factory=True,
            interface=Interfaces.RSGI,
            address=address,
            port=options.port,
            workers=options.workers,
            http=HTTPModes.http1,  # to tell it from HTTP/2, Granian would wait without limit
            http1_settings=HTTP1Settings(header_read_timeout=silence, max_buffer_size=_BUFFER),
            websockets=False,
            backlog=_BACKLOG,
            backpressure=connections,
            workers_kill_timeout=_GRACE,
            log_level=LogLevels.error,
        ).serve()


def _prepare(settings: config.Settings) -> None:
    password = first_start.prepare(settings, settings["role"] != config.WORKER)
    if password:
        print(f"Admin password, shown this once: {password}", flush=True)


def _prepare_later(settings: config.Settings) -> None:
    """Prepare the data folder as soon as the database can be used."""
    while True:
        time.sleep(_AGAIN_AFTER)
        with contextlib.suppress(DatabaseAway):
            _prepare(settings)
            print("The database can be used: everything works.", flush=True)
            return


def _connections() -> int:
    """How many connections a process may take: as many as it may open files, within reason."""
    if sys.platform == "win32":
        return _MOST_CONNECTIONS
    import resource  # POSIX only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_CONNECTIONS + _RESERVED_FILES
    wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))  # children inherit it
        soft = wanted
    files = most if soft == resource.RLIM_INFINITY else min(soft, most)
    return max(files - _RESERVED_FILES, 16)


def worker() -> Gateway:
    """The application in a process of its own, which ends with the one that started it."""
    # A forked process has its parent's handler of SIGTERM, which only the parent heeds.
    # Until Granian sets this process's own, SIGTERM ends it.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent()
    # One thread of BLAS: products are small, and threads that wait for one another would keep
    # the cores from other requests.
    threadpool_limits(1)
    app = create_app()
    threading.Thread(target=_end_without_key, args=(app,), daemon=True).start()
    return Gateway(app)


def _end_without_key(app: Flask) -> None:
    """End a process begun without the database: once it is there, the next one is whole."""
    while (key := first_start.secret_key(app.extensions["database"])) is None:
        time.sleep(_AGAIN_AFTER)
    if key != app.secret_key:
        os.kill(os.getpid(), signal.SIGTERM)


def _announce(host: str, port: int) -> None:
    """Print Inkling's addresses: this machine's first, and a QR code for phones."""
    outside = joining.addresses(host, port)
    here = [] if outside == [joining.address_of(host, port)] else [_address_here(host, port)]
    print(f"Inkling: {'  '.join(here + outside)}  (Ctrl-C ends it)", flush=True)
    print(f"For the presenter: {_address_here(host, port)}/admin/", flush=True)
    if outside:
        code = joining.qr_text(outside[0], sys.stdout.encoding)
        print(f"Phones in the same network: {outside[0]}\n{code}", flush=True)


def _address_here(host: str, port: int) -> str:
    """The address for a browser on this machine. A wildcard such as 0.0.0.0 is not one."""
    return joining.address_of("127.0.0.1" if host in joining.WILDCARDS else host, port)


def _check_address(host: str, port: int) -> str:
    """The address in numbers that a name means.

    Raises ConfigError now if it cannot be used; the server would fail with a traceback.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return _bind(host, port)
        except (OSError, UnicodeError) as error:
            number = getattr(error, "errno", None)
            if number != errno.EADDRINUSE or time.monotonic() > deadline:
                raise config.ConfigError(
                    "Cannot listen on {host}:{port}: {reason}. Try another --host or --port.",
                    host=host,
                    port=port,
                    reason=getattr(error, "strerror", error),
                ) from error
        time.sleep(0.1)


def _bind(host: str, port: int) -> str:
    """Take the address for a moment; OSError if another program has it."""
    host = joining.wildcard() if host in ("", "0.0.0.0") else host
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # Of a name with several, the kind that more programs try first.
    family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":  # elsewhere it would hide a port in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
    return str(address[0])
