"""All figures of docs/benchmarks.md: `make bench`. Takes some fifteen minutes."""

import os

from bench import fuzz, inside, phones, serving, siege, startup, table, training


def main():
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    tables = []
    for measured in (
        training.tables,
        serving.tables,
        lambda: [startup.table()],
        lambda: [phones.table()],
        lambda: [siege.table()],
        lambda: [fuzz.table()],
        lambda: [inside.alone(), inside.table()],
    ):
        found = measured()
        print(*found, sep="\n", flush=True)
        tables += found
    table.write(tables, load)


if __name__ == "__main__":
    main()
