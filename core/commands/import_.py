"""``python -m core import FILE --map MAP.toml``: complaints from a delimited file, under the same rules as the form."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core.clock import utc_now
from core.errors import Invalid, PopsError
from core.i18n import LANGUAGES, N_, gettext, number, sentence, use
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Mode, Report, take_in, unread_columns
from core.register.importing.mapping import ColumnMap, parse
from core.register.importing.problems import Problem
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Person
from core.register.people import accounts
from core.settings import Settings

SHOWN = 20
ALL_TAKEN, SOME_REFUSED, UNUSABLE = 0, 1, 2


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``import`` to the command line."""
    parser = subparsers.add_parser("import", help="bring complaints in from a CSV file; safe to run again")
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--map", type=Path, required=True, dest="mapping", metavar="MAP.toml", help="what the columns mean"
    )
    parser.add_argument("--dry-run", action="store_true", help="check every row and write nothing")
    parser.add_argument("--batch", type=positive, default=500, metavar="N", help="complaints in one transaction (500)")
    parser.add_argument(
        "--problems", type=Path, metavar="OUT.csv", help="write every refused row here, not only the first 20"
    )
    parser.add_argument("--by", metavar="LOGIN", help="who brings them in; the register itself when not given")
    parser.add_argument("--language", choices=LANGUAGES, default="vi", help="language of the report (vi)")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """0 when every complaint is in, 1 when some were refused, 2 when the file or the mapping cannot be used."""
    use(options.language)
    try:
        return _run(options)
    except PopsError as error:
        _print(sentence(error))
        return UNUSABLE


def _run(options: argparse.Namespace) -> int:
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    mapping = read_mapping(options.mapping)
    file = Delimited(options.file, mapping.encoding, mapping.delimiter)
    if unread := unread_columns(file, mapping):
        _print(gettext(N_("Not read: {columns}.")).format(columns=", ".join(unread)))
    report = take_in(
        register,
        file,
        mapping,
        act=Act(_person(register, options.by), utc_now()),
        mode=Mode(options.batch, options.dry_run),
        progress=_progress(mapping),
    )
    _print_problems(report.problems, options.problems)
    print(_summary(report, dry_run=options.dry_run))
    return SOME_REFUSED if report.refused else ALL_TAKEN


def read_mapping(path: Path) -> ColumnMap:
    """The mapping file at ``path``; Invalid when it cannot be read."""
    try:
        return parse(path.read_text(encoding="utf-8"), file=path.name)
    except OSError as problem:
        raise Invalid(N_("“{file}” cannot be opened: {reason}."), file=path.name, reason=problem.strerror) from problem
    except UnicodeDecodeError as problem:
        raise Invalid(N_("“{file}” must be written in UTF-8."), file=path.name) from problem


def _progress(mapping: ColumnMap) -> Callable[[Report], None]:
    """Prints on standard error how far it is; one line that is written over where that is possible."""
    end = "\r" if sys.stderr.isatty() else "\n"
    line = N_("{done} complaints of {rows} rows") if mapping.history else N_("{done} of {rows} complaints")

    def show(report: Report) -> None:
        text = gettext(line).format(done=number(report.done), rows=number(report.rows))
        print(f"{text:<60}", end=end, file=sys.stderr, flush=True)

    return show


def _print_problems(problems: Sequence[Problem], out: Path | None) -> None:
    for problem in problems[:SHOWN]:
        _print(_line(problem))
    if len(problems) > SHOWN and out is None:
        more = number(len(problems) - SHOWN)
        _print(
            gettext(N_("… and {more} more: run again with --problems OUT.csv to have all of them.")).format(more=more)
        )
    if out is not None:
        with out.open("w", encoding="utf-8-sig", newline="") as target:
            rows = csv.writer(target)
            rows.writerow([gettext(N_("row")), gettext(N_("column")), gettext(N_("reason"))])
            rows.writerows((problem.row, problem.column, problem.sentence()) for problem in problems)


def _line(problem: Problem) -> str:
    template = N_("Row {row}, {column}: {reason}") if problem.column else N_("Row {row}: {reason}")
    return gettext(template).format(row=problem.row, column=problem.column, reason=problem.sentence())


def _summary(report: Report, *, dry_run: bool) -> str:
    template = (
        N_("Would accept {accepted}, {known} already there, {refused} refused ({rows} rows). Nothing was written.")
        if dry_run
        else N_("Accepted {accepted}, {known} already there, {refused} refused ({rows} rows).")
    )
    counts = {name: number(getattr(report, name)) for name in ("accepted", "known", "refused", "rows")}
    return gettext(template).format(**counts)


def _person(register: Register, login: str | None) -> Person | None:
    if login is None:
        return None
    with register.read() as session:
        person = accounts.find(session, login)
        accounts.check_may(session, Act(person, utc_now()), "import")
        return person


def _print(text: str) -> None:
    print(text, file=sys.stderr)


def positive(text: str) -> int:
    """A whole number of at least 1, as argparse asks for it."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)
