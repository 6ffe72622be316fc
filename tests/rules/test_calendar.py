"""Working time between two instants and dates, against boundaries drawn by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from core import shipped
from core.errors import Invalid
from core.rules.calendar import LOCAL, BeyondCalendar, WorkCalendar, ensure_aware, local_day
from core.rules.days import CalendarDays, DayRule, Interval
from tests.local_time import at

OFFICE = ((time(8, 30), time(17, 30)),)
WEEK = dict.fromkeys(range(5), OFFICE)
WHOLE = ((time(0), time(0)),)
LUNCH = ((time(8), time(12)), (time(13), time(17)))


@pytest.fixture(scope="module")
def pops() -> WorkCalendar:
    return shipped.procedure("pops").calendar(shipped.calendar_days())


@pytest.fixture(scope="module")
def swapped() -> WorkCalendar:
    return shipped.procedure("pops").calendar(shipped.calendar_days("government"))


@pytest.fixture(scope="module")
def lunch() -> WorkCalendar:
    return WorkCalendar(dict.fromkeys(range(5), LUNCH), {}, LOCAL, years=(2026, 2026))


@pytest.fixture(scope="module")
def whole() -> WorkCalendar:
    return shipped.procedure("vhv").calendar(shipped.calendar_days())


@pytest.mark.parametrize(
    ("t", "is_open", "next_open", "why"),
    [
        ("2026-10-09 08:29:59", False, "2026-10-09 08:30", "a second before opening"),
        ("2026-10-09 08:30", True, "2026-10-09 08:30", "the opening instant is open"),
        ("2026-10-09 17:29:59", True, "2026-10-09 17:29:59", "the last open second"),
        ("2026-10-09 17:30", False, "2026-10-12 08:30", "closing time is already closed; Friday to Monday"),
        ("2026-10-10 10:00", False, "2026-10-12 08:30", "Saturday"),
        ("2026-11-24 10:00", False, "2026-11-25 08:30", "24/11 is a day off"),
        ("2026-02-13 18:00", False, "2026-02-23 08:30", "the whole of Tết lies between"),
        ("2026-01-02 10:00", True, "2026-01-02 10:00", "swapped for civil servants only"),
    ],
)
def test_opening(pops: WorkCalendar, t: str, is_open: bool, next_open: str, why: str) -> None:
    assert pops.is_open(at(t)) is is_open, why
    assert pops.next_open(at(t)) == at(next_open), why


@pytest.mark.parametrize(
    ("start", "hours", "end", "why"),
    [
        ("2026-10-09 16:30", 1, "2026-10-09 17:30", "lands on the closing instant, not on Monday's opening"),
        ("2026-10-09 16:30", 1.5, "2026-10-12 09:00", "the rest is worked on Monday"),
        ("2026-10-09 17:30", 1, "2026-10-12 09:30", "starts closed"),
        ("2026-10-10 12:00", 9, "2026-10-12 17:30", "a whole Monday from a Saturday"),
        ("2026-11-23 17:00", 1, "2026-11-25 09:00", "over 24/11"),
        (
            "2026-10-12 09:30",
            -1,
            "2026-10-12 08:30",
            "going back lands on the opening instant, not on Friday's closing",
        ),
        ("2026-10-12 09:00", -1, "2026-10-09 17:00", "going back over the weekend"),
        ("2026-10-10 12:00", 0, "2026-10-12 08:30", "zero rolls to the next open instant"),
        ("2026-10-12 12:00", 0, "2026-10-12 12:00", "zero stays where it is open"),
    ],
)
def test_adding_working_time(pops: WorkCalendar, start: str, hours: float, end: str, why: str) -> None:
    found = pops.add(at(start), timedelta(hours=hours))
    assert found == at(end), why
    assert found.tzinfo is UTC
    assert pops.elapsed(at(start), found) == timedelta(hours=hours), why


@pytest.mark.parametrize(
    ("a", "b", "hours", "why"),
    [
        ("2026-10-09 16:00", "2026-10-12 09:30", 2.5, "an hour and a half on Friday, one on Monday"),
        ("2026-10-12 09:30", "2026-10-09 16:00", -2.5, "negative when the end is earlier"),
        ("2026-10-09 17:30", "2026-10-12 08:30", 0, "nothing is open between"),
        ("2026-11-20 08:30", "2026-11-30 17:30", 54, "six working days, 24/11 is not one"),
        ("2026-02-13 08:30", "2026-02-23 17:30", 18, "Tết lies between two working days"),
    ],
)
def test_elapsed(pops: WorkCalendar, a: str, b: str, hours: float, why: str) -> None:
    assert pops.elapsed(at(a), at(b)) == timedelta(hours=hours), why


@pytest.mark.parametrize(
    ("day", "n", "expected", "why"),
    [
        ("2026-10-09", 1, "2026-10-12", "Friday to Monday"),
        ("2026-10-10", 1, "2026-10-12", "from a Saturday the first working day is Monday"),
        ("2026-10-10", 0, "2026-10-12", "zero rolls to a working day"),
        ("2026-10-09", 0, "2026-10-09", "zero stays on a working day"),
        ("2026-10-12", -1, "2026-10-09", "back over the weekend"),
        ("2026-10-11", -1, "2026-10-09", "the working day before a Sunday is Friday"),
        ("2026-11-20", 5, "2026-11-30", "24/11 is a day off"),
        ("2026-01-26", 30, "2026-03-16", "thirty working days across Tết"),
    ],
)
def test_nth_working_day(pops: WorkCalendar, day: str, n: int, expected: str, why: str) -> None:
    assert pops.add_days(date.fromisoformat(day), n) == date.fromisoformat(expected), why


@pytest.mark.parametrize(
    ("a", "b", "n", "why"),
    [
        ("2026-10-09", "2026-10-12", 1, "the first day is left out, the last counted"),
        ("2026-10-09", "2026-10-11", 0, "a weekend"),
        ("2026-10-12", "2026-10-09", -1, "backwards"),
        ("2026-11-20", "2026-11-30", 5, "24/11 is a day off"),
        (
            "2026-01-01",
            "2027-01-01",
            249,
            "261 weekdays of 2026 less 12 holidays on weekdays, without the government's swaps",
        ),
    ],
)
def test_days_between(pops: WorkCalendar, a: str, b: str, n: int, why: str) -> None:
    assert pops.days_between(date.fromisoformat(a), date.fromisoformat(b)) == n, why


def test_a_lunch_break_is_closed(lunch: WorkCalendar) -> None:
    assert not lunch.is_open(at("2026-10-09 12:00"))
    assert lunch.add(at("2026-10-09 11:00"), timedelta(hours=1)) == at("2026-10-09 12:00")
    assert lunch.add(at("2026-10-09 11:00"), timedelta(hours=2)) == at("2026-10-09 14:00")
    assert lunch.elapsed(at("2026-10-09 00:00"), at("2026-10-10 00:00")) == timedelta(hours=8)
    assert lunch.opening(date(2026, 10, 9)) == at("2026-10-09 08:00")
    assert lunch.closing(date(2026, 10, 9)) == at("2026-10-09 17:00")


def test_whole_days_end_at_midnight(whole: WorkCalendar) -> None:
    assert whole.closing(date(2026, 10, 9)) == at("2026-10-10 00:00")
    assert whole.add(at("2026-10-08 12:00"), timedelta(hours=36)) == at("2026-10-10 00:00")
    assert whole.add(at("2026-10-08 12:00"), timedelta(hours=36, seconds=1)) == at("2026-10-12 00:00:01")


def test_a_swapped_saturday_is_worked_like_any_day(swapped: WorkCalendar) -> None:
    assert swapped.is_open(at("2025-04-26 10:00"))
    assert not swapped.is_open(at("2025-05-02 10:00"))
    assert swapped.closing(date(2025, 4, 26)) == at("2025-04-26 17:30")
    assert swapped.is_workday(date(2026, 1, 10))
    assert not swapped.is_workday(date(2026, 1, 2))


def test_an_exception_beats_weekday_and_holiday() -> None:
    half = ((time(9), time(11)),)
    calendar = WorkCalendar(WEEK, {date(2026, 10, 10): half, date(2026, 10, 12): ()}, LOCAL, years=(2026, 2026))
    assert calendar.elapsed(at("2026-10-09 17:30"), at("2026-10-13 08:30")) == timedelta(hours=2)


def test_years_default_to_those_the_exceptions_name() -> None:
    calendar = WorkCalendar(WEEK, {date(2026, 11, 24): ()}, LOCAL)
    assert (calendar.first_year, calendar.last_year) == (2026, 2026)


@pytest.mark.parametrize(
    ("week", "words", "why"),
    [
        ({}, "no working time", "nothing is ever open"),
        ({0: ()}, "no working time", "a named weekday without hours"),
        ({0: ((time(17), time(8)),)}, "closes before it opens", "reversed"),
        ({0: ((time(8), time(8)),)}, "closes before it opens", "empty"),
        ({0: ((time(8), time(12)), (time(11), time(17)))}, "overlaps", "overlapping"),
        ({0: ((time(13), time(17)), (time(8), time(12)))}, "overlaps or precedes", "out of order"),
        ({7: OFFICE}, "A weekday is 0", "there is no eighth day"),
        ({0: ((time(8, tzinfo=UTC), time(9)),)}, "plain local times", "hours carry no zone"),
    ],
)
def test_impossible_calendars_are_refused(week: Mapping[int, Iterable[Interval]], words: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        WorkCalendar(week, {}, LOCAL, years=(2026, 2026))
    assert words in str(refused.value), why


def test_a_zone_that_changes_its_clocks_is_refused() -> None:
    with pytest.raises(Invalid, match="changes its clocks"):
        WorkCalendar(WEEK, {}, ZoneInfo("Europe/Paris"), years=(2026, 2026))


def test_naive_datetimes_are_refused(pops: WorkCalendar) -> None:
    naive = datetime(2026, 10, 9, 10)  # noqa: DTZ001 - the point of the test
    for asks in (pops.is_open, pops.next_open, ensure_aware, local_day):
        with pytest.raises(Invalid, match="no time zone"):
            asks(naive)
    with pytest.raises(Invalid, match="no time zone"):
        pops.elapsed(naive, at("2026-10-09 11:00"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.is_open(at("2028-01-01 00:00")),
        lambda c: c.is_open(at("2014-12-31 23:59:59")),
        lambda c: c.next_open(at("2027-12-31 18:00")),
        lambda c: c.add(at("2027-12-31 10:00"), timedelta(hours=8)),
        lambda c: c.add(at("2015-01-05 10:00"), timedelta(days=-10)),
        lambda c: c.elapsed(at("2027-12-31 10:00"), at("2028-01-01 00:00:01")),
        lambda c: c.add_days(date(2027, 12, 31), 1),
        lambda c: c.add_days(date(2028, 1, 3), 1),
        lambda c: c.due_days(at("2027-12-31 10:00"), 1),
        lambda c: c.due_days(at("2028-01-01 00:00"), -1),
        lambda c: c.days_between(date(2027, 1, 1), date(2028, 1, 1)),
        lambda c: c.explain(at("2027-12-31 10:00"), at("2028-01-03 10:00")),
        lambda c: c.closing(date(2028, 1, 3)),
    ],
)
def test_beyond_the_loaded_years_it_fails_loudly(pops: WorkCalendar, ask: Callable[[WorkCalendar], object]) -> None:
    with pytest.raises(BeyondCalendar, match="2015 to 2027"):
        ask(pops)


def test_the_end_of_the_last_day_still_belongs(whole: WorkCalendar) -> None:
    assert whole.closing(date(2027, 12, 31)) == at("2028-01-01 00:00")
    assert whole.elapsed(at("2027-12-31 00:00"), at("2028-01-01 00:00")) == timedelta(days=1)


def test_nothing_is_explained_at_the_very_end(whole: WorkCalendar) -> None:
    end = at("2028-01-01 00:00")
    assert [(line.day, line.seconds) for line in whole.explain(end, end)] == [(date(2027, 12, 31), 0)]


def test_other_offsets_name_the_same_instants(pops: WorkCalendar) -> None:
    assert pops.is_open(datetime(2026, 10, 9, 10, 29, 59, tzinfo=UTC))
    assert not pops.is_open(datetime(2026, 10, 9, 10, 30, tzinfo=UTC))
    assert local_day(datetime(2026, 10, 9, 17, 0, tzinfo=UTC)) == date(2026, 10, 10)


def test_days_survive_their_text() -> None:
    days = shipped.calendar_days("government")
    assert CalendarDays.from_json(days.to_json()) == days
    assert CalendarDays.from_json(days.to_json()).to_json() == days.to_json()
    own = CalendarDays(3, 2026, 2026, {date(2026, 5, 4): DayRule(((time(8), time(0)),), "Làm nửa ngày")})
    assert CalendarDays.from_json(own.to_json()) == own


def test_days_outside_their_years_are_refused() -> None:
    with pytest.raises(Invalid, match="outside the calendar's years"):
        CalendarDays(1, 2026, 2026, {date(2027, 1, 1): DayRule((), "Tết Dương lịch")})


def test_one_calendar_serves_many_threads() -> None:
    calendar = shipped.procedure("pops").calendar(shipped.calendar_days())
    import numpy as np

    days = np.arange("2026-01-01", "2026-12-01", dtype="datetime64[D]")
    answers: list[bytes] = []
    threads = [Thread(target=lambda: answers.append(calendar.add_days_many(days, 5).tobytes())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    ("day", "swaps", "culture_day", "off", "why"),
    [
        ("2026-11-24", "none", True, True, "Vietnam Culture Day, from 2026"),
        ("2026-11-24", "none", False, False, "switched off by the organisation"),
        ("2025-11-24", "none", True, False, "not yet a day off"),
        ("2026-01-02", "government", True, True, "missing in holidays 0.109"),
        ("2026-01-02", "none", True, False, "a swap does not bind companies"),
        ("2026-08-31", "government", True, True, "swapped with 22/08"),
        ("2026-08-31", "none", True, False, "a swap does not bind companies"),
        ("2018-12-31", "government", True, True, "swapped with 05/01/2019"),
        ("2019-02-08", "none", True, True, "last day of Tết 2019"),
        ("2023-05-03", "none", True, True, "in lieu: Hùng Kings and 30/4 on a weekend"),
        ("2026-04-27", "none", True, True, "in lieu of Hùng Kings' Sunday"),
    ],
)
def test_shipped_days(day: str, swaps: str, culture_day: bool, off: bool, why: str) -> None:
    calendar = shipped.procedure("pops").calendar(shipped.calendar_days(swaps, culture_day))
    assert calendar.is_workday(date.fromisoformat(day)) is not off, why


def test_every_shipped_day_says_where_it_comes_from() -> None:
    days = shipped.calendar_days("government")
    assert (days.first_year, days.last_year) == (2015, 2027)
    assert all(rule.name and rule.name_en and rule.source and rule.confidence for rule in days.days.values())


def test_shipped_days_are_what_the_holidays_package_proposes_but_for_the_known_gap() -> None:
    holidays = pytest.importorskip("holidays")
    proposed = set(holidays.Vietnam(years=range(2015, 2028)))
    shipped_off = {day for day, rule in shipped.calendar_days("government").days.items() if rule.open == ()}
    assert shipped_off - proposed == {date(2026, 1, 2)}
    assert proposed - shipped_off == set()
