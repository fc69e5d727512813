"""Granian, which goes on however often its web processes end."""

import sys
import time
from typing import Any

from granian import Granian

from webapp.server.processes import Pauses, how_it_ended

_LOOK_EVERY = 0.2  # seconds between two looks at the web processes


class LastingGranian(Granian):  # type: ignore[misc, valid-type]
    """Starts a web process that ended again, after pauses that grow.

    Granian itself gives up, and ends the whole server, when one ends twice within 5.5 s.
    """

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        pauses = [Pauses() for _ in range(self.workers)]
        due: dict[int, float] = {}  # index of a process that ended -> when to start it again
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait(_LOOK_EVERY)
            self.main_loop_interrupt.clear()
            self.interrupt_children.clear()
            now = time.monotonic()
            for index, process in enumerate(self.wrks):
                if index not in due and not process.is_alive():
                    pause = pauses[index].after(now - process.birth)
                    due[index] = now + pause
                    _say(process.inner.exitcode, pause)
            for index in [index for index, at in due.items() if at <= now]:
                del due[index]
                self._respawn_workers([index], spawn_target, target_loader)


def _say(exitcode: int | None, pause: float) -> None:
    print(
        f"A web process {how_it_ended(exitcode)}. The next one starts in {pause:g} s.",
        file=sys.stderr,
        flush=True,
    )
