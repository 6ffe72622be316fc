"""The command line: ``python -m core COMMAND …``."""

from __future__ import annotations

import argparse
import os
import sys

from core.commands import backup, deadlines, demo, import_, migrate, people, restore, sample, seal, setup, verify
from core.commands.terminal import warn
from core.errors import PopsError
from core.i18n import advice, of_terminal, use

COMMANDS = [migrate, setup, people, import_, sample, demo, verify, seal, backup, restore, deadlines]


def main(argv: list[str] | None = None) -> int:
    """Run one command; a mistake of the caller's is one sentence on standard error and exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m core")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add(subparsers)
    options = parser.parse_args(argv)
    use(of_terminal(os.environ))
    try:
        return int(options.func(options) or 0)
    except PopsError as error:
        warn(advice(error))
        return 2


if __name__ == "__main__":
    sys.exit(main())
