"""How many users and orders there were (D36): read from a CSV, written as a version with its event, on both engines."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Conflict, Invalid, NotAllowed
from core.register import rulebook
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.verify import verify
from core.register.organisation import audit, exposure
from core.register.organisation.exposure import Plan
from core.rules.exposure import Exposure, Served, dump, merged, months, parse
from tests.conftest import Cast
from tests.engines import MONDAY

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
SAID = (Served("users", OCTOBER, 120_000), Served("users", NOVEMBER, 130_500), Served("orders", OCTOBER, 40_000))

READ = [
    # file, what it says, why
    ("period,users\n2026-10,120000\n", {"users": {OCTOBER: 120_000}}, "as it is asked for"),
    ("period;users\r\n10/2026;120.000\r\n", {"users": {OCTOBER: 120_000}}, "as a Vietnamese Excel writes it"),
    ('﻿Period,Users\n2026-10,"120,000"\n', {"users": {OCTOBER: 120_000}}, "with a mark, capitals and commas"),
    (
        "period,orders,users\n2026-10,7,\n2026-11,,9\n",
        {"orders": {OCTOBER: 7}, "users": {NOVEMBER: 9}},
        "both, some unknown",
    ),
    ("note,period,users\nvì Tết,2026-10,5\n", {"users": {OCTOBER: 5}}, "columns that mean nothing are passed over"),
    ("period,users\n\n,\n2026-10,5\n", {"users": {OCTOBER: 5}}, "empty lines"),
]
WRONG = [
    # file, line, column, why
    ("period,users\nOctober,5\n", 2, "period", "no month"),
    ("period,users\n2026-13,5\n", 2, "period", "a month that no year has"),
    ("period,users\n2026-10,5\n2026-11,many\n", 3, "users", "no number"),
    ("period,users\n2026-10,0\n", 2, "users", "nothing can be counted against nobody"),
    ("period,users\n2026-10,-5\n", 2, "users", "less than nobody"),
    ("period,users\n2026-10,1.5\n", 2, "users", "half a user"),
    ("period,users\n2026-10,5\n10/2026,6\n", 3, "period", "one month twice"),
]


def _plan(register: Register, text: str) -> Plan:
    with register.read() as session:
        return exposure.plan(session, text.encode())


def _known(register: Register) -> Exposure:
    with register.read() as session:
        return rulebook.exposure(session)


@pytest.mark.parametrize(("text", "said", "why"), READ, ids=[row[-1] for row in READ])
def test_a_file_is_read(sqlite_register: Register, text: str, said: dict[str, dict[date, int]], why: str) -> None:
    plan = _plan(sqlite_register, text)
    assert not plan.faults, why
    assert {measure: its for measure in ("users", "orders") if (its := months(plan.after, measure))} == said


@pytest.mark.parametrize(("text", "line", "column", "why"), WRONG, ids=[row[-1] for row in WRONG])
def test_what_is_wrong_is_named(sqlite_register: Register, text: str, line: int, column: str, why: str) -> None:
    plan = _plan(sqlite_register, text)
    assert [fault[:2] for fault in plan.faults] == [(line, column)], why
    assert plan.changes == ()


@pytest.mark.parametrize(
    "content", [b"", b"month,users\n", b"period,visitors\n2026-10,5\n", b"\xff\xfe", b"x" * (1 << 21)]
)
def test_what_is_no_such_table_is_refused(sqlite_register: Register, content: bytes) -> None:
    with sqlite_register.read() as session, pytest.raises(Invalid):
        exposure.plan(session, content)


def test_it_is_written_with_its_event_and_months_not_named_stay(register: Register, cast: Cast) -> None:
    def put(text: str) -> None:
        plan = _plan(register, text)
        with register.write() as session:
            exposure.put(session, plan, Act(cast.analyst, MONDAY))

    put("period,users,orders\n2026-10,100000,40000\n")
    put("period,users\n2026-10,120000\n2026-11,130500\n")
    assert _known(register) == SAID
    with register.read() as session:
        applied = audit.versions(session, "exposure")
    assert [(one.version, one.by) for one in applied] == [(2, cast.analyst.name), (1, cast.analyst.name)]
    assert [change[:] for change in applied[0].changes] == [
        ("users", "2026-10", "100000", "120000"),
        ("users", "2026-11", "", "130500"),
    ]
    assert verify(register, files=False, now=MONDAY).is_whole
    assert _plan(register, "period,users\n2026-10,120000\n").changes == (), "known already"


def test_not_everybody_says_it_and_nobody_over_somebody_else(register: Register, cast: Cast) -> None:
    plan = _plan(register, "period,users\n2026-10,5\n")
    for person in (cast.agent, cast.lead, cast.manager, cast.handler, cast.reporter):
        with register.write() as session, pytest.raises(NotAllowed):
            exposure.put(session, plan, Act(person, MONDAY))
    with register.write() as session:
        exposure.put(session, plan, Act(cast.admin, MONDAY))
    with register.write() as session, pytest.raises(Conflict):
        exposure.put(session, plan, Act(cast.admin, MONDAY))
    same = _plan(register, "period,users\n2026-10,5\n")
    with register.write() as session, pytest.raises(Invalid):
        exposure.put(session, same, Act(cast.admin, MONDAY))


def test_text_and_back() -> None:
    assert parse(dump(reversed(SAID)), file="exposure.toml") == SAID
    assert parse("", file="exposure.toml") == ()
    with pytest.raises(Invalid):
        parse('[[served]]\nmeasure = "visitors"\nmonth = 2026-10-01\nnumber = 5\n', file="exposure.toml")
    assert merged(SAID, [Served("orders", OCTOBER, 1)])[-1].number == 1
