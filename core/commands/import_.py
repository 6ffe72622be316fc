"""``python -m core import FILE --map MAP.toml``: complaints from a delimited file, under the same rules as the form."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from core.clock import utc_now
from core.commands.seldom import collecting_seldom
from core.commands.terminal import say, warn
from core.errors import Invalid
from core.i18n import N_, gettext, label, named, number, os_reason
from core.register.importing.delimited import Delimited
from core.register.importing.importer import Mode, Report, Told, take_in
from core.register.importing.mapping import ColumnMap, parse
from core.register.importing.problem_file import ProblemFile, free_path, is_reason
from core.register.importing.problems import Problem
from core.register.importing.table import Table, find
from core.register.log.act import Act
from core.register.log.database import Register, open_register
from core.register.log.tables import Person
from core.register.people import accounts
from core.settings import Settings

SHOWN = 20
ALL_TAKEN, SOME_REFUSED = 0, 1


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``import`` to the command line."""
    parser = subparsers.add_parser("import", help="bring complaints in from a CSV file; safe to run again")
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--map", type=Path, required=True, dest="mapping", metavar="MAP.toml", help="what the columns mean"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="check every row and say what would come in; write nothing to the register",
    )
    batch = Mode().batch
    parser.add_argument(
        "--batch", type=positive, default=batch, metavar="N", help=f"complaints in one transaction ({batch})"
    )
    parser.add_argument(
        "--problems",
        type=Path,
        metavar="OUT.csv",
        help="where refused rows go with their reasons, to be mended and imported again; an older file is replaced "
        "(FILE.problems.csv beside the file; with --dry-run only where named)",
    )
    parser.add_argument(
        "--progress", action="store_true", help="say how far it is although standard error is no terminal"
    )
    parser.add_argument("--by", metavar="LOGIN", help="who brings them in; the register itself when not given")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """0 when every complaint is in, 1 when some were refused; PopsError for a file or mapping that cannot be used."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    mapping = read_mapping(options.mapping)
    file = Delimited(options.file, mapping.encoding, mapping.delimiter, mapping.header_row)
    table = find(file, mapping.wanted())
    _print_notes(table)
    act = Act(_person(register, options.by), utc_now())
    with _problem_file(options, table) as problem_file, collecting_seldom():
        report = take_in(
            register,
            file,
            mapping,
            act=act,
            mode=Mode(options.batch, options.dry_run, ahead=True),
            told=Told(
                _progress(mapping, shown=options.progress or sys.stderr.isatty()),
                problem_file.add if problem_file else lambda _refusals: None,
            ),
        )
    _print_problems(report)
    if report.refused:
        warn(_where(problem_file))
    _print_others(report)
    _print_outdated(report)
    _print_renamed(report, mapping, dry_run=options.dry_run)
    say(_summary(report, dry_run=options.dry_run))
    return SOME_REFUSED if report.refused else ALL_TAKEN


@contextmanager
def _problem_file(options: argparse.Namespace, table: Table) -> Iterator[ProblemFile | None]:
    """Where the refused rows go; None for a dry run that names no file, or a folder that cannot be written."""
    path = options.problems
    if path is None and (options.dry_run or not os.access(options.file.parent, os.W_OK)):
        yield None
        return
    with closing(ProblemFile(path or free_path(options.file), table)) as opened:
        yield opened


def _where(problem_file: ProblemFile | None) -> str:
    if problem_file is None:
        return gettext(N_("To have the refused rows as a file, run again with --problems OUT.csv."))
    return gettext(
        N_("The refused rows are in {path}, with the reason in the first column: mend them there and import that file.")
    ).format(path=problem_file.path)


def read_mapping(path: Path) -> ColumnMap:
    """The mapping file at ``path``; Invalid when it cannot be read."""
    try:
        return parse(path.read_text(encoding="utf-8"), file=path.name)
    except OSError as problem:
        raise Invalid(
            N_("“{file}” cannot be opened: {reason}."), file=path.name, reason=os_reason(problem)
        ) from problem
    except UnicodeDecodeError as problem:
        raise Invalid(N_("“{file}” must be written in UTF-8."), file=path.name) from problem


def _print_notes(table: Table) -> None:
    """How the file was read, where it is not as the mapping says, and what of it is not read."""
    if table.other_delimiter:
        text = gettext(
            N_("The file is separated by “{found}”, not by “{said}” as the mapping says: read by “{found}”.")
        )
        warn(text.format(found=_visible(table.delimiter), said=_visible(table.file.delimiter)))
    if unread := [name for name in table.unread() if not is_reason(name)]:
        warn(gettext(N_("Not read: {columns}.")).format(columns=", ".join(unread)))


def _visible(delimiter: str) -> str:
    return gettext(N_("tab")) if delimiter == "\t" else delimiter


def _progress(mapping: ColumnMap, *, shown: bool) -> Callable[[Report], None]:
    """Prints on standard error how far it is and how long it will take; written over where that is possible."""
    end = "\r" if sys.stderr.isatty() else "\n"
    line = (
        N_("{done} complaints, {read} of {rows} rows; {left} left")
        if mapping.history
        else N_("{read} of {rows} complaints; {left} left")
    )
    started = time.monotonic()

    def show(report: Report) -> None:
        taken = time.monotonic() - started
        left = round(taken / max(report.rows_read, 1) * (report.rows - report.rows_read))
        counts = {"done": report.done, "read": report.rows_read, "rows": report.rows}
        text = gettext(line).format(**{name: number(n) for name, n in counts.items()}, left=_clock(left))
        print(f"{text:<70}", end=end, file=sys.stderr, flush=True)

    return show if shown else lambda _report: None


def _clock(seconds: int) -> str:
    """``75`` → ``1:15``."""
    return str(timedelta(seconds=seconds)).removeprefix("0:").removeprefix("0")


def _print_problems(report: Report) -> None:
    for problem in report.problems[:SHOWN]:
        warn(_line(problem))
    if (more := report.problem_count - min(SHOWN, len(report.problems))) > 0:
        warn(gettext(N_("… and {more} more.")).format(more=number(more)))


def _print_others(report: Report) -> None:
    """The words for which the mapping's “*” stood, so that nobody believes the file was understood."""
    for (column, word), count in report.others.most_common(SHOWN):
        text = gettext(N_("{column}: “{word}” is not in the mapping, {count} rows were taken by its “*”."))
        warn(text.format(column=column, word=word, count=number(count)))
    if (more := len(report.others) - SHOWN) > 0:
        warn(gettext(N_("… and {more} more words.")).format(more=number(more)))


def _print_outdated(report: Report) -> None:
    """The entries that the file names and no form offers any more, and what they were taken as (D20)."""
    for one, count in report.outdated.most_common(SHOWN):
        template = (
            N_("{list}: {count} complaints name “{said}”, which is no longer offered: they keep it.")
            if one.taken == one.said
            else N_("{list}: {count} complaints name “{said}”, which was merged: they are taken as “{taken}”.")
        )
        names = {name: label(entry.vi, entry.en) for name, entry in (("said", one.said), ("taken", one.taken))}
        warn(gettext(template).format(list=named("list", one.list), count=number(count), **names))
    if (more := len(report.outdated) - SHOWN) > 0:
        warn(gettext(N_("… and {more} more entries.")).format(more=number(more)))


def _print_renamed(report: Report, mapping: ColumnMap, *, dry_run: bool) -> None:
    """The lines whose customer is known by another name; no names, since they are personal data."""
    if not report.renamed:
        return
    template = (
        N_(
            "{column}: at least {count} complaints name a known customer differently (lines {lines}). The known name "
            "will stay, and each of these cases will say the name of its row."
        )
        if dry_run  # it does not know the customers that the file itself brings
        else N_(
            "{column}: {count} complaints name a known customer differently (lines {lines}). The known name stays, and "
            "each of these cases says the name of its row."
        )
    )
    lines = [str(line) for line in report.renamed[:SHOWN]] + ["…"] * (len(report.renamed) > SHOWN)
    values = {"column": mapping.column_of("name"), "count": number(len(report.renamed)), "lines": ", ".join(lines)}
    warn(gettext(template).format(**values))


def _line(problem: Problem) -> str:
    template = N_("Line {line}, {column}: {reason}") if problem.column else N_("Line {line}: {reason}")
    return gettext(template).format(line=problem.line, column=problem.column, reason=problem.sentence())


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


def positive(text: str) -> int:
    """A whole number of at least 1, as argparse asks for it."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)
