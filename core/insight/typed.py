"""The columns of the facts, made of what an engine stores: codes, local days, dimensions of the complaint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple
from weakref import WeakKeyDictionary

import polars as pl

from core.insight import dimensions, histories, pseudonyms, set_off
from core.insight.codes import Codes
from core.insight.columns import as_instant
from core.insight.dimensions import DIMENSIONS, Counted
from core.insight.set_off import SetOff
from core.register.rulebook import InUse
from core.rules.baselines import Rebases
from core.rules.calendar import LOCAL, WorkCalendar
from core.rules.clocks import PROMISED
from core.rules.exposure import Exposure
from core.rules.procedure import DATES
from core.rules.requests import NO_LONGER_THEIRS, Ended
from core.rules.verdicts import is_past

INSTANTS = (
    "recorded_at", "acknowledged_at", "resolved_at", "closed_at", "next_due_at", "unexplained_due_at", "incident_at",
)  # fmt: skip
CYCLE_INSTANTS = ("starts_at", "due_at", "stopped_at", "cancelled_at")
RULES = ("procedure_version", "reply_days")
"""By which version of its procedure, and which own term of its product (VHV 3), a complaint was promised anything."""

COMPLAINT_COLUMNS = {
    **dict.fromkeys(
        ("id", "waiting_department", "assignee_id", "customer_id", "reopened", "rounds", *INSTANTS, *RULES), pl.Int64
    ),
    **dict.fromkeys(("code", *dimensions.STORED), pl.String),
}
CYCLE_COLUMNS = {
    **dict.fromkeys(("complaint_id", "number", *CYCLE_INSTANTS, "working_seconds", "calendar_version"), pl.Int64),
    **dict.fromkeys(("term", *dimensions.OF_CYCLES), pl.String),
}
CYCLE = ("complaint_id", "term", "number")
"""What names one cycle."""
RESTATEMENT_INSTANTS = ("due_before", "corrected_at")
RESTATEMENT_COLUMNS = {
    **dict.fromkeys(("complaint_id", "seq", "number", *RESTATEMENT_INSTANTS), pl.Int64),
    **dict.fromkeys(("term", "verdict_before"), pl.String),
}
REQUEST_COLUMNS = {
    **dict.fromkeys(("complaint_id", "number", "asked_at", "due_at", "ended_at"), pl.Int64),
    **dict.fromkeys(("department", "ended"), pl.String),
}
DETAIL_COLUMNS = {"complaint_id": pl.Int64, "field": pl.String, "value": pl.String}
ISSUE_COLUMNS = {
    **dict.fromkeys(("complaint_id", "number"), pl.Int64),
    **dict.fromkeys(("category", "outcome", "root_cause"), pl.String),
}
OF_ISSUES = ("category", "subcategory", "outcome", "root_cause")
"""The dimensions that each issue of a case has for itself (D34)."""
ACTION_INSTANTS = ("approved_at", "due_at", "done_at", "verified_at")
ACTION_COLUMNS = {
    **dict.fromkeys(("complaint_id", "number", *ACTION_INSTANTS), pl.Int64),
    **dict.fromkeys(("root_cause", "effect"), pl.String),
}
BESIDE = {
    "details": DETAIL_COLUMNS,
    "requests": REQUEST_COLUMNS,
    "restatements": RESTATEMENT_COLUMNS,
    "issues": ISSUE_COLUMNS,
    "actions": ACTION_COLUMNS,
    "events": histories.EVENT_COLUMNS,
}
"""The tables beside complaints and clocks, with what is read of each."""

Stages = Mapping[tuple[str, str], str]
AS_STORED = Counted({}, {})
SEEN_BY, OWING = "seen_by", "owing"


class InForce(NamedTuple):
    """``calendars``: procedure → its working time now. ``exposure``: how many users and orders there were (D36).

    ``rebased``: from when on another level of a promise is usual (D28). ``versions``: the newest of each procedure.
    """

    calendars: Mapping[str, WorkCalendar] = MappingProxyType({})
    exposure: Exposure = ()
    rebased: Rebases = ()
    versions: tuple[InUse, ...] = ()


class Reading(NamedTuple):
    """How rows are read into facts: the stage of each (procedure, term), the keys counted (D20), their codes.

    ``in_force``: what rows do not depend on, and figures do. ``key``: of the pseudonyms of customers (D35).
    ``set_off``: by which events the clocks of each term are set off.
    """

    stages: Stages
    counted: Counted
    codes: Codes
    in_force: InForce = InForce()
    key: bytes = b""
    set_off: SetOff = MappingProxyType({})


class Frames(NamedTuple):
    """The rows of some complaints in the frames of ``core.insight.facts.Facts``."""

    complaints: pl.DataFrame
    cycles: pl.DataFrame
    restatements: pl.DataFrame
    requests: pl.DataFrame
    amounts: pl.DataFrame
    issues: pl.DataFrame
    actions: pl.DataFrame
    stays: pl.DataFrame
    moves: pl.DataFrame


class Block(NamedTuple):
    """The rows of the complaints whose ids lie in one stretch; ``file``: what it is kept under, "" where it is not."""

    frames: Frames
    file: str = ""


def frames(
    reading: Reading,
    complaints: pl.DataFrame,
    cycles: pl.DataFrame,
    beside: Mapping[str, pl.DataFrame] = MappingProxyType({}),
    like: Frames | None = None,
) -> Frames:
    """Facts of the columns of ``complaints`` and ``sla_cycles`` as an engine stores them.

    ``beside``: those of the tables of ``BESIDE``, where there are any. ``like``: facts by the same reading, so that
    what has no rows need not be typed again: nearly everything, after one act.
    """
    counted, codes = reading.counted, reading.codes
    of = {name: beside.get(name, pl.DataFrame(schema=columns)) for name, columns in BESIDE.items()}
    values = of["details"]
    is_asked = like is None or not of["requests"].is_empty()
    asked = _typed_requests(of["requests"]) if is_asked else of["requests"]
    typed = _with_choices(_typed_complaints(complaints, reading), values, reading, like)
    typed = _with_departments(typed, asked, {SEEN_BY: _is_seen(), OWING: pl.col("ended").is_null()}, codes)
    carried = (*dimensions.CARRIED, *counted.choices, SEEN_BY)
    its_cycles = _with_dimensions(
        _typed_cycles(cycles, reading), typed, reading, (*carried, *RULES, *set_off.OWN.values())
    )
    counts = asked.with_columns(_dimensions(("department",), reading)).drop("ended", "ended_at") if is_asked else asked
    others = [name for name in carried if name != "department"]

    def requests() -> pl.DataFrame:
        return counts.join(typed.select("id", *others), left_on="complaint_id", right_on="id", how="inner")

    def restatements() -> pl.DataFrame:
        return _with_dimensions(_typed_restatements(of["restatements"], codes), typed, reading, carried)

    def made(name: str, raw: pl.DataFrame, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        known: pl.DataFrame | None = getattr(like, name, None)
        return known.clear() if known is not None and raw.is_empty() else make()

    its_restatements = made("restatements", of["restatements"], restatements)
    its_requests = made("requests", of["requests"], requests)
    its_amounts = made("amounts", values, lambda: _amounts(values, typed, reading))
    its_issues = made("issues", of["issues"], lambda: _typed_issues(of["issues"], reading))
    its_actions = made("actions", of["actions"], lambda: _typed_actions(of["actions"], reading))
    events = _typed_events(of["events"])
    set_off_at = set_off.column(its_cycles, events, reading.set_off)
    its_cycles = _without(its_cycles, set_off.OWN.values()).hstack([set_off_at])
    told = _histories(typed, counts, events, codes)
    typed = _with_refused(_without(typed, RULES), told.refused)
    return Frames(
        typed, its_cycles, its_restatements, its_requests, its_amounts, its_issues, its_actions, told.stays, told.moves
    )


def _without(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """The same without these columns; ``drop`` takes longer than all else that is done to few rows."""
    left_out = set(names)
    return pl.DataFrame([column for column in frame.get_columns() if column.name not in left_out])


def _with_refused(complaints: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    if refused.is_empty():
        return complaints.with_columns(pl.lit(0, pl.UInt8).alias("refused"))
    whole = complaints.join(refused, left_on="id", right_on="complaint_id", how="left", maintain_order="left")
    return whole.with_columns(pl.col("refused").fill_null(0))


def _typed_complaints(raw: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    customers = pseudonyms.of(raw["customer_id"].cast(pl.Int64), reading.key).alias("customer")
    is_typed = isinstance(raw.schema["recorded_at"], pl.Datetime)
    return raw.select(*_made(f"complaints {is_typed}", reading, lambda: _complaint_columns(raw, reading)), customers)


def _complaint_columns(raw: pl.DataFrame, reading: Reading) -> Sequence[pl.Expr]:
    instants = {name: as_instant(raw, name) for name in INSTANTS}
    return (
        pl.col("id").cast(pl.Int64),
        pl.col("assignee_id").cast(pl.Int32),
        pl.col("code").cast(pl.String),
        *(_counted_keys(name, reading) for name in dimensions.COLUMNS),
        pl.col("waiting_department").cast(pl.Boolean),
        pl.col("reopened", "rounds").cast(pl.UInt8),
        pl.col(RULES).cast(pl.Int16),
        *instants.values(),
        local_day(instants["recorded_at"]).alias("recorded_day"),
        instants["recorded_at"].dt.convert_time_zone(LOCAL.key).dt.hour().cast(pl.Int8).alias("recorded_hour"),
        local_day(instants["closed_at"]).alias("closed_day"),
    )


def _with_choices(
    complaints: pl.DataFrame, details: pl.DataFrame, reading: Reading, like: Frames | None
) -> pl.DataFrame:
    """A column for each choice; what is none of its keys, a text that another category keeps under it, is left out."""
    if details.is_empty() and like is not None:
        no_choices = like.complaints.head(0).select(*reading.counted.choices)
        return pl.concat([complaints, no_choices], how="diagonal")
    if details.is_empty():
        return complaints.with_columns(
            pl.lit(None, reading.codes.of(name)).alias(name) for name in reading.counted.choices
        )
    for name in reading.counted.choices:
        is_its, id, value, code = _made(f"choice {name}", reading, partial(_choice_columns, name, reading))
        chosen = details.filter(is_its).select(id, value)
        whole = complaints.join(chosen, left_on="id", right_on="complaint_id", how="left", maintain_order="left")
        complaints = whole.with_columns(code)
    return complaints


def _choice_columns(name: str, reading: Reading) -> Sequence[pl.Expr]:
    field, value = pl.col("field").cast(pl.String), pl.col("value").cast(pl.String)
    is_its = (field == name.removeprefix(dimensions.FIELD)) & value.is_in(_listed(reading.counted.choices[name]))
    return is_its, pl.col("complaint_id").cast(pl.Int64), value.alias(name), _code(name, reading.codes)


def _listed(keys: Iterable[str]) -> pl.Series:
    return pl.Series(keys, dtype=pl.String).implode()


def _amounts(details: pl.DataFrame, complaints: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """A text that another category keeps under the key of an amount is none."""
    is_amount, *columns = _made("amounts", reading, lambda: _amount_columns(reading))
    amounts = details.filter(is_amount).select(columns)
    if amounts.is_empty():
        return amounts
    return amounts.join(complaints.select("id"), left_on="complaint_id", right_on="id", how="semi")


def _amount_columns(reading: Reading) -> Sequence[pl.Expr]:
    field, value = pl.col("field").cast(pl.String), pl.col("value").cast(pl.String)
    amount = value.cast(pl.Int64, strict=False)
    return (
        field.is_in(_listed(reading.counted.amounts)) & (value.is_null() | amount.is_not_null()),
        pl.col("complaint_id").cast(pl.Int64),
        _code("field", reading.codes),
        pl.when(~field.is_in(_listed(reading.counted.personal))).then(amount).alias("value"),
    )


def _typed_issues(raw: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    numbers = pl.col("complaint_id", "number").cast(pl.Int64)
    return raw.with_columns(numbers, *_dimensions(OF_ISSUES, reading))


def _typed_actions(raw: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Those of an analysis that the board has approved; the others are not to be done yet (D25)."""
    typed = raw.with_columns(
        pl.col("complaint_id", "number").cast(pl.Int64),
        *_dimensions(("root_cause",), reading),
        _code("effect", reading.codes),
        *(as_instant(raw, name) for name in ACTION_INSTANTS),
    ).with_columns(local_day("due_at", is_due=True).alias("due_day"))
    return typed.filter(pl.col("approved_at").is_not_null())


def _histories(
    complaints: pl.DataFrame, requests: pl.DataFrame, events: pl.DataFrame, codes: Codes
) -> histories.Histories:
    stays, moves, refused = histories.read(complaints, requests, events)
    holder = pl.col("assignee_id").cast(pl.Int32)
    return histories.Histories(
        stays.with_columns(_code("waits_for", codes), _code("phase", codes), holder),
        moves.with_columns(_code(name, codes) for name in ("event", "was", "state")),
        refused,
    )


def _typed_events(raw: pl.DataFrame) -> pl.DataFrame:
    return raw if isinstance(raw.schema["at"], pl.Datetime) else raw.with_columns(as_instant(raw, "at"))


def _typed_cycles(raw: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    is_typed = isinstance(raw.schema["due_at"], pl.Datetime)
    return raw.select(_made(f"cycles {is_typed}", reading, lambda: _cycle_columns(raw, reading)))


def _cycle_columns(raw: pl.DataFrame, reading: Reading) -> Sequence[pl.Expr]:
    instants = {name: as_instant(raw, name) for name in CYCLE_INSTANTS}
    day = local_day(instants["due_at"], is_due=True)
    return (
        pl.col("complaint_id").cast(pl.Int64),
        pl.col("number", "working_seconds").cast(pl.Int32),
        pl.col("calendar_version").cast(pl.Int16),
        _code("term", reading.codes),
        *(_counted_keys(name, reading) for name in dimensions.OF_CYCLES),
        *instants.values(),
        day.alias("due_day"),
        day.dt.truncate("1w").alias("due_week"),
    )


def _typed_restatements(raw: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    day = local_day("due_before", is_due=True)
    return raw.with_columns(
        pl.col("complaint_id").cast(pl.Int64),
        pl.col("seq", "number").cast(pl.Int32),
        _code("term", codes),
        _code("verdict_before", codes),
        *(as_instant(raw, name) for name in RESTATEMENT_INSTANTS),
    ).with_columns(day.alias("due_day"))


def _typed_requests(raw: pl.DataFrame) -> pl.DataFrame:
    """With the clock of each request; its verdict follows from that as for a cycle (``core.rules.requests``)."""
    typed = raw.with_columns(
        pl.col("complaint_id").cast(pl.Int64),
        pl.col("number").cast(pl.Int32),
        pl.col("department", "ended").cast(pl.String),
        *(as_instant(raw, name) for name in ("asked_at", "due_at", "ended_at")),
    )
    is_late = is_past(pl.col("due_at"), pl.col("ended_at"))
    is_cancelled = (pl.col("ended") != Ended.ANSWERED.value) & ~is_late
    ended_at = pl.col("ended_at")
    return typed.with_columns(
        pl.when(is_cancelled).then(None).otherwise(ended_at).alias("stopped_at"),
        pl.when(is_cancelled).then(ended_at).alias("cancelled_at"),
        local_day("due_at", is_due=True).alias("due_day"),
    )


def _is_seen() -> pl.Expr:
    """``core.rules.requests.seen_by`` for a column."""
    return ~pl.col("ended").is_in(pl.Series(sorted(NO_LONGER_THEIRS), dtype=pl.String).implode()).fill_null(value=False)


def _with_departments(
    complaints: pl.DataFrame, asked: pl.DataFrame, wanted: Mapping[str, pl.Expr], codes: Codes
) -> pl.DataFrame:
    """A column for each of ``wanted``: the departments whose requests are so."""
    if asked.is_empty():
        return complaints.with_columns(pl.lit(None, codes.of(name)).alias(name) for name in wanted)
    for name, which in wanted.items():
        keys = pl.col("department").unique().sort().str.join("|")
        its = asked.filter(which).group_by("complaint_id").agg(pl.format("|{}|", keys).alias(name))
        complaints = complaints.join(its, left_on="id", right_on="complaint_id", how="left", maintain_order="left")
    return complaints.with_columns(_code(name, codes) for name in wanted)


def _with_dimensions(
    cycles: pl.DataFrame, complaints: pl.DataFrame, reading: Reading, carried: Iterable[str]
) -> pl.DataFrame:
    whole = cycles.join(complaints.select("id", *carried), left_on="complaint_id", right_on="id", how="inner")
    return whole.with_columns(_made("stage", reading, lambda: [_stage(reading).alias("stage")]))


def _stage(reading: Reading) -> pl.Expr:
    """MISA's ``reply`` and POPS's ``resolve`` are one stage, and so are all dates promised to a customer (D14).

    A term that no procedure names is a stage of its own.
    """
    key = pl.col("term").cast(pl.String)
    stage = pl.when(key.str.starts_with(PROMISED)).then(pl.lit(DATES)).otherwise(key)
    for (procedure, term), its_stage in reading.stages.items():
        if term != its_stage:
            named = (pl.col("procedure") == procedure) & (pl.col("term") == term)
            stage = pl.when(named).then(pl.lit(its_stage)).otherwise(stage)
    return stage.cast(reading.codes.of("stage"))


def _code(name: str, codes: Codes) -> pl.Expr:
    return pl.col(name).cast(pl.String).cast(codes.of(name))


_made_before: WeakKeyDictionary[Codes, tuple[Counted, Stages, dict[str, Sequence[pl.Expr]]]] = WeakKeyDictionary()


def _made(what: str, reading: Reading, make: Callable[[], Sequence[pl.Expr]]) -> Sequence[pl.Expr]:
    """What ``make`` gives, made once for the lists in use: making it takes longer than the few rows of one act."""
    known = _made_before.get(reading.codes)
    if known is None or known[0] is not reading.counted or known[1] is not reading.stages:
        known = _made_before[reading.codes] = reading.counted, reading.stages, {}
    made = known[2]
    if what not in made:
        made[what] = make()
    return made[what]


def _dimensions(names: Sequence[str], reading: Reading) -> Sequence[pl.Expr]:
    """The keys that figures count: merged ones under their targets, a sub-category in a column of its own."""
    return _made(f"dimensions {names}", reading, lambda: [_counted_keys(name, reading) for name in names])


def _counted_keys(name: str, reading: Reading) -> pl.Expr:
    counted = reading.counted
    within = DIMENSIONS[name].within
    key = pl.col(within or name).cast(pl.String)
    if merged := counted.merged.get(within or name):
        key = key.replace(merged)
    for below, above in counted.above.items():
        if below == name:
            key = pl.when(key.is_in(pl.Series([*above], dtype=pl.String).implode())).then(key)
        elif DIMENSIONS[below].within == name:
            key = key.replace(above)
    if within and name not in counted.above:
        key = pl.lit(None, pl.String)
    return key.cast(reading.codes.of(name)).alias(name)


def local_day(instant: str | pl.Expr, *, is_due: bool = False) -> pl.Expr:
    """The local date of an instant (D12). A term that ends at 24:00 belongs to the day it ends: ``is_due``."""
    moment = pl.col(instant) if isinstance(instant, str) else instant
    moment = moment - pl.duration(microseconds=1) if is_due else moment
    return moment.dt.convert_time_zone(LOCAL.key).dt.date()
