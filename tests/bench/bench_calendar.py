"""How far the working calendar is from its peers and from the memory floor: ratios of one run on one core.

``python -m tests.bench.bench_calendar``. A million random pairs 2015-2030, Mon-Fri 08:30-17:30, Vietnam's holidays
(shipped to 2027, later years as the holidays package proposes them). Peers too slow for a million are timed on a
sample, per pair.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from time import perf_counter

import businesstimedelta
import holidays
import numpy as np
import pandas as pd
import pytz
from business_duration import businessDuration

from core import shipped
from core.rules.calendar import LOCAL, CalendarDays, DayRule, WorkCalendar
from core.rules.clocks_vector import terms_many

COUNT = 1_000_000
OPENS, CLOSES = time(8, 30), time(17, 30)
OPEN_MINUTES = 540
ODD_WEEK = {
    **dict.fromkeys(range(4), ((time(8), time(12)), (time(13), time(17, 30)))),
    4: ((time(8), time(12)), (time(13, 30), time(16)), (time(18), time(20))),
    5: ((time(9), time(11, 15)),),
}
"""A week unlike the uniform one: lunch breaks of two lengths, a late Friday, a short Saturday."""


@dataclass
class Case:
    """The calendar and the random moments that every contestant gets."""

    days: CalendarDays
    calendar: WorkCalendar
    a: np.ndarray
    b: np.ndarray
    off: np.ndarray

    def local(self, moments: np.ndarray) -> np.ndarray:
        return moments + np.timedelta64(7, "h")


def case(count: int = COUNT) -> Case:
    known = shipped.calendar_days()
    later = {
        day: DayRule((), name)
        for day, name in holidays.country_holidays("VN", years=range(2028, 2031), language="vi").items()
    }
    days = CalendarDays(1, 2015, 2030, {**known.days, **later})
    rng = np.random.default_rng(2026)
    first, last = (np.datetime64(text, "s").astype(np.int64) for text in ("2015-01-05", "2030-12-20"))
    a, b = np.sort(rng.integers(first, last, (2, count)), axis=0)
    a, b = (moments // 60 * 60 for moments in (a, b))  # whole minutes: all that some contestants know
    off = np.array(sorted(day for day, rule in days.days.items() if rule.open == ()), "datetime64[D]")
    calendar = shipped.procedure("pops").calendar(days)
    return Case(days, calendar, a.view("datetime64[s]"), b.view("datetime64[s]"), off)


def best(ask: Callable[[], object], times: int = 7) -> float:
    """Seconds of the fastest of some runs."""
    taken = []
    for _ in range(times):
        started = perf_counter()
        ask()
        taken.append(perf_counter() - started)
    return min(taken)


def busday_minutes(case: Case, week: np.busdaycalendar) -> np.ndarray:
    """Exact working minutes out of whole days counted by numpy and the part of the first and last day."""

    def opened(moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        local = case.local(moments)
        day = local.astype("datetime64[D]")
        minute = (local - day).astype("timedelta64[m]").astype(np.int64)
        inside = np.clip(minute - 510, 0, OPEN_MINUTES) * np.is_busday(day, busdaycal=week)
        return day, inside

    (first, before), (last, after) = opened(case.a), opened(case.b)
    minutes: np.ndarray = np.busday_count(first, last, busdaycal=week) * OPEN_MINUTES + after - before
    return minutes


def elapsed_one_by_one(case: Case, count: int, longest: timedelta | None) -> dict[str, float]:
    """Seconds per pair of the scalar peers and of our scalar call, which must all agree."""
    pairs = [
        (a.item().replace(tzinfo=UTC), b.item().replace(tzinfo=UTC))
        for a, b in zip(case.a[:count], case.b[:count], strict=True)
    ]
    if longest is not None:
        pairs = [(a, a + (b - a) % longest) for a, b in pairs]
    local = [tuple(t.astimezone(LOCAL).replace(tzinfo=None) for t in pair) for pair in pairs]
    off, zone = set(case.off.tolist()), pytz.timezone(LOCAL.key)
    day = businesstimedelta.WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4], tz=zone)
    # It looks for the next holiday without end, so it gets one after the last pair.
    holiday = businesstimedelta.HolidayRule(off | {date(2031, 1, 1)}, tz=zone)
    rules = businesstimedelta.Rules([day, holiday])
    ours = [case.calendar.seconds_between(a, b) // 60 for a, b in pairs]
    theirs = [businessDuration(a, b, OPENS, CLOSES, holidaylist=list(off), unit="min") for a, b in local]
    agree = sum(abs(x - y) < 1 for x, y in zip(ours, theirs, strict=True))
    print(f"  ({agree} of {count} answers of business-duration are ours to the minute)")
    few = pairs[: max(3, count // 20)]
    return {
        "ours": best(lambda: [case.calendar.seconds_between(a, b) for a, b in pairs]) / count,
        "business-duration": best(
            lambda: [businessDuration(a, b, OPENS, CLOSES, holidaylist=off, unit="min") for a, b in local], 2
        ) / count,
        "businesstimedelta": best(lambda: [rules.difference(a, b) for a, b in few], 2) / len(few),
    }  # fmt: skip


def added_one_by_one(case: Case, count: int = 2_000) -> float:
    """Seconds per addition of 1 to 40 working hours by pandas, whose answer must be ours."""
    hours = np.random.default_rng(1).integers(1, 40, count)
    rule = pd.offsets.CustomBusinessHour(start="08:30", end="17:30", holidays=case.off.tolist())
    starts = [pd.Timestamp(t) for t in case.local(case.a[:count])]
    steps = [(t, int(n) * rule) for t, n in zip(starts, hours, strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = [t + n for t, n in steps]
        taken = best(lambda: [t + n for t, n in steps], 2) / count
    ours = case.local(case.calendar.add_many(case.a[:count], hours * 3600))
    agree = sum(pd.Timestamp(x) == y for x, y in zip(ours, theirs, strict=True))
    print(
        f"  ({agree} of {count} answers of CustomBusinessHour are ours; the others end whole days at the next opening)"
    )
    return taken


def report(what: str, ours: float, theirs: float, asked: float, *, at_most: bool = False) -> None:
    """One line: nanoseconds of both, the ratio, what was asked for."""
    ratio = ours / theirs if at_most else theirs / ours
    held = ratio <= asked if at_most else ratio >= asked
    bound = f"asked {'≤' if at_most else '≥'} {asked:,.0f}×"
    print(
        f"{what:<58}{ours * 1e9:>9.1f} ns {theirs * 1e9:>13.1f} ns {ratio:>12,.1f}×  {bound:<18}"
        f"{'ok' if held else 'NOT MET'}"
    )


@contextmanager
def one_core() -> Iterator[None]:
    """Run on a single core, and give the others back afterwards."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def main() -> None:
    with one_core():
        given = case()
        print(f"{COUNT:,} random pairs 2015-2030; per pair: ours, theirs, ratio (best of several runs)")
        measure_elapsed(given)
        measure_adding(given)
        measure_terms(given)


def measure_elapsed(given: Case) -> None:
    calendar, a, b = given.calendar, given.a, given.b
    week = np.busdaycalendar(holidays=given.off)
    assert (busday_minutes(given, week) * 60 == calendar.elapsed_many(a, b)).all()
    ours = best(lambda: calendar.elapsed_many(a, b), 15) / COUNT
    x, y = a.view(np.int64), b.view(np.int64)
    report("elapsed_many / np.add over the same arrays", ours, best(lambda: np.add(x, y), 15) / COUNT, 25, at_most=True)
    report(
        "exact minutes from numpy.busday_count / elapsed_many",
        ours,
        best(lambda: busday_minutes(given, week), 3) / COUNT,
        8,
    )
    for label, count, longest in (("any length", 60, None), ("up to 14 days", 400, timedelta(days=14))):
        one = elapsed_one_by_one(given, count, longest)
        sample = f"{label}, {count} pairs"
        report(f"business-duration ({sample}) / elapsed_many", ours, one["business-duration"], 3_000)
        report(
            f"businesstimedelta ({label}, {max(3, count // 20)} pairs) / elapsed_many",
            ours,
            one["businesstimedelta"],
            20_000,
        )
        report(f"business-duration ({sample}) / scalar elapsed", one["ours"], one["business-duration"], 50)


def measure_adding(given: Case) -> None:
    calendar = given.calendar
    days = given.local(given.a).astype("datetime64[D]")
    days = np.minimum(days, np.datetime64("2030-11-01"))
    week = np.busdaycalendar(holidays=given.off)
    assert (np.busday_offset(days, 5, roll="preceding", busdaycal=week) == calendar.add_days_many(days, 5)).all()
    numpys = best(lambda: np.busday_offset(days, 5, roll="preceding", busdaycal=week), 3) / COUNT
    report(
        "numpy.busday_offset / add_days_many, one n",
        best(lambda: calendar.add_days_many(days, 5), 15) / COUNT,
        numpys,
        8,
    )
    n = np.random.default_rng(5).integers(1, 30, COUNT)
    numpys = best(lambda: np.busday_offset(days, n, roll="preceding", busdaycal=week), 3) / COUNT
    report(
        "numpy.busday_offset / add_days_many, n of each",
        best(lambda: calendar.add_days_many(days, n), 15) / COUNT,
        numpys,
        8,
    )
    pandas_ = added_one_by_one(given)
    starts = np.minimum(given.a, np.datetime64("2030-06-01", "s"))
    seconds = np.random.default_rng(6).integers(1, 40 * 3600, COUNT)
    odd = WorkCalendar(ODD_WEEK, dict.fromkeys(given.off.tolist(), ()), LOCAL, years=(2015, 2030))
    for label, schedule in (("uniform week", calendar), ("odd week, breaks", odd)):
        ours = best(partial(schedule.add_many, starts, seconds), 9) / COUNT
        report(f"pandas CustomBusinessHour (2,000) / add_many, {label}", ours, pandas_, 1_000)
    ours = best(lambda: odd.elapsed_many(given.a, given.b), 9) / COUNT
    print(f"{'elapsed_many, odd week, breaks':<58}{ours * 1e9:>9.1f} ns")


def measure_terms(given: Case) -> None:
    rng = np.random.default_rng(8)
    received = np.minimum(given.a, np.datetime64("2030-06-01", "s"))
    acknowledged = received + rng.integers(60, 3 * 86_400, COUNT)
    resolved = acknowledged + rng.integers(60, 12 * 86_400, COUNT)
    resolved[rng.random(COUNT) < 0.05] = np.datetime64("NaT", "s")
    moments = {"received": received, "acknowledged": acknowledged, "result_notified": resolved}
    procedure, now = shipped.procedure("pops"), datetime(2030, 7, 1, tzinfo=UTC)
    taken = best(lambda: terms_many(procedure, given.calendar, moments, now), 5)
    held = "ok" if taken < 0.5 else "NOT MET"
    print(f"{'all terms of 1,000,000 POPS complaints':<58}{taken * 1e3:>9.1f} ms {'asked < 500 ms':>30}  {held}")
    tables = best(lambda: procedure.calendar(given.days).elapsed_many(given.a[:1], given.b[:1]), 5)
    print(f"{'a calendar of 16 years with its tables':<58}{tables * 1e3:>9.1f} ms  (2015-2030)")


if __name__ == "__main__":
    main()
