"""Notices that time alone gives (D40, D42): a clock that warns, one that was missed, what is due or asked today.

Every question goes by an index: of the clocks that run and the complaints that are open, never of all there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.log.bulk import among, insert_rows
from core.register.log.tables import OPEN, Complaint, Notice, Request, SlaCycle
from core.register.messages import outbox
from core.register.messages.outbox import Told
from core.register.notices.readers import Readers
from core.register.notices.write import NoticeRow
from core.register.reads.visible import columns_of
from core.rules.calendar import LOCAL
from core.rules.messages import by_the_hour
from core.rules.notices import CHASE_TODAY, DUE_TODAY, MISSED, WARNED
from core.rules.procedure import Term

RUNS = SlaCycle.stopped_at.is_(None), SlaCycle.cancelled_at.is_(None)


class Due(NamedTuple):
    """A notice before its readers are known; ``departments``: who is told instead of the holder."""

    kind: str
    cause: str
    complaint_id: int
    is_short: bool = False
    departments: tuple[str, ...] = ()


def write_moments(session: Session, since: datetime, until: datetime, now: datetime) -> int:
    """Tell holders and leads of clocks that began to warn, or were missed, from ``since`` to ``until``; how many.

    A clock whose due has passed by ``now`` warns nobody any more.
    """
    its = select(SlaCycle.complaint_id, SlaCycle.term, SlaCycle.number).where(*RUNS)
    warned = its.where(SlaCycle.warns_at > since, SlaCycle.warns_at <= until, SlaCycle.due_at >= now)
    missed = its.where(SlaCycle.due_at >= since, SlaCycle.due_at < until)
    found = [(kind, row) for kind, asked in ((WARNED, warned), (MISSED, missed)) for row in session.execute(asked)]
    if not found:
        return 0
    complaints = _complaints(session, {row.complaint_id for _kind, row in found})
    due = [
        Due(
            kind,
            f"{kind}:{row.complaint_id}:{row.term}:{row.number}",
            row.complaint_id,
            by_the_hour(_term(session, complaints[row.complaint_id], row.term)),
        )
        for kind, row in found
    ]
    return _write(session, due, complaints, now)


def write_today(session: Session, day: date, day_before: date, now: datetime) -> int:
    """Tell who holds it, and who owes an answer, what is due on ``day``, and whom to ask again; returns how many.

    ``day_before``: the working day before, since which days to ask again count.
    """
    end = datetime.combine(day + timedelta(days=1), time(0), LOCAL)
    due = [
        Due(DUE_TODAY, f"{DUE_TODAY}:{day}:{id}", id)
        for id in session.scalars(
            select(SlaCycle.complaint_id).where(*RUNS, SlaCycle.due_at >= now, SlaCycle.due_at <= end).distinct()
        )
    ]
    due += [
        Due(CHASE_TODAY, f"{CHASE_TODAY}:{day}:{id}", id)
        for id in session.scalars(
            select(Complaint.id).where(OPEN, Complaint.chase_on > day_before, Complaint.chase_on <= day)
        )
    ]
    due += list(_owed(session, day, now, end))
    return _write(session, due, _complaints(session, {one.complaint_id for one in due}), now)


def _owed(session: Session, day: date, now: datetime, end: datetime) -> Iterator[Due]:
    """What departments owe today: asked among the open complaints that wait for one."""
    waiting = OPEN, Complaint.waiting_department.is_(True), Complaint.department_due_at <= end
    its = (
        select(Request.complaint_id, Request.department)
        .join(Complaint, Complaint.id == Request.complaint_id)
        .where(*waiting, Request.ended.is_(None), Request.due_at >= now, Request.due_at <= end)
    )
    for complaint_id, department in session.execute(its):
        yield Due(DUE_TODAY, f"{DUE_TODAY}:{day}:{complaint_id}", complaint_id, departments=(department,))


def _complaints(session: Session, ids: Iterable[int]) -> Mapping[int, Complaint]:
    found = session.scalars(select(Complaint).where(among(Complaint.id, "ids")), {"ids": sorted(ids)})
    return {one.id: one for one in found}


def _term(session: Session, complaint: Complaint, key: str) -> Term | None:
    return rulebook.of(session).procedure(session, complaint.procedure, complaint.procedure_version).term(key)


def _write(session: Session, due: Sequence[Due], complaints: Mapping[int, Complaint], now: datetime) -> int:
    """Each notice once a reader; what somebody was told already is left out."""
    readers = Readers(session)
    rows: dict[tuple[int, str], tuple[NoticeRow, bool]] = {}
    for one in due:
        complaint = complaints[one.complaint_id]
        for person_id in _readers(readers, one, complaint, now):
            row = NoticeRow(
                person_id=person_id,
                cause=one.cause,
                kind=one.kind,
                complaint_id=one.complaint_id,
                event_id=None,
                at=now,
                read_at=None,
            )
            rows.setdefault((person_id, one.cause), (row, one.is_short))
    told = select(Notice.person_id, Notice.cause).where(
        among(Notice.person_id, "people"), among(Notice.cause, "causes")
    )
    asked = {"people": sorted({key[0] for key in rows}), "causes": sorted({key[1] for key in rows})}
    known = {(row.person_id, row.cause) for row in session.execute(told, asked)} if rows else set()
    new = [value for key, value in rows.items() if key not in known]
    insert_rows(session, Notice, [row for row, _is_short in new])
    outbox.of_notices(
        session,
        [
            Told(row["person_id"], None, row["kind"], row["cause"], row["complaint_id"] or 0, short)
            for row, short in new
        ],
        now,
    )
    return len(new)


def _readers(readers: Readers, one: Due, complaint: Complaint, now: datetime) -> list[int]:
    row = columns_of(complaint) | {"assignee_id": complaint.assignee_id}
    if one.departments:
        return readers.those_who_see(
            (id for department in one.departments for id in readers.of_department(department)), row, now
        )
    return readers.watchers(row, now) if one.kind in (WARNED, MISSED) else readers.holders(row, now)
