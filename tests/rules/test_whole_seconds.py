"""Clocks read whole seconds (D29): a fraction of a second changes no deadline, no verdict and no sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import shipped
from core.errors import Invalid
from core.rules import clocks, reasons, terms, verdicts
from core.rules.calendar import WorkCalendar, whole_second
from core.rules.clocks import Cycle, Occurrence
from core.rules.clocks_vector import VERDICTS, terms_many
from core.rules.procedure import Procedure
from core.rules.time_left import Deadline, time_left
from core.rules.verdicts import Verdict
from tests.local_time import at

KINDS = ("received", "acknowledged", "customer_asked", "result_notified", "closed", "reopened", "withdrawn")
FIRST = datetime(2026, 1, 2, tzinfo=UTC)
LATER = at("2026-12-31 09:00")
seconds = st.integers(0, 300 * 86_400).map(lambda s: FIRST + timedelta(seconds=s))
fractions = st.integers(0, 999_999).map(lambda micros: timedelta(microseconds=micros))
UNDER = {
    key: (shipped.procedure(key), shipped.procedure(key).calendar(shipped.calendar_days()))
    for key in shipped.procedures()
}


def under(key: str) -> tuple[Procedure, WorkCalendar]:
    return UNDER[key]


def cycle(term: str, *steps: tuple[str, datetime], key: str = "pops") -> Cycle:
    events = [Occurrence(kind, when) for kind, when in steps]
    return next(one for one in clocks.cycles(*under(key), events) if one.term == term)


HALF = timedelta(milliseconds=500)
MICRO = timedelta(microseconds=1)
ARRIVALS = [
    ("2026-11-20 10:00", HALF, False, "inside office hours, as nearly every complaint that is logged live"),
    ("2026-11-20 08:30", MICRO, False, "the opening second itself"),
    ("2026-11-20 08:30", -MICRO, True, "the second before opening lasts until 08:30:00"),
    ("2026-11-20 17:30", -MICRO, False, "the last second of the day"),
    ("2026-11-20 17:30", timedelta(0), True, "closing is closed already (D2)"),
    ("2026-11-20 17:30", MICRO, True, "and so is the second that begins with it"),
    ("2026-11-21 10:00", HALF, True, "a Saturday"),
]


@pytest.mark.parametrize(("when", "by", "outside", "why"), ARRIVALS)
def test_a_fraction_is_outside_hours_only_where_its_second_is(
    when: str, by: timedelta, outside: bool, why: str
) -> None:
    found = cycle("acknowledge", ("received", at(when) + by))
    sentence = reasons.because(found, *under("pops"))
    assert ("ngoài giờ" in sentence) is outside, why
    assert (found.arrived_at is not None) is outside, why


STOPS = [
    ("2026-11-23 17:30", timedelta(milliseconds=400), Verdict.MET, "stopped in the due second"),
    ("2026-11-23 17:30", timedelta(0), Verdict.MET, "on the due instant (D10)"),
    ("2026-11-23 17:30:01", timedelta(0), Verdict.MISSED, "the second after it"),
]


@pytest.mark.parametrize(("when", "by", "verdict", "why"), STOPS)
def test_a_stop_within_the_due_second_is_in_time(when: str, by: timedelta, verdict: Verdict, why: str) -> None:
    found = cycle("acknowledge", ("received", at("2026-11-20 10:00") + HALF), ("acknowledged", at(when) + by))
    assert verdicts.verdict(found, LATER) is verdict, why


def test_an_hour_begun_on_a_fraction_lasts_an_hour_of_whole_seconds() -> None:
    began, stopped = at("2026-11-20 10:00") + 0.9 * HALF, at("2026-11-20 11:00") + HALF
    found = cycle("acknowledge", ("received", began), ("acknowledged", stopped), key="misa")
    assert (found.starts_at, found.due_at) == (at("2026-11-20 10:00"), at("2026-11-20 11:00"))
    assert verdicts.verdict(found, LATER) is Verdict.MET


def test_a_promised_date_is_read_to_the_second() -> None:
    promise = Occurrence("date_promised", FIRST, {"kind": "reply", "due_at": "2026-11-23T17:30:00.7+07:00"})
    (found,) = [one for one in clocks.cycles(*under("pops"), [promise]) if one.term.startswith("promised")]
    assert found.due_at == at("2026-11-23 17:30")


@pytest.mark.parametrize(
    ("given", "second", "why"),
    [
        ("2026-11-20T10:00:00.999999+07:00", "2026-11-20T03:00:00+00:00", "cut, never rounded up"),
        ("1969-12-31T23:59:59.5+00:00", "1969-12-31T23:59:59+00:00", "down also before 1970"),
        ("2026-11-20T10:00:00+07:00", "2026-11-20T03:00:00+00:00", "a whole second stays"),
    ],
)
def test_an_instant_is_cut_to_the_second_it_lies_in(given: str, second: str, why: str) -> None:
    assert whole_second(datetime.fromisoformat(given)).isoformat() == second, why


def test_a_zone_with_a_fraction_is_cut_in_utc() -> None:
    odd = timezone(timedelta(hours=7, milliseconds=400))
    assert whole_second(datetime(2026, 11, 20, 10, 0, 0, tzinfo=odd)) == at("2026-11-20 09:59:59")


def test_a_time_without_a_zone_has_no_second() -> None:
    with pytest.raises(Invalid, match="no time zone"):
        whole_second(datetime(2026, 11, 20, 10, 0))  # noqa: DTZ001 -- that is the point


histories = st.lists(st.tuples(st.sampled_from(KINDS), seconds, fractions), min_size=1, max_size=6)


@given(st.sampled_from(sorted(UNDER)), histories, seconds, fractions)
def test_fractions_change_no_reading(
    key: str, history: list[tuple[str, datetime, timedelta]], now: datetime, by: timedelta
) -> None:
    procedure, calendar = under(key)
    whole = clocks.cycles(procedure, calendar, [Occurrence(kind, when) for kind, when, _by in history])
    live = clocks.cycles(procedure, calendar, [Occurrence(kind, when + by) for kind, when, by in history])
    assert live == whole
    for one in live:
        assert verdicts.verdict(one, now + by) is verdicts.verdict(one, now)
        deadline = Deadline(one.term, one.starts_at, one.due_at, terms.warns_at(one, procedure, calendar))
        assert time_left(procedure, calendar, deadline, now + by) == time_left(procedure, calendar, deadline, now)
        assert not deadline.warns_at.microsecond


@given(st.sampled_from(sorted(UNDER)), seconds, fractions)
def test_what_is_promised_beforehand_does_not_depend_on_the_fraction(key: str, when: datetime, by: timedelta) -> None:
    assert terms.preview(*under(key), when + by) == terms.preview(*under(key), when)


@given(seconds, fractions)
def test_the_next_opening_of_an_open_instant_is_the_instant(when: datetime, by: timedelta) -> None:
    _procedure, calendar = under("pops")
    opens = calendar.next_open(when + by)
    assert (opens == when + by) is calendar.is_open(when + by)
    assert calendar.is_open(opens)
    assert calendar.is_open(when + by) is calendar.is_open(when), "an opening is a whole second"


@given(st.sampled_from(sorted(UNDER)), seconds, st.none() | seconds, st.none() | seconds, fractions, seconds)
def test_columns_with_fractions_are_judged_as_one_by_one(
    key: str, came: datetime, answered: datetime | None, told: datetime | None, by: timedelta, now: datetime
) -> None:
    procedure, calendar = under(key)
    moments = {"received": came, "acknowledged": answered, "result_notified": told}
    live = {kind: when + by for kind, when in moments.items() if when is not None}
    columns = {
        kind: np.array([live[kind].replace(tzinfo=None) if kind in live else None], "datetime64[us]")
        for kind in moments
    }
    one = {c.term: c for c in clocks.cycles(procedure, calendar, [Occurrence(kind, t) for kind, t in live.items()])}
    for term, found in terms_many(procedure, calendar, columns, now + by).items():
        if term in one:
            assert found.due_at[0].item().replace(tzinfo=UTC) == one[term].due_at
            assert VERDICTS[found.verdict[0]] is verdicts.verdict(one[term], now + by)
        else:
            assert found.verdict[0] == -1
