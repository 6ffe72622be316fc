"""One table of cases, drawn by hand, for every form in which a verdict is read: one cycle, arrays, columns (D10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given as random_cases
from hypothesis import strategies as st

from core.insight.verdicts import KIND, VERDICTS, counted, verdict
from core.rules import clocks_vector, verdicts
from core.rules.clocks import Cycle
from core.rules.verdicts import BROKEN, FELL_DUE, Verdict, is_past
from tests.insight.given import NOW

Moment = datetime | None
HOUR = timedelta(hours=1)
BEFORE, AFTER = NOW - HOUR, NOW + HOUR
CASES = [
    # due, stopped, cancelled, verdict, as a rate counts it (D11), why
    (BEFORE, BEFORE - HOUR, None, "met", "met", "stopped before it was due"),
    (BEFORE, BEFORE, None, "met", "met", "stopped on the due instant"),
    (BEFORE, BEFORE + HOUR / 60, None, "missed", "missed", "stopped a minute late"),
    (BEFORE, NOW, None, "missed", "missed", "stopped now, an hour late"),
    (BEFORE, None, None, "overdue", "overdue", "due an hour ago"),
    (NOW, None, None, "running", "running", "due this very instant is not past due"),
    (AFTER, None, None, "running", "running", "due in an hour"),
    (NOW, NOW, None, "met", "met", "its due instant has come"),
    (AFTER, BEFORE, None, "met", "running", "kept early: in no rate until it falls due"),
    (BEFORE, None, NOW, "cancelled", "cancelled", "withdrawn while overdue"),
    (AFTER, None, BEFORE, "cancelled", "cancelled", "withdrawn while running"),
    (BEFORE, BEFORE, NOW, "cancelled", "cancelled", "withdrawn after it was met"),
    (BEFORE, NOW, NOW, "cancelled", "cancelled", "withdrawn after it was missed"),
    (AFTER, BEFORE, NOW, "cancelled", "cancelled", "withdrawn before it falls due"),
]


def of_one(due: datetime, stopped: Moment, cancelled: Moment) -> str:
    return verdicts.verdict(Cycle("resolve", 1, NOW - timedelta(days=9), due, stopped, cancelled), NOW).value


def of_arrays(due: datetime, stopped: Moment, cancelled: Moment) -> str:
    given = np.array([cancelled is not None])
    (code,) = clocks_vector.verdicts(array(due), array(stopped), array(NOW)[0], given)
    return str(clocks_vector.VERDICTS[code])


def of_columns(due: datetime, stopped: Moment, cancelled: Moment) -> str:
    return str(frame(due, stopped, cancelled).select(verdict(NOW)).item())


def array(moment: Moment) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return np.array([moment and moment.astimezone(UTC).replace(tzinfo=None)], "datetime64[s]")


def frame(due: datetime, stopped: Moment, cancelled: Moment) -> pl.DataFrame:
    schema = dict.fromkeys(("due_at", "stopped_at", "cancelled_at"), pl.Datetime("us", "UTC"))
    return pl.DataFrame([{"due_at": due, "stopped_at": stopped, "cancelled_at": cancelled}], schema=schema)


FORMS = [of_one, of_arrays, of_columns]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize(
    ("due", "stopped", "cancelled", "expected", "_counted", "why"), CASES, ids=[c[-1] for c in CASES]
)
def test_every_form_reads_the_same_verdict(
    form: Callable[..., str], due: datetime, stopped: Moment, cancelled: Moment, expected: str, _counted: str, why: str
) -> None:
    assert form(due, stopped, cancelled) == expected, why


@pytest.mark.parametrize(
    ("due", "stopped", "cancelled", "_verdict", "expected", "why"), CASES, ids=[c[-1] for c in CASES]
)
def test_a_rate_counts_only_what_fell_due(
    due: datetime, stopped: Moment, cancelled: Moment, _verdict: str, expected: str, why: str
) -> None:
    assert frame(due, stopped, cancelled).select(counted(NOW)).item() == expected, why


moments = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))


@random_cases(due=moments, stopped=moments | st.none(), cancelled=moments | st.none())
def test_no_form_differs_from_another(due: datetime, stopped: Moment, cancelled: Moment) -> None:
    assert len({form(due, stopped, cancelled) for form in FORMS}) == 1


def test_the_table_has_every_case_once_and_every_verdict() -> None:
    assert set(verdicts.CASES) == set(product((False, True), repeat=3))
    assert set(verdicts.CASES.values()) == set(Verdict)


def test_a_column_is_coded_and_never_text() -> None:
    assert frame(BEFORE, None, None).select(verdict(NOW), counted(NOW)).dtypes == [KIND, KIND]
    assert VERDICTS == ("met", "missed", "overdue", "running", "cancelled")


def test_what_broke_fell_due_and_so_did_what_was_met() -> None:
    assert FELL_DUE == ("met", *BROKEN) == ("met", "missed", "overdue")


@pytest.mark.parametrize(("at", "past"), [(BEFORE, False), (NOW, False), (NOW + HOUR / 3600, True)])
def test_the_due_instant_itself_is_in_time_for_datetimes_and_for_columns(at: datetime, past: bool) -> None:
    assert is_past(NOW, at) is past
    assert pl.DataFrame({"due": [NOW]}).select(is_past(pl.col("due"), pl.lit(at))).item() is past
