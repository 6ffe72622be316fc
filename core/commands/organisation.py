"""``python -m core organisation``: the whole organisation in one file, written or taken in."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path

from core.clock import utc_now
from core.commands.terminal import say
from core.errors import Invalid
from core.i18n import N_, gettext
from core.register.log.act import Act
from core.register.log.database import open_up
from core.register.organisation import file as files
from core.register.organisation.file import Part
from core.settings import Settings


class _RolledBackError(Exception):
    """Takes back what an import wrote that was only to be tried."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``organisation`` with its two directions to the command line."""
    parser = subparsers.add_parser(
        "organisation", help="the whole organisation (lists, procedures, targets) as one file: export, import"
    )
    steps = parser.add_subparsers(dest="step", required=True)
    export = steps.add_parser("export", help="write it to a new TOML file")
    export.add_argument("file", type=Path, metavar="FILE")
    export.set_defaults(func=run_export)
    take = steps.add_parser("import", help="make a register of nobody, or of the same organisation, what the file says")
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")
    take.set_defaults(func=run_import)


def run_export(options: argparse.Namespace) -> None:
    """Write the file; an existing one is not replaced."""
    settings = Settings.from_env(os.environ)
    now = utc_now()
    register = open_up(settings.database_url, settings.evidence_dir, now=now)
    with register.read() as session:
        text = files.export(session, now=now)
    try:
        with options.file.open("x", encoding="utf-8", newline="") as out:
            out.write(text)
    except FileExistsError as problem:
        taken = N_("“{file}” exists and is not replaced: name another file, or remove this one first.")
        raise Invalid(taken, file=options.file) from problem
    say(str(options.file))


def run_import(options: argparse.Namespace) -> None:
    """Take the file in, or with ``--dry-run`` only say what would change."""
    try:
        text = options.file.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise Invalid(N_("“{file}” is no text in UTF-8."), file=options.file) from problem
    settings, now, parts = Settings.from_env(os.environ), utc_now(), list[Part]()
    register = open_up(settings.database_url, settings.evidence_dir, now=now)
    with suppress(_RolledBackError), register.write() as session:
        parts += files.take_in(session, text, Act(None, now), file=options.file.name)
        if options.dry_run:
            raise _RolledBackError
    for line in files.words(parts):
        say(line)
    if not parts:
        say(gettext(N_("Nothing differs.")))
    elif options.dry_run:
        say(gettext(N_("Nothing was written: this was a dry run.")))
