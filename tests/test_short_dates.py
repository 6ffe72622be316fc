"""A date in short form tells its year where it is not this one, on the local clock."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.i18n import near_due, short_day, short_due, short_moment, use
from core.rules.calendar import LOCAL

NOW = datetime.fromisoformat("2026-11-16T09:00+07:00")
MOMENTS = [
    # moment, now, short, why
    ("2026-11-20T16:02+07:00", NOW, "20/11 16:02", "this year"),
    ("2025-11-20T16:02+07:00", NOW, "20/11/2025 16:02", "last year's looks like this year's without it"),
    ("2027-01-04T17:30+07:00", NOW, "04/01/2027 17:30", "next year's too"),
    ("2025-12-31T18:00+00:00", NOW, "01/01 01:00", "the year is the local one"),
    (
        "2027-01-04T17:30+07:00",
        datetime.fromisoformat("2026-12-31T18:00+00:00"),
        "04/01 17:30",
        "so is the present one",
    ),
]


@pytest.mark.parametrize(("moment", "now", "short", "why"), MOMENTS, ids=[row[-1] for row in MOMENTS])
def test_the_year_is_shown_where_it_is_another(moment: str, now: datetime, short: str, why: str) -> None:
    at = datetime.fromisoformat(moment)
    assert short_moment(at, now) == short, why
    assert short_day(at.astimezone(LOCAL).date(), now) == short.split()[0], why


DUES = [
    # due, now, short, why
    ("2026-11-20T17:30+07:00", NOW, "20/11 17:30", "an hour of the day"),
    ("2026-11-21T00:00+07:00", NOW, "hết 20/11", "the day that ends, not the one that begins"),
    ("2026-11-20T17:00+00:00", NOW, "hết 20/11", "on the local clock"),
    ("2027-01-01T00:00+07:00", NOW, "hết 31/12", "the year is that of the day that ends"),
    ("2027-01-02T00:00+07:00", NOW, "hết 01/01/2027", "with its year where it is another"),
]


@pytest.mark.parametrize(("due", "now", "short", "why"), DUES, ids=[row[-1] for row in DUES])
def test_a_term_that_ends_at_midnight_names_the_day_before(due: str, now: datetime, short: str, why: str) -> None:
    assert short_due(datetime.fromisoformat(due), now) == short, why


FRIDAY = datetime.fromisoformat("2026-11-20T10:00+07:00")
NEAR = [
    # due, vi, en, why
    ("2026-11-20T17:30+07:00", "hôm nay 17:30", "today 17:30", "today"),
    ("2026-11-20T09:00+07:00", "hôm nay 09:00", "today 09:00", "today, though it is over"),
    ("2026-11-21T00:00+07:00", "hết hôm nay", "end of today", "a term that ends at midnight"),
    ("2026-11-21T09:00+07:00", "mai 09:00", "tomorrow 09:00", "tomorrow, also on a Saturday"),
    ("2026-11-22T00:00+07:00", "hết mai", "end of tomorrow", "tomorrow ends"),
    ("2026-11-20T18:00+00:00", "mai 01:00", "tomorrow 01:00", "on the local clock"),
    ("2026-11-22T08:00+07:00", "CN 22/11 08:00", "Sun 22/11 08:00", "the day after has its weekday"),
    ("2026-11-25T17:30+07:00", "T4 25/11 17:30", "Wed 25/11 17:30", "a weekday"),
    ("2026-11-19T17:30+07:00", "T5 19/11 17:30", "Thu 19/11 17:30", "yesterday too"),
    ("2027-01-04T00:00+07:00", "hết CN 03/01/2027", "end of Sun 03/01/2027", "the year where it is another"),
]


@pytest.mark.parametrize(("due", "vi", "en", "why"), NEAR, ids=[row[-1] for row in NEAR])
def test_a_near_deadline_is_said_as_people_say_it(due: str, vi: str, en: str, why: str) -> None:
    assert near_due(datetime.fromisoformat(due), FRIDAY) == vi, why
    use("en")
    assert near_due(datetime.fromisoformat(due), FRIDAY) == en, why
