from datetime import timedelta

import polars as pl
from hypothesis import given as random_cases
from hypothesis import strategies as st

from core.insight.verdicts import verdict
from core.rules import verdicts
from core.rules.clocks import Cycle
from tests.insight.given import NOW

moments = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))


@random_cases(due=moments, stopped=moments | st.none(), cancelled=moments | st.none())
def test_the_column_says_what_the_rules_say(due, stopped, cancelled) -> None:
    cycle = Cycle("resolve", 1, NOW - timedelta(days=9), due, stopped, cancelled)
    schema = dict.fromkeys(("due_at", "stopped_at", "cancelled_at"), pl.Datetime("us", "UTC"))
    row = pl.DataFrame([{"due_at": due, "stopped_at": stopped, "cancelled_at": cancelled}], schema=schema)
    assert row.select(verdict(NOW)).item() == verdicts.verdict(cycle, NOW).value
