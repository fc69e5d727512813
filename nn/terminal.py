"""Programs in terminals of every kind, also where the reader of their text leaves early."""

import io
import os
import sys
from collections.abc import Callable

_READER_LEFT, _INTERRUPTED = 141, 130  # the exit statuses that shells give for these


def run(main: Callable[[], int]) -> int:
    """The exit status of `main`, whatever its text meets.

    Characters that the terminal's encoding lacks are written as escapes. If the reader closes
    the pipe, as `head` does, the program ends without a word; at Ctrl-C it ends with one.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # Python writes what is left when it exits, and would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_LEFT
    return status
