"""How a term is told: hours of the clock are never mistaken for office hours (D3)."""

from __future__ import annotations

import pytest

from core import shipped
from core.i18n import use
from core.rules.procedure import Unit
from core.ui.procedures import words

LENGTHS = [
    # amount, unit, in Vietnamese, in English, why
    (24, Unit.HOUR, "24 giờ liên tục", "24 hours of the clock", "nights and days off count"),
    (1, Unit.HOUR, "1 giờ liên tục", "1 hour of the clock", "one alone too"),
    (240, Unit.WORKING_MINUTE, "240 phút trong giờ làm việc", "240 minutes of office time", "the other kind of time"),
    (5, Unit.WORKING_DAY, "5 ngày làm việc", "5 working days", "days of work"),
    (30, Unit.CALENDAR_DAY, "30 ngày theo lịch", "30 calendar days", "days of the calendar"),
]


@pytest.mark.parametrize(("amount", "unit", "vi", "en", "why"), LENGTHS, ids=[row[-1] for row in LENGTHS])
def test_a_length_says_of_what_time_it_is(amount: int, unit: Unit, vi: str, en: str, why: str) -> None:
    use("vi")
    assert words.amount(amount, unit) == vi, why
    use("en")
    assert words.amount(amount, unit) == en, why
    use("vi")


@pytest.mark.parametrize(("key", "told"), [("misa", "24 giờ liên tục"), ("minh-tuan", "24 giờ liên tục")])
def test_the_day_of_a_source_is_told_as_hours_of_the_clock(key: str, told: str) -> None:
    use("vi")
    terms = shipped.procedures()[key].terms
    hours = [words.amount(term.amount, term.unit) for term in terms if term.unit is Unit.HOUR]
    assert told in hours
    assert all(one.endswith("giờ liên tục") for one in hours)
