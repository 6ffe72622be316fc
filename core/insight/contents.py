"""What cases hold beside themselves: issues (D34), amounts of money, preventive actions (D25), whose work they are."""

from __future__ import annotations

import pandas as pd
import polars as pl

from core.insight import backlog
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.promises import RESULT
from core.insight.tally import BUCKETS, PERSON, PERSONS, Asked, number, of_all, ordered, per, shared
from core.insight.typed import OF_ISSUES
from core.insight.verdicts import counted, is_among
from core.rules.calendar import whole_second
from core.rules.prevention import Effect
from core.rules.verdicts import BROKEN, FELL_DUE

FIELD = "field"
"""By which amounts are split besides: the field of the category that holds them."""


def issues(asked: Asked) -> pd.DataFrame:
    """Every issue of the complaints recorded in the period, each under its own category, outcome and cause (D34).

    Columns: count (issues), complaints (with such an issue, each once), all (issues of the period), share (of all).
    """
    its = each_issue(asked.facts, asked.filter)
    sums = {"count": number(), "complaints": pl.col("id").n_unique().cast(pl.Int64)}
    return of_all(per(its, asked, "recorded_day", **sums))


def each_issue(facts: Facts, filter: Filter) -> pl.LazyFrame:
    """A row per issue of the complaints recorded in the period: the complaint, with ``OF_ISSUES`` of the issue."""
    wanted = filter.where("recorded_day")
    first = facts.complaints.lazy().filter(wanted)
    if facts.issues.is_empty():
        return first
    others = facts.complaints.lazy().drop(OF_ISSUES)
    further = facts.issues.lazy().rename({"complaint_id": "id"}).join(others, on="id", how="inner").filter(wanted)
    return pl.concat([first, further.select(facts.complaints.columns)])


def amounts(asked: Asked) -> pd.DataFrame:
    """Amounts of money known of the complaints recorded in the period, whole đồng (``details``).

    Columns: complaints (each once a field), total, median, largest. One that tells of a person is not in it (D20).
    """
    facts = asked.facts
    by = [PERSONS if name == PERSON else name for name in asked.by if name not in (FIELD, *BUCKETS)]
    whose = facts.complaints.lazy().filter(asked.filter.where("recorded_day"))
    rows = (
        facts.amounts.lazy()
        .filter(pl.col("value").is_not_null())
        .join(whose.select("id", "recorded_day", *by), left_on="complaint_id", right_on="id", how="inner")
    )
    value = pl.col("value")
    sums = {"complaints": number(), "total": value.sum(), "median": value.median(), "largest": value.max()}
    return per(rows, asked, "recorded_day", **sums).to_pandas()


def actions(asked: Asked) -> pd.DataFrame:
    """Approved preventive actions that fell due in the period (D25): ``core.register.reads.prevention.kept`` per key.

    Columns: due, in_time (done at or before it), late, undone, verified, checked (an effect was found or not),
    effective, share (in_time ÷ due).
    """
    is_done, is_late = pl.col("done_at").is_not_null(), pl.col("done_at") > pl.col("due_at")
    effect = pl.col("effect").cast(pl.String)
    sums = {
        "due": number(),
        "in_time": number(is_done & ~is_late),
        "late": number(is_done & is_late),
        "undone": number(~is_done),
        "verified": number(pl.col("verified_at").is_not_null()),
        "checked": number(effect.is_in([Effect.effective.value, Effect.not_effective.value])),
        "effective": number(effect == Effect.effective.value),
    }
    return shared(per(_fell_due(asked), asked, "due_day", **sums), "in_time", "due")


def effects(asked: Asked) -> pd.DataFrame:
    """Of the actions of ``actions`` whose effect was decided, those found effective.

    Columns: checked, effective, share.
    """
    found = pl.from_pandas(actions(asked))
    return shared(found.select(*asked.by, "checked", "effective"), "effective", "checked")


def workload(asked: Asked) -> pd.DataFrame:
    """Per person who has them: complaints recorded in the period, ended in it, and open now, whatever the period; and
    the results of them that fell due in it.

    Columns: recorded, ended, open, due, met (of these in time), share (met ÷ due). Split by a stretch of days too, open
    has none: it is as of now.
    """
    rows = asked.facts.complaints.lazy()
    came = per(rows.filter(asked.filter.where("recorded_day")), asked, "recorded_day", recorded=number())
    ended = per(rows.filter(asked.filter.where("closed_day")), asked, "closed_day", ended=number())
    parts = [came, ended]
    if not BUCKETS.keys() & set(asked.by):
        still = backlog.rows(asked.facts, asked.filter, asked.now)
        parts.append(per(still, asked, "recorded_day", open=number()))
    parts.append(_promised(asked))
    if not asked.by:
        return shared(pl.concat(parts, how="horizontal"), "met", "due")
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.join(part, on=list(asked.by), how="full", coalesce=True)
    return shared(ordered(whole.with_columns(pl.col(pl.Int64).fill_null(0)), asked), "met", "due")


def _promised(asked: Asked) -> pl.DataFrame:
    """Results that fell due in the period and those kept, of the complaints as they are now. Columns: due, met."""
    judged = asked.facts.cycles.lazy().filter(asked.filter.where("due_day") & (pl.col("stage") == RESULT))
    counts = counted(asked.now).alias("verdict")
    fell_due = judged.with_columns(counts).filter(is_among(pl.col("verdict"), FELL_DUE))
    names = (PERSONS if name == PERSON else name for name in asked.by if name not in BUCKETS)
    others = asked.facts.complaints.lazy().select(
        "id", *(one for one in names if one not in asked.facts.cycles.columns)
    )
    rows = fell_due.join(others, left_on="complaint_id", right_on="id", how="inner")
    return per(rows, asked, "due_day", due=number(), met=number(~is_among(pl.col("verdict"), BROKEN)))


def _fell_due(asked: Asked) -> pl.LazyFrame:
    """With the dimensions of their complaints, the cause being that of the action."""
    others = asked.facts.complaints.lazy().drop("root_cause", "code", "closed_day", "recorded_day")
    rows = asked.facts.actions.lazy().join(others, left_on="complaint_id", right_on="id", how="inner")
    return rows.filter(asked.filter.where("due_day") & (pl.col("due_at") <= whole_second(asked.now)))
