"""The words of a list of complaints: how much time is left, in one unit that fits its column."""

from __future__ import annotations

import pytest

from core.i18n import use
from core.rules.time_left import CLOCK_DAY, Nearness, TimeLeft
from core.ui import words

MINUTE, HOUR, DAY = 60, 3600, 9 * 3600
# seconds left, of a day, whether of working time, in Vietnamese, in English, why
LEFT = [
    (3 * DAY + 8 * HOUR, DAY, True, "còn 3 ngày làm việc", "3 d working time left", "the deadline stands beneath it"),
    (-(DAY + HOUR), DAY, True, "trễ 1 ngày làm việc", "1 d working time late", "late likewise"),
    (8 * HOUR + 59 * MINUTE, DAY, True, "còn 8 giờ làm việc", "8 h working time left", "less than a day"),
    (59 * MINUTE, DAY, True, "còn 59 phút làm việc", "59 min working time left", "less than an hour"),
    (-(CLOCK_DAY + HOUR), CLOCK_DAY, False, "trễ 1 ngày", "1 d late", "a term in hours of the clock"),
    (23 * HOUR, CLOCK_DAY, False, "còn 23 giờ", "23 h to go", "and what it has left"),
    (59, DAY, True, "đến hạn ngay bây giờ", "due now", "less than a minute"),
    (-59, DAY, True, "vừa quá hạn", "just overdue", "late by less than a minute"),
]


@pytest.mark.parametrize(("seconds", "day", "working", "vi", "en", "why"), LEFT, ids=[row[-1] for row in LEFT])
def test_time_left_is_one_unit(seconds: int, day: int, working: bool, vi: str, en: str, why: str) -> None:
    left = TimeLeft(Nearness.OVERDUE if seconds < 0 else Nearness.ON_TRACK, seconds, day, 0.5, working)
    for language, wanted in (("vi", vi), ("en", en)):
        use(language)
        assert words.time_left(left) == wanted, why


def test_the_page_of_a_complaint_says_days_and_hours() -> None:
    assert words.span(3 * DAY + 8 * HOUR, DAY) == "3 ngày 8 giờ"
