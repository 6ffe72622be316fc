"""What a click on a chart does to the filter of its page, and when it opens the rows instead."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core import catalogues, shipped
from core.insight.filters import Filter
from core.ui.analysis import clicks
from tests.insight.given import TODAY, at

QUARTER = Filter.of("quarter", TODAY)
WEEK = Filter(date(2026, 11, 9), date(2026, 11, 15))
NINTH = {"period": "custom", "from": "2026-11-09", "to": "2026-11-15"}


@pytest.fixture(autouse=True)
def _lists() -> None:
    catalogues.use(shipped.catalogues("pops"))


def until(moment: str) -> datetime:
    return at(moment)


# ruff: disable[E501]  # a row of a table stays one line
WITHIN = [
    # the page, what was clicked, what the query is to say, why
    (QUARTER, QUARTER.only("category", "payment"), {"category": ("payment",)}, "a bar of the categories"),
    (QUARTER.only("category", "payment"), QUARTER.only("category", "payment"), {}, "the page is filtered so: its rows"),
    (QUARTER.only("category", "payment", "login"), QUARTER.only("category", "payment"), {"category": ("payment",)}, "one of two chosen"),
    (QUARTER.only("category", "payment"), QUARTER.only("category", "payment").only("channel", "email"), {"channel": ("email",)}, "a cell of a grid"),
    (QUARTER, QUARTER.between(WEEK.start, WEEK.end), {**NINTH, "back": "quarter"}, "a week of a preset"),
    (QUARTER, QUARTER.between(WEEK.start, WEEK.end).only("category", "login"), {"category": ("login",), **NINTH, "back": "quarter"}, "a week of one category"),
    (WEEK, WEEK, {}, "the week alone is shown already"),
    (Filter(date(2026, 11, 1), date(2026, 11, 18)), WEEK, {**NINTH, "back": "2026-11-01..2026-11-18"}, "days that were chosen come back as they were"),
    (WEEK, WEEK.between(date(2026, 11, 2), date(2026, 11, 8)), {}, "the paler bar of the week before"),
    (WEEK, WEEK.between(date(2026, 11, 1), date(2026, 11, 30)), {}, "a month that began before the week"),
    (WEEK, WEEK.up_to(until("2026-11-15 10:00")), {}, "up to ten o'clock: the page cannot be filtered so"),
    (QUARTER, QUARTER, {}, "a reason, an hour or an age: nothing the bar knows"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("page", "clicked", "query", "why"), WITHIN, ids=[row[-1] for row in WITHIN])
def test_a_click_filters_the_page_as_far_as_the_bar_can(
    page: Filter, clicked: Filter, query: dict[str, object], why: str
) -> None:
    assert clicks.within(page, clicked) == query, why


BACK = [
    ("quarter", {"period": "quarter", "from": None, "to": None}, "a preset"),
    ("2026-11-01..2026-11-18", {"period": "custom", "from": "2026-11-01", "to": "2026-11-18"}, "days"),
    ("custom", None, "no days are said"),
    ("soon", None, "nonsense"),
    ("", None, "nothing was clicked"),
]


@pytest.mark.parametrize(("back", "query", "why"), BACK, ids=[row[-1] for row in BACK])
def test_the_period_before_the_click_comes_back(back: str, query: dict[str, str | None] | None, why: str) -> None:
    assert clicks.period(back) == (query and {**query, "until": None, "back": None}), why
