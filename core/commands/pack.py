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
from core.insight import facts
from core.papers import minutes, review, review_words, slides
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
    found, meeting = review.of_week(register, monday, now, Everything())
    options.out.mkdir(parents=True, exist_ok=True)
    with register.read() as session:
        told = minutes.pdf(session, facts.current(register), found, meeting, now)
    files = {slides.file_name(found): slides.pack(found, meeting), minutes.file_name(found): told}
    for name, content in files.items():
        path = options.out / name
        path.write_bytes(content)
        say(gettext(N_("Written: {path}")).format(path=path))
