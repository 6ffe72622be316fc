"""A date in short form tells its year where it is not this one, on the local clock."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.i18n import short_day, short_due, short_moment
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
