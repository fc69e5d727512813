"""Tables of figures: printed, and written to docs/benchmarks.md."""

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks.md"

_HEAD = """# Benchmarks

`make bench` writes this file. {machine}; {when}; {load}

A machine that has other work is slower, and never evenly: each table has a reference that was
measured in the same run, in turns with the rest. The ratios say more than the seconds. Clients
share the cores with the server. The load is that of other programs: far above the number of
cores, it leaves the server a fraction of them.
"""


class Table(NamedTuple):
    """Figures with a title, and the command that measures them alone."""

    title: str
    command: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""

    def __str__(self):
        lines = [self.columns, ("---",) + ("---:",) * (len(self.columns) - 1), *self.rows]
        rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        note = f"{self.note}\n\n" if self.note else ""
        return f"## {self.title}\n\n{note}{rows}\n\n    .venv/bin/python -m {self.command}\n"


def write(tables, load):
    """Write the report of all tables; load: of the machine before the first one."""
    head = _HEAD.format(
        machine=_machine(),
        when=time.strftime("%d %B %Y, %H:%M UTC", time.gmtime()),
        load=f"load of the machine before: {load:.1f}.",
    )
    REPORT.write_text("\n".join([head, *map(str, tables)]), encoding="utf-8")


def _machine():
    """The machine in words: cores, their kind, memory, system, Python."""
    kind = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        command = ["sed", "-n", "s/^model name.*: //p", "/proc/cpuinfo"]
        kind = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        kind = kind.partition("\n")[0] or platform.machine()
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({kind}), {system}"
