"""The registry of figures (D15): every question is in it, its definition is said, its share is what it says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from math import isnan
from pathlib import Path
from pkgutil import iter_modules

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import catalogues, i18n, insight, shipped
from core.errors import Invalid, NotFound
from core.insight import backlog, compliance, departments, figures, rows, splits, volume
from core.insight.facts import Facts
from core.insight.figures import FIGURES, Figure
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.insight.tally import BUCKETS
from core.insight.times import KEYS
from core.insight.which import WHICH
from core.rules.exposure import Served
from core.rules.verdicts import BROKEN, FELL_DUE
from tests.insight.given import (
    LONG_SINCE,
    NOVEMBER,
    NOW,
    TODAY,
    WEEK_46,
    Asked,
    Case,
    Clock,
    busy,
    register,
)

ELSEWHERE = {
    "backlog.segments": "the segments of the queue, each a list of its own",
    "backlog.ageing": "asked by the figure `ageing`",
    "backlog.rows": "rows, not a figure",
    "causes.total": "`causes` in one number",
    "causes.pareto": "`causes` by root cause, with what adds up for its drawing",
    "causes.by_week": "`causes` of one cause by week",
    "causes.risen": "asked by the figure `causes_risen`",
    "comparison.covered_since": "of when the register has what is counted",
    "comparison.of": "what a period is compared with, not a figure",
    "causes.by_month": "`causes` by root cause and month, over a period of its own",
    "causes.by_category": "`causes` by root cause and category",
    "causes.closed": "rows, not a figure",
    "compliance.rated": "which promises have a rate",
    "compliance.summary": "`*_in_time` of all promises at once, as the SLA page shows them",
    "compliance.of": "`*_in_time` in one row",
    "compliance.by": "`*_in_time` by a dimension, most missed first",
    "compliance.by_week": "`*_in_time` by week with control limits",
    "compliance.baseline": "by which weeks the last ones of `compliance.by_week` are judged",
    "clusters.before": "by how much counts vary, for the tests of others",
    "compliance.first_cycles": "`first_go` and `ever_late` in one row",
    "compliance.time_to_resolve": "`resolve_hours` in one row",
    "compliance.breach_reasons": "the misses of `misses_explained` by reason, for one promise",
    "departments.kept": "`department_answers` by department, most late first",
    "prevention.rate": "the cause of one action week by week, for its drawing",
    "weekly.of": "the figures of the registry for one week, beside other weeks",
    "weekly.then": "the same as of an earlier moment",
    "weekly.about": "whose complaints a number of the review can be, not how many",
    "facts.facts_of": "the facts of some complaints, not a figure",
    "weekly.numbers": "the same one after the other",
    "restated.of": "`restated` of one promise",
    "signals.newest": "sentences about other figures",
    "versions.followed": "how many follow each version of a procedure, on its page",
    "volume.total": "`volume` in one number",
    "volume.by": "`volume` compared with another period",
    "volume.by_category": "`volume` by category, compared with another period",
    "volume.by_week": "`volume` by week",
    "volume.by_week_and_category": "`volume` by week and category, each pair",
    "volume.by_channel_and_category": "`volume` by channel and category",
    "volume.by_weekday_and_hour": "`volume` by the 168 hours of a week, which are no days of a period",
    "filters.complaints": "rows, not a figure",
    "filters.cycles": "rows, not a figure",
    "filters.ended": "rows, not a figure",
    "filters.requests": "rows, not a figure",
    "rewound.to": "facts of another moment",
    "rows.complaint_ids": "rows, not a figure",
    "rows.count": "the number of any slice",
    "rows.requests": "rows, not a figure",
    "rows.obligations": "rows, not a figure",
    "facts.around": "rows, not a figure",
    "filters.used": "which keys occur",
    "rows.behind": "rows, not a figure",
    "rows.complaints": "rows, not a figure",
    "contents.each_issue": "rows, not a figure",
    "flow.left": "rows, not a figure",
    "repeats.by_known": "rows, not a figure",
    "times.let_go": "rows, not a figure",
    "times.stretches": "rows, not a figure",
    "times.waited": "rows, not a figure",
    "walked.through": "rows, not a figure",
    "endings.has_rounds": "whether there is anything that `rounds` and `refusals` could count",
    "whatif.ask": "supposes other rules; the command what-if asks it",
    "whatif.judged": "rows, not a figure",
    "whatif.of_procedure": "`whatif.ask` of the last quarter, for the form of a procedure",
    "figures.ask": "asks the registry",
    "pivot.ask": "asks the registry for a table with its totals",
    "pivot.offered": "by what a figure is split",
    "pivot.wanted": "what an address means",
    "figures.coverage": "what the register holds",
}
"""Questions that no figure of the registry asks, and why."""
SEVERAL = {
    "time_spent": ("count",),
    "ever_late": ("complaints", "breached"),
    "issues": ("complaints",),
    "walked": ("complaints",),
}
"""Columns that count a complaint once under each key, of several keys."""
NOT_COUNTS = {"share", "per_thousand", "served", "all", "median", "p90", "largest", "hours"}


@pytest.fixture(autouse=True)
def _lists() -> None:
    catalogues.use(shipped.catalogues("pops"))


def _questions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public function of the floor that is asked of facts, and those that the registry may ask."""
    for module in iter_modules(insight.__path__, "core.insight."):
        if module.ispkg:
            continue
        for name, found in vars(import_module(module.name)).items():
            is_own = inspect.isfunction(found) and found.__module__ == module.name and not name.startswith("_")
            if is_own and {"facts", "asked"} & inspect.signature(found).parameters.keys():
                yield f"{module.name.rpartition('.')[2]}.{name}", found


def test_every_question_is_a_figure_or_says_why_not() -> None:
    asked = {_plain(one.answer) for one in FIGURES.values()}
    helpers = {"tally.per", "tally.ordered", "tally.stretches"}
    missing = {name for name, one in _questions() if one not in asked and name not in helpers} - ELSEWHERE.keys()
    assert not missing
    names = {name for name, _one in _questions()}
    gone = ELSEWHERE.keys() - names
    assert not gone


def _plain(answer: Callable[..., object]) -> Callable[..., object]:
    return answer.func if isinstance(answer, partial) else answer


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_says_what_it_is(name: str) -> None:
    one = FIGURES[name]
    for sentence in (one.title, one.definition):
        i18n.use("vi")
        in_vietnamese = i18n.gettext(sentence)
        i18n.use("en")
        assert in_vietnamese != sentence
        assert i18n.gettext(sentence) == i18n.unbroken(sentence)
    assert one.definition.endswith(".")
    assert all(one.columns.values()), "each column has a unit"
    assert (one.quotient in one.columns) == (one.share is not None)
    assert set(one.share or ()) <= one.columns.keys()


def _crowd() -> Facts:
    return busy(15, 300)


def _whole(found: pd.DataFrame, column: str) -> float:
    return float(found[column].sum())


@settings(max_examples=60)
@given(st.integers(0, 5), st.sampled_from([0, 1, 7, 40]), st.sampled_from([*FIGURES]), st.data())
def test_parts_add_up_and_shares_are_quotients(seed: int, size: int, name: str, data: st.DataObject) -> None:
    one, facts = FIGURES[name], busy(seed, size)
    by = _drawn(data, one, facts) if one.by else ()
    whole, parts = figures.ask(name, facts, NOVEMBER, NOW), figures.ask(name, facts, NOVEMBER, NOW, by)
    for found in (whole, parts):
        _check_share(one, found)
    for column in set(whole.columns) & set(parts.columns) - NOT_COUNTS - {*BUCKETS, "age", "step", "to_step", "stage"}:
        if column in SEVERAL.get(name, ()):
            assert parts[column].max() <= _whole(whole, column) <= _whole(parts, column) or not len(parts)
            continue
        if column == "open" and set(by) & BUCKETS.keys() and name == "flow":
            assert _of_last(parts, column) == _whole(whole, column), "what is open when the period ends"
        else:
            assert _whole(parts, column) == _whole(whole, column), column


def _drawn(data: st.DataObject, one: Figure, facts: Facts) -> tuple[str, ...]:
    by = data.draw(st.lists(st.sampled_from(one.splits(facts.counted)), max_size=one.most, unique=True))
    buckets = [name for name in by if name in BUCKETS]
    return tuple(name for name in by if name not in buckets[1:])


def _of_last(found: pd.DataFrame, column: str) -> float:
    return float(found[column].iloc[-1])


def _check_share(one: Figure, found: pd.DataFrame) -> None:
    if one.share is None or one.quotient != "share":
        return
    for _, row in found.iterrows():
        part, whole = (row[column] for column in one.share)
        assert 0 <= part <= whole
        assert isnan(row["share"]) if whole == 0 else row["share"] == pytest.approx(part / whole)


@pytest.mark.parametrize("name", [name for name, one in FIGURES.items() if one.opens and one.opens[1]])
def test_a_figure_opens_exactly_its_rows(name: str) -> None:
    one = FIGURES[name]
    for filter in (NOVEMBER, WEEK_46, Filter.of("year", TODAY), NOVEMBER.only("channel", "email")):
        slice = one.slice(filter)
        assert slice is not None and one.opens is not None
        found = figures.ask(name, _crowd(), filter, NOW)
        assert found[one.opens[1]].sum() == rows.count(_crowd(), slice, NOW) > 0
        if "category" in one.by:
            split = figures.ask(name, _crowd(), filter, NOW, ("category",)).set_index("category")[one.opens[1]]
            opened = {key: rows.count(_crowd(), slice.only("category", str(key)), NOW) for key in split.index}
            assert opened == split.to_dict()


OPENED: list[tuple[str, str, dict[str, Callable[[str], Slice]]]] = [
    # figure, split by, column → what a key of it opens
    (
        "time_spent",
        "waits_for",
        {"count": lambda key: Slice(NOVEMBER, "waited", waits_for=key)},
    ),
    ("time_spent", "phase", {"count": lambda key: Slice(NOVEMBER, "waited", phase=key)}),
    ("time_spent", "person", {"count": lambda key: Slice(NOVEMBER, "waited", person=key)}),
    ("department_hours", "department", {"count": lambda key: Slice(NOVEMBER, "let_go").only("department", key)}),
    (
        "workload",
        "person",
        {
            "recorded": lambda key: Slice(NOVEMBER, person=key),
            "ended": lambda key: Slice(NOVEMBER, "ended", person=key),
            "open": lambda key: Slice(NOVEMBER, "open", person=key),
            "due": lambda key: Slice(NOVEMBER, "due", stage="resolve", verdict=FELL_DUE, person=key),
            "met": lambda key: Slice(NOVEMBER, "due", stage="resolve", verdict=("met",), person=key),
        },
    ),
    ("outcomes", "outcome", {"count": lambda key: Slice(NOVEMBER, "closed", which="ended", outcome=key)}),
    (
        "upheld",
        "channel",
        {
            "decided": lambda key: Slice(NOVEMBER, "closed", which="decided").only("channel", key),
            "upheld": lambda key: Slice(NOVEMBER, "closed", which="upheld").only("channel", key),
        },
    ),
    (
        "rounds",
        "category",
        {
            "conciliated": lambda key: Slice(NOVEMBER, which="proposed").only("category", key),
            "several": lambda key: Slice(NOVEMBER, which="proposed_again").only("category", key),
        },
    ),
    (
        "reopened",
        "category",
        {
            "ended": lambda key: Slice(NOVEMBER, which="ended_once").only("category", key),
            "reopened": lambda key: Slice(NOVEMBER, which="reopened").only("category", key),
        },
    ),
    ("issues", "category", {"complaints": lambda key: Slice(NOVEMBER, issue=f"category:{key}")}),
    ("issues", "outcome", {"complaints": lambda key: Slice(NOVEMBER, issue=f"outcome:{key}")}),
    ("issues", "root_cause", {"complaints": lambda key: Slice(NOVEMBER, issue=f"root_cause:{key}")}),
    ("walked", "phase", {"complaints": lambda key: Slice(NOVEMBER, "walked", phase=key)}),
    ("walked", "event", {"complaints": lambda key: Slice(NOVEMBER, "walked", event=key)}),
]


@pytest.mark.parametrize(("name", "by", "columns"), OPENED, ids=[f"{row[0]} by {row[1]}" for row in OPENED])
def test_each_key_opens_exactly_its_rows(name: str, by: str, columns: dict[str, Callable[[str], Slice]]) -> None:
    found = figures.ask(name, _crowd(), NOVEMBER, NOW, (by,))
    assert len(found) > 1
    for column, opens in columns.items():
        assert found[column].sum() > 0, "else it proves nothing"
        for key, count in zip(found[by], found[column], strict=True):
            read = Slice.from_query(opens(key).to_query(), TODAY)
            assert rows.count(_crowd(), read, NOW) == count == len(rows.complaint_ids(_crowd(), read, NOW)) or (
                read.of in rows.OF_OBLIGATIONS and rows.count(_crowd(), read, NOW) == count
            )


def test_a_way_back_opens_who_went_it() -> None:
    found = figures.ask("walked_back", _crowd(), NOVEMBER, NOW)
    assert len(found)
    for row in found.itertuples():
        slice = Slice.from_query(Slice(NOVEMBER, "walked", phase=row.step, to=row.to_step).to_query(), TODAY)
        assert rows.count(_crowd(), slice, NOW) == row.complaints <= row.times


@pytest.mark.parametrize("bucket", ["week", "month"])
def test_each_stretch_of_the_flow_opens_its_rows(bucket: str) -> None:
    found = figures.ask("flow", _crowd(), NOVEMBER, NOW, (bucket,))
    starts = [moment.date() for moment in found[bucket]]
    for row, start, after in zip(found.itertuples(), starts, [*starts[1:], date(2027, 1, 1)], strict=True):
        during = NOVEMBER.during(start, min(after - timedelta(days=1), TODAY))
        opened = [rows.count(_crowd(), Slice(during, of), NOW) for of in ("recorded", "ended", "left")]
        assert opened == [row.recorded, row.ended, row.open]


def test_ever_late_opens_the_complaints_of_its_misses() -> None:
    slice = FIGURES["ever_late"].slice(NOVEMBER)
    assert slice is not None
    found = figures.ask("ever_late", _crowd(), NOVEMBER, NOW)
    assert found["breached"].item() == len(rows.complaint_ids(_crowd(), slice, NOW))


def test_figures_agree_with_what_the_pages_show() -> None:
    known = compliance.summary(_crowd(), NOVEMBER, NOW).set_index("stage")
    for stage in ("resolve", "acknowledge"):
        found = figures.ask(f"{stage}_in_time", _crowd(), NOVEMBER, NOW).iloc[0]
        assert found.to_dict() == pytest.approx(known.loc[stage, found.index].to_dict())
    cycles = compliance.first_cycles(_crowd(), NOVEMBER, NOW)
    first, late = (figures.ask(name, _crowd(), NOVEMBER, NOW).iloc[0] for name in ("first_go", "ever_late"))
    assert (first["first"], first["first_met"], first["share"]) == pytest.approx(
        (cycles["first"], cycles["first_met"], cycles["first_share"])
    )
    assert (late["complaints"], late["breached"]) == (cycles["complaints"], cycles["breached"])
    took, hours = (
        compliance.time_to_resolve(_crowd(), NOVEMBER, NOW),
        figures.ask("resolve_hours", _crowd(), NOVEMBER, NOW),
    )
    assert hours[["count", "median", "p90"]].iloc[0].to_dict() == pytest.approx(took)
    of_departments = figures.ask("department_answers", _crowd(), NOVEMBER, NOW, ("department",))
    kept = departments.kept(_crowd(), NOVEMBER, NOW).rename(columns={"key": "department"})
    pd.testing.assert_frame_equal(
        of_departments.sort_values("department", ignore_index=True), kept.sort_values("department", ignore_index=True)
    )
    assert figures.ask("volume", _crowd(), NOVEMBER, NOW)["count"].item() == volume.total(_crowd(), NOVEMBER)
    counts = backlog.segments(_crowd(), NOVEMBER, NOW)
    assert figures.ask("backlog", _crowd(), NOVEMBER, NOW)[["open", "overdue"]].iloc[0].to_dict() == {
        "open": counts["all"],
        "overdue": counts["overdue"],
    }


FLOW = [
    # recorded, closed, state, why
    ("2026-10-30 09:00", None, "investigating", "open since before the period"),
    ("2026-10-30 09:00", "2026-11-03 10:00", "closed", "came before, ended in the first week"),
    ("2026-11-04 09:00", "2026-11-04 17:00", "closed", "came and ended on one day"),
    ("2026-11-10 23:59", "2026-11-17 00:01", "withdrawn", "withdrawn is ended too"),
    ("2026-10-20 09:00", None, "closed", "closed, nobody knows when (D30): in no column"),
]


def test_the_flow_is_the_difference_of_the_backlog() -> None:
    facts = register(Case(recorded=came, closed_at=ended, state=state) for came, ended, state, _why in FLOW)
    found = figures.ask("flow", facts, NOVEMBER, NOW, ("week",))
    assert found.values.tolist() == [
        [pd.Timestamp("2026-11-02"), 1, 2, 1],
        [pd.Timestamp("2026-11-09"), 1, 0, 2],
        [pd.Timestamp("2026-11-16"), 0, 1, 1],
    ], "the week of 23/11 has not begun"


@pytest.mark.parametrize("bucket", BUCKETS)
def test_the_flow_ends_with_what_is_open_now(bucket: str) -> None:
    year = Filter.of("year", TODAY)
    found = figures.ask("flow", _crowd(), year, NOW, (bucket,))
    assert (found["open"].diff().dropna() == (found["recorded"] - found["ended"])[1:]).all()
    open_at_the_end = figures.ask("flow", _crowd(), year, NOW)["open"].item()
    assert found["open"].iloc[-1] == open_at_the_end


ENDED = [
    # outcome, state, root cause, reopened, rounds, why
    ("upheld", "closed", "unknown", 0, 0, "right"),
    ("partly", "closed", "unknown", 1, 2, "partly right, after one refusal and a re-opening"),
    ("rejected", "closed", None, 0, 1, "not right, accepted at once"),
    ("answered", "closed", None, 0, 0, "a question: nobody was right or wrong"),
    ("withdrawn", "withdrawn", None, 0, 0, "an outcome, but no decision, and no cause"),
    (None, "merged", None, 0, 0, "goes on elsewhere: no outcome"),
    (None, "investigating", None, 2, 3, "open again: ended twice before"),
]


def test_how_cases_ended() -> None:
    columns = ("outcome", "state", "root_cause", "reopened", "rounds")
    cases = [dict(zip(columns, row[:-1], strict=True)) for row in ENDED]
    closed = {True: "2026-11-10 10:00", False: None}
    facts = register(
        Case(recorded="2026-11-03 09:00", closed_at=closed[case["state"] != "investigating"], **case) for case in cases
    )

    def one(name: str, *by: str) -> list[list[object]]:
        return list(figures.ask(name, facts, NOVEMBER, NOW, by).values.tolist())

    assert one("outcomes") == [[5, 5, 1.0]]
    assert sorted(one("outcomes", "outcome")) == [
        [key, 1, 5, 0.2] for key in ("answered", "partly", "rejected", "upheld", "withdrawn")
    ]
    opened = {
        key: rows.count(facts, Slice(NOVEMBER, "closed", which="ended", outcome=key), NOW) for key in ("upheld", "none")
    }
    assert opened == {"upheld": 1, "none": 0}, "what was merged has no outcome of its own"
    assert rows.count(facts, Slice(NOVEMBER, "ended"), NOW) == 6, "and has ended here"
    assert one("upheld") == [[3, 2, 2 / 3]]
    assert one("causes", "root_cause") == [["none", 2, 4, 0.5], ["unknown", 2, 4, 0.5]]
    assert one("rounds") == [[3, 6, 2, 2 / 3]]
    assert one("reopened") == [[7, 2, 2 / 7]], "merged and withdrawn ones have ended too"


def test_each_issue_counts_under_its_own_category() -> None:
    """D34: the filter of a category finds the issues of it, whatever the case's first issue is."""
    further = {"category": "login", "outcome": "rejected", "root_cause": "unknown"}
    facts = register(
        [
            Case(recorded="2026-11-03 09:00", category="payment").having("issues", further, {"category": "payment"}),
            Case(recorded="2026-11-03 09:00", category="login", channel="email"),
            Case(recorded="2026-10-03 09:00").having("issues", {"category": "login"}),
        ]
    )
    assert figures.ask("issues", facts, NOVEMBER, NOW)["count"].item() == 4
    assert figures.ask("issues", facts, NOVEMBER, NOW, ("category",)).values.tolist() == [
        ["login", 2, 2, 4, 0.5],
        ["payment", 2, 1, 4, 0.5],
    ], "two payments of one case"
    only = NOVEMBER.only("category", "login")
    assert figures.ask("issues", facts, only, NOW, ("channel",)).values.tolist() == [
        ["email", 1, 1, 2, 0.5],
        ["hotline", 1, 1, 2, 0.5],
    ]
    assert rows.count(facts, Slice(only, issue="category:login"), NOW) == 2, "whatever the first issue is"


def test_amounts_are_added_up_per_field() -> None:
    counted = register([]).counted._replace(amounts=("amount", "refund"), personal=("salary",))
    money = [{"field": "amount", "value": "50000"}, {"field": "refund", "value": "20000"}]
    facts = register(
        [
            Case(recorded="2026-11-03 09:00").having("details", *money),
            Case(recorded="2026-11-03 09:00").having("details", {"field": "amount", "value": "100000"}),
            Case(recorded="2026-11-03 09:00").having("details", {"field": "amount", "value": "khoảng 1 triệu"}),
            Case(recorded="2026-10-03 09:00").having("details", {"field": "amount", "value": "7"}),
        ],
        counted,
    )
    assert figures.ask("amounts", facts, NOVEMBER, NOW, ("field",)).values.tolist() == [
        ["amount", 2, 150000, 75000.0, 100000],
        ["refund", 1, 20000, 20000.0, 20000],
    ]


def test_the_work_of_each_person() -> None:
    overdue = Clock("2026-11-06 17:30")
    in_time = Clock("2026-11-06 17:30", "2026-11-06 17:30"), Clock("2026-11-04 17:30", term="acknowledge")
    facts = register(
        [
            Case(*in_time, recorded="2026-11-03 09:00", assignee_id=3, closed_at="2026-11-11 10:00"),
            Case(overdue, recorded="2026-11-03 09:00", assignee_id=3),
            Case(overdue, recorded="2026-10-03 09:00", assignee_id=4),
            Case(recorded="2026-11-03 09:00"),
        ]
    )
    counts = ["person", "recorded", "ended", "open", "due", "met"]
    assert figures.ask("workload", facts, NOVEMBER, NOW, ("person",))[counts].values.tolist() == [
        ["3", 2, 1, 1, 2, 1],
        ["none", 1, 0, 1, 0, 0],
        ["4", 0, 0, 1, 1, 0],
    ]
    weekly = figures.ask("workload", facts, NOVEMBER, NOW, ("week", "person"))
    assert weekly[["week", "person", "recorded", "ended"]].values.tolist() == [
        [pd.Timestamp("2026-11-02"), "3", 2, 0],
        [pd.Timestamp("2026-11-02"), "none", 1, 0],
        [pd.Timestamp("2026-11-02"), "4", 0, 0],
        [pd.Timestamp("2026-11-09"), "3", 0, 1],
    ]


SPENT = [
    # kind, at, actor, payload, why
    ("acknowledged", "2026-11-02 10:00", 3, '{"holds":true}', "an hour with nobody"),
    ("classified", "2026-11-02 10:30", 3, None, "half an hour to classify"),
    (
        "forwarded",
        "2026-11-02 11:00",
        3,
        None,
        "half an hour until a department was asked, which owes it until 03/11 09:30",
    ),
    ("customer_asked", "2026-11-03 10:30", 3, None, "an hour at customer care"),
    (
        "assigned",
        "2026-11-03 11:30",
        3,
        '{"assignee_id":4}',
        "an hour of the customer's with the first person, six with the second",
    ),
    ("customer_replied", "2026-11-03 20:00", 4, None, "after hours: the evening is nobody's"),
    ("result_notified", "2026-11-04 09:30", 4, None, "the first hour of the next day"),
    ("closed", "2026-11-04 09:45", 4, None, "a quarter of an hour to close"),
]


def test_working_time_is_spent_where_somebody_was_waited_for() -> None:
    rows = [{"kind": kind, "at": moment, "actor_id": who, "payload": says} for kind, moment, who, says, _why in SPENT]
    asked = Asked("payment", "2026-11-04 17:30", "answered", "2026-11-03 09:30", "2026-11-02 11:00")
    case = Case(recorded="2026-11-02 09:00", closed_at="2026-11-04 09:45").asking(asked)
    facts = register([case.having("events", *rows), Case(recorded="2026-11-02 09:00", closed_at=None)])

    def spent(*by: str) -> dict[str, float]:
        found = figures.ask("time_spent", facts, NOVEMBER, NOW, by)
        assert found["all"].eq(18.75).all()
        return dict(zip(found[by[0]], found["hours"], strict=True))

    # 02/11: 09:00–11:00 us, 11:00–17:30 the department; 03/11: to 09:30 the department, to 10:30 us, to 17:30 the
    # customer; 04/11: 08:30–09:45 us.
    assert spent("waits_for") == {"department": 7.5, "customer": 7.0, "us": 4.25}
    assert spent("phase") == {"handle": 17.0, "acknowledge": 1.0, "classify": 0.5, "close": 0.25}
    assert spent("person") == {"3": 10.5, "4": 7.25, "none": 1.0}
    assert figures.ask("time_spent", facts, NOVEMBER, NOW)[["count", "median"]].values.tolist() == [[1, 18.75]]
    assert spent("day") == {
        pd.Timestamp("2026-11-02") + pd.Timedelta(days=n): {0: 2.0, 1: 15.5, 2: 1.25}.get(n, 0.0) for n in range(28)
    }, "each stretch by the day it ended: the department's by the day of its answer"
    hours = figures.ask("department_hours", facts, NOVEMBER, NOW, ("department",))
    assert hours[["department", "count", "hours"]].values.tolist() == [["payment", 1, 7.5]]


@pytest.mark.parametrize("vocabulary", KEYS)
def test_what_time_is_split_by_has_names(vocabulary: str) -> None:
    for language in i18n.LANGUAGES:
        i18n.use(language)
        assert all(i18n.named(vocabulary, key) != key for key in KEYS[vocabulary])


WALKED = [
    # kind, at, payload, why
    ("acknowledged", "2026-11-02 10:00", None, "an hour after the receipt"),
    ("classified", "2026-11-02 10:30", None, "half an hour"),
    ("remedy_proposed", "2026-11-02 13:30", None, "three hours, since this office closes for no lunch"),
    ("customer_chased", "2026-11-03 08:30", None, "a step of handling: four hours of the day before"),
    ("remedy_refused", "2026-11-03 09:30", None, "an hour; back from conciliation to handling"),
    ("remedy_proposed", "2026-11-03 10:30", None, "the second round, an hour"),
    ("remedy_accepted", "2026-11-03 11:30", None, "an hour"),
    ("result_notified", "2026-11-03 11:30", None, "at once"),
    ("closed", "2026-11-03 12:30", None, "an hour"),
    ("reopened", "2026-11-05 08:30", None, "no step of the order: only moves the case, back from closing to handling"),
    ("result_notified", "2026-11-05 10:30", None, "two hours since the re-opening"),
    ("closed", "2026-11-05 10:30", None, "at once"),
]


def test_the_procedure_is_told_as_it_was_walked() -> None:
    rows_of = [{"kind": kind, "at": moment, "payload": says} for kind, moment, says, _why in WALKED]
    at_once = [{"kind": kind, "at": "2026-11-04 09:00"} for kind in ("acknowledged", "classified", "result_notified")]
    facts = register(
        [
            Case(recorded="2026-11-02 09:00", closed_at="2026-11-05 10:30", reopened=1).having("events", *rows_of),
            Case(recorded="2026-11-04 09:00", state="resolved").having("events", *at_once),
            Case(recorded="2026-10-01 09:00", state="received"),
        ]
    )
    found = figures.ask("walked", facts, NOVEMBER, NOW, ("phase",)).set_index("phase")
    assert [*found.index] == ["record", "acknowledge", "classify", "handle", "conciliate", "notify", "close"]
    assert found[["complaints", "times", "all"]].values.tolist() == [
        [2, 2, 2],
        [2, 2, 2],
        [2, 2, 2],
        [1, 1, 2],
        [1, 4, 2],
        [2, 3, 2],
        [1, 2, 2],
    ], "what was settled within a second took its steps too"
    assert found["median"].fillna(-1).tolist() == [-1, 0.5, 0.25, 4.0, 1.0, 0.0, 0.5], (
        "nothing comes before the receipt"
    )
    events = figures.ask("walked", facts, NOVEMBER, NOW, ("event",)).set_index("event")
    assert events.loc["remedy_proposed", ["complaints", "times", "median"]].tolist() == [1, 2, 2.0]
    assert "reopened" not in events.index
    assert figures.ask("walked", facts, NOVEMBER, NOW)[["complaints", "times", "share"]].values.tolist() == [
        [2, 16, 1.0]
    ]
    assert figures.ask("walked_back", facts, NOVEMBER, NOW).values.tolist() == [
        ["close", "handle", 1, 1],
        ["conciliate", "handle", 1, 1],
    ]
    third = figures.ask("walked", facts, Filter(date(2026, 11, 3), date(2026, 11, 3)), NOW, ("phase",))
    assert third[["phase", "complaints", "times"]].values.tolist() == [
        ["handle", 1, 1],
        ["conciliate", 1, 3],
        ["notify", 1, 1],
        ["close", 1, 1],
    ], "the steps of one day, whatever was before"


@pytest.mark.parametrize(
    ("vocabulary", "keys"),
    [
        ("figure column", sorted({column for one in FIGURES.values() if one.by for column in one.columns})),
        ("split", splits.OWN),
        ("which complaints", WHICH),
    ],
)
def test_what_a_pivot_says_has_names(vocabulary: str, keys: Iterable[str]) -> None:
    for language in i18n.LANGUAGES:
        i18n.use(language)
        assert [key for key in keys if i18n.named(vocabulary, key) == key] == []


PER_THOUSAND = (
    Served("users", date(2026, 8, 1), 50),
    Served("users", date(2026, 9, 1), 1_000),
    Served("users", date(2026, 10, 1), 4_000),
    Served("users", date(2026, 11, 1), 9_000),
)


def test_complaints_are_counted_against_users() -> None:
    """Two in September of 1,000, one in October of 4,000; August began before the period, November is not over."""
    recorded = ("2026-08-20 09:00", "2026-09-01 00:00", "2026-09-30 23:59", "2026-10-31 10:00", "2026-11-02 09:00")
    facts = register([Case(recorded=when) for when in recorded], exposure=PER_THOUSAND)
    period = Filter(date(2026, 8, 15), date(2026, 11, 30))
    assert figures.ask("per_1000_users", facts, period, NOW).values.tolist() == [[3, 5_000, 0.6]]
    assert figures.ask("per_1000_users", facts, period, NOW, ("month",)).values.tolist() == [
        [pd.Timestamp("2026-09-01"), 2, 1_000, 2.0],
        [pd.Timestamp("2026-10-01"), 1, 4_000, 0.25],
    ]
    assert figures.ask("per_1000_users", facts, period, NOW, ("channel",)).values.tolist() == [
        ["hotline", 3, 5_000, 0.6]
    ]
    whole = figures.ask("per_1000_orders", facts, period, NOW)
    assert whole[["count", "served"]].values.tolist() == [[0, 0]] and whole["per_thousand"].isna().all()


def test_a_cause_rose_against_the_period_before() -> None:
    week = [Case(recorded="2026-11-09 09:00", closed_at="2026-11-10 10:00", root_cause="unknown") for _ in range(30)]
    before = Case(recorded="2026-11-03 09:00", closed_at="2026-11-04 10:00", root_cause="unknown")
    found = figures.ask("causes_risen", register([LONG_SINCE, before, *week]), WEEK_46, NOW)
    (row,) = found.to_dict("records")
    assert (row["root_cause"], row["count"], row["before"], row["rose"]) == ("unknown", 30, 1, 1)
    assert row["ratio"] == pytest.approx(30) and row["low"] < row["ratio"] < row["high"], "of one unit: a ratio"
    assert figures.ask("causes_risen", register([before, *week]), WEEK_46, NOW).empty, "not covered (D27)"


def test_a_miss_is_explained_or_not() -> None:
    late = Clock("2026-11-03 17:30", "2026-11-04 09:00", reason="overload")
    facts = register([Case(late), Case(Clock("2026-11-03 17:30")), Case(Clock("2026-11-03 17:30", "2026-11-03 17:30"))])
    assert figures.ask("misses_explained", facts, NOVEMBER, NOW).values.tolist() == [[2, 1, 0.5]]
    slice = FIGURES["misses_explained"].slice(NOVEMBER)
    assert slice is not None and slice.verdict == BROKEN


@pytest.mark.parametrize(
    ("name", "by", "error", "why"),
    [
        ("voulme", (), NotFound, "a name that is mistyped"),
        ("volume", ("moon",), Invalid, "nothing to split by"),
        ("ageing", ("category",), Invalid, "split by age alone"),
        ("flow", ("week", "category"), Invalid, "one split at most"),
        ("volume", ("week", "week"), Invalid, "twice the same"),
        ("volume", ("week", "day"), Invalid, "a day says its week"),
    ],
)
def test_what_makes_no_sense_is_said(name: str, by: tuple[str, ...], error: type[Exception], why: str) -> None:
    with pytest.raises(error):
        figures.ask(name, _crowd(), NOVEMBER, NOW, by)
    assert why


def test_modules_of_the_floor_are_looked_at() -> None:
    files = {file.stem for file in Path(insight.__path__[0]).glob("*.py")} - {"__init__"}
    assert {name.split(".")[0] for name, _one in _questions()} < files
