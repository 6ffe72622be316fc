"""How cases ended: outcomes, whether the customer was right, rounds of conciliation, cases opened again, causes."""

from __future__ import annotations

import pandas as pd
import polars as pl

from core.insight import causes, comparison, filters
from core.insight.facts import Facts
from core.insight.tally import Asked, number, of_all, per, shared
from core.insight.which import WHICH

CLOSED_COUNTS = "closed"
RECORDED, CLOSED = "recorded_day", "closed_day"


def outcomes(asked: Asked) -> pd.DataFrame:
    """Cases that ended in the period, closed or withdrawn, by how they did. Columns: count, all, share."""
    return of_all(per(filters.ended(asked.facts, asked.filter), asked, CLOSED, count=number()))


def upheld(asked: Asked) -> pd.DataFrame:
    """Of the complaints closed in the period with a decision, those in which the customer was right or partly right.

    Columns: decided, upheld, share.
    """
    decided = _closed(asked).filter(WHICH["decided"])
    return shared(per(decided, asked, CLOSED, decided=number(), upheld=number(WHICH["upheld"])), "upheld", "decided")


def stated_causes(asked: Asked) -> pd.DataFrame:
    """Complaints closed in the period, split by root cause at first. Columns: count, all, share."""
    return of_all(per(_closed(asked), asked, CLOSED, count=number()))


def risen_causes(asked: Asked) -> pd.DataFrame:
    """``causes.risen`` against the period before (D27), by the hours of the procedure asked about, else the first.

    Columns: root_cause, count, before, ratio (rate per open hour now ÷ before), low, high (its 95 % interval), p,
    adjusted, rose (0 or 1); empty where nothing may be compared.
    """
    calendars = asked.facts.in_force.calendars
    chosen = [key for key in asked.filter.keys_of("procedure") if key in calendars] or [*calendars]
    if not chosen:
        return pd.DataFrame(columns=["root_cause", *causes.RISEN[1:]])
    against = comparison.of(asked.facts, asked.filter, calendars[chosen[0]], asked.now, counts=CLOSED_COUNTS)
    found = causes.risen(asked.facts, against).rename(columns={"key": "root_cause"})
    return found.assign(ratio=found["ratio"] + 1, rose=found["rose"].astype(int))


def has_rounds(facts: Facts) -> bool:
    """Whether a remedy was ever proposed to a customer: not every procedure has rounds of conciliation."""
    return bool(facts.complaints.select((pl.col("rounds") > 0).any()).item())


def rounds(asked: Asked) -> pd.DataFrame:
    """Of the complaints recorded in the period to whose customer something was proposed (D17).

    Columns: conciliated, rounds (proposals made), several (complaints with more than one), share (several of
    conciliated).
    """
    made = pl.col("rounds")
    rows = _recorded(asked).filter(WHICH["proposed"])
    several = number(WHICH["proposed_again"])
    sums = {"conciliated": number(), "rounds": made.sum().cast(pl.Int64), "several": several}
    return shared(per(rows, asked, RECORDED, **sums), "several", "conciliated")


def refusals(asked: Asked) -> pd.DataFrame:
    """Proposals made to the customers of the complaints recorded in the period, and those refused (D17).

    Columns: proposals, refused, share.
    """
    sums = {"proposals": pl.col("rounds").sum(), "refused": pl.col("refused").sum()}
    found = per(_recorded(asked), asked, RECORDED, **{name: sum.cast(pl.Int64) for name, sum in sums.items()})
    return shared(found, "refused", "proposals")


def reopened(asked: Asked) -> pd.DataFrame:
    """Of the complaints recorded in the period that have ended at least once, those opened again at least once (D6).

    Columns: ended, reopened, share.
    """
    rows = _recorded(asked).filter(WHICH["ended_once"])
    again = number(WHICH["reopened"])
    return shared(per(rows, asked, RECORDED, ended=number(), reopened=again), "reopened", "ended")


def _recorded(asked: Asked) -> pl.LazyFrame:
    return asked.facts.complaints.lazy().filter(asked.filter.where(RECORDED))


def _closed(asked: Asked) -> pl.LazyFrame:
    return causes.closed(asked.facts, asked.filter)
