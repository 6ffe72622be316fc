"""``python -m core verify``: prove that the log is whole and that replaying it gives the register as it stands."""

from __future__ import annotations

import argparse
import os
import re
import time
from datetime import datetime

from core.clock import utc_now
from core.commands.progress import clear, progress
from core.commands.terminal import say, warn
from core.i18n import N_, gettext, number
from core.register.log.database import Register, open_register
from core.register.log.verify import Report, verify
from core.register.proof import orphans
from core.settings import Settings

CHECKED = N_(
    "{events} events, {complaints} complaints, {clocks} clocks, {evidence} texts and files, "
    "{customers} customers, {people} accounts, {kept} kept seals"
)
NOT_PROVED = N_(
    "Not proved: that nobody wrote the whole log and every kept seal anew; what was written in a text before it was "
    "logged; colleagues' names, logins, passwords, second factors and sessions; drafts and whatever is only there to "
    "find things."
)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``verify`` to the command line."""
    parser = subparsers.add_parser(
        "verify",
        help="check the seals of the log and replay it against the register",
        description=(
            "Proved: no event is missing, changed or out of place; the triggers that refuse changes are there; every "
            "complaint, clock, text, file, customer, account's role and activity, procedure, catalogue and calendar is "
            "what the log says; every seal in DATA_DIR/seals.csv is in the log. " + NOT_PROVED
        ),
    )
    parser.add_argument("--no-files", action="store_true", help="leave the evidence files unread")
    parser.add_argument("--seal", type=_seal, metavar="HEX", help="a seal kept elsewhere that must be in the log")
    parser.add_argument(
        "--remove-orphans", action="store_true", help="delete evidence files that nothing names (not the last hour's)"
    )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """0 when all is whole; 1 when something is not, each on its own line of standard error."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    return check(register, files=not options.no_files, wanted=options.seal, remove_orphans=options.remove_orphans)


def check(register: Register, *, files: bool = True, wanted: str | None = None, remove_orphans: bool = False) -> int:
    """Verify, and print what was checked, what is wrong and what this does not prove; the exit code."""
    began, now = time.perf_counter(), utc_now()
    kept = register.seals.read()
    report = verify(register, files=files, kept=kept, wanted=wanted, now=now, progress=progress())
    clear()
    for problem in report.found:
        warn(problem.sentence())
    if report.wrong > len(report.found):
        warn(gettext(N_("… and {more} more.")).format(more=number(report.wrong - len(report.found))))
    _say_orphans(register, report, now, remove=remove_orphans)
    say(_summary(report, time.perf_counter() - began))
    if not kept:
        say(gettext(N_("No seal was kept outside the database: a log written anew as a whole would not be noticed.")))
    say(gettext(NOT_PROVED))
    return 0 if report.is_whole else 1


def _summary(report: Report, seconds: float) -> str:
    counts = {name: number(getattr(report, name)) for name in ("events", "complaints", "clocks", "evidence")}
    more = {"customers": number(report.customers), "people": number(report.people), "kept": number(report.kept_seals)}
    template = (
        N_("Whole: {checked}. Newest seal {seal}. {seconds} s.")
        if report.is_whole
        else N_("NOT whole: {wrong} problems in {checked}. Newest seal {seal}. {seconds} s.")
    )
    return gettext(template).format(
        wrong=number(report.wrong),
        checked=gettext(CHECKED).format(**counts, **more),
        seal=report.seal[:16],
        seconds=number(seconds, 1),
    )


def _say_orphans(register: Register, report: Report, now: datetime, *, remove: bool) -> None:
    for name in report.orphans:
        warn(gettext(N_("{name}: lies in the evidence folder, and nothing names it.")).format(name=name))
    if report.orphans and remove:
        removed = orphans.remove(register, now)
        warn(gettext(N_("{count} such files were removed.")).format(count=number(len(removed))))
    elif report.orphans:
        warn(
            gettext(N_("{count} such files, left by writes that were cut off: --remove-orphans deletes them.")).format(
                count=number(len(report.orphans))
            )
        )


def _seal(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{16,64}", text.lower()):
        raise argparse.ArgumentTypeError("a seal has 16 to 64 digits, 0-9 and a-f")
    return text.lower()
