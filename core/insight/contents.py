"""What cases hold beside themselves: issues (D34), amounts of money, preventive actions (D25), whose work they are."""

from __future__ import annotations

import pandas as pd
import polars as pl

from core.insight import backlog
from core.insight.tally import BUCKETS, PERSON, PERSONS, Asked, number, of_all, ordered, per, shared
from core.insight.typed import OF_ISSUES
from core.rules.calendar import whole_second
from core.rules.prevention import Effect

FIELD = "field"
"""By which amounts are split besides: the field of the category that holds them."""


def issues(asked: Asked) -> pd.DataFrame:
    """Every issue of the complaints recorded in the period, each under its own category, outcome and cause (D34).

    Columns: count, all (of the period), share.
    """
    facts, wanted = asked.facts, asked.filter.where("recorded_day")
    found = per(facts.complaints.lazy().filter(wanted), asked, "recorded_day", count=number())
    if not facts.issues.is_empty():
        further = facts.issues.lazy().join(
            facts.complaints.lazy().drop(OF_ISSUES), left_on="complaint_id", right_on="id", how="inner"
        )
        more = per(further.filter(wanted), asked, "recorded_day", count=number())
        both = pl.concat([found, more.select(found.columns)])
        found = ordered(both.group_by(asked.by).agg(pl.col("count").sum()), asked) if asked.by else both.sum()
    return of_all(found)


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
    """Per person who has them: complaints recorded in the period, ended in it, and open now, whatever the period.

    Columns: recorded, ended, open. Split by a stretch of days too, open has none: it is as of now.
    """
    rows = asked.facts.complaints.lazy()
    came = per(rows.filter(asked.filter.where("recorded_day")), asked, "recorded_day", recorded=number())
    ended = per(rows.filter(asked.filter.where("closed_day")), asked, "closed_day", ended=number())
    parts = [came, ended]
    if not BUCKETS.keys() & set(asked.by):
        left = backlog.rows(asked.facts, asked.filter, asked.now)
        parts.append(per(left, asked, "recorded_day", open=number()))
    if not asked.by:
        return pl.concat(parts, how="horizontal").to_pandas()
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.join(part, on=list(asked.by), how="full", coalesce=True)
    return ordered(whole.with_columns(pl.col(pl.Int64).fill_null(0)), asked).to_pandas()


def _fell_due(asked: Asked) -> pl.LazyFrame:
    """With the dimensions of their complaints, the cause being that of the action."""
    others = asked.facts.complaints.lazy().drop("root_cause", "code", "closed_day", "recorded_day")
    rows = asked.facts.actions.lazy().join(others, left_on="complaint_id", right_on="id", how="inner")
    return rows.filter(asked.filter.where("due_day") & (pl.col("due_at") <= whole_second(asked.now)))
