"""The rows behind a slice with the chosen columns, a stretch at a time: for the explore table and for exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import pandas as pd
import polars as pl

from core.insight import backlog, rows
from core.insight import columns as register_columns
from core.insight.asked import asked_once
from core.insight.charts import target_words
from core.insight.columns import Read, as_instant
from core.insight.dimensions import FIELD
from core.insight.facts import Facts, around
from core.insight.slices import Slice
from core.insight.verdicts import VERDICTS, as_counted, is_among, verdict
from core.papers.cells import as_text, named_cells
from core.papers.dictionary import UNTIMED, Column, Kind, known, names
from core.register.log.database import Register
from core.rules.calendar import LOCAL
from core.rules.steps import State
from core.rules.verdicts import BROKEN

STRETCH = 10_000
JOINED = (
    "FROM complaints c LEFT JOIN people p ON p.id = c.assignee_id LEFT JOIN customers u ON u.id = c.customer_id"
    " LEFT JOIN evidence s ON s.id = c.statement_id LEFT JOIN evidence r ON r.id = c.remedy_id"
)
"""The tables that ``Column.sql`` may name: complaint (c), assignee (p), customer (u), statement (s), remedy (r)."""
TYPES: Mapping[Kind, type[pl.DataType]] = {"text": pl.String, "code": pl.String, "number": pl.Int64, "moment": pl.Int64}


@dataclass(frozen=True)
class Selection:
    """The rows of a slice in the order they are shown."""

    facts: Facts
    slice: Slice
    now: datetime

    @property
    def count(self) -> int:
        """How many rows: the number on the screen and the lines of the file (D15)."""
        return rows.count(self.facts, self.slice, self.now)

    @property
    def complaints(self) -> int:
        """How many complaints stand behind the rows."""
        return rows.complaints(self.facts, self.slice, self.now)

    @property
    def of_obligations(self) -> bool:
        """Whether each row is an obligation, to the customer or of a department, rather than a complaint."""
        return self.slice.of in rows.OF_OBLIGATIONS

    @cached_property
    def keys(self) -> pl.DataFrame:
        """``part``: all of them."""
        return self.part(0, None)

    def part(self, start: int, size: int | None) -> pl.DataFrame:
        """``size`` rows from ``start`` on, the latest first.

        Columns: the ``id`` of each row's complaint, and where rows are obligations cycle, stage, starts_at, due_at,
        stopped_at, verdict, counted, verdict_before, target (as a text), breach_reason, minutes; of a department its
        own department too.
        """
        if self.slice.of in rows.OF_REQUESTS:
            return _of_requests(rows.requests(self.facts, self.slice, self.now, start=start, size=size))
        if self.slice.of != "due":
            ids = rows.complaint_ids(self.facts, self.slice, self.now, start=start, size=size)
            return ids.to_frame()
        found = rows.obligations(self.facts, self.slice, self.now, start=start, size=size)
        minutes = (pl.col("working_seconds") // 60).alias("minutes")
        own = (
            "stage",
            "starts_at",
            "due_at",
            "stopped_at",
            "verdict",
            "counted",
            "verdict_before",
            _in_words(found["target"]),
            "breach_reason",
        )
        return found.select(pl.col("complaint_id").alias("id"), pl.col("number").alias("cycle"), *own, minutes)


def _in_words(targets: pl.Series) -> pl.Series:
    """A text, since numbers of a file are whole and a target may be 95,5 %."""
    words = {share: target_words(share) for share in targets.unique()}
    return targets.replace_strict(words, return_dtype=pl.String)


def _of_requests(found: pl.DataFrame) -> pl.DataFrame:
    """Requests as rows of obligations: with a department of their own, without stage, target, reason, counted time."""
    missing = [pl.lit(None, pl.String).alias(name) for name in ("stage", "target", "verdict_before", "breach_reason")]
    renamed = {"complaint_id": "id", "number": "cycle", "asked_at": "starts_at"}
    return found.rename(renamed).with_columns(*missing, pl.lit(None, pl.Int64).alias("minutes"))


def totals(selection: Selection) -> dict[str, int]:
    """What the rows add up to: complaints open, closed, closed without a time (D30), merged into another one (D13),
    with a broken promise.

    For obligations ``_per_verdict``.
    """
    count = _per_verdict if selection.of_obligations else _per_state
    return count(selection.facts, selection.slice, selection.now)


@asked_once
def _per_state(facts: Facts, slice: Slice, now: datetime) -> dict[str, int]:
    its = rows.behind(facts, slice, now)
    is_merged = pl.col("state") == State.merged.value
    ended = backlog.is_closed()
    counts = its.select(
        open=(~ended).sum(),
        closed=(ended & ~is_merged & pl.col("closed_at").is_not_null()).sum(),
        untimed=(ended & ~is_merged & pl.col("closed_at").is_null()).sum(),
        merged=(ended & is_merged).sum(),
    )
    broken = facts.cycles.lazy().filter(is_among(verdict(now), BROKEN)).select("complaint_id")
    found = its.select("id").join(broken.unique(), left_on="id", right_on="complaint_id", how="semi")
    sums, late = pl.collect_all([counts, found.select(pl.len())])
    return sums.row(0, named=True) | {"broken": late.item()}


@asked_once
def _per_verdict(facts: Facts, slice: Slice, now: datetime) -> dict[str, int]:
    """Obligations per verdict as rates count them (D11), and ``early``: how many of the ``running`` are met already."""
    its = rows.behind(facts, slice, now)
    found = its.group_by("verdict", as_counted(pl.col("verdict"), now).alias("counted")).len().collect()
    counts = Counter[str]()
    for _verdict, key, n in found.rows():
        counts[key] += n
    early = sum(n for judged, key, n in found.rows() if key == "running" and judged != "running")
    return {key: counts[key] for key in VERDICTS} | {"early": early}


@dataclass(frozen=True, slots=True)
class Sum:
    """What a column of amounts adds up to: đồng, and how many complaints say one."""

    column: Column
    amount: int
    complaints: int


def sums(register: Register, selection: Selection, *, whole: bool) -> list[Sum]:
    """Each column of amounts over the complaints behind the rows, each complaint once; without those that none says.

    ``whole``: amounts that tell of a person count too.
    """
    per_field, of_persons = _amounts(selection.facts, selection.slice, selection.now)
    if whole and not of_persons.is_empty():
        per_field = _summed(pl.concat([per_field, *map(_summed, _amounts_of_persons(register, of_persons))]), "count")
    sums = {field: (amount, count) for field, amount, count in per_field.rows()}
    columns = {c.key.removeprefix(FIELD): c for c in known(obligations=False).values() if c.is_money}
    return [Sum(column, *sums[key]) for key, column in columns.items() if key in sums]


@asked_once
def _amounts(facts: Facts, slice: Slice, now: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(field, value, count: the amounts known of a slice), (complaint_id, field: the others, which tell of persons)."""
    name = "complaint_id" if slice.of in rows.OF_OBLIGATIONS else "id"
    ids = rows.behind(facts, slice, now).select(pl.col(name).unique())
    its = facts.amounts.lazy().join(ids, left_on="complaint_id", right_on=name, how="semi").collect()
    its = its.with_columns(pl.col("field").cast(pl.String))
    of_persons = its.filter(pl.col("value").is_null()).select("complaint_id", "field")
    return _summed(its.drop_nulls("value")), of_persons


def _summed(amounts: pl.DataFrame, count: str = "") -> pl.DataFrame:
    """Columns: field, value (their sum), count (how many; the sum of ``count`` where that is a column)."""
    how_many = pl.col(count).sum() if count else pl.len().cast(pl.Int64)
    return amounts.group_by("field").agg(pl.col("value").sum(), how_many.alias("count"))


def _amounts_of_persons(register: Register, which: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Amounts that only the register holds: ``which`` complaint_id and field. Columns: field, value."""
    keys = ", ".join(f"'{key}'" for key in which["field"].unique())
    for some in which.iter_slices(STRETCH):
        among = ",".join(str(int(one)) for one in some["complaint_id"].unique())
        query = (
            "FROM (SELECT v.complaint_id AS complaint_id, v.field AS field,"  # noqa: S608 (keys and numbers of ours)
            " COALESCE(v.value, e.body) AS value FROM details v LEFT JOIN evidence e ON e.id = v.evidence_id"
            f" WHERE v.complaint_id IN ({among}) AND v.field IN ({keys})) AS amount"
        )
        with register_columns.reader(register) as read:
            found = read({"complaint_id": pl.Int64, "field": pl.String, "value": pl.String}, query)
        its = found.join(some, on=["complaint_id", "field"], how="semi")
        yield its.select("field", _value("value", "number")).drop_nulls("value")


def stretches(
    register: Register,
    selection: Selection,
    wanted: Sequence[Column],
    *,
    whole: bool,
    colleagues: bool = True,
    size: int = STRETCH,
) -> Iterator[pl.DataFrame]:
    """The rows, ``size`` at a time, all read in one snapshot of the register.

    Columns as wanted: codes as keys, moments in UTC, numbers whole. ``whole``: personal data as it is, else masked.
    ``colleagues``: who works on a complaint by name, else by initials (``core.rules.roles.names_colleagues``).
    """
    reads = any(column.from_register for column in wanted)
    with register_columns.reader(register) if reads else nullcontext() as read:
        for start in range(0, selection.count, size):
            yield _stretch(
                selection, selection.keys.slice(start, size), wanted, read, whole=whole, colleagues=colleagues
            )


def page(
    register: Register,
    selection: Selection,
    wanted: Sequence[Column],
    *,
    whole: bool,
    colleagues: bool = True,
    at: range,
) -> pd.DataFrame:
    """The rows ``at`` (from 0) as the explore table shows them: codes by name in the reader's language, local time."""
    keys = selection.part(at.start, len(at))
    if keys.is_empty():
        return pd.DataFrame(columns=[column.key for column in wanted])
    reads = any(column.from_register for column in wanted)
    with register_columns.reader(register) if reads else nullcontext() as read:
        frame = _stretch(selection, keys, wanted, read, whole=whole, colleagues=colleagues)
    local = [
        pl.col(c.key).dt.convert_time_zone(LOCAL.key).dt.replace_time_zone(None) for c in wanted if c.kind == "moment"
    ]
    named = [named_cells(column, names(column)) for column in wanted if column.kind == "code"]
    # The table's own menu saves what is shown as a file.
    texts = [as_text(c) for c in wanted if c.kind == "text" or (c.fields and c.kind == "code")]
    return frame.with_columns(*local, *named).with_columns(*texts).to_pandas()


def _stretch(
    selection: Selection,
    keys: pl.DataFrame,
    wanted: Sequence[Column],
    read: Read | None,
    *,
    whole: bool,
    colleagues: bool,
) -> pl.DataFrame:
    ids = keys["id"].unique()
    frame = keys.join(_of_facts(selection, keys, wanted), on="id", how="left", maintain_order="left")
    if read is not None:
        columns = [column for column in wanted if column.from_register]
        frame = frame.join(_of_register(read, columns, ids, whole=whole), on="id", how="left", maintain_order="left")
    masked = [
        column.mask(pl.col(column.key)).alias(column.key)
        for column in wanted
        if column.mask and not (colleagues if column.is_of_staff else whole)
    ]
    return frame.with_columns(masked).select(column.key for column in wanted)


def _of_facts(selection: Selection, keys: pl.DataFrame, wanted: Sequence[Column]) -> pl.DataFrame:
    """Columns that the facts hold and ``keys`` does not, of its complaints: their own, and sums over their cycles."""
    ids = keys["id"].unique()
    near = around(selection.facts, ids)
    summed = {column.key: column.of_cycles for column in wanted if column.of_cycles is not None}
    elsewhere = {*keys.columns, *summed}
    own = [column.key for column in wanted if not column.from_register and column.key not in elsewhere]
    untimed = (backlog.is_closed() & pl.col("closed_at").is_null()).alias(UNTIMED.key)
    complaints = (
        near.complaints.lazy()
        .filter(pl.col("id").is_in(ids.implode()))
        .with_columns(untimed)
        .select("id", *own)
        .collect()
    )
    if not summed:
        return complaints
    cycles = near.cycles.lazy().filter(pl.col("complaint_id").is_in(ids.implode()))
    per_complaint = cycles.with_columns(verdict(selection.now)).group_by("complaint_id").agg(**summed)
    return complaints.join(per_complaint.collect(), left_on="id", right_on="complaint_id", how="left")


def _of_register(read: Read, columns: Sequence[Column], ids: pl.Series, *, whole: bool) -> pl.DataFrame:
    """Columns read from the register, of these complaints; typed by their kind, even if no cell has a value."""
    from_sql = {column.key: column.sql if whole else column.sql_masked or column.sql for column in columns}
    sources = ", ".join(f"{sql} AS {key}" for key, sql in from_sql.items())
    among = ",".join(str(int(one)) for one in ids)
    query = f"FROM (SELECT c.id AS id, {sources} {JOINED} WHERE c.id IN ({among})) AS complaint"
    frame = read({"id": pl.Int64, **{column.key: _stored(column) for column in columns}}, query)
    return frame.with_columns(pl.col("id").cast(pl.Int64), *(_typed(frame, column) for column in columns))


def _stored(column: Column) -> type[pl.DataType]:
    return pl.String if column.fields else TYPES[column.kind]


def _typed(frame: pl.DataFrame, column: Column) -> pl.Expr:
    if column.fields:
        return _value(column.key, column.kind)
    return as_instant(frame, column.key) if column.kind == "moment" else pl.col(column.key).cast(TYPES[column.kind])


def _value(name: str, kind: Kind) -> pl.Expr:
    """A value of a category as it is kept → a cell; one that was kept under another type is none."""
    match kind:
        case "number":
            return pl.col(name).cast(pl.Int64, strict=False)
        case "moment":
            return pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False)
    return pl.col(name)
