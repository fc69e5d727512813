"""Command line: python -m webapp starts the web server and the training worker.

Before the options may stand a command: train, versions, promote, set-password.
"""

import argparse
import os
import sys

from webapp import config
from webapp.server import commands, serve


def main(arguments=None):
    """Serve until Ctrl-C or SIGTERM, or run a command; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in commands.COMMANDS:
        return commands.main(arguments)
    try:
        options = _parser(config.from_environment(os.environ)).parse_args(arguments)
        serve.run(options)
    except config.ConfigError as error:
        print(f"webapp: {error}", file=sys.stderr)
        return 2
    return 0


def _parser(defaults):
    lines = "".join(f"\n  {name:<14}{text}" for name, (_, text) in commands.COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m webapp",
        description="Starts the web server and the training worker.",
        epilog=f"commands, each with its own --help:{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, setting in config.SETTINGS.items():
        if not setting.is_option:
            continue
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=_checked_by(setting.parse),
            default=defaults[name],
            help=f"{setting.help} (default: %(default)s)",
        )
    return parser


def _checked_by(parse):
    def checked(text):
        try:
            return parse(text)
        except config.ConfigError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked


if __name__ == "__main__":
    sys.exit(main())
