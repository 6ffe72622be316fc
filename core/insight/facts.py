"""The facts: all complaints and SLA cycles in typed columns, shared by all sessions, updated with the register."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from weakref import WeakKeyDictionary

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.insight import columns, dimensions
from core.insight.columns import as_instant
from core.insight.dimensions import DIMENSIONS, Counted
from core.register import rulebook
from core.register.log.database import Register
from core.register.log.tables import Complaint
from core.rules.calendar import LOCAL
from core.rules.clocks import PROMISED
from core.rules.procedure import DATES
from core.rules.requests import NO_LONGER_THEIRS, Ended
from core.rules.targets import Targets
from core.rules.verdicts import is_past

INSTANTS = (
    "recorded_at", "acknowledged_at", "resolved_at", "closed_at", "next_due_at", "unexplained_due_at", "incident_at",
)  # fmt: skip
CYCLE_INSTANTS = ("starts_at", "due_at", "stopped_at", "cancelled_at")

COMPLAINT_COLUMNS = {
    **dict.fromkeys(("id", "waiting_department", "assignee_id", *INSTANTS), pl.Int64),
    **dict.fromkeys(("code", *dimensions.STORED), pl.String),
}
CYCLE_COLUMNS = {
    **dict.fromkeys(("complaint_id", "number", *CYCLE_INSTANTS, "working_seconds"), pl.Int64),
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
SPAN = 100_000  # complaints read at a time
MANY_CHUNKS = 64  # more pieces of a column than this are joined into one, or every read would slow down

Stages = Mapping[tuple[str, str], str]
AS_STORED = Counted({}, {})
SEEN_BY, OWING = "seen_by", "owing"


@dataclass(frozen=True, slots=True)
class Facts:
    """One moment of the register in columns; never changed, only replaced. No personal data, no free text.

    ``complaints``: a row per complaint: id, code, ``dimensions.COLUMNS`` (categorical), waiting_department,
    assignee_id, the ``INSTANTS`` (UTC, microseconds), and local days (D12) recorded_day, closed_day.
    ``cycles``: a row per SLA cycle: complaint_id, term, stage (what figures compare across procedures), number, the
    ``CYCLE_INSTANTS``, working_seconds, ``dimensions.OF_CYCLES`` of its own, ``dimensions.CARRIED`` from its complaint,
    and local days due_day, due_week (its Monday).
    ``restatements``: a row per cycle and correction that changed its verdict or due (D21): complaint_id, seq, term,
    number, stage, verdict_before, due_before, corrected_at, ``dimensions.CARRIED``, and the local day due_day that it
    had before.
    Merged entries and sub-categories stand under the keys that figures count (D20, ``counted``). Both frames have a
    column for each of ``counted.choices`` too: the key that was chosen, null where none is known.
    ``requests``: a row per request to a department (D19): complaint_id, number, its department, asked_at, due_at,
    stopped_at, cancelled_at (as ``core.rules.requests`` says), due_day, and ``dimensions.CARRIED`` besides.
    All four have ``SEEN_BY``: the departments that see the complaint; the complaints ``OWING`` too, those that owe an
    answer, both as stored, each between two bars (``|content|payment|``), null for none.
    ``last_event``: id of the last event these facts include. ``stages``: (procedure, term) → stage, for the cycles.
    ``targets``: what share of each promise is to be kept, from when on (D16).
    """

    complaints: pl.DataFrame
    cycles: pl.DataFrame
    restatements: pl.DataFrame
    requests: pl.DataFrame
    last_event: int
    stages: Stages
    counted: Counted = AS_STORED
    targets: Targets = ()

    @property
    def is_empty(self) -> bool:
        """Whether no complaint has ever been recorded."""
        return self.complaints.is_empty()


class _Holder:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.facts: Facts | None = None


_holders: WeakKeyDictionary[Register, _Holder] = WeakKeyDictionary()
_holders_lock = threading.Lock()


def current(register: Register) -> Facts:
    """The facts as of now, the same object for everybody until the register changes; safe from any thread.

    Costs two index look-ups when nothing changed, what changed when something did, and all once when a list changed so
    that other keys are counted.
    """
    holder = _holder(register)
    known = holder.facts
    if known is not None and (known.last_event, known.counted, known.targets) == _newest(register):
        return known
    with holder.lock:
        holder.facts = load(register) if holder.facts is None else refresh(holder.facts, register)
        return holder.facts


def load(register: Register) -> Facts:
    """All facts, read in one snapshot of the register, a span of ids at a time so that memory stays near their size."""
    stages, (_last, counted, targets) = _stages(register), _newest(register)
    with columns.reader(register) as read:
        last_event, last = _ends(read)
        spans = [f"BETWEEN {start + 1} AND {start + SPAN}" for start in range(0, max(last, 1), SPAN)]
        parts = [_part(read, last_event, f"id {span}", f"complaint_id {span}", stages, counted) for span in spans]
    return Facts(
        pl.concat([part.complaints for part in parts]).rechunk(),
        pl.concat([part.cycles for part in parts]).rechunk(),
        pl.concat([part.restatements for part in parts]).rechunk(),
        pl.concat([part.requests for part in parts]).rechunk(),
        last_event,
        stages,
        counted,
        targets,
    )


def refresh(known: Facts, register: Register) -> Facts:
    """The facts after what changed since ``known``.

    A register that went back in time (a restored copy), or that took a version into use which gives a term another
    stage or counts an entry under another key, is reread.
    """
    last, counted, targets = _newest(register)
    if (last, counted) == (known.last_event, known.counted):
        return known if targets == known.targets else replace(known, targets=targets)
    stages = _stages(register)
    is_other = counted != known.counted or any(stages.get(term) != stage for term, stage in known.stages.items())
    if last < known.last_event or is_other:
        return load(register)
    with columns.reader(register) as read:
        last_event, _last = _ends(read)
        newer = f"changed > {known.last_event:d}"
        whose = f"complaint_id IN (SELECT id FROM complaints WHERE {newer})"  # noqa: S608 (our own number)
        fresh = _part(read, last_event, newer, whose, stages, counted)
    changed = fresh.complaints["id"]
    return Facts(
        _replaced(known.complaints, "id", changed, fresh.complaints),
        _replaced(known.cycles, "complaint_id", changed, fresh.cycles),
        _replaced(known.restatements, "complaint_id", changed, fresh.restatements),
        _replaced(known.requests, "complaint_id", changed, fresh.requests),
        last_event,
        stages,
        counted,
        targets,
    )


def assemble(
    last_event: int,
    complaints: pl.DataFrame,
    cycles: pl.DataFrame,
    stages: Stages,
    counted: Counted = AS_STORED,
    beside: Mapping[str, pl.DataFrame] = MappingProxyType({}),
) -> Facts:
    """Facts from the columns of ``complaints`` and ``sla_cycles`` as an engine stores them.

    ``beside``: those of ``details``, ``requests`` and ``restatements``, where there are any; ``last_event``,
    ``stages``, ``counted`` as in ``Facts``.
    """
    values = beside.get("details", pl.DataFrame(schema=DETAIL_COLUMNS))
    asked = _typed_requests(beside.get("requests", pl.DataFrame(schema=REQUEST_COLUMNS)))
    restated = _typed_restatements(beside.get("restatements", pl.DataFrame(schema=RESTATEMENT_COLUMNS)))
    typed = _with_choices(_typed_complaints(complaints, counted), values, counted)
    typed = _with_departments(typed, asked, {SEEN_BY: _is_seen(), OWING: pl.col("ended").is_null()})
    carried = (*dimensions.CARRIED, *counted.choices, SEEN_BY)
    its_cycles = _with_dimensions(_typed_cycles(cycles, counted), typed, stages, carried)
    its_restatements = _with_dimensions(restated, typed, stages, carried)
    counts = asked.with_columns(_dimension("department", counted)).drop("ended", "ended_at")
    others = [name for name in carried if name != "department"]
    its_requests = counts.join(typed.select("id", *others), left_on="complaint_id", right_on="id", how="inner")
    return Facts(typed, its_cycles, its_restatements, its_requests, last_event, stages, counted)


def _holder(register: Register) -> _Holder:
    with _holders_lock:
        return _holders.setdefault(register, _Holder())


def _newest(register: Register) -> tuple[int, Counted, Targets]:
    """Id of the last event of a complaint, how the lists in use are counted, the targets; all of one moment."""
    with register.read() as session:
        last = session.scalar(select(func.max(Complaint.changed))) or 0
        return last, _counted_in(session), rulebook.targets(session)


def _counted_in(session: Session) -> Counted:
    if not rulebook.has_organisation(session):
        return AS_STORED
    return dimensions.counted(rulebook.catalogues(session))


def _stages(register: Register) -> Stages:
    with register.read() as session:
        return rulebook.stages(session)


def _replaced(known: pl.DataFrame, key: str, changed: pl.Series, fresh: pl.DataFrame) -> pl.DataFrame:
    newest = known[key].max()
    only_new = newest is None or changed.min() > newest  # type: ignore[operator]
    unchanged = known if only_new else known.filter(~pl.col(key).is_in(changed.implode()))
    whole = pl.concat([unchanged, fresh])
    return whole.rechunk() if whole.n_chunks() > MANY_CHUNKS else whole


# reading


def _ends(read: columns.Read) -> tuple[int, int]:
    """(id of the last event included, highest complaint id) of this snapshot; zeros while there is no complaint."""
    wanted = {"changed": pl.Int64, "id": pl.Int64}
    # One index look-up each.
    each = "(SELECT max(changed) FROM complaints) AS changed, (SELECT max(id) FROM complaints) AS id"
    last = read(wanted, f"FROM (SELECT {each}) AS last")
    return last["changed"][0] or 0, last["id"][0] or 0


def _part(read: columns.Read, last_event: int, which: str, whose: str, stages: Stages, counted: Counted) -> Facts:
    """Facts of the complaints ``which`` and the cycles ``whose``: SQL conditions that hold our own numbers only."""
    complaints = read(COMPLAINT_COLUMNS, f"FROM complaints WHERE {which}")
    cycles = read(CYCLE_COLUMNS, f"FROM sla_cycles WHERE {whose}")
    beside = {
        "requests": read(REQUEST_COLUMNS, f"FROM requests WHERE {whose}"),
        "restatements": read(RESTATEMENT_COLUMNS, f"FROM restatements WHERE {whose}"),
    }
    if not counted.choices:
        return assemble(last_event, complaints, cycles, stages, counted, beside)
    fields = ", ".join(f"'{name.removeprefix(dimensions.FIELD)}'" for name in counted.choices)  # keys: a-z, 0-9, _
    of_them = f"value IS NOT NULL AND field IN ({fields}) AND {whose}"
    beside["details"] = read(DETAIL_COLUMNS, f"FROM details WHERE {of_them}")
    return assemble(last_event, complaints, cycles, stages, counted, beside)


def _typed_complaints(raw: pl.DataFrame, counted: Counted) -> pl.DataFrame:
    return raw.with_columns(
        pl.col("id", "assignee_id").cast(pl.Int64),
        pl.col("code").cast(pl.String),
        *(_dimension(name, counted) for name in dimensions.COLUMNS),
        pl.col("waiting_department").cast(pl.Boolean),
        *(as_instant(raw, name) for name in INSTANTS),
    ).with_columns(local_day("recorded_at").alias("recorded_day"), local_day("closed_at").alias("closed_day"))


def _with_choices(complaints: pl.DataFrame, details: pl.DataFrame, counted: Counted) -> pl.DataFrame:
    """A column for each choice; what is none of its keys, a text that another category keeps under it, is left out."""
    for name, known in counted.choices.items():
        is_its = pl.col("field").cast(pl.String) == name.removeprefix(dimensions.FIELD)
        its = details.filter(is_its, pl.col("value").cast(pl.String).is_in(pl.Series(known, dtype=pl.String).implode()))
        chosen = its.select(pl.col("complaint_id").cast(pl.Int64), pl.col("value").cast(pl.String).alias(name))
        whole = complaints.join(chosen, left_on="id", right_on="complaint_id", how="left", maintain_order="left")
        complaints = whole.with_columns(_code(name))
    return complaints


def _typed_cycles(raw: pl.DataFrame, counted: Counted) -> pl.DataFrame:
    day = local_day("due_at", pl.duration(microseconds=1))
    return raw.with_columns(
        pl.col("complaint_id", "number", "working_seconds").cast(pl.Int64),
        _code("term"),
        *(_dimension(name, counted) for name in dimensions.OF_CYCLES),
        *(as_instant(raw, name) for name in CYCLE_INSTANTS),
    ).with_columns(day.alias("due_day"), day.dt.truncate("1w").alias("due_week"))


def _typed_restatements(raw: pl.DataFrame) -> pl.DataFrame:
    day = local_day("due_before", pl.duration(microseconds=1))
    return raw.with_columns(
        pl.col("complaint_id", "seq", "number").cast(pl.Int64),
        _code("term"),
        _code("verdict_before"),
        *(as_instant(raw, name) for name in RESTATEMENT_INSTANTS),
    ).with_columns(day.alias("due_day"))


def _typed_requests(raw: pl.DataFrame) -> pl.DataFrame:
    """With the clock of each request; its verdict follows from that as for a cycle (``core.rules.requests``)."""
    typed = raw.with_columns(
        pl.col("complaint_id", "number").cast(pl.Int64),
        pl.col("department", "ended").cast(pl.String),
        *(as_instant(raw, name) for name in ("asked_at", "due_at", "ended_at")),
    )
    is_late = is_past(pl.col("due_at"), pl.col("ended_at"))
    is_cancelled = (pl.col("ended") != Ended.ANSWERED.value) & ~is_late
    ended_at = pl.col("ended_at")
    return typed.with_columns(
        pl.when(is_cancelled).then(None).otherwise(ended_at).alias("stopped_at"),
        pl.when(is_cancelled).then(ended_at).alias("cancelled_at"),
        local_day("due_at", pl.duration(microseconds=1)).alias("due_day"),
    )


def _is_seen() -> pl.Expr:
    """``core.rules.requests.seen_by`` for a column."""
    return ~pl.col("ended").is_in(pl.Series(sorted(NO_LONGER_THEIRS), dtype=pl.String).implode()).fill_null(value=False)


def _with_departments(complaints: pl.DataFrame, asked: pl.DataFrame, wanted: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """A column for each of ``wanted``: the departments whose requests are so."""
    for name, which in wanted.items():
        keys = pl.col("department").unique().sort().str.join("|")
        its = asked.filter(which).group_by("complaint_id").agg(pl.format("|{}|", keys).alias(name))
        complaints = complaints.join(its, left_on="id", right_on="complaint_id", how="left", maintain_order="left")
    return complaints.with_columns(_code(name) for name in wanted)


def asked_of(column: str, departments: Iterable[str]) -> pl.Expr:
    """Whether one of these departments is among those of the column (``SEEN_BY``, ``OWING``)."""
    named = [f"|{department}|" for department in departments]
    return pl.col(column).cast(pl.String).str.contains_any(named).fill_null(value=False)


def _with_dimensions(
    cycles: pl.DataFrame, complaints: pl.DataFrame, stages: Stages, carried: Iterable[str]
) -> pl.DataFrame:
    whole = cycles.join(complaints.select("id", *carried), left_on="complaint_id", right_on="id", how="inner")
    return whole.with_columns(_stage(stages).alias("stage"))


def _stage(stages: Stages) -> pl.Expr:
    """MISA's ``reply`` and POPS's ``resolve`` are one stage, and so are all dates promised to a customer (D14).

    A term that no procedure names is a stage of its own.
    """
    key = pl.col("term").cast(pl.String)
    stage = pl.when(key.str.starts_with(PROMISED)).then(pl.lit(DATES)).otherwise(key)
    for (procedure, term), its_stage in stages.items():
        if term != its_stage:
            named = (pl.col("procedure") == procedure) & (pl.col("term") == term)
            stage = pl.when(named).then(pl.lit(its_stage)).otherwise(stage)
    return stage.cast(pl.Categorical)


def _code(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).cast(pl.Categorical)


def _dimension(name: str, counted: Counted) -> pl.Expr:
    """The keys that figures count: merged ones under their targets, a sub-category in a column of its own."""
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
    return key.cast(pl.Categorical).alias(name)


def local_day(instant: str, back: pl.Expr | None = None) -> pl.Expr:
    """The local date of an instant (D12). A term that ends at 24:00 belongs to the day it ends: ``back`` for dues."""
    moment = pl.col(instant) if back is None else pl.col(instant) - back
    return moment.dt.convert_time_zone(LOCAL.key).dt.date()
