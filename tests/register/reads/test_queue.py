"""The queue: what each segment holds, in which order, for whom, and that a page of it stays cheap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from core.errors import NotAllowed
from core.register.case import batch, complaints
from core.register.case.complaints import PastStep
from core.register.case.draft import Draft
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.reads import queue
from core.register.reads.queue import Narrow
from core.rules import segments
from core.rules.policy import Actor
from core.rules.time_left import Nearness
from tests.conftest import Cast
from tests.engines import Beginning
from tests.local_time import at
from tests.register.reads.queue_cases import CASES, HELD, NOW, OF_PAYMENT, QUEUE


def codes_of(session: Session, segment: str, by: Actor, narrow: Narrow | None = None, now: datetime = NOW) -> list[str]:
    """Every code of the segment in queue order."""
    every = range(10_000)
    return [line.code for line in queue.page(session, segment, by=by, now=now, narrow=narrow, rows=every)]


@pytest.fixture
def beginning(request: pytest.FixtureRequest, beginning: Beginning) -> Beginning:
    return QUEUE if "filled" in request.fixturenames else beginning


@pytest.fixture
def filled(register: Register) -> Register:
    """The register with the complaints of ``CASES``."""
    return register


def named(codes: Iterable[str]) -> str:
    return " ".join(str(int(code[-6:])) for code in codes)


@pytest.mark.parametrize("segment", segments.SEGMENTS)
def test_a_segment_holds_these_in_this_order(filled: Register, cast: Cast, segment: str) -> None:
    with filled.read() as session:
        lines = queue.page(session, segment, by=cast.agent, now=NOW)
    assert named(line.code for line in lines) == HELD[segment]


def test_the_counts_are_those_of_the_lists(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        counts = queue.counts(session, by=cast.lead, now=NOW)
        of_agent = queue.counts(session, by=cast.agent, now=NOW)
    assert of_agent == {name: len(codes.split()) for name, codes in HELD.items()}
    assert counts == of_agent | {"mine": 0, "to_direct": 1}


def test_a_department_sees_only_what_was_forwarded_to_it(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        found = {name: named(codes_of(session, name, by=cast.handler)) for name in segments.SEGMENTS}
        counts = queue.counts(session, by=cast.handler, now=NOW)
    assert found == OF_PAYMENT
    assert counts == {name: len(codes.split()) for name, codes in OF_PAYMENT.items()}


@pytest.mark.parametrize(
    ("narrow", "codes"),
    [
        (Narrow(category=("payment",)), "1 8 3"),
        (Narrow(category=("payment", "login")), "1 8 2 3 5"),
        (Narrow(category=("payment",), channel=("email",)), "3"),
        (Narrow(department=("engineering",)), "4"),
        (Narrow(procedure=("misa",)), ""),
        (Narrow(), HELD["all"]),
    ],
)
def test_a_filter_narrows_list_and_counts_alike(filled: Register, cast: Cast, narrow: Narrow, codes: str) -> None:
    with filled.read() as session:
        found = codes_of(session, "all", by=cast.agent, narrow=narrow)
        counts = queue.counts(session, by=cast.agent, now=NOW, narrow=narrow)
    assert (named(found), counts["all"]) == (codes, len(codes.split()))


def test_pages_follow_one_another_without_gap_or_repeat(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        pages = [queue.page(session, "all", by=cast.agent, now=NOW, rows=range(n, n + 3)) for n in (0, 3, 6, 9)]
    assert [named(line.code for line in page) for page in pages] == ["1 8 2", "3 4 5", "6", ""]


def test_a_line_tells_what_the_row_shows(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        lines = {named([line.code]): line for line in queue.page(session, "all", by=cast.agent, now=NOW)}
    assert {name: line.next_due_at for name, line in lines.items()} == {
        name: due and at(due) for name, *_rest, due in CASES if name != "7"
    }
    first, forwarded, told = lines["1"], lines["3"], lines["6"]
    assert first.left is not None
    assert (first.left.nearness, first.left.seconds) == (Nearness.OVERDUE, -int(10.5 * 3600)), (
        "9 h of Thursday, 1.5 of Friday"
    )
    assert first.snippet == "Khiếu nại số 1"
    assert forwarded.awaited == ("payment",)
    assert (lines["4"].assignee, forwarded.assignee) == (cast.agent.name, None)
    assert told.left is None, "the result was told: no clock runs"


@pytest.mark.parametrize(
    ("moment", "wanted", "why"),
    [
        ("2026-11-20 17:30", "2", "still due today on the due instant itself"),
        ("2026-11-20 17:31", "", "overdue now, no longer due"),
        ("2026-11-19 23:59", "", "due tomorrow"),
        ("2026-11-20 00:00", "2", "the local day begins"),
    ],
)
def test_today_is_the_local_day(filled: Register, cast: Cast, moment: str, wanted: str, why: str) -> None:
    with filled.read() as session:
        assert named(codes_of(session, "due_today", by=cast.lead, now=at(moment))) == wanted, why


def test_a_step_moves_it_to_another_segment_at_once(filled: Register, cast: Cast) -> None:
    with filled.write() as session:
        complaints.take(session, "KN-2026-000002", "acknowledge", {}, Act(cast.agent, NOW))
    with filled.read() as session:
        assert named(codes_of(session, "unacknowledged", by=cast.agent)) == "1"
        assert named(codes_of(session, "due_today", by=cast.agent)) == ""


def test_many_rows_at_once_each_by_itself(filled: Register, cast: Cast) -> None:
    with filled.read() as session:
        seen = {line.code: line.version for line in queue.page(session, "all", by=cast.agent, now=NOW)}
    with filled.write() as session:
        complaints.take(session, "KN-2026-000002", "assign", {"assignee_id": cast.agent2.id}, Act(cast.lead, NOW))
    picked = {code: seen[code] for code in ("KN-2026-000001", "KN-2026-000002", "KN-2026-000003")}
    result = batch.take(filled, picked, "acknowledge", {}, Act(cast.agent, NOW))
    assert named(result.done) == "1"
    assert named(result.overtaken) == "2", "somebody assigned it meanwhile: look first"
    assert list(result.refused) == ["KN-2026-000003"], "acknowledged already"
    assert isinstance(result.refused["KN-2026-000003"], NotAllowed)
    with filled.read() as session:
        assert named(codes_of(session, "unacknowledged", by=cast.agent)) == "2"


def test_a_role_that_may_not_is_refused_row_by_row_and_nothing_changes(filled: Register, cast: Cast) -> None:
    result = batch.take(
        filled,
        {"KN-2026-000001": 1, "KN-0000-000000": 1},
        "assign",
        {"assignee_id": cast.manager.id},
        Act(cast.manager, NOW),
    )
    assert (result.done, result.overtaken, len(result.refused)) == ((), (), 2)
    given = batch.take(filled, {"KN-2026-000001": 1}, "assign", {"assignee_id": cast.agent2.id}, Act(cast.agent, NOW))
    assert named(given.done) == "1", "handing over is everybody's right in the team (D23)"


Parameters = tuple[object, ...]
Statement = tuple[str, Parameters]


@contextmanager
def statements(register: Register) -> Iterator[list[Statement]]:
    """Every statement the block sends, with its parameters."""
    sent: list[Statement] = []

    def keep(_connection: object, _cursor: object, statement: str, parameters: Parameters, *_rest: object) -> None:
        sent.append((statement, parameters))

    event.listen(register.engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(register.engine, "before_cursor_execute", keep)


def plan_of(register: Register, statement: str, parameters: Parameters) -> str:
    """How the engine means to run it; PostgreSQL is told not to read the whole table only because it is small."""
    with register.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(row[3] for row in rows)
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))


@pytest.mark.parametrize("segment", segments.SEGMENTS)
def test_a_page_walks_the_index_of_open_rows_and_sorts_nothing(filled: Register, cast: Cast, segment: str) -> None:
    with statements(filled) as sent, filled.read() as session:
        queue.page(session, segment, by=cast.lead if segment == "to_direct" else cast.agent, now=NOW)
    page = next(
        (statement, given) for statement, given in sent if "ORDER BY" in statement and "complaints" in statement
    )
    plan = plan_of(filled, *page)
    assert "ix_complaints_open_by_due" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_the_counts_read_open_rows_only(filled: Register, cast: Cast) -> None:
    with statements(filled) as sent, filled.read() as session:
        queue.counts(session, by=cast.agent, now=NOW)
    (counted,) = [(statement, given) for statement, given in sent if "FILTER" in statement]
    assert "ix_complaints_open_by_due" in plan_of(filled, *counted)


def test_a_page_costs_as_many_statements_for_one_row_as_for_all(filled: Register, cast: Cast) -> None:
    def asked(limit: int) -> int:
        with statements(filled) as sent, filled.read() as session:
            queue.page(session, "all", by=cast.agent, now=NOW, rows=range(limit))
        return len(sent)

    asked(7)  # procedures and calendar are parsed once and kept
    costs = [asked(limit) for limit in range(1, 8)]
    assert costs == sorted(costs)
    assert costs[-1] - costs[0] <= 1, "the marks of all rows are one statement, none where no row has a mark"


def test_a_department_is_ordered_by_when_its_own_answer_is_due(register: Register, cast: Cast) -> None:
    """The customer is promised Monday 23/11; Payments owes its answer on Tuesday 17/11, and is late on Wednesday."""
    asked = at("2026-11-16 09:30")
    forward: StepFields = {"department": "payment", "text": "Kiểm tra", "due_at": at("2026-11-17 17:30")}
    steps = [
        PastStep("acknowledge", asked),
        PastStep("classify", asked, {"kind": "complaint"}),
        PastStep("forward", asked, forward),
    ]
    given = Draft("hotline", at("2026-11-16 09:00"), "Chưa nhận được Stars", "payment")
    with register.write() as session:
        complaints.write_histories(session, [(given, steps)], Act(None, asked))
    tuesday, wednesday = at("2026-11-17 10:00"), at("2026-11-18 09:30")
    with register.read() as session:
        today = queue.counts(session, by=cast.handler, now=tuesday)
        late = queue.counts(session, by=cast.handler, now=wednesday)
        [line] = queue.page(session, "overdue", by=cast.handler, now=wednesday)
        of_lead = queue.counts(session, by=cast.lead, now=wednesday)
    assert (today["due_today"], today["overdue"]) == (1, 0)
    assert (late["due_today"], late["overdue"], of_lead["overdue"]) == (0, 1, 0)
    assert line.next_due_at == at("2026-11-17 17:30") and line.left is not None
    assert (line.left.nearness, line.left.seconds) == (Nearness.OVERDUE, -3600)
