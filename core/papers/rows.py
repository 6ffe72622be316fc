"""The rows behind a slice with the columns asked for, a stretch at a time: what the explore table shows and an export writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import polars as pl

from core.insight import columns as register_columns
from core.insight import rows
from core.insight.columns import Read
from core.insight.facts import Facts
from core.insight.slices import Slice
from core.insight.verdicts import KIND, VERDICTS, as_counted, verdict
from core.papers.cells import harmless, named_cells
from core.papers.dictionary import Column, names
from core.register.log.database import Register
from core.rules import masking
from core.rules.calendar import LOCAL

STRETCH = 10_000
STAGES = ("acknowledge", "resolve")
TOLD = {
    "id": ("c.id", pl.Int64),
    "assignee": ("p.name", pl.String),
    "sent_at": ("c.sent_at", pl.Int64),
    "reopened": ("c.reopened", pl.Int64),
    "customer_name": ("u.name", pl.String),
    "phone": ("u.phone", pl.String),
    "email": ("u.email", pl.String),
    "account": ("u.account", pl.String),
    "statement": ("s.body", pl.String),
    "remedy": ("r.body", pl.String),
    "source": ("c.source", pl.String),
    "external_ref": ("c.external_ref", pl.String),
}
JOINED = (
    "FROM complaints c LEFT JOIN people p ON p.id = c.assignee_id LEFT JOIN customers u ON u.id = c.customer_id"
    " LEFT JOIN evidence s ON s.id = c.statement_id LEFT JOIN evidence r ON r.id = c.remedy_id"
)
MASKS = {
    "customer_name": masking.mask_name,
    "phone": masking.mask_phone,
    "email": masking.mask_email,
    "account": masking.mask_account,
    "statement": masking.mask_text,
    "remedy": masking.mask_text,
}


@dataclass(frozen=True)
class Selection:
    """The rows of a slice in the order they are shown; ``keys`` has their ``id``, and of obligations their own columns."""

    facts: Facts
    slice: Slice
    now: datetime
    keys: pl.DataFrame

    @property
    def count(self) -> int:
        """How many rows: the number on the screen and the lines of the file (D15)."""
        return self.keys.height

    @property
    def complaints(self) -> int:
        """How many complaints stand behind the rows."""
        return self.keys["id"].n_unique()

    @property
    def of_obligations(self) -> bool:
        """Whether each row is an obligation rather than a complaint."""
        return self.slice.of == "due"


def select(facts: Facts, slice: Slice, now: datetime) -> Selection:
    """The rows a figure with this slice counts, the latest first."""
    if slice.of != "due":
        ids = rows.complaint_ids(facts, slice, now)
        return Selection(facts, slice, now, pl.DataFrame({"id": ids}, schema={"id": pl.Int64}))
    found = pl.from_pandas(rows.obligations(facts, slice, now))
    minutes = (pl.col("working_seconds").cast(pl.Int64) // 60).alias("minutes")
    own = ("stage", "starts_at", "due_at", "stopped_at", "verdict")
    keys = found.select(pl.col("complaint_id").alias("id"), pl.col("number").alias("cycle"), *own, minutes)
    return Selection(facts, slice, now, keys)


def totals(selection: Selection) -> dict[str, int]:
    """What the rows add up to: complaints that are open, closed, and have a broken promise; of obligations ``_per_verdict``."""
    if selection.of_obligations:
        return _per_verdict(selection)
    ids = selection.keys["id"]
    closed = selection.facts.complaints.filter(pl.col("id").is_in(ids.implode()))["closed_at"].is_not_null().sum()
    broken = selection.facts.cycles.filter(
        pl.col("complaint_id").is_in(ids.implode()), verdict(selection.now).is_in(["missed", "overdue"])
    )["complaint_id"].n_unique()
    return {"open": selection.count - int(closed), "closed": int(closed), "broken": broken}


def _per_verdict(selection: Selection) -> dict[str, int]:
    """Obligations per verdict as the rates count them (D11), and ``early``: how many of the ``running`` ones are met already."""
    judged = pl.col("verdict").cast(pl.String).cast(KIND)
    told = selection.keys.select(judged, as_counted(judged, selection.now).alias("counted"))
    counts = dict(told["counted"].cast(pl.String).value_counts().rows())
    early = told.filter(pl.col("counted") == "running", pl.col("verdict") != "running").height
    return {key: counts.get(key, 0) for key in VERDICTS} | {"early": early}


def stretches(
    register: Register, selection: Selection, wanted: Sequence[Column], *, whole: bool, size: int = STRETCH
) -> Iterator[pl.DataFrame]:
    """The rows, ``size`` at a time, all told from one moment of the register.

    Columns as wanted: codes as keys, moments in UTC, numbers whole. ``whole``: personal data as it is, else masked.
    """
    needs_telling = any(column.told for column in wanted)
    with register_columns.reader(register) if needs_telling else nullcontext() as read:
        for start in range(0, selection.count, size):
            yield _stretch(selection, wanted, read, start, size, whole=whole)


def page(
    register: Register, selection: Selection, wanted: Sequence[Column], *, whole: bool, start: int, size: int
) -> pd.DataFrame:
    """One page of the explore table: columns as wanted, codes by name in the reader's language, moments in local time."""
    part = Selection(selection.facts, selection.slice, selection.now, selection.keys.slice(start, size))
    frames = list(stretches(register, part, wanted, whole=whole, size=size))
    if not frames:
        return pd.DataFrame(columns=[column.key for column in wanted])
    local = [
        pl.col(c.key).dt.convert_time_zone(LOCAL.key).dt.replace_time_zone(None) for c in wanted if c.kind == "moment"
    ]
    named = [named_cells(column, names(column)) for column in wanted if column.kind == "code"]
    texts = [
        harmless(column.key) for column in wanted if column.kind == "text"
    ]  # the table's own menu saves it as a file
    return frames[0].with_columns(*local, *named, *texts).to_pandas()


def _stretch(
    selection: Selection, wanted: Sequence[Column], read: Read | None, start: int, size: int, *, whole: bool
) -> pl.DataFrame:
    keys = selection.keys.slice(start, size)
    ids = keys["id"].unique()
    frame = keys.join(_of_facts(selection, ids), on="id", how="left", maintain_order="left")
    if read is not None:
        told = _told(read, [column.key for column in wanted if column.told], ids)
        frame = frame.join(told, on="id", how="left", maintain_order="left")
    masked = [_masked(column.key) for column in wanted if column.personal and not whole]
    return frame.with_columns(masked).select(column.key for column in wanted)


def _of_facts(selection: Selection, ids: pl.Series) -> pl.DataFrame:
    facts = selection.facts
    complaints = facts.complaints.filter(pl.col("id").is_in(ids.implode()))
    if selection.of_obligations:
        complaints = complaints.drop("due_at", "stopped_at", "verdict", strict=False)
    cycles = facts.cycles.filter(pl.col("complaint_id").is_in(ids.implode())).with_columns(verdict(selection.now))
    per_complaint = cycles.group_by("complaint_id").agg(*_of_cycles())
    return complaints.join(per_complaint, left_on="id", right_on="complaint_id", how="left")


def _of_cycles() -> Iterator[pl.Expr]:
    for stage in STAGES:
        first = (pl.col("stage") == stage) & (pl.col("number") == 1)
        yield pl.col("due_at").filter(first).first().alias(f"{stage}_due_at")
        yield pl.col("verdict").filter(first).first().alias(f"{stage}_verdict")
        yield (pl.col("working_seconds").filter(first).first() // 60).alias(f"{stage}_minutes")
    yield pl.col("verdict").cast(pl.String).is_in(["missed", "overdue"]).sum().cast(pl.Int64).alias("broken")


def _told(read: Read, keys: Sequence[str], ids: pl.Series) -> pl.DataFrame:
    """What only the register knows of these complaints."""
    said = ", ".join(f"{TOLD[key][0]} AS {key}" for key in ("id", *keys))
    among = ",".join(str(int(one)) for one in ids)
    query = f"FROM (SELECT {said} {JOINED} WHERE c.id IN ({among})) AS told"
    frame = read({key: TOLD[key][1] for key in ("id", *keys)}, query)
    frame = frame.with_columns(
        pl.col("id").cast(pl.Int64), pl.col(*(k for k in keys if TOLD[k][1] == pl.String)).cast(pl.String)
    )
    return frame.with_columns(_instant(frame, "sent_at")) if "sent_at" in keys else frame


def _instant(frame: pl.DataFrame, name: str) -> pl.Expr:
    if isinstance(frame.schema[name], pl.Datetime):
        return pl.col(name).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    return pl.from_epoch(pl.col(name).cast(pl.Int64), "us").dt.replace_time_zone("UTC").alias(name)


def _masked(key: str) -> pl.Expr:
    return pl.col(key).map_elements(MASKS[key], return_dtype=pl.String)
