"""Programs in terminals of every kind, also where the reader of their text leaves early."""

import io
import os
import sys
from collections.abc import Callable

_READER_LEFT = 141  # the exit status that shells give for it


def run(main: Callable[[], int]) -> int:
    """The exit status of `main`, whatever its text meets.

    Characters that the terminal's encoding lacks are written as escapes. If the reader closes
    the pipe, as `head` does, the program ends without a word.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python writes what is left when it exits, and would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_LEFT
    return status
