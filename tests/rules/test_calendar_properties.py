"""What must hold on any calendar: laws of its functions, the array twins, and a walk minute by minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.rules.calendar import LOCAL, BeyondCalendar, WorkCalendar

FIRST = datetime(2026, 1, 1, tzinfo=LOCAL)
START = int(FIRST.timestamp())


def spans(step: int) -> st.SearchStrategy[tuple[tuple[time, time], ...]]:
    """Up to three intervals a day on a grid of ``step`` minutes; they may touch, and end at midnight."""

    def intervals(cuts: list[int]) -> tuple[tuple[time, time], ...]:
        pairs = zip(cuts[::2], cuts[1::2], strict=False)
        return tuple((clock(a * step), clock(b * step)) for a, b in pairs)

    return st.lists(st.integers(0, 1440 // step), max_size=6, unique=True).map(sorted).map(intervals)


def clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


Spans = tuple[tuple[time, time], ...]
Schedule = tuple[dict[int, Spans], dict[date, Spans]]


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    step = draw(st.sampled_from((1, 15, 60, 720)))
    week = {i: draw(spans(step)) for i in range(7)}
    dates = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    exceptions = draw(st.dictionaries(dates, spans(step), max_size=8))
    if not any(week.values()):
        week[0] = ((time(8, 30), time(17, 30)),)
    return week, exceptions


def calendars() -> st.SearchStrategy[WorkCalendar]:
    return schedules().map(lambda schedule: WorkCalendar(*schedule, LOCAL, years=(2026, 2026)))


inside = st.integers(0, 365 * 86_400).map(lambda s: FIRST.astimezone(UTC) + timedelta(seconds=s))
lengths = st.integers(-20 * 86_400, 20 * 86_400).map(lambda s: timedelta(seconds=s))


def or_beyond(ask: Callable[[], datetime]) -> datetime | None:
    try:
        return ask()
    except BeyondCalendar:
        return None


def added(calendar: WorkCalendar, start: datetime, delta: timedelta) -> datetime | None:
    return or_beyond(lambda: calendar.add(start, delta))


@given(calendars(), inside, st.integers(0, 40))
def test_due_days_is_the_closing_of_the_nth_working_day(calendar: WorkCalendar, start: datetime, n: int) -> None:
    by_days = or_beyond(lambda: calendar.closing(calendar.add_days(calendar.day_of(start), n)))
    assert or_beyond(lambda: calendar.due_days(start, n)) == by_days


@given(calendars(), inside, inside, st.floats(0, 1))
def test_part_way_is_a_part_of_what_elapses(calendar: WorkCalendar, a: datetime, b: datetime, share: float) -> None:
    part = timedelta(seconds=int(calendar.seconds_between(a, b) * share))
    assert or_beyond(lambda: calendar.part_way(a, b, share)) == added(calendar, a, part)


@given(calendars(), inside, lengths)
def test_elapsed_undoes_add(calendar: WorkCalendar, start: datetime, delta: timedelta) -> None:
    end = added(calendar, start, delta)
    if end is not None:
        assert calendar.elapsed(start, end) == delta


@given(calendars(), inside, inside, inside)
def test_elapsed_is_additive_and_signed(calendar: WorkCalendar, a: datetime, b: datetime, c: datetime) -> None:
    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)
    assert calendar.elapsed(a, b) == -calendar.elapsed(b, a)


@given(calendars(), inside, lengths, lengths)
def test_adding_more_never_ends_earlier(
    calendar: WorkCalendar, start: datetime, one: timedelta, two: timedelta
) -> None:
    ends = [added(calendar, start, delta) for delta in sorted((one, two))]
    if ends[0] is not None and ends[1] is not None:
        assert ends[0] <= ends[1]


@given(calendars(), inside, lengths.filter(bool))
def test_add_lands_beside_open_time(calendar: WorkCalendar, start: datetime, delta: timedelta) -> None:
    end = added(calendar, start, delta)
    if end is None:
        return
    second = timedelta(seconds=1)
    touched = end - second if delta > timedelta(0) else end
    assert calendar.is_open(touched)


@given(calendars(), inside, inside)
def test_explain_sums_to_elapsed(calendar: WorkCalendar, a: datetime, b: datetime) -> None:
    a, b = sorted((a, b))
    if b - a > timedelta(days=364):
        b = a + timedelta(days=364)
    lines = calendar.explain(a, b)
    assert timedelta(seconds=sum(line.seconds for line in lines)) == calendar.elapsed(a, b)
    assert [line.day for line in lines] == sorted({line.day for line in lines})
    assert all((line.reason == "") == (line.seconds > 0) for line in lines)


@given(calendars(), st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(-40, 40))
def test_days_between_undoes_add_days(calendar: WorkCalendar, day: date, n: int) -> None:
    try:
        end = calendar.add_days(day, n)
    except BeyondCalendar:
        return
    assert calendar.is_workday(end)
    if n > 0:
        assert calendar.days_between(day, end) == n
    if n < 0:
        assert calendar.days_between(end, day) - calendar.is_workday(day) == -n - 1


WALKED_DAYS = 40


def walked_minutes(week: dict[int, Spans], exceptions: dict[date, Spans]) -> np.ndarray:
    """Open minutes before each minute, walked through the raw schedule without any code of the calendar."""
    before = [0]
    for i in range(WALKED_DAYS * 1440):
        day, minute = date(2026, 1, 1) + timedelta(days=i // 1440), i % 1440
        hours = exceptions.get(day, week[day.weekday()])
        is_open = any(in_minutes(a) <= minute < (in_minutes(b) or 1440) for a, b in hours)
        before.append(before[-1] + is_open)
    return np.array(before)


def in_minutes(t: time) -> int:
    return t.hour * 60 + t.minute


@settings(max_examples=12)
@given(schedules(), st.integers(0, 2**32))
def test_scalar_vector_and_a_walk_minute_by_minute_agree(schedule: Schedule, seed: int) -> None:
    before = walked_minutes(*schedule)
    calendar = WorkCalendar(*schedule, LOCAL, years=(2026, 2026))
    a, b = np.random.default_rng(seed).integers(0, WALKED_DAYS * 1440 + 1, (2, 500))
    walked = ((before[b] - before[a]) * 60).tolist()
    assert calendar.elapsed_many(*((START + t * 60).view("datetime64[s]") for t in (a, b))).tolist() == walked
    moments = [[FIRST + timedelta(minutes=int(x)) for x in t] for t in (a, b)]
    assert [calendar.seconds_between(x, y) for x, y in zip(*moments, strict=True)] == walked
    within = a[a < WALKED_DAYS * 1440]
    assert [calendar.is_open(FIRST + timedelta(minutes=int(x))) for x in within] == (
        np.diff(before)[within] > 0
    ).tolist()


@given(calendars(), st.lists(st.tuples(inside, lengths), min_size=1, max_size=40))
def test_add_many_is_add(calendar: WorkCalendar, asked: list[tuple[datetime, timedelta]]) -> None:
    known = [(start, delta, end) for start, delta in asked if (end := added(calendar, start, delta)) is not None]
    if not known:
        return
    starts = np.array([int(start.timestamp()) for start, _, _ in known], "datetime64[s]")
    seconds = np.array([int(delta.total_seconds()) for _, delta, _ in known], np.int64)
    expected = [int(end.timestamp()) for _, _, end in known]
    assert calendar.add_many(starts, seconds).astype(np.int64).tolist() == expected
    for start, delta, end in known[:3]:
        one = calendar.add_many(np.array([int(start.timestamp())], "datetime64[s]"), int(delta.total_seconds()))
        assert one.astype(np.int64).tolist() == [int(end.timestamp())]


@given(calendars(), st.lists(inside, min_size=2, max_size=40))
def test_elapsed_many_is_elapsed(calendar: WorkCalendar, moments: list[datetime]) -> None:
    t = np.array([int(moment.timestamp()) for moment in moments], "datetime64[s]")
    expected = [calendar.seconds_between(a, b) for a, b in pairwise(moments)]
    assert calendar.elapsed_many(t[:-1], t[1:]).tolist() == expected


@given(
    calendars(),
    st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(-30, 30)), min_size=1, max_size=40),
)
def test_add_days_many_is_add_days(calendar: WorkCalendar, asked: list[tuple[date, int]]) -> None:
    known = []
    for day, n in asked:
        try:
            known.append((day, n, calendar.add_days(day, n)))
        except BeyondCalendar:
            with pytest.raises(BeyondCalendar):
                calendar.add_days_many(np.array([day], "datetime64[D]"), n)
    if not known:
        return
    days = np.array([day for day, _, _ in known], "datetime64[D]")
    steps = np.array([n for _, n, _ in known], np.int64)
    assert calendar.add_days_many(days, steps).tolist() == [end for _, _, end in known]
    same = [calendar.add_days_many(np.repeat(days[i], 400), int(steps[i]))[0].item() for i in range(min(3, len(known)))]
    assert same == [end for _, _, end in known[:3]]


OFFICE = dict.fromkeys(range(5), ((time(8, 30), time(17, 30)),))
YEAR = WorkCalendar(OFFICE, {}, LOCAL, years=(2026, 2026))
NEW_YEAR = np.datetime64("2025-12-31T17:00:00", "s")


@pytest.mark.parametrize("element", [NEW_YEAR - 1, NEW_YEAR + 365 * 86_400 + 1, np.datetime64("NaT", "s")])
def test_arrays_beyond_the_years_are_refused_by_element(element: np.datetime64) -> None:
    t = np.array([NEW_YEAR, NEW_YEAR + 1, element, NEW_YEAR])
    with pytest.raises(BeyondCalendar, match=r"\[2\]"):
        YEAR.elapsed_many(t, np.full(4, NEW_YEAR))
    with pytest.raises(BeyondCalendar, match=r"\[2\]"):
        YEAR.elapsed_many(np.full(4, NEW_YEAR), t)
    with pytest.raises(BeyondCalendar, match=r"\[2\]"):
        YEAR.add_many(t, 60)


@pytest.mark.parametrize("seconds", [365 * 86_400, -1, np.iinfo(np.int64).max, np.iinfo(np.int64).min])
def test_terms_that_lead_beyond_the_years_are_refused(seconds: int) -> None:
    with pytest.raises(BeyondCalendar):
        YEAR.add_many(np.array([NEW_YEAR]), seconds)
    with pytest.raises(BeyondCalendar):
        YEAR.add_many(np.array([NEW_YEAR, NEW_YEAR]), np.array([60, seconds]))


def test_arrays_longer_than_a_chunk_and_of_any_shape() -> None:
    rng = np.random.default_rng(7)
    a, b = (NEW_YEAR + rng.integers(0, 365 * 86_400, (3, 40_000)) for _ in range(2))
    found = YEAR.elapsed_many(a, b)
    assert found.shape == (3, 40_000)
    for i, j in ((0, 0), (1, 32_767), (2, 39_999)):
        x, y = (t[i, j].item().replace(tzinfo=UTC) for t in (a, b))
        assert YEAR.seconds_between(x, y) == found[i, j]
    assert YEAR.elapsed_many(a[0], a[0, 0]).tolist() == [-s for s in YEAR.elapsed_many(a[0, 0], a[0]).tolist()]
    assert YEAR.elapsed_many(a[:0], b[:0]).size == 0
    assert YEAR.add_many(a[:0], 5).size == 0


@pytest.mark.parametrize(
    "values", [np.array([1, 2]), np.array([1.5]), np.array(["2026-01-01"]), np.array([timedelta(1)], "timedelta64[s]")]
)
def test_arrays_that_are_no_instants_are_refused(values: np.ndarray) -> None:
    with pytest.raises(Invalid, match="datetime64"):
        YEAR.elapsed_many(values, values)


def test_amounts_that_are_no_whole_numbers_are_refused() -> None:
    with pytest.raises(Invalid, match="whole numbers"):
        YEAR.add_many(np.array([NEW_YEAR]), 1.5)  # type: ignore[arg-type]  # the wrong type is the point


def test_schedules_too_ragged_for_a_table_are_bisected() -> None:
    """Gaps and runs of a few seconds would need a table entry per second; the answers stay the same."""
    ragged = ((time(8), time(8, 0, 5)), (time(8, 0, 7), time(12)), (time(12, 0, 1), time(17)))
    calendar = WorkCalendar(dict.fromkeys(range(5), ragged), {}, LOCAL, years=(2026, 2026))
    assert calendar.vector.forward.bits is None
    rng = np.random.default_rng(3)
    a, b = (NEW_YEAR + 100 * 86_400 + rng.integers(0, 20 * 86_400, 300) for _ in range(2))
    moments = [[x.item().replace(tzinfo=UTC) for x in t] for t in (a, b)]
    assert calendar.elapsed_many(a, b).tolist() == [
        calendar.seconds_between(x, y) for x, y in zip(*moments, strict=True)
    ]
    seconds = rng.integers(-90_000, 90_000, 300)
    ends = [calendar.add(x, timedelta(seconds=int(s))) for x, s in zip(moments[0], seconds, strict=True)]
    assert calendar.add_many(a, seconds).astype(np.int64).tolist() == [int(end.timestamp()) for end in ends]
