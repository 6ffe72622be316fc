"""The message of a morning (D42): one a person and working day: what is due, what is new, what waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.register.log.bulk import among
from core.register.log.tables import Complaint, Notice, Person
from core.register.messages import outbox, outlets, timed
from core.register.messages.choices import Choices
from core.register.messages.outbox import DIGEST, Line, New, iso
from core.register.notices import reads
from core.rules import messages as rules
from core.rules import roles
from core.rules.calendar import local_day
from core.rules.messages import APPROVALS, GROUP_OF, PERSONAL, WEEK, Choice
from core.rules.prevention import Analysis

REVIEWERS = ("manager",)
"""Who is told each week that its review can be held."""


def write(session: Session, last: datetime | None, now: datetime) -> bool:
    """Write notices and messages of the working day of ``now`` once its office is open; whether they were.

    ``last``: when those of a morning were last written; what is new since then is in the message. Old notices and
    messages go at the same time.
    """
    office = outbox.office(session, now)
    day = office.morning(now)
    if day is None or (last is not None and local_day(last) >= day):
        return False
    before = office.day_before(day)
    timed.write_today(session, day, before, now)
    since = last if last is not None else now - timedelta(days=1)
    begins_week = day.weekday() == 0 if last is None else _monday(local_day(last)) < _monday(day)
    _write_digests(session, day, since, now, begins_week=begins_week)
    reads.forget_old(session, now=now)
    outbox.forget_old(session, now=now)
    return True


def _write_digests(session: Session, day: date, since: datetime, now: datetime, *, begins_week: bool) -> None:
    ways = [one for one in outlets.in_use(session) if one.kind in PERSONAL]
    if not ways:
        return
    everybody = list(session.scalars(select(Person).where(Person.active).order_by(Person.id)))
    lines = lines_of(session, everybody, since, now)
    review = _week_before(day) if begins_week else ""
    for person_id, beside in _beside(session, everybody, review).items():
        lines.setdefault(person_id, []).extend(beside)
    for outlet in ways:
        for person in outbox.reached(session, outlet, lines):
            new = New(outlet.id, outbox.reader_of(person.id), person.id, f"{DIGEST}:{day}", DIGEST, lines[person.id])
            outbox.put(session, new, due_at=now, now=now)


def lines_of(session: Session, everybody: Iterable[Person], since: datetime, until: datetime) -> dict[int, list[Line]]:
    """Person → what they were told after ``since`` up to ``until``, did not read, and want to hear in the morning."""
    people = {one.id: one for one in everybody}
    chosen = Choices(session, people.values())
    told = (
        select(Notice.person_id, Notice.kind, Notice.cause, Complaint.code, Complaint.category, Complaint.next_due_at)
        .join(Complaint, Complaint.id == Notice.complaint_id)
        .where(Notice.at > since, Notice.at <= until, Notice.read_at.is_(None), among(Notice.person_id, "people"))
        .order_by(Complaint.next_due_at.is_(None), Complaint.next_due_at, Notice.at, Notice.cause)
    )
    found: dict[int, list[Line]] = {}
    for row in session.execute(told, {"people": sorted(people)}):
        if rules.when(row.kind, chosen.of(row.person_id, GROUP_OF[row.kind])) is Choice.MORNING:
            line = Line(kind=row.kind, code=row.code, category=row.category, due=iso(row.next_due_at), cause=row.cause)
            found.setdefault(row.person_id, []).append(line)
    return found


def _beside(session: Session, everybody: Iterable[Person], review: str) -> dict[int, list[Line]]:
    """Person → analyses that wait for them, and the ``review`` of a week (empty for none) for those who hold it."""
    waiting = session.scalar(select(func.count()).where(Complaint.analysis == Analysis.waiting)) or 0
    people = list(everybody)
    chosen = Choices(session, people)
    found: dict[int, list[Line]] = {}
    for person in people:
        lines = []
        if waiting and roles.may(person.role, "approve_analysis"):
            lines.append(Line(kind=APPROVALS, n=waiting))
        if review and person.role in REVIEWERS:
            lines.append(Line(kind=WEEK, week=review))
        wanted = [
            line
            for line in lines
            if rules.when(line["kind"], chosen.of(person.id, GROUP_OF[line["kind"]])) is not Choice.OFF
        ]
        if wanted:
            found[person.id] = wanted
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week_before(day: date) -> str:
    """``2026-W46``, as the weekly review names the week before that of ``day``."""
    year, week, _weekday = (_monday(day) - timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02}"
