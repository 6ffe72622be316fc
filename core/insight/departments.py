"""What departments owe: of the answers that fell due in a period, how many came in time (D11, D19)."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import polars as pl

from core.insight import filters
from core.insight.asked import asked_once
from core.insight.compliance import tallied
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.verdicts import counted
from core.rules.verdicts import BROKEN


@asked_once
def kept(facts: Facts, filter: Filter, now: datetime) -> pd.DataFrame:
    """Requests to departments whose answers fell due in the period, per department; most late first.

    Columns: key (the department), due (met + missed + overdue: what fell due), met (answered in time), missed (late),
    overdue, running (not yet due), cancelled (recalled, returned or released in time), share (met / due, 0…1; NaN when
    nothing fell due). None of it is a promise to the customer.
    """
    rows = filters.requests(facts, filter).with_columns(counted(now).alias("verdict"))
    broken = pl.sum_horizontal(verdict.value for verdict in BROKEN)
    named = tallied(rows.rename({"department": "key"}), ["key"]).with_columns(pl.col("key").cast(pl.String))
    return named.sort(broken, "due", "key", descending=[True, True, False]).to_pandas()
