"""When a department's answer counts as near in its queue, and when as overdue (D19): a day before, and after due."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from core.register.log.database import Register
from core.register.log.tables import Complaint, Request
from core.register.reads import queue
from core.rules.calendar import LOCAL
from core.rules.time_left import Nearness
from tests.conftest import Cast


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def owed(session: Session, due_at: datetime | None, *, number: int = 1) -> None:
    """A complaint forwarded to Payments, received Monday 16/11/2026 09:00; the customer is promised Monday 30/11."""
    session.add(
        Complaint(
            id=number,
            year=2026,
            number=number,
            code=f"KN-2026-{number:06d}",
            version=1,
            changed=number,
            procedure="pops",
            procedure_version=1,
            calendar_version=1,
            state="investigating",
            category="payment",
            channel="hotline",
            department="payment",
            waiting_department=due_at is not None,
            department_due_at=due_at,
            recorded_at=at("2026-11-16 09:00"),
            next_due_at=at("2026-11-30 17:30"),
        )
    )
    ended_at = None if due_at else at("2026-11-16 11:00")
    session.add(
        Request(
            complaint_id=number,
            number=1,
            department="payment",
            asked_at=at("2026-11-16 10:00"),
            due_at=due_at or at("2026-11-16 12:00"),
            ended_at=ended_at,
            ended="answered" if ended_at else None,
            reminded=0,
        )
    )


DUE = "2026-11-19 17:30"  # a Thursday
NEAR = [
    # now, nearness, open seconds left, why
    ("2026-11-18 17:29:59", Nearness.ON_TRACK, 32_401, "a second more than a day before"),
    ("2026-11-18 17:30:00", Nearness.NEAR, 32_400, "one day before, to the second"),
    ("2026-11-19 17:30:00", Nearness.NEAR, 0, "on the due instant it is not late"),
    ("2026-11-19 17:30:01", Nearness.OVERDUE, 0, "a second later it is"),
]


@pytest.mark.parametrize(("now", "nearness", "left", "why"), NEAR, ids=[row[-1] for row in NEAR])
def test_an_answer_is_near_from_one_day_before_it_is_due(
    now: str, nearness: Nearness, left: int, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    with sqlite_register.write() as session:
        owed(session, at(DUE))
    with sqlite_register.read() as session:
        (line,) = queue.page(session, "all", by=sqlite_cast.handler, now=at(now))
    assert line.left is not None
    assert (line.next_due_at, line.left.nearness, line.left.seconds) == (at(DUE), nearness, left), why


SEGMENTS = [
    # due, now, in "due today", in "overdue", why
    (DUE, "2026-11-18 23:59:59", 0, 0, "due tomorrow"),
    (DUE, "2026-11-19 00:00:00", 1, 0, "due today from midnight on"),
    (DUE, "2026-11-19 17:30:00", 1, 0, "due now is due today"),
    (DUE, "2026-11-19 17:30:01", 0, 1, "past due is overdue, not due today"),
    ("2026-11-20 00:00", "2026-11-19 10:00:00", 1, 0, "the midnight that ends today belongs to it"),
    ("2026-11-20 00:01", "2026-11-19 10:00:00", 0, 0, "a minute later is tomorrow"),
]


@pytest.mark.parametrize(("due", "now", "today", "overdue", "why"), SEGMENTS, ids=[row[-1] for row in SEGMENTS])
def test_an_answer_is_in_one_segment_at_a_time(
    due: str, now: str, today: int, overdue: int, why: str, sqlite_register: Register, sqlite_cast: Cast
) -> None:
    with sqlite_register.write() as session:
        owed(session, at(due))
    with sqlite_register.read() as session:
        counts = queue.counts(session, by=sqlite_cast.handler, now=at(now))
        of_lead = queue.counts(session, by=sqlite_cast.lead, now=at(now))
    assert (counts["due_today"], counts["overdue"]) == (today, overdue), why
    assert (of_lead["due_today"], of_lead["overdue"]) == (0, 0), "a lead looks at what the customer was promised"


def test_what_a_department_owes_comes_before_what_it_owes_later(sqlite_register: Register, sqlite_cast: Cast) -> None:
    """By its own dates; a complaint it has answered stands where the customer's promise puts it."""
    with sqlite_register.write() as session:
        owed(session, None, number=1)
        owed(session, at("2026-12-04 17:30"), number=2)
        owed(session, at(DUE), number=3)
    with sqlite_register.read() as session:
        lines = queue.page(session, "all", by=sqlite_cast.handler, now=at("2026-11-17 10:00"))
    assert [(line.id, line.next_due_at) for line in lines] == [
        (3, at(DUE)),
        (1, at("2026-11-30 17:30")),
        (2, at("2026-12-04 17:30")),
    ]
    assert [line.left is not None for line in lines] == [True, False, True]
