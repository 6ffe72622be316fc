"""How long each figure takes in a large register, beside pandas' groupby over the same rows in the same run.

``python -m tests.bench.bench_questions [--complaints N] [--data-dir FOLDER]``; an empty one is grown by
``tests.bench.grow``.
Each figure is asked for the last 13 weeks and for the whole register, split by category and by week; a time is the
median of ``RUNS``, measured by the clock and, in brackets, by the CPU of this process. Copies of the grown register
have no events: the stays and steps of the sample stand for theirs, moved by the same weeks.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from time import perf_counter, process_time
from typing import Any

import pandas as pd
import polars as pl
from sqlalchemy import ColumnElement, Integer, Select, func, select, type_coerce

from core import catalogues
from core.insight import facts, figures, pivot, rewound, whatif
from core.insight.asked import Answers
from core.insight.facts import Facts
from core.insight.figures import Figure
from core.insight.filters import Filter
from core.insight.pivot import Wanted
from core.insight.slices import Slice
from core.insight.tally import Asked
from core.insight.whatif import Hypothesis, Length, OfRegister
from core.papers import csv, dictionary, rows
from core.register import rulebook
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event, SlaCycle
from core.rules.calendar import LOCAL, local_day
from core.rules.procedure import Unit
from tests.bench import place
from tests.bench.grow import SAMPLE
from tests.bench.place import Place

RUNS = 7
PIVOTS = (
    Wanted("volume", "count", ("category",), "channel"),
    Wanted("volume", "count", ("category", "channel"), "week"),
    Wanted("resolve_in_time", "share", ("category",), "channel"),
    Wanted("resolve_in_time", "share", ("category", "department"), "week"),
    Wanted("resolve_hours", "median", ("category", "channel"), "month"),
    Wanted("backlog", "overdue", ("category",), "person"),
    Wanted("outcomes", "share", ("outcome", "category"), "month"),
    Wanted("amounts", "median", ("category",), "channel"),
    Wanted("repeats", "share", ("category",), "channel"),
    Wanted("time_spent", "median", ("category",), "waits_for"),
)


def main() -> None:
    """Print a line for each figure, and what pandas takes to group the complaints."""
    with place.of(place.arguments(__doc__).parse_args(), is_searched=False) as here:
        measure_here(here)


def measure_here(here: Place) -> None:
    """The table of one register."""
    print(here.title("figures"))
    measure(here.register, datetime.now(UTC))


def measure(register: Register, now: datetime) -> None:
    """The table, of a register that is only read."""
    with register.read() as session:
        catalogues.use(rulebook.catalogues(session))
        sample = (Event.subject == "complaint", Event.subject_id < 2 * SAMPLE)  # what was logged since has higher ids
        size = session.scalar(select(func.max(Event.subject_id)).where(*sample)) or 0
    began = perf_counter()
    known = facts.load(register)
    seconds = perf_counter() - began
    known = with_histories(known, size)
    made = f"{known.stays.height:,} stays, {known.moves.height:,} steps"
    print(f"{known.complaints.height:,} complaints, {made}; read in {seconds:.1f} s")
    today = local_day(now)
    quarter, whole = Filter.of("quarter", today), Filter(date(2000, 1, 1), today)
    heads = ("13 weeks", "by category", "by week", "whole register")
    print(f"{'ms by the clock (CPU)':24}" + "".join(f"{head:>16}" for head in heads))
    asked = ((quarter, ()), (quarter, ("category",)), (quarter, ("week",)), (whole, ()))
    for name, figure in figures.FIGURES.items():
        cells = [
            _timed(partial(_figure, figure, Asked(known, period, now, by))) if set(by) <= set(figure.by) else "–"
            for period, by in asked
        ]
        print(f"{name:24}" + "".join(f"{cell:>16}" for cell in cells), flush=True)
    ifs = [_timed(partial(_what_if, register, known, period, now)) for period in (quarter, whole)]
    print(f"{'what-if':24}{ifs[0]:>16}{'':>32}{ifs[1]:>16}")
    earlier = [_timed(partial(_as_of, known, period, now - timedelta(weeks=4))) for period in (quarter, whole)]
    print(f"{'as of 4 weeks ago':24}{earlier[0]:>16}{'':>32}{earlier[1]:>16}")
    print(f"{'pandas groupby':24}" + "".join(f"{cell:>16}" for cell in _peer(known, quarter, whole)))
    for name, cells in _in_sql(register, quarter, whole).items():
        print(f"{name:24}" + "".join(f"{cell:>16}" for cell in cells))
    _print_csv(register, known, whole, now)
    print("\npivots: a question and its three totals, as the page of exploring asks them")
    for wanted in PIVOTS:
        cells = [_timed(partial(_pivot, known, wanted, period, now)) for period in (quarter, whole)]
        rows = " × ".join([*wanted.down, wanted.across])
        print(f"{wanted.figure + ' by ' + rows:60}" + "".join(f"{cell:>16}" for cell in cells), flush=True)


def _figure(figure: Figure, asked: Asked) -> None:
    """Asked as by the first who asks: nothing is remembered."""
    figure.answer(asked._replace(facts=replace(asked.facts, answers=Answers())))


def _pivot(known: Facts, wanted: Wanted, period: Filter, now: datetime) -> None:
    """The same."""
    pivot.ask(replace(known, answers=Answers()), wanted, period, now)


def _what_if(register: Register, known: Facts, period: Filter, now: datetime) -> None:
    """A shorter term, a further day off and a worked Saturday at once (D37), asked anew each time."""
    with register.read() as session:
        newest = rulebook.procedure_at(session, "pops", now)
    lengths = (("resolve", Length(3, Unit.WORKING_DAY)), ("acknowledge", Length(240, Unit.WORKING_MINUTE)))
    week = (*newest.week[:5], newest.week[0], ())
    supposed = Hypothesis("pops", lengths, week, off=(local_day(now) - timedelta(days=7),), share=0.9)
    unasked = replace(known, answers=Answers())
    whatif.ask(unasked, period, supposed, now, OfRegister(register, "pops"), newest)


def _as_of(known: Facts, period: Filter, moment: datetime) -> None:
    """A figure as it was at an earlier moment, by what was recorded then."""
    then = rewound.to(replace(known, answers=Answers()), moment)
    figures.ask("resolve_in_time", then, period, moment, ("category",))


def _in_sql(register: Register, quarter: Filter, whole: Filter) -> dict[str, list[str]]:
    """What a program without facts would ask the register, by its indexes: complaints counted, promises judged."""
    week: ColumnElement[Any] = func.date_trunc("week", Complaint.recorded_at)
    if register.is_sqlite:
        week = func.strftime("%Y-%W", _seconds())
    kept = func.count().filter(SlaCycle.stopped_at <= SlaCycle.due_at)

    def counted(period: Filter, *by: ColumnElement[Any]) -> str:
        its = select(*by, func.count()).where(Complaint.recorded_at.between(*_instants(period))).group_by(*by)
        return _timed(partial(_all, register, its))

    def judged(period: Filter, *by: ColumnElement[Any]) -> str:
        wanted = (SlaCycle.term == "resolve", SlaCycle.due_at.between(*_instants(period)))
        its = select(*by, kept, func.count()).join(Complaint, Complaint.id == SlaCycle.complaint_id).where(*wanted)
        return _timed(partial(_all, register, its.group_by(*by)))

    category = Complaint.category.expression
    asked: list[tuple[Filter, tuple[ColumnElement[Any], ...]]]
    asked = [(quarter, ()), (quarter, (category,)), (quarter, (week,)), (whole, ())]
    return {
        "volume in SQL": [counted(period, *by) for period, by in asked],
        "resolve_in_time in SQL": [judged(period, *by) for period, by in asked],
    }


def _seconds() -> ColumnElement[Any]:
    """An instant as SQLite stores it, as its own functions take it."""
    return func.datetime(type_coerce(Complaint.recorded_at, Integer) / 1_000_000, "unixepoch")


def _instants(period: Filter) -> tuple[datetime, datetime]:
    start, end = (datetime.combine(day, time(), LOCAL) for day in (period.start, period.end + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def _all(register: Register, query: Select[Any]) -> None:
    with register.read() as session:
        session.execute(query).all()


def _print_csv(register: Register, known: Facts, whole: Filter, now: datetime) -> None:
    """Every complaint with every column, as an analyst takes it away; the peer writes what facts hold of them."""
    columns = tuple(dictionary.known(obligations=False).values())
    selection = rows.Selection(known, Slice(whole), now)
    began = perf_counter()
    frames = rows.stretches(register, selection, csv.needed(columns), whole=True, colleagues=True)
    size = sum(map(len, csv.write(frames, csv.Words(columns, "label"))))
    ours = perf_counter() - began
    with tempfile.TemporaryFile("w", encoding="utf-8") as target:
        frame = known.complaints.to_pandas()
        began = perf_counter()
        frame.to_csv(target, index=False)
        theirs = (perf_counter() - began) * len(columns) / frame.shape[1]
    what = f"{known.complaints.height:,} rows of {len(columns)} columns to CSV ({size / 1e6:,.0f} MB)"
    times = f"{theirs / ours:.1f} × as fast as pandas.to_csv"
    print(f"{what}: {ours:.1f} s, {times}; asked: under 8 s for 36 at a million")


def with_histories(known: Facts, size: int) -> Facts:
    """With the stays and steps of the first ``size`` complaints, those with events, for their copies too."""
    recorded = known.complaints.select("id", "recorded_at").with_columns(like=(pl.col("id") - 1) % size + 1)
    was = recorded.select(pl.col("id").alias("like"), pl.col("recorded_at").alias("was"))
    whose = recorded.join(was, on="like", how="inner").with_columns(later=pl.col("recorded_at") - pl.col("was"))

    def copied(frame: pl.DataFrame, *instants: str) -> pl.DataFrame:
        own = frame.filter(pl.col("complaint_id") <= size)
        its = whose.select("id", "like", "later").sort("id")  # the rows of a complaint stand together
        rows = its.join(own, left_on="like", right_on="complaint_id", how="inner", maintain_order="left_right")
        moved = rows.with_columns(pl.col(name) + pl.col("later") for name in instants)
        return moved.select(pl.col("id").alias("complaint_id"), *own.columns[1:]).rechunk()

    return replace(known, stays=copied(known.stays, "starts_at", "ends_at"), moves=copied(known.moves, "at"))


def _peer(known: Facts, quarter: Filter, whole: Filter) -> list[str]:
    """Complaints counted as a script over the same columns would do it."""
    frame = known.complaints.select("recorded_day", "category", "recorded_at").to_pandas()
    frame = frame.assign(
        category=frame["category"].astype("category"), day=frame["recorded_day"].astype("datetime64[s]")
    )

    def rows(period: Filter) -> pd.DataFrame:
        return frame[(frame["day"] >= str(period.start)) & (frame["day"] <= str(period.end))]

    def by_category(period: Filter) -> pd.Series:
        return rows(period).groupby("category", observed=True).size()

    def by_week() -> pd.Series:
        its = rows(quarter)
        return its.groupby(its["day"].dt.isocalendar()["week"]).size()

    return [
        _timed(lambda: len(rows(quarter))),
        _timed(lambda: by_category(quarter)),
        _timed(by_week),
        _timed(lambda: by_category(whole)),
    ]


def _timed(ask: Callable[[], object]) -> str:
    ask()
    clock, cpu = [], []
    for _ in range(RUNS):
        began, worked = perf_counter(), process_time()
        ask()
        clock.append((perf_counter() - began) * 1000)
        cpu.append((process_time() - worked) * 1000)
    return f"{statistics.median(clock):.0f} ({statistics.median(cpu):.0f})"


if __name__ == "__main__":
    main()
