"""The command line: ``python -m core COMMAND …``."""

from __future__ import annotations

import argparse
import os
import sys

from core.commands import (
    backup,
    deadlines,
    demo,
    figures,
    import_,
    migrate,
    organisation,
    pack,
    people,
    restore,
    sample,
    seal,
    setup,
    verify,
    what_if,
    worker,
)
from core.commands.terminal import CANNOT_BE_USED, warn
from core.errors import PopsError
from core.i18n import LANGUAGES, OF_SYSTEM, advice, gettext, of_terminal, os_reason, use

COMMANDS = [
    migrate,
    setup,
    organisation,
    pack,
    people,
    import_,
    sample,
    demo,
    verify,
    seal,
    backup,
    restore,
    deadlines,
    figures,
    what_if,
    worker,
]


def main(argv: list[str] | None = None) -> int:
    """Run one command in its reader's language; a mistake of the caller's is one sentence on standard error, code 2."""
    parser = argparse.ArgumentParser(prog="python -m core")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add(subparsers)
    _add_language(parser)
    options = parser.parse_args(argv)
    use(getattr(options, "language", None) or of_terminal(os.environ))
    try:
        code = int(options.func(options) or 0)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough (``| head``): what is left has nowhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except PopsError as error:
        warn(advice(error))
        return 2
    except OSError as error:
        if error.filename is None or error.errno not in OF_SYSTEM:
            raise
        warn(gettext(CANNOT_BE_USED).format(file=error.filename, reason=os_reason(error)))
        return 2
    return code


def _add_language(parser: argparse.ArgumentParser) -> None:
    """Add ``--language`` to a command and to its own commands; without it, nothing is set."""
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default=argparse.SUPPRESS,
        help="language of what is said (the terminal's: LC_ALL, LC_MESSAGES, LANG; English where they name another)",
    )
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _add_language(command)


if __name__ == "__main__":
    sys.exit(main())
