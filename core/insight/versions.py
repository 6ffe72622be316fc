"""How many complaints follow each version of a procedure (D9)."""

from __future__ import annotations

import polars as pl

from core.insight.asked import asked_once
from core.insight.facts import Facts


@asked_once
def followed(facts: Facts, procedure: str) -> dict[int, int]:
    """Version → how many complaints were promised something by it; versions that nobody follows are missing."""
    its = facts.cycles.lazy().filter(pl.col("procedure") == procedure)
    counted = its.group_by("procedure_version").agg(pl.col("complaint_id").n_unique()).collect()
    return dict(counted.iter_rows())
