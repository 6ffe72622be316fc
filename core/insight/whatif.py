"""What-if (D37): the promises that fell due, judged again by other terms, other working time or another target.

Everybody acted as they really did: each clock is set off and stopped at the same moments as it was, so that a shorter
term never makes anybody faster here. Counted are the promises of one procedure that fell due in the period, withdrawn
ones before their due left out (D11, D13), each in the week and under the key in which it was counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import select

from core.insight import compliance
from core.insight.asked import asked_once
from core.insight.dimensions import NONE
from core.insight.facts import Facts
from core.insight.filters import DEFAULT, Filter
from core.insight.set_off import COLUMN
from core.insight.typed import RULES
from core.insight.verdicts import KIND, counted, is_among
from core.register import rulebook
from core.register.case import case as cases
from core.register.log.database import Register
from core.register.log.tables import Complaint, Event
from core.rules import clocks, clocks_vector
from core.rules.calendar import Instants, WorkCalendar, local_day, whole_second
from core.rules.clocks import NEGOTIATION, Pause
from core.rules.days import CalendarDays, DayRule, Intervals
from core.rules.procedure import AfterHours, Procedure, Term, Unit
from core.rules.steps import Effect, events_with
from core.rules.targets import target_of
from core.rules.undo import effective
from core.rules.verdicts import BROKEN, FELL_DUE, Verdict, is_past

SPLITS = ("category", "department", "level", "channel")
"""By what the promises are split, besides the week in which they fell due."""
MOST_CASES = 500
"""Of the promises whose verdict changes, so many are listed, the latest due first."""
NEVER = np.iinfo(np.int64).max
_SECOND = np.timedelta64(1, "s")


@dataclass(frozen=True, slots=True)
class Length:
    """Another term: how long, in what, and what becomes of what arrives outside office hours (None: as promised)."""

    amount: int
    unit: Unit
    after_hours: AfterHours | None = None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What would be otherwise for procedure ``procedure``; what is not said stays as it was promised.

    ``terms``: (term, its length); a product's own reply term (VHV 3) stays. ``week``: office hours Monday to Sunday.
    ``off``: further days off; ``worked``: days worked with the hours of an ordinary one; ``share``: the target (0…1).
    """

    procedure: str
    terms: tuple[tuple[str, Length], ...] = ()
    week: tuple[Intervals, ...] | None = None
    off: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    share: float | None = None

    @classmethod
    def of(cls, wanted: Procedure) -> Hypothesis:
        """That everything had been promised as ``wanted`` says."""
        lengths = ((term.key, Length(term.amount, term.unit, term.after_hours)) for term in wanted.terms)
        return cls(wanted.key, tuple(lengths), wanted.week)

    def term(self, promised: Term) -> Term:
        """The term in place of ``promised``."""
        length = dict(self.terms).get(promised.key)
        if length is None or promised.is_products_own:
            return promised
        after_hours = length.after_hours or promised.after_hours
        return replace(promised, amount=length.amount, unit=length.unit, after_hours=after_hours)

    def calendar(self, promised: Procedure, days: CalendarDays) -> WorkCalendar:
        """The working time in place of that of ``promised`` over ``days``; raises Invalid where none would be left."""
        own = {day: DayRule((), "") for day in self.off} | {day: DayRule(None, "") for day in self.worked}
        known = {day: rule for day, rule in own.items() if days.first_year <= day.year <= days.last_year}
        week = promised.week if self.week is None else self.week
        return replace(promised, week=week).calendar(replace(days, days={**days.days, **known}))


class Rules(Protocol):
    """By what the complaints of one procedure were promised what they were; hashable."""

    def procedure(self, version: int, reply_days: int | None) -> Procedure:
        """A version, for a product with that reply term of its own."""

    def days(self, version: int) -> CalendarDays:
        """A version of the organisation's calendar."""

    def pauses(self, calendar: WorkCalendar) -> Mapping[int, Sequence[Pause]]:
        """Complaint → the pauses that a question to the customer earned it (D5)."""


@dataclass(frozen=True, slots=True)
class OfRegister:
    """The rules of procedure ``key`` as the register holds them."""

    register: Register
    key: str

    def procedure(self, version: int, reply_days: int | None) -> Procedure:
        """A version, for a product with that reply term of its own."""
        with self.register.read() as session:
            return rulebook.of(session).procedure(session, self.key, version, reply_days)

    def days(self, version: int) -> CalendarDays:
        """A version of the organisation's calendar."""
        with self.register.read() as session:
            return rulebook.of(session).days(session, version)

    def pauses(self, calendar: WorkCalendar) -> Mapping[int, Sequence[Pause]]:
        """Complaint → its pauses, of all complaints whose customer was asked: few follow a procedure that pauses."""
        asked = select(Event.subject_id).where(Event.subject == "complaint", Event.kind.in_(events_with(Effect.PAUSES)))
        with self.register.read() as session:
            its = select(Complaint.id).where(Complaint.procedure == self.key, Complaint.id.in_(asked))
            return {id: _earned(calendar, cases.history(session, id)) for id in session.scalars(its).all()}


def _earned(calendar: WorkCalendar, history: Sequence[Event]) -> Sequence[Pause]:
    events = effective([cases.event_of(event) for event in history])
    return clocks.pauses(calendar, [clocks.to_the_second(event) for event in sorted(events, key=lambda one: one.at)])


@dataclass(frozen=True, slots=True)
class TermEffect:
    """One term as it was and as it would have been.

    ``due``, ``met``: the promises that fell due, and those of them that were kept. ``due_then``, ``met_then``: the same
    under the hypothesis; what would fall due only later is in neither. ``better``, ``worse``: how many would change
    from broken to kept or not due yet, and from kept to broken.
    """

    term: str
    label: str
    label_en: str
    due: int
    met: int
    due_then: int
    met_then: int
    better: int
    worse: int

    @property
    def share(self) -> float:
        """Met ÷ due, NaN where nothing fell due."""
        return self.met / self.due if self.due else float("nan")

    @property
    def share_then(self) -> float:
        """The same under the hypothesis."""
        return self.met_then / self.due_then if self.due_then else float("nan")


class Reach(NamedTuple):
    """The smallest ``amount`` of ``unit`` with which at least ``wanted`` (0…1) of what fell due would have been kept.

    ``due``, ``met``: what there would be under it. ``amount``: None where no length reaches it, since too many were
    never done.
    """

    unit: Unit
    wanted: float
    amount: int | None
    due: int
    met: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hypothesis would have meant in a period.

    ``terms``: in the procedure's order. ``complaints``: with a promise that fell due; ``changed``: those of them of
    which a verdict would be another. ``weeks``: term, week, then due, met, due_then, met_then, better, worse, target
    (0…1: of the hypothesis, else that of the days they fell due, D16), share, share_then. ``splits``: dimension, term,
    key, then the same without target. ``cases``: complaint_id, code, term, number, set_off_at, due_at, due_then,
    stopped_at (None: never), verdict, verdict_then; at most ``MOST_CASES``, the latest due first. ``reach``: by term.
    ``products``: how many promises keep a reply term of their product's own.
    """

    start: date
    end: date
    terms: tuple[TermEffect, ...]
    complaints: int
    changed: int
    weeks: pd.DataFrame
    splits: pd.DataFrame
    cases: pd.DataFrame
    reach: Mapping[str, Reach] = field(default_factory=dict)
    products: int = 0

    def of(self, term: str) -> TermEffect | None:
        """The effect on one term."""
        return next((one for one in self.terms if one.term == term), None)


@asked_once
def ask(facts: Facts, filter: Filter, hypothesis: Hypothesis, now: datetime, rules: Rules, newest: Procedure) -> Answer:
    """The promises of ``hypothesis.procedure`` that fell due in the period, as they were and as they would have been.

    ``newest``: the version whose terms are named and reckoned with. Raises BeyondCalendar where a term would end in a
    year that is not loaded, Invalid where no working time would be left.
    """
    rows = judged(facts, filter, hypothesis, now, rules, newest)
    terms = (*newest.terms, NEGOTIATION)
    sums = {row["term"]: row for row in _summed(rows, "term").iter_rows(named=True)}
    found = [_effect(term, sums[term.key]) for term in terms if term.key in sums]
    changed = rows.filter(pl.col("better") | pl.col("worse"))
    return Answer(
        filter.start,
        filter.end,
        tuple(found),
        rows["complaint_id"].n_unique(),
        changed["complaint_id"].n_unique(),
        _weeks(rows, hypothesis),
        _splits(rows),
        _cases(facts, changed),
        {term.key: _reach(facts, hypothesis, term, rows, now) for term in terms if term.key in sums},
        int(rows["is_products_own"].sum()),
    )


def of_procedure(register: Register, facts: Facts, wanted: Procedure, now: datetime) -> Answer:
    """What fell due in ``DEFAULT``, the period that pages open with, judged by a changed procedure (D9)."""
    return ask(
        facts, Filter.of(DEFAULT, local_day(now)), Hypothesis.of(wanted), now, OfRegister(register, wanted.key), wanted
    )


def judged(
    facts: Facts, filter: Filter, hypothesis: Hypothesis, now: datetime, rules: Rules, newest: Procedure
) -> pl.DataFrame:
    """A row per promise that fell due, with both verdicts.

    Columns: complaint_id, term, number, stage, due_week, ``SPLITS``, set_off_at, due_at, stopped_at, verdict, target;
    due_then, verdict_then, better, worse, is_products_own; least, until (``_Group.lengths``).
    """
    wanted = filter.where("due_day") & (pl.col("procedure") == hypothesis.procedure)
    rows = (
        facts.cycles.lazy()
        .filter(wanted, pl.col("due_at") <= whole_second(now), pl.col("cancelled_at").is_null())
        .with_columns(counted(now).alias("verdict"), compliance.target(facts.targets))
        .filter(is_among(pl.col("verdict"), FELL_DUE))
        .select(*KEPT)
        .collect()
    )
    books = _Books(hypothesis, rules, newest)
    parts = []
    for name, its in rows.partition_by(*GROUP, as_dict=True).items():
        group = books.group(*name)
        if group is not None:
            parts.append(group.judged(its, now))
    return pl.concat(parts) if parts else rows.clear().with_columns(**NOTHING)


GROUP = (*RULES, "calendar_version", "term")
KEPT = (
    *GROUP, "complaint_id", "number", "stage", "due_week", *SPLITS, "starts_at", COLUMN, "due_at", "stopped_at",
    "working_seconds", "verdict", "target",
)  # fmt: skip
NOTHING = {
    "due_then": pl.lit(None, pl.Datetime("us", "UTC")),
    "verdict_then": pl.lit(None, KIND),
    "is_products_own": pl.lit(None, pl.Boolean),
    "better": pl.lit(None, pl.Boolean),
    "worse": pl.lit(None, pl.Boolean),
    "least": pl.lit(None, pl.Int64),
    "until": pl.lit(None, pl.Int64),
}


class _Books:
    """The rules before and under a hypothesis, each looked up once."""

    def __init__(self, hypothesis: Hypothesis, rules: Rules, newest: Procedure) -> None:
        self.hypothesis, self.rules, self.newest = hypothesis, rules, newest
        self.calendars: dict[tuple[tuple[Intervals, ...], int], WorkCalendar] = {}
        self._pauses: Mapping[int, Sequence[Pause]] | None = None

    def group(self, version: int, reply_days: int | None, calendar_version: int, key: str) -> _Group | None:
        """None for a clock that is no term: a promised date, a term of old."""
        promised = self.rules.procedure(version, reply_days or None)
        term = NEGOTIATION if key == NEGOTIATION.key else promised.term(key)
        if term is None:
            return None
        calendar = self._calendar(promised, calendar_version)
        earned = self._earned(calendar) if promised.pause_on and clocks.pauses_count(term) else {}
        wanted = self.hypothesis.term(term)
        newest = self.newest.term(key)
        measure = wanted if newest is None or wanted.is_products_own else self.hypothesis.term(newest)
        return _Group(wanted, replace(wanted, unit=measure.unit, after_hours=measure.after_hours), calendar, earned)

    def _calendar(self, promised: Procedure, version: int) -> WorkCalendar:
        name = promised.week if self.hypothesis.week is None else self.hypothesis.week, version
        if name not in self.calendars:
            self.calendars[name] = self.hypothesis.calendar(promised, self.rules.days(version))
        return self.calendars[name]

    def _earned(self, calendar: WorkCalendar) -> Mapping[int, Sequence[Pause]]:
        """They end by days and events alone, so one calendar is as good as another."""
        if self._pauses is None:
            self._pauses = self.rules.pauses(calendar)
        return self._pauses


@dataclass(frozen=True, slots=True)
class _Group:
    """Promises of one term that were made under the same versions and for products with the same terms.

    ``measure``: the same term in the unit in which lengths are told, that of the newest version.
    """

    term: Term
    measure: Term
    calendar: WorkCalendar
    earned: Mapping[int, Sequence[Pause]]

    def judged(self, rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
        """The rows with what the hypothesis makes of them."""
        at, stopped = np.datetime64(int(now.timestamp()), "s"), _instants(rows["stopped_at"])
        set_off = _instants(rows[COLUMN])
        starts, due = clocks_vector.due_many(self.term, self.calendar, set_off)
        for i in self._paused(rows):
            due[i] = self._due(rows, i, starts[i], self.term)
        # Ended by a withdrawal or a merge after it was due: nobody did what was promised (D13).
        is_unkept = ~np.isnat(stopped) & rows["working_seconds"].is_null().to_numpy()
        codes = clocks_vector.verdicts(due, stopped, at)
        codes[(due > at) & ~np.isnat(stopped)] = _code(Verdict.RUNNING)  # met before it is due is not due yet (D11)
        codes[is_unkept] = np.where(
            is_past(due[is_unkept], stopped[is_unkept]), _code(Verdict.MISSED), _code(Verdict.CANCELLED)
        )
        broken = np.isin(codes, [_code(one) for one in BROKEN])
        was = is_among(pl.col("verdict"), BROKEN)
        least, until = self._lengths(rows, set_off, stopped, is_unkept, at)
        told = rows.with_columns(
            pl.Series("due_then", due.astype("datetime64[us]")).dt.replace_time_zone("UTC"),
            pl.Series("verdict_then", codes.astype(np.uint8)).cat.to(KIND),
            pl.lit(self.term.is_products_own).alias("is_products_own"),
            (was & ~pl.lit(pl.Series(broken))).alias("better"),
            (~was & pl.lit(pl.Series(broken))).alias("worse"),
            pl.Series("least", least),
            pl.Series("until", until),
        )
        return told.select(*KEPT, *NOTHING)

    def _lengths(
        self, rows: pl.DataFrame, set_off: Instants, stopped: Instants, is_unkept: NDArray[np.bool_], at: np.datetime64
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """From which amount of the unit of ``measure`` each would have been kept, and from which it would not count.

        ``NEVER`` where nobody did what was promised. It counts no more once it would end after now, or, where nobody
        did it, only when it had been cancelled already, or now.
        """
        starts = clocks_vector.starts_many(self.measure, self.calendar, set_off)
        ended = np.where(np.isnat(stopped), at, stopped)
        late_enough = clocks_vector.least_many(self.measure, self.calendar, starts, ended)
        is_kept = ~np.isnat(stopped) & ~is_unkept
        until = clocks_vector.least_many(self.measure, self.calendar, starts, np.full(starts.shape, at + _SECOND))
        for i in self._paused(rows):
            late_enough[i] = self._least(rows, i, starts[i], ended[i])
            until[i] = self._least(rows, i, starts[i], at + _SECOND)
        return np.where(is_kept, late_enough, NEVER), np.where(is_kept, until, late_enough)

    # pauses: case by case, since each moves the end by what it covered of this very clock

    def _paused(self, rows: pl.DataFrame) -> Iterator[int]:
        if self.earned:
            for i, id in enumerate(rows["complaint_id"].to_list()):
                if self.earned.get(id):
                    yield i

    def _due(self, rows: pl.DataFrame, i: int, start: np.datetime64, term: Term) -> np.datetime64:
        stop = rows["stopped_at"][i] if rows["working_seconds"][i] is not None else None
        begins = start.astype(datetime).replace(tzinfo=UTC)
        due = clocks.due_with(self.earned[rows["complaint_id"][i]], term, self.calendar, begins, stop)
        return np.datetime64(int(due.timestamp()), "s")

    def _least(self, rows: pl.DataFrame, i: int, start: np.datetime64, at: np.datetime64) -> int:
        """By halves: a longer term never ends earlier, with its pauses either."""
        low, high = 1, int(clocks_vector.least_many(self.measure, self.calendar, *_pair(start, at))[0])
        while low < high:  # without a pause ``high`` is enough
            middle = (low + high) // 2
            ends = self._due(rows, i, start, replace(self.measure, amount=middle))
            low, high = (low, middle) if ends >= at else (middle + 1, high)
        return low


def _pair(*moments: np.datetime64) -> Iterator[Instants]:
    return (np.array([one], "datetime64[s]") for one in moments)


def _code(verdict: Verdict) -> int:
    return clocks_vector.VERDICTS.index(verdict)


def _instants(column: pl.Series) -> Instants:
    """Whole seconds in UTC, NaT for none."""
    plain = column.dt.replace_time_zone(None).dt.cast_time_unit("ms").to_numpy()
    return plain.astype("datetime64[s]")


# what is told


NUMBERS = ("due", "met", "due_then", "met_then", "better", "worse")


def _summed(rows: pl.DataFrame, *keys: str, **more: pl.Expr) -> pl.DataFrame:
    """``NUMBERS`` of the rows per combination of ``keys``, then ``more``."""
    was, then = pl.col("verdict"), pl.col("verdict_then")
    sums = {
        "due": pl.len(),
        "met": (was == Verdict.MET.value).sum(),
        "due_then": is_among(then, FELL_DUE).sum(),
        "met_then": (then == Verdict.MET.value).sum(),
        "better": pl.col("better").sum(),
        "worse": pl.col("worse").sum(),
    }
    counts = {name: sum.cast(pl.Int64) for name, sum in sums.items()}
    return rows.lazy().group_by(*keys).agg(**counts, **more).with_columns(pl.col("term").cast(pl.String)).collect()


def _effect(term: Term, sums: Mapping[str, int]) -> TermEffect:
    return TermEffect(term.key, term.label, term.label_en, *(sums[name] for name in NUMBERS))


def _weeks(rows: pl.DataFrame, hypothesis: Hypothesis) -> pd.DataFrame:
    target = pl.col("target").mean() if hypothesis.share is None else pl.lit(hypothesis.share)
    found = _summed(rows, "term", "due_week", target=target).rename({"due_week": "week"})
    return found.with_columns(*_shares()).sort("term", "week").to_pandas()


def _splits(rows: pl.DataFrame) -> pd.DataFrame:
    parts = []
    for dimension in SPLITS:
        key = pl.col("key").cast(pl.String).fill_null(NONE)
        found = _summed(rows.rename({dimension: "key"}), "term", "key").with_columns(key)
        parts.append(found.with_columns(pl.lit(dimension).alias("dimension"), *_shares()))
    order = ("dimension", "term", "due", "key")
    return pl.concat(parts).sort(*order, descending=[False, False, True, False]).to_pandas()


def _shares() -> tuple[pl.Expr, pl.Expr]:
    return (
        (pl.col("met") / pl.col("due")).alias("share"),
        pl.when(pl.col("due_then") > 0).then(pl.col("met_then") / pl.col("due_then")).alias("share_then"),
    )


def _cases(facts: Facts, changed: pl.DataFrame) -> pd.DataFrame:
    latest = changed.sort("due_at", "complaint_id", "number", descending=True).head(MOST_CASES)
    codes = facts.complaints.lazy().select("id", "code")
    columns = (
        "complaint_id", "code", "term", "number", COLUMN, "due_at", "due_then", "stopped_at", "verdict", "verdict_then",
        "working_seconds",
    )  # fmt: skip
    named = latest.lazy().join(codes, left_on="complaint_id", right_on="id", how="left", maintain_order="left")
    texts = pl.col("term", "verdict", "verdict_then").cast(pl.String)
    return named.with_columns(texts).select(columns).collect().to_pandas()


def _reach(facts: Facts, hypothesis: Hypothesis, term: Term, rows: pl.DataFrame, now: datetime) -> Reach:
    """From the amounts at which any promise changes, in order: between two of them nothing does."""
    its = rows.filter((pl.col("term").cast(pl.String) == term.key) & ~pl.col("is_products_own"))
    wanted = hypothesis.share
    if wanted is None:
        wanted = target_of(facts.targets, term.stage, local_day(now))
    least, until = (its[name].to_numpy() for name in ("least", "until"))
    kept = least < NEVER
    amounts = np.unique(np.concatenate([[1], least[kept], until]))
    met = _up_to(least[kept], amounts) - _up_to(until[kept], amounts)
    due = len(until) - _up_to(until, amounts)
    shares = np.divide(met, due, out=np.zeros(len(amounts)), where=due > 0)
    enough = np.flatnonzero((due > 0) & (shares >= wanted - compliance.TINY))
    unit = hypothesis.term(term).unit
    if not enough.size:
        return Reach(unit, wanted, None, 0, 0)
    first = enough[0]
    return Reach(unit, wanted, int(amounts[first]), int(due[first]), int(met[first]))


def _up_to(values: NDArray[np.int64], amounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of ``values`` are at most each of ``amounts``."""
    return np.searchsorted(np.sort(values), amounts, side="right")
