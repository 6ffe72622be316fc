"""What a period is compared with (D27): covered or not, per open hour, up to the same open time, Tết by Tết."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import shipped
from core.insight import causes, comparison, rates, tet, volume
from core.insight.comparison import Comparison
from core.insight.filters import Filter, complaints, number_of
from core.insight.rows import count
from core.insight.slices import Slice
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register
from core.rules.calendar import LOCAL, local_day
from core.rules.days import CalendarDays, DayRule
from tests.conftest import Cast
from tests.insight.given import CALENDAR, LONG_SINCE, NOW, TODAY, Case, Clock, at, beside, register

HOUR = 3600
DAY = 9 * HOUR  # 08:30–17:30


def days(first: str, last: str) -> Filter:
    return Filter(date.fromisoformat(first), date.fromisoformat(last))


def against(filter: Filter, *recorded: str, now: str = "2026-11-18 10:00", choice: str = "before") -> Comparison:
    cases = [Case(recorded=f"{day} 09:00") for day in recorded] or [LONG_SINCE, Case()]
    return beside(register(cases), filter, now=at(now), choice=choice)


COVERED = [
    # period, choice, days on which something was recorded, why not, covered since, why
    (
        Filter.of("year", TODAY),
        "before",
        [
            "2025-06-02",
            "2025-07-20",
            "2025-09-10",
            "2025-10-30",
            "2025-12-20",
            "2026-02-10",
            "2026-04-01",
            "2026-05-20",
            "2026-07-10",
            "2026-09-01",
            "2026-10-20",
        ],
        "not_covered",
        "2025-06-02",
        "half of the year before was recorded: +213 % would be said of nothing",
    ),
    (
        days("2026-11-09", "2026-11-15"),
        "before",
        ["2026-11-02"],
        "",
        "2026-11-02",
        "the week before is covered from its first day",
    ),
    (days("2026-11-09", "2026-11-15"), "before", ["2026-11-03"], "not_covered", "2026-11-03", "its Monday is missing"),
    (
        days("2026-11-09", "2026-11-15"),
        "before",
        ["2019-05-02", "2026-11-03"],
        "not_covered",
        "2026-11-03",
        "one old case brought in late covers no years",
    ),
    (
        days("2026-11-09", "2026-11-15"),
        "before",
        ["2026-09-08", "2026-11-03"],
        "",
        "2026-09-08",
        "eight weeks without a complaint is a quiet time",
    ),
    (
        days("2026-11-09", "2026-11-15"),
        "before",
        ["2026-09-07", "2026-11-03"],
        "not_covered",
        "2026-11-03",
        "a day more is a gap",
    ),
    (
        days("2026-11-09", "2026-11-15"),
        "last_year",
        ["2026-10-01"],
        "not_covered",
        "2026-10-01",
        "last year is not covered",
    ),
    (days("2026-11-09", "2026-11-15"), "none", ["2026-10-01"], "not_chosen", None, "nobody asked for any"),
    (days("2026-11-23", "2026-11-29"), "before", ["2026-10-01"], "not_begun", None, "a week to come has no rate yet"),
    (
        days("2024-11-18", "2026-11-15"),
        "last_year",
        ["2026-10-01"],
        "too_long",
        "2026-10-01",
        "two years overlap the two before by one",
    ),
]


@pytest.mark.parametrize(
    ("filter", "choice", "recorded", "why_not", "since", "why"), COVERED, ids=[row[-1] for row in COVERED]
)
def test_nothing_is_compared_with_what_the_register_does_not_cover(
    filter: Filter, choice: str, recorded: list[str], why_not: str, since: str | None, why: str
) -> None:
    found = against(filter, *recorded, choice=choice)
    assert (found.why_not, found.before is None) == (why_not, bool(why_not)), why
    assert found.since == (since and date.fromisoformat(since)), why


# ruff: disable[E501]  # a row of a table stays one line
CHOSEN = [
    # period, days chosen, first day recorded, read at, why not, compared with, cut at, why
    (("2026-11-09", "2026-11-15"), ("2026-10-05", "2026-10-11"), "2026-09-14", "2026-11-18 10:00", "", ("2026-10-05", "2026-10-11"), None, "any week that is covered"),
    (("2026-10-05", "2026-10-11"), ("2026-11-09", "2026-11-15"), "2026-09-14", "2026-11-18 10:00", "", ("2026-11-09", "2026-11-15"), None, "one that came later"),
    (("2026-11-09", "2026-11-15"), ("2026-09-14", "2026-10-11"), "2026-09-14", "2026-11-18 10:00", "", ("2026-09-14", "2026-10-11"), None, "four weeks beside one"),
    (("2026-11-09", "2026-11-15"), ("2026-09-13", "2026-09-19"), "2026-09-14", "2026-11-18 10:00", "not_covered", None, None, "a day of it is missing"),
    (("2026-09-13", "2026-09-19"), ("2026-11-09", "2026-11-15"), "2026-09-14", "2026-11-18 10:00", "not_covered", None, None, "a day of the period itself is missing"),
    (("2026-11-09", "2026-11-15"), ("2026-11-15", "2026-11-16"), "2026-09-14", "2026-11-18 10:00", "overlaps", None, None, "they share a day"),
    (("2026-11-02", "2026-11-15"), ("2026-11-05", "2026-11-06"), "2026-09-14", "2026-11-18 10:00", "overlaps", None, None, "one lies in the other"),
    (("2026-11-09", "2026-11-15"), ("2026-11-16", "2026-11-18"), "2026-09-14", "2026-11-18 10:00", "not_over", None, None, "it still runs today"),
    (("2026-11-09", "2026-11-15"), ("2026-11-16", "2026-11-17"), "2026-09-14", "2026-11-18 10:00", "", ("2026-11-16", "2026-11-17"), None, "it ended yesterday"),
    (("2026-11-09", "2026-11-15"), ("2026-12-07", "2026-12-13"), "2026-09-14", "2026-11-18 10:00", "not_over", None, None, "it has not begun"),
    (("2026-11-16", "2026-11-22"), ("2026-10-05", "2026-10-11"), "2026-09-14", "2026-11-18 10:00", "", ("2026-10-05", "2026-10-07"), "2026-10-07 10:00", "a running week beside a week: Wednesday, ten o'clock on both"),
    (("2026-11-16", "2026-11-22"), ("2026-09-14", "2026-10-11"), "2026-09-14", "2026-11-18 10:00", "too_soon", None, None, "two days and a morning beside four weeks: the night counts too much"),
    (("2026-11-09", "2026-11-29"), ("2026-09-14", "2026-10-11"), "2026-09-14", "2026-11-15 10:00", "too_soon", None, None, "six days have passed"),
    (("2026-11-09", "2026-11-29"), ("2026-09-14", "2026-10-11"), "2026-09-14", "2026-11-16 10:00", "", ("2026-09-14", "2026-10-11"), None, "seven days have passed: beside all of it, per open hour"),
    (("2026-11-09", "2026-11-15"), ("2026-10-10", "2026-10-11"), "2026-09-14", "2026-11-18 10:00", "closed", None, None, "a weekend has no open hour"),
    (("2026-11-23", "2026-11-29"), ("2026-10-05", "2026-10-11"), "2026-09-14", "2026-11-18 10:00", "not_begun", None, None, "the period is still to come"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(
    ("period", "other", "since", "now", "why_not", "wanted", "cut", "why"), CHOSEN, ids=[row[-1] for row in CHOSEN]
)
def test_any_two_periods_are_compared_on_the_terms_of_all(
    period: tuple[str, str],
    other: tuple[str, str],
    since: str,
    now: str,
    why_not: str,
    wanted: tuple[str, str] | None,
    cut: str | None,
    why: str,
) -> None:
    recorded = (since, "2026-10-20", "2026-11-10")
    choice = comparison.chosen(*map(date.fromisoformat, other))
    found = against(days(*period), *recorded, now=now, choice=choice)
    assert (found.why_not, found.is_chosen) == (why_not, True), why
    assert found.before == (wanted and replace(days(*wanted), until=at(cut) if cut else None)), why
    if found.before is not None:
        whole = CALENDAR.seconds_between(at(f"{other[0]} 00:00"), at(f"{other[1]} 00:00") + timedelta(days=1))
        assert found.open_before == (found.open_now if cut else whole), why


DAYS_OF = [
    ("2026-07-01..2026-09-30", True, "two days"),
    ("2026-07-01..2026-07-01", True, "one day"),
    ("2026-09-30..2026-07-01", False, "the wrong way round"),
    ("2026-07-01", False, "one alone"),
    ("2026-02-30..2026-03-01", False, "no such day"),
    ("1999-12-31..2026-03-01", False, "before any register"),
    ("2006-01-01..2026-03-01", False, "longer than a period may be"),
    ("before", False, "a choice of its own"),
    ("..", False, "no day at all"),
]


@pytest.mark.parametrize(("choice", "is_any", "why"), DAYS_OF, ids=[row[-1] for row in DAYS_OF])
def test_the_days_of_a_choice(choice: str, is_any: bool, why: str) -> None:
    found = comparison.days_of(choice)
    assert (found is not None) is is_any, why
    assert found is None or comparison.chosen(*found) == choice


@given(st.integers(1, 400), st.integers(1, 60), st.integers(1, 60))
def test_either_of_two_periods_may_be_the_one_beside(gap: int, first: int, second: int) -> None:
    """Both ways round the same numbers are compared over the same open hours."""
    end = date(2026, 11, 15)
    later = Filter(end - timedelta(days=first - 1), end)
    end = later.start - timedelta(days=gap)
    earlier = Filter(end - timedelta(days=second - 1), end)
    facts = register([Case(recorded=f"{earlier.start + timedelta(days=n * 50)} 09:00") for n in range(12)])
    one = beside(facts, later, choice=comparison.chosen(earlier.start, earlier.end))
    other = beside(facts, earlier, choice=comparison.chosen(later.start, later.end))
    assert one.why_not == other.why_not
    if not one.why_not:
        assert (one.open_now, one.open_before) == (other.open_before, other.open_now)
        assert one.share + other.share == pytest.approx(1)


def test_an_empty_register_covers_nothing() -> None:
    found = beside(register([]), days("2026-11-09", "2026-11-15"))
    assert (found.before, found.why_not, found.since) == (None, "not_covered", None)


def test_what_is_closed_is_covered_from_when_the_first_results_were_due() -> None:
    """In its first week a register closes hardly anything: the next one is no rise of every cause."""
    facts = register([Case(Clock("2026-11-09 17:30"), recorded="2026-11-02 00:00")])
    week = days("2026-11-09", "2026-11-15")
    assert beside(facts, week, "recorded").before is not None
    assert [beside(facts, week, counts).why_not for counts in ("closed", "due")] == ["not_covered"] * 2
    assert comparison.covered_since(facts, "closed") == date(2026, 11, 9)


def test_a_year_the_calendar_does_not_know_is_not_compared() -> None:
    known = CalendarDays(1, 2026, 2026)
    calendar = shipped.procedures()["pops"].calendar(known)
    facts = register([Case(recorded="2025-12-29 09:00"), Case(recorded="2026-01-05 09:00")])
    found = comparison.of(facts, days("2026-01-05", "2026-01-11"), calendar, NOW)
    assert found.why_not == "unknown_year"


RUNNING = [
    # read at, first and last day compared with, cut at, why
    ("2026-11-18 10:00", "2026-11-09", "2026-11-11", "2026-11-11 10:00", "Wednesday, ten o'clock on both"),
    ("2026-11-17 03:00", "2026-11-09", "2026-11-10", "2026-11-10 03:00", "three in the morning: the night counts"),
    ("2026-11-17 08:30", "2026-11-09", "2026-11-10", "2026-11-10 08:30", "the second of opening"),
    ("2026-11-16 17:30", "2026-11-09", "2026-11-09", "2026-11-09 17:30", "the second of closing"),
    ("2026-11-21 12:00", "2026-11-09", "2026-11-14", "2026-11-14 12:00", "Saturday: its Sunday is still to come"),
    ("2026-11-22 23:59", "2026-11-09", "2026-11-15", "2026-11-15 23:59", "the last minute"),
    ("2026-11-23 08:00", "2026-11-09", "2026-11-15", None, "the week has ended"),
]  # fmt: skip


@pytest.mark.parametrize(("now", "first", "last", "cut", "why"), RUNNING, ids=[row[-1] for row in RUNNING])
def test_a_running_week_is_compared_up_to_the_same_open_time(
    now: str, first: str, last: str, cut: str | None, why: str
) -> None:
    found = against(days("2026-11-16", "2026-11-22"), now=now)
    assert found.before == replace(days(first, last), until=at(cut) if cut else None), why
    assert found.open_now == found.open_before, why


def test_a_week_that_nobody_has_worked_in_yet_is_not_compared() -> None:
    """90 on Monday night against a whole day said −81."""
    found = against(days("2026-11-16", "2026-11-22"), now="2026-11-16 03:00")
    assert (found.before, found.why_not) == (None, "closed")


def test_after_a_day_off_the_same_open_time_is_another_day() -> None:
    """In 2026 Culture Day, Tuesday 24/11, is off: Wednesday ten o'clock is as far as Tuesday ten the week before."""
    found = against(days("2026-11-23", "2026-11-29"), now="2026-11-25 10:00")
    assert found.before is not None
    assert found.before.until == at("2026-11-17 10:00")
    assert (found.open_now, found.open_before) == (DAY + HOUR * 3 // 2, DAY + HOUR * 3 // 2)
    assert [(off.day, off.vi) for off in found.off_now] == [(date(2026, 11, 24), "Ngày Văn hóa Việt Nam")]
    assert found.off_before == ()


def test_when_less_was_open_before_all_of_it_is_compared() -> None:
    """Tết took most of the week before: on Friday as much has passed as that whole week had."""
    calendar = shipped.procedures()["pops"].calendar(
        CalendarDays(1, 2026, 2026, {date(2026, 11, n): DayRule((), "Nghỉ") for n in (10, 11, 12, 13)})
    )
    found = comparison.of(register([LONG_SINCE, Case()]), days("2026-11-16", "2026-11-22"), calendar, NOW)
    assert found.before == days("2026-11-09", "2026-11-15")
    assert (found.open_now, found.open_before) == (2 * DAY + HOUR * 3 // 2, DAY)
    assert len(found.off_before) == 4


def test_the_cut_opens_exactly_the_rows_counted_before_it() -> None:
    hours = ("2026-11-10 02:59", "2026-11-10 03:00", "2026-11-10 03:01", "2026-11-12 09:00")
    facts = register([LONG_SINCE, Case(), *(Case(recorded=hour) for hour in hours)])
    now = at("2026-11-17 03:00")
    found = beside(facts, days("2026-11-16", "2026-11-22"), now=now)
    assert found.before is not None
    counted = number_of(complaints(facts, found.before))
    assert counted == 2, "what came in the last second counts, like what came just now"
    told = Slice.from_query(Slice(found.before).to_query(), local_day(now))
    assert (told.filter, count(facts, told, now)) == (found.before, 2)


SAME_RATE = [
    # first of two weeks, complaints in them and in the two before, days worked in each, why
    ("2025-01-20", 50, 100, (5, 10), "two weeks, the second of them Tết, against two ordinary ones"),
    ("2025-02-03", 100, 50, (10, 5), "two ordinary weeks after Tết"),
]


@pytest.mark.parametrize(("monday", "now", "before", "worked", "why"), SAME_RATE, ids=[row[-1] for row in SAME_RATE])
def test_at_the_same_rate_per_open_hour_tet_moves_nothing(
    monday: str, now: int, before: int, worked: tuple[float, float], why: str
) -> None:
    start = date.fromisoformat(monday)
    week, last = Filter(start, start + timedelta(days=13)), start - timedelta(weeks=2)
    known = [(start, now), (last, before), (date(2024, 12, 30), 1)]
    days = [day for day, n in known for _ in range(n)]
    facts = register(Case(recorded=f"{day} 09:00", closed_at=f"{day} 16:00", root_cause="app_release") for day in days)
    found = beside(facts, week, now=at("2025-02-17 09:00"))
    assert (found.open_now / DAY, found.open_before / DAY) == worked, why
    categories = volume.by_category(facts, found)
    its_causes = causes.risen(facts, beside(facts, week, "closed", now=at("2025-02-17 09:00")))
    for counted, flag in ((categories, "moved"), (its_causes, "rose")):
        assert counted[["count", "before", flag]].to_numpy().tolist() == [[now, before, False]], why
        assert counted["ratio"].to_list() == [pytest.approx(0)], why
    assert rates.changed(now, before, 0.5) < 0.001, "by calendar days it would be flagged"


ALIGNED = [
    # first day, last day, first day a year before, why (Tết: 10/02/2024, 29/01/2025, 17/02/2026, 06/02/2027)
    ("2026-02-16", "2026-02-22", "2025-01-27", "the week of Tết 2026 beside the week of Tết 2025, 55 weeks earlier"),
    ("2025-01-27", "2025-02-02", "2024-02-05", "2025 beside 2024, 51 weeks earlier"),
    ("2027-02-01", "2027-02-07", "2026-02-16", "2027 beside 2026, 50 weeks earlier"),
    ("2026-01-19", "2026-01-25", "2024-12-30", "four weeks before Tết beside four weeks before it"),
    (
        "2026-01-12",
        "2026-01-18",
        "2024-12-23",
        "five weeks before Tết, but the 52 weeks earlier lie in its season: as far from it",
    ),
    ("2026-03-16", "2026-03-22", "2025-02-24", "the last week of the season"),
    ("2026-03-23", "2026-03-29", "2025-03-24", "after it 52 weeks"),
    ("2026-11-09", "2026-11-15", "2025-11-10", "autumn: 52 weeks, so that Monday stays Monday"),
    ("2024-02-26", "2024-03-03", "2023-02-06", "over 29/02/2024: Tết 2023 was on 22/01"),
    ("2024-07-01", "2024-07-07", "2023-07-03", "summer of a leap year"),
    ("2025-11-24", "2026-11-22", "2024-11-25", "a year has its Tết in both years and must not overlap itself"),
    ("2026-01-05", "2026-04-05", "2024-12-16", "a quarter with Tết in it, 55 weeks earlier"),
]


@pytest.mark.parametrize(("start", "end", "first", "why"), ALIGNED, ids=[row[-1] for row in ALIGNED])
def test_last_years_weeks_are_aligned_to_tet(start: str, end: str, first: str, why: str) -> None:
    period = days(start, end)
    found, last = tet.year_before(period.start, period.end)
    assert (found, last - found) == (date.fromisoformat(first), period.end - period.start), why
    assert last < period.start, why


TET = [(2023, "2023-01-22"), (2024, "2024-02-10"), (2025, "2025-01-29"), (2026, "2026-02-17"), (2027, "2027-02-06"), (2030, "2030-02-02")]  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(("year", "day"), TET)
def test_tet_is_that_of_vietnam(year: int, day: str) -> None:
    """In 2030 the Chinese new year is a day later."""
    assert tet.first_day(year) == date.fromisoformat(day)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 364))
def test_a_year_before_keeps_weekdays_and_length_and_never_overlaps(start: date, length: int) -> None:
    end = start + timedelta(days=length - 1)
    first, last = tet.year_before(start, end)
    assert (first.weekday(), last - first) == (start.weekday(), end - start)
    assert last < start
    assert timedelta(weeks=48) <= start - first <= timedelta(weeks=56)


@given(st.datetimes(datetime(2026, 11, 16), datetime(2026, 11, 22, 23, 59)))  # noqa: DTZ001 (local, made so below)
def test_the_cut_is_as_far_in_open_time_whenever_it_is_read(local: datetime) -> None:
    now = local.replace(tzinfo=LOCAL)
    found = beside(register([LONG_SINCE, Case()]), days("2026-11-16", "2026-11-22"), now=now)
    if found.open_now:
        assert found.before is not None
        assert (
            found.open_now
            == found.open_before
            == CALENDAR.seconds_between(at("2026-11-16 00:00"), now.replace(second=0))
        )


PROCEDURES = [
    # procedures the figures are narrowed to, open seconds of an ordinary week, why
    ((), 5 * DAY, "the organisation's first procedure"),
    (("pops",), 5 * DAY, "its own office hours"),
    (("pops", "none"), 5 * DAY, "complaints without a procedure have no hours of their own"),
]


@pytest.mark.parametrize(("keys", "seconds", "why"), PROCEDURES, ids=[row[-1] for row in PROCEDURES])
def test_the_open_time_is_that_of_the_registers_calendar(
    sqlite_register: Register, keys: tuple[str, ...], seconds: int, why: str
) -> None:
    week = days("2026-11-09", "2026-11-15").only("procedure", *keys)
    calendar = comparison.working_time(sqlite_register, week)
    assert calendar.seconds_between(at("2026-11-09 00:00"), at("2026-11-16 00:00")) == seconds, why


def test_a_day_off_taken_into_use_is_no_open_time_any_more(
    sqlite_register: Register, sqlite_cast: Cast, now: datetime
) -> None:
    """The calendar in force now counts, for what is past too: the day was not worked."""
    friday = date(2026, 11, 20)
    with sqlite_register.write() as session:
        version = rulebook.calendar_version(session)
        known = rulebook.of(session).days(session, version)
        rules = {**known.days, friday: DayRule((), "Ngày nghỉ công ty", "Company day off")}
        rulebook.add_calendar(session, replace(known, days=rules), "Cả công ty nghỉ", Act(sqlite_cast.admin, now))
    calendar = comparison.working_time(sqlite_register, days("2026-11-16", "2026-11-22"))
    facts = register([LONG_SINCE, Case()])
    found = comparison.of(facts, days("2026-11-16", "2026-11-22"), calendar, at("2026-11-23 09:00"))
    assert (found.open_now, found.open_before) == (4 * DAY, 5 * DAY)
    assert [off.vi for off in found.off_now] == ["Ngày nghỉ công ty"]
