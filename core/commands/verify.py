"""``python -m core verify``: prove that the log is whole and that replaying it gives the register as it stands."""

from __future__ import annotations

import argparse
import os
import sys

from core.register.log.database import open_register
from core.register.log.verify import verify
from core.settings import Settings


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``verify`` to the command line."""
    parser = subparsers.add_parser("verify", help="check the seals of the log and replay it against the register")
    parser.add_argument("--no-files", action="store_true", help="leave the evidence files unread")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """0 when all is whole; 1 when something is not, each on its own line of standard error."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    report = verify(register, files=not options.no_files)
    counted = f"{report.events} events, {report.complaints} complaints, {report.clocks} clocks"
    checked = f"{counted}, {report.evidence} texts and files"
    for problem in report.problems:
        print(problem, file=sys.stderr)
    if report.is_whole:
        print(f"Whole: {checked}. Newest seal {report.seal[:16]}.")
        return 0
    print(f"NOT whole: {report.wrong} problems in {checked}.")
    return 1
