"""``python -m core figures resolve_in_time --by category``: any figure with its definition and what it was made of."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from math import isnan
from typing import Any, TypedDict

import pandas as pd

from core import catalogues
from core.clock import utc_now
from core.commands.deadlines import moment
from core.commands.terminal import say
from core.errors import Invalid
from core.i18n import N_, gettext
from core.insight import dimensions, facts, figures, rewound, splits
from core.insight.filters import EARLIEST, LATEST, Filter
from core.insight.tally import BUCKETS
from core.papers.cells import RUNS
from core.register import rulebook
from core.register.log.database import Register, open_register
from core.rules.calendar import LOCAL, local_day
from core.rules.marks import one_line
from core.settings import Settings

Cell = str | int | float | None
NOT_COVERED = N_("The register does not cover all of this period: it begins on {since}.")


class Answer(TypedDict):
    """What is printed: how the figure is made, then its rows.

    ``numerator`` and ``denominator``: the columns whose quotient ``share`` (or ``per_thousand``) is. ``units``:
    column → what it counts. ``moment``: as of when; ``covers_from``: the first day with a complaint. Instants and days
    are local (Asia/Ho_Chi_Minh), shares 0…1, cells None where there is nothing to count.
    """

    figure: str
    title: str
    definition: str
    numerator: str | None
    denominator: str | None
    units: Mapping[str, str]
    period: str
    filter: Mapping[str, str]
    by: list[str]
    moment: str
    covers_from: str | None
    covers_period: bool
    complaints: int
    rows: list[dict[str, Cell]]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``figures`` to the command line."""
    parser = subparsers.add_parser("figures", help="print a figure with its definition; without a name: list them all")
    parser.add_argument("name", nargs="?", metavar="NAME", help="resolve_in_time, volume, flow …")
    parser.add_argument(
        "--by", default="", metavar="WHAT", help="split by a dimension or day, week, month; up to three: a,b,c"
    )
    add_period(parser)
    parser.add_argument("--as-of", metavar="T", help="as of this moment instead of the current time")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--csv", action="store_true", help="print CSV (the usual form): how it is made in lines with #")
    parser.set_defaults(func=run)


def add_period(parser: argparse.ArgumentParser) -> None:
    """Add what ``filter_of`` reads."""
    parser.add_argument("--from", dest="start", metavar="DAY", help="first local day, as 2026-11-01 (with --to)")
    parser.add_argument("--to", dest="end", metavar="DAY", help="last local day (without a period: the last 13 weeks)")
    parser.add_argument(
        "--filter", default="", metavar="F", help="only these rows: category=payment,login;channel=email"
    )


def run(options: argparse.Namespace) -> None:
    """Print one figure, or the list of all."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    register.check()
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
    found = _answer(register, options) if options.name else _listed()
    if options.json:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.writelines("\n")
    elif isinstance(found, list):
        for one in found:
            say(f"{one['figure']}: {one['title']}. {one['definition']}")
            say("    " + gettext(N_("split by: {known}")).format(known=", ".join(one["by"]) or "–"))
    else:
        sys.stdout.writelines(as_csv(found))


class Listed(TypedDict):
    """One figure of the list."""

    figure: str
    title: str
    definition: str
    units: Mapping[str, str]
    numerator: str | None
    denominator: str | None
    by: list[str]


def _listed() -> list[Listed]:
    counted = dimensions.counted(catalogues.catalogues())
    return [
        Listed(
            figure=name,
            title=gettext(one.title),
            definition=gettext(one.definition),
            units=one.columns,
            numerator=one.share[0] if one.share else None,
            denominator=one.share[1] if one.share else None,
            by=list(one.splits(counted)),
        )
        for name, one in figures.FIGURES.items()
    ]


def _answer(register: Register, options: argparse.Namespace) -> Answer:
    now = moment("--as-of", options.as_of) if options.as_of else utc_now()
    figure, by = figures.get(options.name), tuple(one for one in options.by.split(",") if one)
    filter = filter_of(options, local_day(now))
    known = facts.current(register)
    known = rewound.to(known, now) if options.as_of else known
    found = figures.ask(options.name, known, filter, now, by)
    covered = figures.coverage(known, now)
    return Answer(
        figure=options.name,
        title=gettext(figure.title),
        definition=gettext(figure.definition),
        numerator=figure.share[0] if figure.share else None,
        denominator=figure.share[1] if figure.share else None,
        units={name: unit for name, unit in figure.columns.items() if name in found.columns},
        period=f"{filter.start}/{filter.end}",
        filter={name: ",".join(keys) for name, keys in filter.narrowed},
        by=list(by),
        moment=now.astimezone(LOCAL).isoformat(),
        covers_from=covered.since.isoformat() if covered.since else None,
        covers_period=covered.covers(filter),
        complaints=covered.complaints,
        rows=rows_of(_named(register, found, by)),
    )


def _named(register: Register, found: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """With the name of each key beside it, in the reader's language, on one line that orders a terminal nothing."""
    for name in (one for one in by if one not in BUCKETS):
        name_of = splits.names(register, name)
        found.insert(
            int(found.columns.get_loc(name)) + 1, f"{name}_name", [one_line(name_of(key)) for key in found[name]]
        )
    return found


def rows_of(found: pd.DataFrame) -> list[dict[str, Cell]]:
    """The rows of a frame as they are printed: days as texts, None where there is nothing to count."""
    return [{str(name): _cell(value) for name, value in row.items()} for row in found.to_dict("records")]


def _cell(value: object) -> Cell:
    if isinstance(value, float) and isnan(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return value  # type: ignore[return-value]


def as_csv(answer: Mapping[str, Any]) -> Iterator[str]:
    """Lines that begin with ``#`` say how the answer is made, ``key: value``; then the header and its ``rows``."""
    for key, value in answer.items():
        if key != "rows":
            yield f"# {key}: {_in_words(value)}\n"
    if not answer.get("covers_period", True):
        yield "# " + gettext(NOT_COVERED).format(since=answer["covers_from"] or "–") + "\n"
    columns = [*answer["rows"][0]] if answer["rows"] else [*answer["by"], *answer.get("units", ())]
    out = _Lines()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in row.items()} for row in answer["rows"])
    yield from out.lines


def _harmless(cell: Cell) -> Cell:
    """Names are texts of people: no formula to a spreadsheet."""
    return f"'{cell}" if isinstance(cell, str) and re.match(RUNS, cell) else cell


class _Lines:
    """What the writer of CSV writes to."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> int:
        """Keep one line."""
        self.lines.append(line)
        return len(line)


def _in_words(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}={one}" for key, one in value.items()) or "–"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def filter_of(options: argparse.Namespace, today: date) -> Filter:
    """The period and the keys that the options name."""
    if bool(options.start) != bool(options.end):
        raise Invalid(N_("Give --from and --to together, or neither for the last 13 weeks."))
    chosen = Filter.of("quarter", today)
    if options.start:
        start, end = (_day(name, given) for name, given in (("--from", options.start), ("--to", options.end)))
        if start > end:
            raise Invalid(N_("--from {start} is after --to {end}."), start=start, end=end)
        chosen = Filter(start, end)
    for part in options.filter.split(";"):
        chosen = _narrowed(chosen, part) if part.strip() else chosen
    return chosen


def _narrowed(chosen: Filter, part: str) -> Filter:
    name, is_given, keys = (one.strip() for one in part.partition("="))
    known = dimensions.filters()
    if not is_given or name not in known:
        raise Invalid(N_("--filter {given}: name one of {known}."), given=part, known=", ".join(known))
    wanted = {key.strip() for key in keys.split(",")}
    offered = dimensions.choices(name)
    found = dimensions.asked(name, wanted)
    strange = sorted(key for key in wanted if not dimensions.asked(name, [key]))
    if strange or not found:
        raise Invalid(
            N_("--filter {name}: there is no {given} among {known}."),
            name=name,
            given=", ".join(strange),
            known=", ".join(offered),
        )
    return chosen.only(name, *found)


def _day(name: str, given: str) -> date:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise Invalid("{name}: {given} is not a date like 2026-11-20.", name=name, given=given)
    return day
