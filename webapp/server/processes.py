"""Processes that belong together: a child that is started again, children that end in time."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Self

_PARENT = "INKLING_PARENT"  # environment variable: which process it is
_LOOK_EVERY = 0.2  # seconds between two looks at a parent
# Seconds before a child that ended is started again: the first time, and at most.
_SHORTEST, _LONGEST = 0.25, 30.0
_LIVED_WELL = 60.0  # seconds after which the end of a child is a first time again
_NICENESS = 19  # of a child: predictions come first


def name_parent() -> None:
    """Name this process to its children, which may look when it is gone already."""
    os.environ[_PARENT] = name_of(os.getpid())


def end_with_parent() -> None:
    """End this process as soon as its parent is gone.

    A parent that is killed cannot end its children. They would keep its port and its queue.
    """
    parent = os.environ.get(_PARENT) or name_of(os.getppid())

    def watch() -> None:
        while _is_child_of(parent):
            time.sleep(_LOOK_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Pauses:
    """How long to wait before a child that ended is started again: each time twice as long."""

    def __init__(self) -> None:
        self._next = _SHORTEST

    def after(self, lifetime: float) -> float:
        """Seconds to wait after a child that lived this many seconds."""
        pause = _SHORTEST if lifetime > _LIVED_WELL else self._next
        self._next = min(2 * pause, _LONGEST)
        return pause


def how_it_ended(exitcode: int | None) -> str:
    """The end of a child in words, from its exit status; -9 means killed by signal 9."""
    if exitcode is not None and exitcode < 0:
        return f"was ended by signal {-exitcode}"
    return f"ended with status {exitcode}"


def name_of(number: int) -> str:
    """What no later process is called: its number and, on Windows, when it began."""
    if sys.platform != "win32":
        return str(number)
    import psutil

    return f"{number} {psutil.Process(number).create_time()}"


def _is_child_of(parent: str) -> bool:
    if sys.platform != "win32":
        return str(os.getppid()) == parent
    import psutil  # os.getppid() goes on naming a parent that is gone

    try:
        return name_of(int(parent.split()[0])) == parent
    except psutil.NoSuchProcess:
        return False


class Supervised:
    """A Python module as a child process of low priority. It is started again when it ends."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", module]
        self._environment = dict(environment)
        if sys.platform == "win32":
            # A venv's python.exe only starts the real one, whose parent it would be. Like
            # multiprocessing, start the real one and name the venv to it.
            self._command[0] = sys._base_executable
            self._environment["__PYVENV_LAUNCHER__"] = sys.executable
        self._ending = threading.Event()
        self._starting = threading.Lock()
        self._thread = threading.Thread(target=self._keep_running, daemon=True)

    def __enter__(self) -> Self:
        self._start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._starting:  # or a child would be started that nobody ends
            self._ending.set()
        # It keeps all that matters in the database and survives this at any moment. To end by
        # itself, at its low priority, takes seconds on a busy machine.
        self._child.kill()
        self._thread.join()

    def _start(self) -> None:
        # In a group of its own: Ctrl-C in the terminal is for the parent alone. Not in a
        # session of its own: Linux would give that as much of the processor as ours.
        self._child = subprocess.Popen(self._command, env=self._environment, process_group=0)
        if sys.platform != "win32":  # at once: its imports shall not delay those that serve
            os.setpriority(os.PRIO_PROCESS, self._child.pid, _NICENESS)

    def _keep_running(self) -> None:
        pauses = Pauses()
        while True:
            begin = time.monotonic()
            self._child.wait()
            self._ending.wait(pauses.after(time.monotonic() - begin))
            with self._starting:
                if self._ending.is_set():
                    return
                self._start()
