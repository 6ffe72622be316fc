"""A question is asked once per state: the same answer for whoever comes later, and never one that no longer holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.insight import asked, compliance
from core.insight.asked import Answers, asked_once
from core.insight.facts import Facts
from core.insight.filters import Filter
from tests.insight.given import NOVEMBER, NOW, Case, Clock, at, crowd, register

CALLS: list[tuple[object, ...]] = []


@pytest.fixture(autouse=True)
def _calls() -> Iterator[None]:
    CALLS.clear()
    yield
    CALLS.clear()


@asked_once
def overdue(facts: Facts, filter: Filter, now: datetime, stage: str = "resolve") -> pd.DataFrame:
    CALLS.append((filter, now, stage))
    return pd.DataFrame({"n": [int((facts.cycles["due_at"] < now).sum())]})


def due_at(*moments: str) -> Facts:
    return register([Case(Clock(at(moment))) for moment in moments])


ASKED_AGAIN = [
    # the first moment, the second, is it asked again, why
    ("2026-11-18 10:00", "2026-11-18 11:59", False, "nothing fell due between them"),
    ("2026-11-18 10:00", "2026-11-18 12:00", True, "at its due time a promise is still kept, but no longer to come"),
    ("2026-11-18 12:00", "2026-11-18 12:01", True, "a minute later it is not"),
    ("2026-11-18 12:01", "2026-11-18 16:59", False, "until the next one"),
    ("2026-11-18 18:00", "2026-11-19 00:00", True, "another day"),
    ("2026-11-18 10:00", "2026-11-18 09:00", True, "earlier than the first: whatever fell due between is not known"),
]


@pytest.mark.parametrize(("first", "second", "again", "why"), ASKED_AGAIN)
def test_when_it_is_asked_again(first: str, second: str, again: bool, why: str) -> None:
    facts = due_at("2026-11-18 12:00", "2026-11-18 17:00")
    for moment in (first, second):
        found = overdue(facts, NOVEMBER, at(moment))
        assert found["n"][0] == int((facts.cycles["due_at"] < at(moment)).sum()), why
    assert len(CALLS) == 1 + again, why


def test_other_arguments_and_other_facts_are_other_questions() -> None:
    facts = due_at("2026-11-18 12:00")
    overdue(facts, NOVEMBER, NOW)
    overdue(facts, NOVEMBER, NOW, "resolve")
    overdue(facts, filter=NOVEMBER, now=NOW, stage="resolve")
    assert len(CALLS) == 1, "however the arguments are written"
    overdue(facts, NOVEMBER, NOW, "acknowledge")
    overdue(facts, replace(NOVEMBER, departments=("payment",)), NOW)
    overdue(due_at("2026-11-18 12:00"), NOVEMBER, NOW)
    assert len(CALLS) == 4


def test_whoever_changes_an_answer_changes_only_their_own() -> None:
    facts = due_at("2026-11-18 09:00")
    mine = overdue(facts, NOVEMBER, NOW)
    mine["n"] = 99
    mine.loc[0, "n"] = 98
    assert overdue(facts, NOVEMBER, NOW)["n"].to_list() == [1]
    assert len(CALLS) == 1


def test_many_at_once_ask_once() -> None:
    facts, begin, found = due_at("2026-11-18 09:00"), threading.Barrier(8), list[int]()

    def ask() -> None:
        begin.wait()
        found.append(int(overdue(facts, NOVEMBER, NOW)["n"][0]))

    people = [threading.Thread(target=ask) for _ in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert found == [1] * 8
    assert len(CALLS) == 1


def test_a_question_that_failed_is_asked_again() -> None:
    answers, tried = Answers(), list[int]()

    def ask() -> int:
        tried.append(1)
        if len(tried) == 1:
            raise ValueError("not now")
        return 7

    with pytest.raises(ValueError, match="not now"):
        answers.get("n", ask)
    assert answers.get("n", ask) == 7


def test_answers_are_bounded_and_the_longest_unused_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "MOST", 2)
    answers, tried = Answers(), list[str]()

    def ask(key: str) -> str:
        tried.append(key)
        return key

    for key in ("a", "b", "a", "c", "a", "b"):
        assert answers.get(key, partial(ask, key)) == key
    assert tried == ["a", "b", "c", "b"]


CROWD = crowd()


@given(st.lists(st.integers(0, 40 * 24 * 60), min_size=2, max_size=6), st.sampled_from(["resolve", "acknowledge"]))
@settings(max_examples=40)
def test_an_answer_is_always_that_of_its_moment(minutes: list[int], stage: str) -> None:
    """Asked of the same facts at any moments, in any order, as if each had been the first."""
    known = replace(CROWD, answers=Answers())
    for minute in minutes:
        now = at("2026-10-26 00:00") + timedelta(minutes=minute)
        once = compliance.of(known, NOVEMBER, now, stage)
        assert once == pytest.approx(
            compliance.of(replace(CROWD, answers=Answers()), NOVEMBER, now, stage), nan_ok=True
        )
