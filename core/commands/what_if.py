"""``python -m core what-if --terms resolve:3:working_day``: another term, working time or target, over history."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from typing import TypedDict

import pandas as pd

from core import catalogues
from core.clock import utc_now
from core.commands import figures
from core.commands.deadlines import moment
from core.commands.figures import Cell
from core.errors import Invalid
from core.i18n import N_, gettext
from core.insight import dimensions, facts, hypotheses, rewound, whatif
from core.insight.whatif import SPLITS, Answer, OfRegister
from core.register import rulebook
from core.register.log.database import open_register
from core.rules.calendar import LOCAL, local_day
from core.rules.marks import one_line
from core.settings import Settings

CASE, WEEK = "case", "week"
ASSUMED = N_("Everybody acted as they really did: each step stays at its moment, only the deadline moves.")


class Told(TypedDict):
    """What is printed: the question, then its rows; instants and days are local, shares 0…1."""

    procedure: str
    supposed: Mapping[str, str]
    assumed: str
    period: str
    filter: Mapping[str, str]
    by: str
    moment: str
    complaints: int
    changed: int
    rows: list[dict[str, Cell]]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``what-if`` to the command line."""
    parser = subparsers.add_parser("what-if", help="what another term, working time or target would have meant")
    parser.add_argument("--procedure", metavar="KEY", help="the procedure asked about (the organisation's first one)")
    parser.add_argument("--terms", default="", metavar="T", help="resolve:3:working_day,acknowledge:4:hour")
    parser.add_argument("--hours", default="", metavar="H", help="saturday=08:30-12:00;monday=07:30-17:30")
    parser.add_argument("--off", default="", metavar="DAYS", help="further days off: 2026-11-19,2026-11-20")
    parser.add_argument("--worked", default="", metavar="DAYS", help="days worked besides: 2026-11-21")
    parser.add_argument("--share", default="", metavar="N", help="another target, in per cent: 90")
    parser.add_argument(
        "--by", default="", choices=("", WEEK, *SPLITS, CASE), help="a row a week, a key, a changed case"
    )
    figures.add_period(parser)
    parser.add_argument("--as-of", metavar="T", help="as of this moment instead of the current time")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--csv", action="store_true", help="print CSV (the usual form)")
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> None:
    """Print the answer."""
    settings = Settings.from_env(os.environ)
    register = open_register(settings.database_url, settings.evidence_dir)
    now = moment("--as-of", options.as_of) if options.as_of else utc_now()
    register.check()
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
        known = rulebook.current_procedures(session, now)
    key = options.procedure or next(iter(known))
    if key not in known:
        raise Invalid(N_("There is no procedure {name}: choose one of {known}."), name=key, known=", ".join(known))
    given = {name: getattr(options, name) for name in hypotheses.NAMES}
    supposed = hypotheses.checked(given, known[key])
    filter = figures.filter_of(options, local_day(now)).only("procedure", key)
    held = rewound.to(facts.current(register), now) if options.as_of else facts.current(register)
    answer = whatif.ask(held, filter, supposed, now, OfRegister(register, key), known[key])
    told = Told(
        procedure=key,
        supposed=hypotheses.as_query(supposed, known[key]),
        assumed=gettext(ASSUMED),
        period=f"{filter.start}/{filter.end}",
        filter={name: ",".join(keys) for name, keys in filter.narrowed},
        by=options.by,
        moment=now.astimezone(LOCAL).isoformat(),
        complaints=answer.complaints,
        changed=answer.changed,
        rows=figures.rows_of(_rows(answer, options.by)),
    )
    if options.json:
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.writelines("\n")
    else:
        sys.stdout.writelines(figures.as_csv(told))


def _rows(answer: Answer, by: str) -> pd.DataFrame:
    if by == CASE:
        moments = ("set_off_at", "due_at", "due_then", "stopped_at")
        local = {name: answer.cases[name].map(_local) for name in moments}
        return answer.cases.drop(columns=["complaint_id", "working_seconds"]).assign(**local)
    if by == WEEK:
        return answer.weeks
    if by:
        found = answer.splits[answer.splits["dimension"] == by].drop(columns="dimension")
        return found.assign(name=[one_line(dimensions.name_of(by, key)) for key in found["key"]])
    return pd.DataFrame([_of_term(answer, one) for one in answer.terms])


def _local(moment: pd.Timestamp) -> str | None:
    return None if pd.isna(moment) else moment.tz_convert(LOCAL.key).isoformat()


def _of_term(answer: Answer, one: whatif.TermEffect) -> dict[str, object]:
    reach = answer.reach[one.term]
    numbers = {name: getattr(one, name) for name in ("term", *whatif.NUMBERS, "share", "share_then")}
    target = {"target": reach.wanted, "would_reach": reach.amount, "unit": reach.unit.value}
    return {**numbers, **target, "due_at_that": reach.due, "met_at_that": reach.met}
