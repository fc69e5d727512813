"""Command line: python -m webapp starts the web server and the training worker.

A command may stand before the options: train, versions, promote, set-password, doctor.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence

# Imports make many objects that stay. Searching them for garbage takes a quarter of a start.
gc.disable()

from nn import __version__, terminal  # noqa: E402
from nn.refusal import option  # noqa: E402
from webapp import config  # noqa: E402
from webapp.server import commands, doctor, serve  # noqa: E402

gc.enable()
gc.freeze()  # never look at them again, in this process and those that it forks

_DOCTOR = "doctor"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM, or run a command; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in commands.COMMANDS:
        return commands.main(arguments)
    is_doctor = arguments[:1] == [_DOCTOR]
    try:
        settings = config.from_environment(os.environ)
        options = _parser(settings).parse_args(arguments[is_doctor:])
        if is_doctor:
            return doctor.main(settings | vars(options))
        serve.run(options)
    except config.ConfigError as error:
        print(f"webapp: {error}", file=sys.stderr)
        return 2
    return 0


def _parser(defaults: config.Settings) -> argparse.ArgumentParser:
    lines = "".join(
        f"\n  {name:<14}{command.help}" for name, command in commands.COMMANDS.items()
    )
    lines += f"\n  {_DOCTOR:<14}say what is wrong and how to mend it; takes these options"
    parser = argparse.ArgumentParser(
        prog=config.COMMAND,
        description="Starts the web server and the training worker.",
        epilog=f"commands (for their options, run COMMAND --help):{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"Inkling {__version__}")
    for name, setting in config.SETTINGS.items():
        if not setting.is_option:
            continue
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=option(setting.parse),
            default=defaults[name],
            help=f"{setting.help} (default: %(default)s)",
        )
    return parser


def run() -> int:
    """`main` as a program of its own, in a terminal of any kind."""
    return terminal.run(main)


if __name__ == "__main__":
    sys.exit(run())
