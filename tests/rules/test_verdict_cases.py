"""What became of a promise (D10), drawn a second time by hand: every case, each by a clock whose times are given."""

from __future__ import annotations

import pytest

from core.rules import verdicts
from core.rules.clocks import Cycle
from core.rules.verdicts import Verdict
from tests.rules.given import at

DUE = "2026-10-12 17:30:00"
EARLY, ON_TIME, LATE = "2026-10-12 17:29:59", "2026-10-12 17:30:00", "2026-10-12 17:30:01"

CASES = [
    # stopped, cancelled, read at, verdict, why
    (EARLY, None, LATE, "met", "stopped before due"),
    (ON_TIME, None, LATE, "met", "the due instant is in time"),
    (LATE, None, LATE, "missed", "one second late"),
    (LATE, None, EARLY, "missed", "a verdict once given does not depend on when it is read"),
    (EARLY, None, EARLY, "met", "kept early is met, also before it falls due"),
    (None, None, EARLY, "running", "not yet due"),
    (None, None, ON_TIME, "running", "due now is not overdue yet"),
    (None, None, LATE, "overdue", "one second past due"),
    (None, EARLY, EARLY, "cancelled", "withdrawn before due"),
    (None, EARLY, LATE, "cancelled", "withdrawn, read after due"),
    (EARLY, EARLY, LATE, "cancelled", "cancelled outweighs a stop in time"),
    (LATE, LATE, LATE, "cancelled", "cancelled outweighs a late stop"),
]


@pytest.mark.parametrize(("stopped", "cancelled", "now", "verdict", "why"), CASES, ids=[row[-1] for row in CASES])
def test_what_became_of_a_promise(stopped: str | None, cancelled: str | None, now: str, verdict: str, why: str) -> None:
    cycle = Cycle(
        "resolve",
        1,
        at("2026-10-01 09:00"),
        at(DUE),
        None if stopped is None else at(stopped),
        None if cancelled is None else at(cancelled),
    )
    assert verdicts.verdict(cycle, at(now)) == Verdict(verdict), why


PAST = [
    (EARLY, False, "before due"),
    (ON_TIME, False, "the due instant itself is still in time"),
    (LATE, True, "a second after due"),
]


@pytest.mark.parametrize(("moment", "past", "why"), PAST)
def test_what_lies_past_a_due_instant(moment: str, past: bool, why: str) -> None:
    assert verdicts.is_past(at(DUE), at(moment)) is past, why


TABLE = """
cancelled stopped late  verdict
-         -       -     running
-         -       late  overdue
-         stop    -     met
-         stop    late  missed
cancel    -       -     cancelled
cancel    -       late  cancelled
cancel    stop    -     cancelled
cancel    stop    late  cancelled
"""


def test_the_table_of_cases_holds_every_case_and_no_other() -> None:
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    drawn = {tuple(cell != "-" for cell in cells): Verdict(verdict) for *cells, verdict in rows}
    assert dict(verdicts.CASES) == drawn


def test_which_verdicts_break_a_promise_and_which_a_rate_counts() -> None:
    assert {verdict.value for verdict in verdicts.BROKEN} == {"missed", "overdue"}
    assert [verdict.value for verdict in verdicts.FELL_DUE] == ["met", "missed", "overdue"]
    assert [verdict.value for verdict in Verdict] == ["met", "missed", "overdue", "running", "cancelled"]
