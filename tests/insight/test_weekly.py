"""The figures of a week as the board reviews them: the same numbers as the pages and ``core figures`` say."""

from __future__ import annotations

import json
import random
from datetime import date, datetime, timedelta

import pytest

from core.insight import causes, figures, rewound, weekly
from core.insight.facts import Facts
from core.insight.filters import Filter
from core.insight.weekly import Counted, Number
from tests.insight.given import CALENDAR, NOW, Asked, Case, Clock, at, register

MONDAY = date(2026, 11, 9)  # week 46, over by NOW (18/11)
WEEK = timedelta(weeks=1)


def kept(day: date, n: int, late: int = 0) -> list[Case]:
    """``n`` results that fell due on ``day``, ``late`` of them told a day late."""
    due = f"{day} 17:30"
    begun = f"{day - timedelta(days=5)} 09:00"
    return [
        Case(
            Clock(due, f"{day + timedelta(days=1)} 09:00" if i < late else f"{day} 10:00"),
            recorded=begun,
            state="resolved",
        )
        for i in range(n)
    ]


FACTS = register(
    [
        Case(Clock("2025-09-01 17:30", "2025-09-01 10:00"), recorded="2025-08-25 09:00"),  # covered from here
        *(case for n in range(1, 63) for case in kept(date(2025, 9, 8) + n * WEEK, 1)),
        *kept(MONDAY, 4, late=1),
        *kept(MONDAY - WEEK, 9),
        Case(recorded="2026-11-10 09:00", category="login").asking(
            Asked("payment", "2026-11-11 17:30", "answered", "2026-11-11 10:00"),
            Asked("payment", "2026-11-12 17:30", "answered", "2026-11-13 10:00"),
        ),
    ]
)


def numbers(now: datetime = NOW) -> dict[str, Number]:
    return {one["name"]: one for one in weekly.of(FACTS, MONDAY, CALENDAR, now)["numbers"]}


def counted(part: int, whole: int | None = None, weeks: int = 1) -> Counted:
    return Counted(part=part, whole=whole, weeks=weeks)


def test_a_share_beside_the_weeks_before_and_last_year() -> None:
    found = numbers()["resolve_in_time"]
    assert found["week"] == counted(4, 5), "four of this week and the one that each week has, one of them late"
    assert found["last"] == counted(10, 10)
    assert found["four"] == counted(13, 13, weeks=4), "10 of the week before, and one of each of the three before it"
    assert found["year"] == counted(1, 1), "52 weeks earlier"
    assert found["target"] == 0.95


def test_a_count_and_what_departments_owe() -> None:
    found = numbers()
    assert found["volume"]["week"] == counted(2), "the one of each week (five days before it is due), and a login"
    assert found["department_answers"]["week"] == counted(1, 2)
    assert found["department_answers"]["target"] is None
    assert "acknowledge_in_time" not in found, "no such promise was ever made here"


def test_weeks_that_the_register_does_not_cover_are_not_compared() -> None:
    facts = register([*kept(MONDAY, 3), *kept(MONDAY - WEEK, 2)])
    (found,) = (one for one in weekly.of(facts, MONDAY, CALENDAR, NOW)["numbers"] if one["name"] == "resolve_in_time")
    assert (found["week"], found["last"]) == (counted(3, 3), counted(2, 2))
    assert (found["four"], found["year"]) == (None, None), "D27"


def test_it_is_data_that_json_keeps() -> None:
    found = weekly.of(FACTS, MONDAY, CALENDAR, NOW)
    assert json.loads(json.dumps(found)) == found


def test_the_promise_of_the_week_says_what_was_broken_and_explained() -> None:
    facts = register(
        [
            *kept(MONDAY, 2),
            Case(Clock("2026-11-10 17:30", "2026-11-11 09:00", reason="overload"), recorded="2026-11-02 09:00"),
            Case(Clock("2026-11-10 17:30", "2026-11-11 09:00"), recorded="2026-11-02 09:00"),
        ]
    )
    (promise,) = weekly.of(facts, MONDAY, CALENDAR, NOW)["promises"]
    assert (promise["stage"], promise["broken"], promise["explained"]) == ("resolve", 2, 1)
    assert len(promise["weeks"]) == weekly.WEEKS_SHOWN
    assert (promise["weeks"][-1]["due"], promise["weeks"][-1]["met"]) == (4, 2)


SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_is_the_figure_of_that_name(seed: int) -> None:
    drawn = random.Random(seed)
    cases = []
    for _ in range(120):
        day = date(2026, 10, 5) + timedelta(days=drawn.randrange(44))
        due = day + timedelta(days=drawn.randrange(5))
        stopped = due + timedelta(days=drawn.randrange(-2, 3))
        ended = drawn.random() < 0.5
        cases.append(
            Case(
                Clock(f"{due} 17:30", f"{stopped} 09:00" if ended else None),
                Clock(f"{day} 17:30", f"{day} 11:00", term="acknowledge"),
                recorded=f"{day} 09:00",
                **({"closed_at": f"{max(day, stopped)} 12:00"} if ended else {}),
            )
        )
    facts = register(cases)
    week = Filter(MONDAY, MONDAY + timedelta(days=6))
    found = {one["name"]: one["week"] for one in weekly.of(facts, MONDAY, CALENDAR, NOW)["numbers"]}
    for name in ("resolve_in_time", "acknowledge_in_time", "department_answers"):
        figure = figures.FIGURES[name]
        assert figure.share is not None
        row = figures.ask(name, facts, week, NOW).iloc[0]
        assert found[name] == counted(*(int(row[column]) for column in figure.share))
    assert found["volume"]["part"] == figures.ask("volume", facts, week, NOW).iloc[0]["count"]
    assert found["causes"]["part"] == causes.total(facts, week)
    assert found["backlog"]["whole"] == figures.ask("backlog", facts, week, NOW).iloc[0]["open"]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_restated_while_nothing_changed(seed: int) -> None:
    """As of the moment it was read, what is known today gives the same numbers, whatever happened since.

    The complaints of many weeks are in it, of which only those that the week can count are wound back.
    """
    drawn = random.Random(seed)
    cases = []
    for _ in range(160):
        day = date(2026, 9, 28) + timedelta(days=drawn.randrange(60))
        due = day + timedelta(days=drawn.randrange(9))
        stopped = day + timedelta(days=drawn.randrange(20))
        closed = None if drawn.random() < 0.2 else f"{stopped + timedelta(days=drawn.randrange(9))} 18:00"
        result = Clock(f"{due} 17:30", f"{stopped} 18:00" if closed or drawn.random() < 0.5 else None)
        heard = Clock(f"{day} 17:30", f"{day + timedelta(days=drawn.randrange(3))} 11:00", term="acknowledge")
        case = Case(result, heard, recorded=f"{day} 09:00", **({"closed_at": closed} if closed else {}))
        cases.append(case.asking(Asked("payment", f"{due} 12:00", "answered", f"{stopped} 12:00", f"{day} 10:00")))
    moment = at("2026-11-16 09:00")
    later = register(cases)
    then = rewound.to(later, moment)  # what the register held at that moment
    frozen = {one["name"]: one["week"] for one in weekly.of(then, MONDAY, CALENDAR, moment)["numbers"]}
    again = {one["name"]: one["week"] for one in weekly.then(later, MONDAY, moment)}
    assert again == frozen


def test_the_facts_are_wound_back_once_for_all_who_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes seconds of a million complaints, and every click on a closed review asks for it."""
    facts, moment, wound = register(kept(MONDAY, 3)), at("2026-11-16 09:00"), list[datetime]()
    to = rewound.to

    def counted(facts: Facts, moment: datetime) -> Facts:
        wound.append(moment)
        return to(facts, moment)

    monkeypatch.setattr(rewound, "to", counted)
    first, again = (weekly.then(facts, MONDAY, moment) for _ in range(2))
    assert first == again
    assert wound == [moment]
    weekly.then(facts, MONDAY, moment + timedelta(hours=1))
    assert len(wound) == 2, "another moment is another question"
