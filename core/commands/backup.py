"""``python -m core backup DIR``: register and evidence files, as of one moment, while everybody goes on working."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from core.clock import utc_now
from core.commands.progress import clear, progress
from core.commands.terminal import say, warn
from core.i18n import N_, gettext, number
from core.register.backup.save import save
from core.register.log.database import open_register
from core.settings import Settings

COMPLETE, INCOMPLETE = 0, 1


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``backup`` to the command line."""
    parser = subparsers.add_parser(
        "backup",
        help="copy the register and its evidence files while it runs",
        description="Writes tables, evidence files, kept seals, checksums and, last, manifest.json: a folder without "
        "it holds no finished backup. Both engines write the same form, and either reads what the other wrote. Left "
        "out: sessions, failed sign-ins, set-up codes. “restore DIR” brings it back.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that is new or empty, one for each backup")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """0 when everything is in it; 1 when evidence files were missing, each on its own line of standard error."""
    settings, began = Settings.from_env(os.environ), time.perf_counter()
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    with register.read() as session:
        made = save(
            session.connection(),
            options.folder,
            register.evidence_dir,
            now=utc_now(),
            progress=progress(),
        )
    clear()
    for name in made.missing:
        warn(gettext(N_("{name}: is missing from the evidence folder.")).format(name=name))
    say(
        gettext(
            N_("Backed up to {folder}: {events} events, {rows} rows, {files} files. Newest seal {seal}. {seconds} s.")
        ).format(
            folder=options.folder,
            events=number(made.rows["events"]),
            rows=number(sum(made.rows.values())),
            files=number(made.files),
            seal=made.seal[:16],
            seconds=number(time.perf_counter() - began, 1),
        )
    )
    return INCOMPLETE if made.missing else COMPLETE
