"""Targets (D16): dated, so that a past week is judged by the target of its time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.errors import Conflict, Invalid, NotAllowed
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.verify import verify
from core.register.organisation import targets
from core.rules.targets import USUAL, Target, Targets, dump, parse, target_of
from tests.conftest import Cast
from tests.engines import MONDAY

TODAY, NEXT = date(2026, 11, 16), date(2027, 1, 1)
SET = (Target("resolve", date(2026, 7, 1), 0.9), Target("resolve", NEXT, 0.97), Target("acknowledge", NEXT, 0.99))

OF = [
    # stage, day, share, why
    ("resolve", date(2026, 6, 30), USUAL, "before any was set"),
    ("resolve", date(2026, 7, 1), 0.9, "from its first day on"),
    ("resolve", date(2026, 12, 31), 0.9, "until the day before the next"),
    ("resolve", NEXT, 0.97, "the newest that began"),
    ("acknowledge", date(2026, 12, 31), USUAL, "another stage's target is none of its own"),
    ("prevent", NEXT, USUAL, "none was set"),
]


@pytest.mark.parametrize(("stage", "day", "share", "why"), OF, ids=[row[-1] for row in OF])
def test_the_target_of_a_day(stage: str, day: date, share: float, why: str) -> None:
    assert target_of(SET, stage, day) == share, why
    assert target_of(tuple(reversed(SET)), stage, day) == share, "in whatever order they are kept"


def test_text_and_back() -> None:
    assert parse(dump(SET), file="targets.toml") == (SET[2], SET[0], SET[1])
    assert parse("", file="targets.toml") == ()
    twice = '[[targets]]\nstage = "resolve"\nsince = 2026-07-01\nshare = 0.9\n' * 2
    with pytest.raises(Invalid, match="twice for one day"):
        parse(twice, file="targets.toml")


def known(register: Register) -> Targets:
    with register.read() as session:
        return rulebook.targets(session)


def put(register: Register, act: Act, stage: str, since: date, share: float) -> None:
    with register.write() as session:
        targets.put(session, Target(stage, since, share), act, version=targets.version(session))


def test_a_target_is_set_replaced_and_taken_back_before_its_day(register: Register, cast: Cast) -> None:
    act = Act(cast.admin, MONDAY)
    put(register, act, "resolve", NEXT, 0.9)
    put(register, act, "resolve", NEXT, 0.97)
    assert known(register) == (Target("resolve", NEXT, 0.97),)
    with register.write() as session:
        targets.drop(session, "resolve", NEXT, act, version=targets.version(session))
    assert known(register) == ()
    put(register, act, "resolve", TODAY, 0.9)
    with register.write() as session, pytest.raises(Invalid, match="applies already"):
        targets.drop(session, "resolve", TODAY, act, version=targets.version(session))
    assert verify(register).problems == []


REFUSED = [
    # since, share, field, why
    (TODAY - timedelta(days=1), 0.9, "since", "what is past is not judged anew"),
    (NEXT, 0.4, "share", "less than half is no target"),
    (NEXT, 1.0, "share", "all of them leaves no room to say whether it is met"),
]


@pytest.mark.parametrize(("since", "share", "field", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_what_is_no_target_is_refused(
    sqlite_register: Register, sqlite_cast: Cast, since: date, share: float, field: str, why: str
) -> None:
    with pytest.raises(Invalid) as refused:
        put(sqlite_register, Act(sqlite_cast.admin, MONDAY), "resolve", since, share)
    assert list(refused.value.fields) == [field], why
    assert known(sqlite_register) == ()


def test_who_may_and_who_came_second(sqlite_register: Register, sqlite_cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        put(sqlite_register, Act(sqlite_cast.lead, MONDAY), "resolve", NEXT, 0.9)
    put(sqlite_register, Act(sqlite_cast.admin, MONDAY), "resolve", NEXT, 0.9)
    with sqlite_register.write() as session, pytest.raises(Conflict):
        targets.put(session, Target("resolve", NEXT, 0.8), Act(sqlite_cast.admin, MONDAY), version=0)
