"""``python -m core pack 2026-W47 --out DIR``: the files of a weekly review, as frozen or as it stands now."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from core import catalogues
from core.clock import utc_now
from core.commands.terminal import say
from core.errors import Invalid
from core.i18n import N_, gettext
from core.papers import pack, review_words
from core.register import rulebook
from core.register.log.database import open_register
from core.rules.calendar import local_day
from core.rules.meetings import last_full_week
from core.settings import Settings


@dataclass(slots=True)
class Everything:
    """Who works at the machine of the register sees every complaint."""

    id: int = 0
    role: str = "manager"
    department: str | None = None
    branch: str | None = None


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``pack`` to the command line."""
    parser = subparsers.add_parser("pack", help="write the files of a weekly review")
    parser.add_argument("week", nargs="?", metavar="WEEK", help="as 2026-W47 (without one: the last full week)")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to (without it: here)")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Write each file and say where."""
    settings, now = Settings.from_env(os.environ), utc_now()
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
    monday = review_words.named(options.week) if options.week else last_full_week(local_day(now))
    if monday is None or monday > local_day(now):
        raise Invalid(N_("{week} is no week that has begun: write it as 2026-W47."), week=options.week)
    options.out.mkdir(parents=True, exist_ok=True)
    for kind in pack.KINDS:
        path = options.out / pack.name_of(monday, kind)
        path.write_bytes(pack.make(register, monday, kind, now, Everything()))
        say(gettext(N_("Written: {path}")).format(path=path))
