"""Processes that belong together: a child that is started again, children that end in time."""

import os
import subprocess
import sys
import threading
import time

_PARENT = "INKLING_PARENT"  # environment variable: its process id
_LOOK_EVERY = 0.2  # seconds between two looks at a parent
_PAUSE = 1.0  # seconds before a child that ended is started again
_GRACE = 2.0  # seconds that it gets to end


def name_parent():
    """Tell the children of this process whom to end with: it may be gone before they look."""
    os.environ[_PARENT] = str(os.getpid())


def end_with_parent():
    """End this process when the one that started it is gone.

    Killed outright, a parent cannot end its children; they would keep its port and its queue.
    """
    parent = int(os.environ.get(_PARENT, os.getppid()))

    def watch():
        while os.getppid() == parent:
            time.sleep(_LOOK_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Supervised:
    """A Python module run as a child process; started again whenever it ends."""

    def __init__(self, module, environment):
        self._command = [sys.executable, "-m", module]
        self._environment = environment
        if os.name == "nt":
            # A venv's python.exe only starts the real one, which would take it for its parent.
            # As multiprocessing does: start the real one, and tell it which venv it is in.
            self._command[0] = sys._base_executable
            self._environment = environment | {"__PYVENV_LAUNCHER__": sys.executable}
        self._ending = threading.Event()
        self._starting = threading.Lock()
        self._thread = threading.Thread(target=self._keep_running, daemon=True)

    def __enter__(self):
        self._start()
        self._thread.start()
        return self

    def __exit__(self, *_):
        with self._starting:  # or a child would be started that nobody ends
            self._ending.set()
        self._child.terminate()
        try:
            self._child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._child.kill()
        self._thread.join()

    def _start(self):
        # In a group of its own: Ctrl-C in the terminal is for the parent alone. Not in a
        # session of its own: to that Linux would give as much of the processor as to ours.
        self._child = subprocess.Popen(self._command, env=self._environment, process_group=0)

    def _keep_running(self):
        while True:
            self._child.wait()
            self._ending.wait(_PAUSE)
            with self._starting:
                if self._ending.is_set():
                    return
                self._start()
