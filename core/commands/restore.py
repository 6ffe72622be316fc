"""``python -m core restore DIR``: a backup into an empty register, then the proof that it is whole."""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from pathlib import Path

from core.clock import utc_now
from core.commands import verify
from core.commands.progress import clear, progress
from core.commands.terminal import say
from core.i18n import N_, gettext, moment, number
from core.register.backup.load import restore, set_aside
from core.register.log.database import open_up
from core.settings import Settings


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``restore`` to the command line."""
    parser = subparsers.add_parser(
        "restore",
        help="bring a backup into an empty register, then verify it",
        description="Into the database that DATABASE_URL names, which must be empty, and DATA_DIR. Cut off in between, "
        "it can be run again; until then nothing opens the register. The log gets an event that names the backup's "
        "seal, so a restored register is never mistaken for the one that was copied. Everybody signs in again.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that “backup” has written")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """0 when the restored register is whole; 1 when it is not."""
    settings, now = Settings.from_env(os.environ), utc_now()
    made = restore(settings.database_url, settings.evidence_dir, options.folder, now=now, progress=progress())
    clear()
    register = open_up(settings.database_url, settings.evidence_dir, now=now)
    register.keep_seal(now)
    say(
        gettext(N_("Restored from {folder}, made {made_at}: {events} events, {files} files.")).format(
            folder=options.folder,
            made_at=moment(datetime.fromisoformat(made.made_at)),
            events=number(made.rows["events"]),
            files=number(made.files),
        )
    )
    for file in set_aside(settings.evidence_dir, now):
        say(
            gettext(
                N_(
                    "The seals kept here went further than the backup: what was written after event {event} is lost. "
                    "Those seals are now in {file}."
                )
            ).format(event=number(made.events), file=file)
        )
    return verify.check(register)
