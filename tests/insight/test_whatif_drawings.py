"""What-if drawn: two lines and the target, and every number that is a link opens exactly what it counted (D15, D37)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from urllib.parse import parse_qsl

import pandas as pd
import pytest

from core.commands import sample
from core.insight import facts, rows, whatif
from core.insight.dimensions import name_of
from core.insight.drawings import what_if
from core.insight.drawings.drawing import Counted, Drawing
from core.insight.filters import Filter
from core.insight.slices import Slice
from core.insight.whatif import SPLITS, Answer, Hypothesis, Length, OfRegister
from core.register import rulebook
from core.register.log.database import Register, open_register
from core.rules.calendar import local_day
from core.rules.procedure import Unit
from core.rules.verdicts import BROKEN, FELL_DUE
from tests.engines import MONDAY, Sqlite

OFFICE = ((time(8, 30), time(17, 30)),)
SUPPOSED = Hypothesis("pops", (("resolve", Length(3, Unit.WORKING_DAY)),), (*(OFFICE,) * 6, ()), share=0.9)
PERIOD = Filter.of("quarter", local_day(MONDAY)).only("procedure", "pops")
OF = Slice(PERIOD, "due", stage="resolve", verdict=FELL_DUE)


@pytest.fixture(scope="module")
def filled(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    folder = tmp_path_factory.mktemp("drawn")
    register = open_register(sqlite.opened_database(folder), folder / "evidence")
    sample.fill(register, 250, MONDAY, seed=11, force=True)
    yield register
    register.engine.dispose()


@pytest.fixture(scope="module")
def answer(filled: Register) -> Answer:
    with filled.read() as session:
        newest = rulebook.procedure_at(session, "pops", MONDAY)
    return whatif.ask(facts.current(filled), PERIOD, SUPPOSED, MONDAY, OfRegister(filled, "pops"), newest)


def drawn(answer: Answer) -> dict[str, Drawing]:
    weeks = answer.weeks[answer.weeks["term"] == "resolve"]
    splits = answer.splits[answer.splits["term"] == "resolve"]
    each = {name: what_if.by(splits[splits["dimension"] == name], OF, name, name) for name in SPLITS}
    return {"week": what_if.weeks(weeks, OF, "weeks", local_day(MONDAY)), **each}


def opened(register: Register, query: str) -> int:
    slice = Slice.from_query(dict(parse_qsl(query)), local_day(MONDAY))
    return rows.count(facts.current(register), slice, MONDAY)


def test_every_number_opens_what_it_counted(filled: Register, answer: Answer) -> None:
    told = answer.of("resolve")
    assert told is not None
    for name, drawing in drawn(answer).items():
        cells = [cell for row in drawing.rows for cell in row if isinstance(cell, Counted)]
        for cell in cells:
            assert rows.count(facts.current(filled), cell.slice, MONDAY) == cell.n, name
        assert sum(cell.n for cell in cells) == told.due + told.met, "what fell due and what of it was kept"


def test_the_bars_of_what_was_late_open_it_and_those_of_what_would_be_open_nothing(
    filled: Register, answer: Answer
) -> None:
    figure = drawn(answer)["category"].figure
    before, then, *_labels = figure["data"]
    assert [opened(filled, query) for query in before["customdata"]] == before["x"]
    assert set(then["customdata"]) == {""}
    its = answer.splits[(answer.splits["term"] == "resolve") & (answer.splits["dimension"] == "category")]
    assert then["x"] == (its["due_then"] - its["met_then"]).to_list()
    assert before["x"] == (its["due"] - its["met"]).to_list()
    assert opened(filled, before["customdata"][0]) == rows.count(
        facts.current(filled), replace(OF.only("category", its["key"].iloc[0]), verdict=BROKEN), MONDAY
    )


def test_both_lines_are_the_shares_of_the_weeks(answer: Answer) -> None:
    figure, weeks = drawn(answer)["week"].figure, answer.weeks[answer.weeks["term"] == "resolve"]
    target, was, then = (trace["y"] for trace in figure["data"])
    assert set(target) == {90.0}
    for line, share in ((was, weeks["share"]), (then, weeks["share_then"])):
        assert line == [round(one * 100, 2) for one in share]
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < min(was + then) <= max(was + then) <= high == 100


def test_without_a_list_of_exactly_these_nothing_is_a_link(answer: Answer) -> None:
    """Two terms of one stage share their list, so neither opens it."""
    weeks = answer.weeks[answer.weeks["term"] == "resolve"]
    drawing = what_if.weeks(weeks, None, "weeks", local_day(MONDAY))
    assert not any(isinstance(cell, Counted) for row in drawing.rows for cell in row)
    assert {query for trace in drawing.figure["data"] for query in trace["customdata"]} == {""}


WEEKS = [
    # of each week due, met, then due and met if so; what the title says, why
    ([(20, 20, 20, 15), (30, 20, 30, 10)], "đạt chỉ tiêu 1 trên 2 tuần, nếu vậy 0 trên 2", "both"),
    ([(20, 20, 20, 19), (30, 30, 30, 30)], "đạt chỉ tiêu 2 trên 2 tuần", "19 of 20 is the target: nothing changed"),
    (
        [(20, 20, 20, 15), (19, 0, 19, 0)],
        "đạt chỉ tiêu 95\xa0% (100\xa0% của 20), nếu vậy 75\xa0% của 20",
        "of fewer than 20 none (D16), and of one week how it was kept",
    ),
    ([(20, 15, 20, 15)], "chưa đạt chỉ tiêu 95\xa0% (75\xa0% của 20)", "one week, as it was"),
    ([(20, 20, 12, 12)], "", "too few are due if so"),
]


@pytest.mark.parametrize(("weeks", "words", "why"), WEEKS, ids=[row[-1] for row in WEEKS])
def test_the_weeks_say_in_how_many_the_target_is_met(
    weeks: list[tuple[int, int, int, int]], words: str, why: str
) -> None:
    found = pd.DataFrame(weeks, columns=["due", "met", "due_then", "met_then"])
    found["share"], found["share_then"] = found["met"] / found["due"], found["met_then"] / found["due_then"]
    mondays = pd.to_datetime(["2026-11-02", "2026-11-09"][: len(weeks)])
    found = found.assign(week=mondays, target=0.95, better=0, worse=0)
    assert what_if.weeks(found, OF, "weeks", date(2026, 11, 16)).finding == words, why
    assert what_if.weeks(found[:1], OF, "weeks", date(2026, 11, 8)).finding == "", "the week still runs"


KEYS = [
    # key → due, met, due and met if so; what the title says, why
    (
        {"payment": (100, 90, 100, 60), "login": (50, 45, 50, 42)},
        "thêm 33 lần trễ; {payment} 91\xa0% của 33",
        "the part beyond chance",
    ),
    ({"payment": (100, 90, 100, 88), "login": (50, 45, 50, 44)}, "thêm 3 lần trễ", "of three no part is named"),
    ({"payment": (100, 60, 100, 90), "login": (50, 45, 50, 44)}, "bớt 29 lần trễ", "one part alone went that way"),
    ({"payment": (100, 60, 100, 60), "login": (50, 45, 50, 45)}, "số lần trễ như cũ", "no other"),
    ({"payment": (10, 9, 10, 2), "login": (9, 9, 9, 1)}, "", "of fewer than 20 nothing"),
]


@pytest.mark.parametrize(("keys", "words", "why"), KEYS, ids=[row[-1] for row in KEYS])
def test_a_split_says_how_many_more_are_late_and_most_of_them_where(
    keys: dict[str, tuple[int, int, int, int]], words: str, why: str
) -> None:
    rows = [(key, *counts) for key, counts in keys.items()]
    found = pd.DataFrame(rows, columns=["key", "due", "met", "due_then", "met_then"]).assign(better=0, worse=0)
    found["share"], found["share_then"] = found["met"] / found["due"], found["met_then"] / found["due_then"]
    assert what_if.by(found, OF, "category", "").finding == words.format(payment=name_of("category", "payment")), why
