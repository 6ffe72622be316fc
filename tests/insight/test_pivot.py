"""The pivot: each number opens exactly the rows it counted, totals are asked anew, nothing is hidden silently."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import catalogues, shipped
from core.insight import dimensions, figures, pivot, rows
from core.insight.contents import FIELD
from core.insight.facts import Facts
from core.insight.figures import FIGURES
from core.insight.filters import Filter
from core.insight.pivot import Key, Pivot, Wanted
from core.insight.tally import BUCKETS, PERSON
from core.insight.times import KEYS
from tests.insight.given import NOVEMBER, NOW, TODAY, Case, Clock, busy, register

SPLIT = [name for name, one in FIGURES.items() if one.by]
NOT_OPENED = {*KEYS, FIELD}
"""Splits of stretches of time and of amounts, which are no rows of any list."""
FILTERS = (NOVEMBER, Filter.of("year", TODAY), NOVEMBER.only("channel", "email", "hotline"))
EACH = 14  # cells of a table that are looked at


@pytest.fixture(autouse=True)
def _lists() -> None:
    catalogues.use(shipped.catalogues("pops"))


def asked(
    facts: Facts, name: str, *down: str, across: str = "", order: str = "most", filter: Filter = NOVEMBER
) -> Pivot:
    wanted = pivot.wanted(name, "", down, across, order, facts)
    assert (wanted.down, wanted.across) == (down, across), "a split that the figure has"
    return pivot.ask(facts, wanted, filter, NOW)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Facts, Pivot]:
    """Any figure, split by what it may be split by."""
    name, facts = draw(st.sampled_from(SPLIT)), busy(draw(st.integers(0, 3)), draw(st.sampled_from([0, 1, 60])))
    splits = draw(st.lists(st.sampled_from(pivot.offered(FIGURES[name], facts)), max_size=3, unique=True))
    has_columns = draw(st.booleans())
    across = splits.pop() if splits and has_columns else ""
    wanted = pivot.wanted(name, "", splits, across, draw(st.sampled_from(pivot.ORDERS)), facts)
    return facts, pivot.ask(facts, wanted, draw(st.sampled_from(FILTERS)), NOW)


def places(table: Pivot) -> list[tuple[Key, str]]:
    """Cells and totals, the first of them and the last."""
    found = [(row, column) for row in [*table.down, ()] for column in [*table.across, ""]]
    return found if len(found) <= EACH else [*found[: EACH // 2], *found[-EACH // 2 :]]


@settings(max_examples=150)
@given(tables())
def test_every_number_opens_exactly_the_rows_it_counted(given: tuple[Facts, Pivot]) -> None:
    facts, table = given
    counted = {name for name in table.figure.columns if table.figure.counted(name, table.filter)}
    for row, column in places(table):
        numbers = table.numbers(row, column)
        for name in counted & (numbers.keys() or counted):
            opened = table.rows(name, row, column)
            if opened is not None:
                assert rows.count(facts, opened, NOW) == (numbers.get(name) or 0), (table.wanted, row, column, name)


@settings(max_examples=100)
@given(tables())
def test_a_row_is_what_the_figure_says_of_its_rows_alone(given: tuple[Facts, Pivot]) -> None:
    """So no total is a mean of means, and no median one of medians."""
    facts, table = given
    if not table.wanted.down or table.wanted.down[0] not in (*dimensions.FILTERS, *facts.counted.choices):
        return
    for key in [row for row in table.down if len(row) == 1][:5]:
        filter = table.filter.only(table.wanted.down[0], key[0])
        alone = figures.ask(table.wanted.figure, facts, filter, NOW).to_dict("records")[0]
        for name in table.figure.columns.keys() - {"all", "share"}:
            assert table.of_rows[key].get(name) == pytest.approx(pivot._number(alone.get(name))), (table.wanted, name)


OPENED = [
    (name, column) for name in SPLIT for column in FIGURES[name].columns if FIGURES[name].counted(column, NOVEMBER)
]


def test_what_counts_rows_of_a_list_opens_them() -> None:
    """What is not among them counts no rows of one list: proposals, issues, amounts, hours, actions, months."""
    assert set(SPLIT) - {name for name, _column in OPENED} == {
        "time_spent", "department_hours", "flow", "ever_late", "refusals", "issues", "per_1000_users",
        "per_1000_orders", "amounts", "prevention", "prevention_effect",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "column"), OPENED)
def test_each_split_but_these_opens_rows(name: str, column: str) -> None:
    facts = busy(1, 60)
    of = FIGURES[name].counted(column, NOVEMBER)
    assert of is not None
    for split in pivot.offered(FIGURES[name], facts):
        key = "2026-11-02" if split in BUCKETS else "none"
        is_shut = of.of != "walked" and (split in NOT_OPENED or (of.of == "open" and split in BUCKETS))
        assert (of.part(split, key) is None) is is_shut, split


def test_totals_are_of_all_numerators_and_denominators() -> None:
    """9 of 10 and 1 of 2: 10 of 12, not 70 %."""
    met, late = Clock("2026-11-05 17:30", "2026-11-05 10:00"), Clock("2026-11-05 17:30", "2026-11-06 10:00")
    cases = [Case(met, channel="email") for _ in range(9)] + [Case(late, channel="email")]
    cases += [Case(met, channel="hotline"), Case(late, channel="hotline")]
    table = asked(register(cases), "resolve_in_time", "category", across="channel")
    assert table.total["share"] == pytest.approx(10 / 12)
    assert table.of_rows[("payment",)]["share"] == pytest.approx(10 / 12)
    assert {key: numbers["share"] for key, numbers in table.of_columns.items()} == {"email": 0.9, "hotline": 0.5}
    assert table.numbers(("payment",), "email")["met"] == 9


def test_medians_are_of_all_rows() -> None:
    """1, 1, 1, 9 hours: the median is 1, that of the medians of both channels 5."""
    done = [("email", 1), ("email", 1), ("email", 1), ("hotline", 9)]
    clocks = [(channel, Clock("2026-11-05 17:30", "2026-11-05 10:00", hours=hours)) for channel, hours in done]
    table = asked(register([Case(clock, channel=channel) for channel, clock in clocks]), "resolve_hours", "channel")
    assert (table.total["median"], table.of_rows[("hotline",)]["median"]) == (1.0, 9.0)


def crowd() -> Facts:
    """5 by e-mail, all late; 3 by phone and 1 on the web, all in time."""
    late, met = Clock("2026-11-05 17:30", "2026-11-06 10:00"), Clock("2026-11-05 17:30", "2026-11-05 10:00")
    return register(
        [Case(late, channel="email") for _ in range(5)]
        + [Case(met, channel="hotline") for _ in range(3)]
        + [Case(met, channel="web")]
    )


ORDERED = [
    ("most", ["email", "hotline", "web"], "most fell due"),
    ("value", ["hotline", "web", "email"], "the highest share, then of most"),
    ("name", ["hotline", "email", "web"], "as they are listed"),
]


@pytest.mark.parametrize(("order", "keys", "why"), ORDERED, ids=[row[-1] for row in ORDERED])
def test_rows_are_in_the_order_asked_for(order: str, keys: list[str], why: str) -> None:
    table = asked(crowd(), "resolve_in_time", "channel", order=order)
    assert [key for (key,) in table.down] == keys, why


def test_stretches_of_days_follow_one_another_whatever_the_order() -> None:
    days = ["2026-11-10", "2026-11-10", "2026-11-03", "2026-11-17"]
    facts = register([Case(recorded=f"{day} 09:00") for day in days])
    for order in pivot.ORDERS:
        table = asked(facts, "volume", "week", order=order)
        assert [key for (key,) in table.down] == ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"]
        assert [n["count"] for n in table.of_rows.values()][-1] == 0, "a quiet week is there with 0"


def test_of_too_many_columns_the_last_days_or_the_most_frequent_are_shown() -> None:
    facts = register([Case(recorded=f"2026-{month:02d}-{day:02d} 09:00") for month in (9, 10) for day in range(1, 29)])
    period = NOVEMBER.between(NOVEMBER.start.replace(month=9), NOVEMBER.end)
    table = asked(facts, "volume", "channel", across="day", filter=period)
    assert len(table.across) > len(table.shown_across) == pivot.MOST_ACROSS
    assert table.shown_across[-1] == table.across[-1]
    assert table.total["count"] == 55, "what is not shown is in the totals"


# ruff: disable[E501]  # a row of a table stays one line
ADDRESSES = [
    # figure, number, down, across, what is understood, why
    ("volume", "", ["category"], "channel", Wanted("volume", "count", ("category",), "channel"), "as it is meant"),
    ("volume", "count", ["category", "week"], "channel", Wanted("volume", "count", ("category", "week"), "channel"), "two down, one across"),
    ("voulme", "met", ["category"], "", Wanted("volume", "count", ("category",)), "a name that is mistyped"),
    ("ageing", "", [], "", Wanted("volume", "count"), "one that is not split by anything"),
    ("volume", "", ["category", "channel", "level"], "", Wanted("volume", "count", ("category", "channel")), "three down"),
    ("volume", "", ["week", "month"], "", Wanted("volume", "count", ("week",)), "a week says its month"),
    ("volume", "", ["week"], "month", Wanted("volume", "count", ("week",)), "so it does across"),
    ("volume", "", ["category"], "category", Wanted("volume", "count", ("category",)), "the same twice"),
    ("volume", "", ["moon"], "sun", Wanted("volume", "count"), "nothing to split by"),
    ("flow", "", ["week"], "channel", Wanted("flow", "recorded", ("week",)), "one that is split by one thing at a time"),
    ("resolve_hours", "p90", ["person", "channel"], "", Wanted("resolve_hours", "p90", ("channel",)), "a promise has no person"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(
    ("name", "number", "down", "across", "wanted", "why"), ADDRESSES, ids=[r[-1] for r in ADDRESSES]
)
def test_an_address_is_understood_as_far_as_it_makes_sense(
    name: str, number: str, down: list[str], across: str, wanted: Wanted, why: str
) -> None:
    facts = register([Case()])
    assert pivot.wanted(name, number, down, across, "soon", facts) == wanted, why
    pivot.ask(facts, wanted, NOVEMBER, NOW)


def test_a_person_is_opened_by_the_number_of_the_account() -> None:
    facts = register([Case(assignee_id=3), Case(assignee_id=3), Case(assignee_id=4), Case()])
    table = asked(facts, "volume", PERSON)
    assert {key: table.numbers(key)["count"] for key in table.down} == {("3",): 2, ("4",): 1, ("none",): 1}
    opened = {key: table.rows("count", key) for key in table.down}
    assert {key: rows.count(facts, slice, NOW) for key, slice in opened.items() if slice} == {
        ("3",): 2, ("4",): 1, ("none",): 1,
    }  # fmt: skip


STRETCHES = [
    ("day", "2026-11-10", ["2026-11-09", "2026-11-10", "2026-11-11"], 1, "a day alone"),
    ("week", "2026-11-09", ["2026-11-08", "2026-11-09", "2026-11-15", "2026-11-16"], 2, "Monday to Sunday"),
    ("month", "2026-02-01", ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"], 2, "February has 28 days"),
]


@pytest.mark.parametrize(("split", "key", "days", "n", "why"), STRETCHES, ids=[row[-1] for row in STRETCHES])
def test_a_stretch_of_days_opens_all_of_them(split: str, key: str, days: list[str], n: int, why: str) -> None:
    facts = register([Case(recorded=f"{day} 23:30") for day in days])
    table = asked(facts, "volume", split, filter=Filter.of("year", TODAY))
    opened = table.rows("count", (key,))
    assert opened is not None
    assert rows.count(facts, opened, NOW) == table.numbers((key,))["count"] == n, why
