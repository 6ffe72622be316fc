"""The queue: open complaints by next due, counted per segment, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, UnaryExpression, and_, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.register import rulebook
from core.register.log.tables import OPEN, Complaint, Detail, Evidence, Issue, Person, Request, SlaCycle
from core.register.people import absences
from core.register.reads import marks
from core.register.reads.marks import Marked
from core.register.reads.visible import owe, visible
from core.rules import directions, policy
from core.rules.calendar import local_day
from core.rules.catalogue import Catalogue, standing_for
from core.rules.details import choices_of
from core.rules.directions import CAME_BACK, Standing
from core.rules.policy import Actor
from core.rules.requests import open_of
from core.rules.roles import answers_for_department
from core.rules.segments import SEGMENTS, Columns, Reading
from core.rules.text import snippet
from core.rules.time_left import Deadline, TimeLeft, time_left

SNIPPET = 140  # two lines of a wide screen
FIRST_ROWS = range(25)
Column = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
Departments = tuple[str, ...] | None
"""Those for which the reader answers; None for who answers for none."""
Clock = tuple[int, str, int]
"""Complaint id, term and number of one cycle."""


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction of a superior or the board, how far it is, until when it is needed, how often it was reminded of."""

    standing: str
    addressee: str
    due_at: datetime | None
    reminded: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the queue; ``left``: time until what is due next for the reader (``next_due_at``), if anything.

    ``awaited``: the departments that owe an answer, for who answers for one that one alone; ``reminded``: how often
    they were reminded. ``direction``: that is awaited, or came back and nobody has gone on since. ``is_stood_in``:
    whoever has it is away, and the reader stands in for them (D23). ``marked``: until when its stage is meant to be
    done (D18); departments see none. ``more_issues``: how many it holds beside the first (D34).
    """

    id: int
    code: str
    version: int
    state: str
    kind: str | None
    category: str
    level: str | None
    channel: str
    awaited: tuple[str, ...]
    reminded: int
    assignee: str | None
    recorded_at: datetime
    next_due_at: datetime | None
    left: TimeLeft | None
    snippet: str
    marked: Marked | None = None
    direction: Direction | None = None
    is_stood_in: bool = False
    more_issues: int = 0


@dataclass(frozen=True, slots=True)
class Narrow:
    """Further narrowing of a segment; empty means all.

    ``category``: of any issue of the complaint. ``choices``: field of a category → choices, not personal.
    """

    category: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    procedure: tuple[str, ...] = ()
    incident: str | None = None
    assignee_id: int | None = None
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()


def counts(session: Session, *, by: Actor, now: datetime, narrow: Narrow | None = None) -> dict[str, int]:
    """Open complaints per segment, as ``by`` may see them; one statement over the open rows."""
    own, holders = _own(session, by), _holders(session, by, now)
    columns = [func.count().filter(_segment(name, by, own, now, holders)).label(name) for name in SEGMENTS]
    row = session.execute(select(*columns).where(OPEN, visible(session, by), _narrowed(session, narrow))).one()
    return dict(row._mapping)


def page(
    session: Session,
    segment: str,
    *,
    by: Actor,
    now: datetime,
    narrow: Narrow | None = None,
    rows: range = FIRST_ROWS,
) -> list[Line]:
    """The ``rows`` (counted from 0) of the segment, earliest due first, those without a running clock last."""
    return found(session, _which(session, segment, by, now, narrow), by=by, now=now, rows=rows)


def versions(
    session: Session, segment: str, *, by: Actor, now: datetime, narrow: Narrow | None = None, most: int
) -> dict[str, int]:
    """Code → version of the first ``most`` complaints of the segment, in the order of ``page``."""
    wanted = (
        select(Complaint.code, Complaint.version)
        .where(_which(session, segment, by, now, narrow))
        .order_by(*_order(_own(session, by)))
        .limit(most)
    )
    return {row.code: row.version for row in session.execute(wanted)}


def _which(session: Session, segment: str, by: Actor, now: datetime, narrow: Narrow | None) -> ColumnElement[bool]:
    is_of = _segment(segment, by, _own(session, by), now, _holders(session, by, now))
    return and_(OPEN, visible(session, by), is_of, _narrowed(session, narrow))


def _order(own: Departments) -> tuple[UnaryExpression[datetime | None], InstrumentedAttribute[int]]:
    return _due(own).asc().nulls_last(), Complaint.id


def found(session: Session, which: ColumnElement[bool], *, by: Actor, now: datetime, rows: range) -> list[Line]:
    """The ``rows`` (counted from 0) of the complaints ``which``, earliest due first, without a running clock last."""
    own = _own(session, by)
    wanted = (
        select(Complaint, Evidence.body, Person.name)
        .outerjoin(Evidence, Evidence.id == Complaint.statement_id)
        .outerjoin(Person, Person.id == Complaint.assignee_id)
        .where(which)
        .order_by(*_order(own))
        .offset(rows.start)
        .limit(len(rows))
    )
    read = session.execute(wanted).all()
    found_complaints = [complaint for complaint, _body, _name in read]
    left = times_left(session, found_complaints, now=now)
    if own is not None:
        left |= _answers_left(session, found_complaints, own, now)
    lines = [
        _line(complaint, body or "", policy.colleague(by, name) if name else None, left.get(complaint.id), own)
        for complaint, body, name in read
    ]
    holders = _holders(session, by, now)[1:]
    stood_in = {complaint.id for complaint in found_complaints if complaint.assignee_id in holders}
    lines = [replace(line, is_stood_in=line.id in stood_in) for line in lines] if stood_in else lines
    more = _more_issues(session, [line.id for line in lines])
    lines = [replace(line, more_issues=more.get(line.id, 0)) for line in lines] if more else lines
    if own is not None:
        return lines
    marked = marks.of_many(session, found_complaints, now=now)
    return [replace(line, marked=marked.get(line.id)) for line in lines]


def _more_issues(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Complaint id → how many further issues it holds, of those that hold any."""
    its = select(Issue.complaint_id, func.count().label("n")).where(Issue.complaint_id.in_(ids))
    return {row.complaint_id: row.n for row in session.execute(its.group_by(Issue.complaint_id))}


def logged(session: Session, *, by: Actor, now: datetime, rows: range = FIRST_ROWS) -> list[Line]:
    """Every complaint ``by`` sees, open or not, the newest first; for who follows what they logged themselves."""
    wanted = (
        select(Complaint, Evidence.body)
        .outerjoin(Evidence, Evidence.id == Complaint.statement_id)
        .where(visible(session, by))
        .order_by(Complaint.recorded_at.desc(), Complaint.id.desc())
        .offset(rows.start)
        .limit(len(rows))
    )
    found = session.execute(wanted).all()
    left = times_left(session, [complaint for complaint, _body in found], now=now)
    return [_line(complaint, body or "", None, left.get(complaint.id), None) for complaint, body in found]


def count_logged(session: Session, *, by: Actor) -> tuple[int, int]:
    """How many complaints ``by`` sees, and how many of them are open."""
    row = session.execute(select(func.count(), func.count().filter(OPEN)).where(visible(session, by))).one()
    return row[0], row[1]


def times_left(session: Session, complaints: Iterable[Complaint], *, now: datetime) -> dict[int, TimeLeft]:
    """Complaint id → what is left of its clock that is due next; those without a running clock are not in it."""
    by_id = {complaint.id: complaint for complaint in complaints}
    running = select(SlaCycle).where(
        SlaCycle.complaint_id.in_(by_id), SlaCycle.stopped_at.is_(None), SlaCycle.cancelled_at.is_(None)
    )
    first: dict[int, SlaCycle] = {}
    for cycle in session.scalars(running.order_by(SlaCycle.due_at, SlaCycle.term)):
        first.setdefault(cycle.complaint_id, cycle)
    return {key: _time_left(session, by_id[key], cycle, now) for key, cycle in first.items()}


def lateness(session: Session, missed: Collection[Clock], *, now: datetime) -> dict[Clock, TimeLeft]:
    """How far each of these clocks was past its due when it stopped, or is at ``now``; in the units of the queue."""
    wanted = (
        select(SlaCycle, Complaint)
        .join(Complaint, Complaint.id == SlaCycle.complaint_id)
        .where(SlaCycle.complaint_id.in_({complaint_id for complaint_id, _term, _number in missed}))
    )
    found = {(cycle.complaint_id, cycle.term, cycle.number): (one, cycle) for cycle, one in session.execute(wanted)}
    return {
        clock: _time_left(session, *found[clock], found[clock][1].stopped_at or now)
        for clock in missed
        if clock in found
    }


def _time_left(session: Session, complaint: Complaint, cycle: SlaCycle, now: datetime) -> TimeLeft:
    deadline = Deadline(cycle.term, cycle.starts_at, cycle.due_at, cycle.warns_at)
    book, key, version = rulebook.of(session), complaint.procedure, complaint.procedure_version
    calendar = book.calendar(session, key, version, cycle.calendar_version)
    return time_left(book.procedure(session, key, version, complaint.reply_days), calendar, deadline, now)


def _own(session: Session, by: Actor) -> Departments:
    return policy.departments_of(by, rulebook.catalogues(session)) if answers_for_department(by.role) else None


def _holders(session: Session, by: Actor, now: datetime) -> tuple[int, ...]:
    """Whose complaints ``by`` works on: their own, and those of whom they stand in for today (D23)."""
    return by.id, *absences.stood_in_for(session, by.id, local_day(now))


def _segment(name: str, by: Actor, own: Departments, now: datetime, holders: tuple[int, ...]) -> ColumnElement[bool]:
    columns: Columns[ColumnElement[bool]] = Columns(
        state=Complaint.state,
        due=_due(own),
        unexplained_due=Complaint.unexplained_due_at,
        waiting_department=Complaint.waiting_department.is_(True) if own is None else owe(own),
        assignee_id=Complaint.assignee_id,
        always=true(),
        chase_on=Complaint.chase_on,
        mine=or_(Complaint.assignee_id.in_(holders), _came_back(by)),
        to_direct=_to_direct(by),
    )
    test: ColumnElement[bool] = SEGMENTS[name](columns, Reading.at(now))
    return test


def _came_back(by: Actor) -> ColumnElement[bool]:
    """Whether a direction that ``by`` asked for is there, and nobody has gone on since."""
    return and_(Complaint.direction_by_id == by.id, Complaint.direction.in_(CAME_BACK))


def _to_direct(by: Actor) -> ColumnElement[bool]:
    """Whether ``by`` may give the direction that is awaited (``core.rules.directions.may_answer``)."""
    return and_(
        Complaint.direction == Standing.waiting,
        Complaint.direction_from.in_(directions.answers(by.role)),
        Complaint.direction_by_id.is_distinct_from(by.id),
    )


def _due(own: Departments) -> ColumnElement[datetime | None]:
    """What is due next: for a department its own answer comes first, for everybody else the customer's promise."""
    due = Complaint.next_due_at
    if own is None:
        return due.expression
    its = (Request.complaint_id == Complaint.id, Request.department.in_(own), Request.ended.is_(None))
    first = select(func.min(Request.due_at)).where(*its).correlate(Complaint).scalar_subquery()
    return func.coalesce(first, due)


def _answers_left(
    session: Session, complaints: Iterable[Complaint], own: Departments, now: datetime
) -> dict[int, TimeLeft]:
    """Complaint id → what is left until the department's answer is due; near on its last day."""
    book, in_use, left = rulebook.of(session), rulebook.calendar_version(session), {}
    for one in complaints:
        if owed := _owed(one, own):
            due_at, key, version = owed[0].due_at, one.procedure, one.procedure_version
            deadline = Deadline("", one.recorded_at, due_at, due_at - timedelta(days=1))
            calendar = book.calendar(session, key, version, in_use)
            left[one.id] = time_left(book.procedure(session, key, version), calendar, deadline, now)
    return left


def retired_choices_in_use(session: Session) -> dict[str, frozenset[str]]:
    """Field of a category → its choices no longer offered that an open complaint still says."""
    fields = choices_of(rulebook.catalogues(session).categories)
    retired = {key: {one.key for field in fields[key] for one in field.choices if one.retired} for key in fields}
    tests = [and_(Detail.field == key, Detail.value.in_(keys)) for key, keys in retired.items() if keys]
    if not tests:
        return {}
    said = select(Detail.field, Detail.value).join(Complaint, Complaint.id == Detail.complaint_id)
    found: dict[str, frozenset[str]] = {}
    for key, value in session.execute(said.where(OPEN, or_(*tests)).distinct()):
        found[key] = found.get(key, frozenset()) | {str(value)}
    return found


def retired_in_use(session: Session) -> dict[str, frozenset[str]]:
    """Field of ``Narrow`` → the retired entries of its list that an open complaint still says."""
    found = {}
    for name, column, catalogue in _listed(session):
        retired = [key for key, entry in catalogue.items() if entry.retired]
        said = select(column).where(OPEN, column.in_(retired)).distinct()
        keys = {str(key) for key in session.scalars(said)} if retired else set[str]()
        if retired and name == "category":
            its = select(Issue.category).join(Complaint, Complaint.id == Issue.complaint_id)
            keys.update(session.scalars(its.where(OPEN, Issue.category.in_(retired)).distinct()))
        found[name] = frozenset(keys)
    return found


def _listed(
    session: Session,
) -> Iterator[tuple[str, InstrumentedAttribute[str] | InstrumentedAttribute[str | None], Catalogue]]:
    """Field of ``Narrow``, the column it narrows, and the list of its keys."""
    known = rulebook.catalogues(session)
    yield "category", Complaint.category, known.categories
    yield "channel", Complaint.channel, known.channels
    yield "department", Complaint.department, known.departments


def _narrowed(session: Session, narrow: Narrow | None) -> ColumnElement[bool]:
    """An entry means those merged into it too, and a category its sub-categories (D20)."""
    narrow = narrow or Narrow()
    tests: list[ColumnElement[bool]] = []
    for name, column, catalogue in _listed(session):
        if wanted := getattr(narrow, name):
            keys = standing_for(catalogue, wanted)
            says = column.in_(keys)
            tests.append(or_(says, _has_issue(keys)) if name == "category" else says)
    if narrow.procedure:
        tests.append(Complaint.procedure.in_(narrow.procedure))
    if narrow.incident is not None:
        tests.append(Complaint.incident == narrow.incident)
    if narrow.assignee_id is not None:
        tests.append(Complaint.assignee_id == narrow.assignee_id)
    for field, keys in narrow.choices:
        said = (Detail.complaint_id == Complaint.id, Detail.field == field, Detail.value.in_(keys))
        tests.append(exists().where(*said).correlate(Complaint))
    return and_(true(), *tests)


def _has_issue(categories: Collection[str]) -> ColumnElement[bool]:
    """Whether a further issue is of one of these categories (D34)."""
    its = select(Issue.complaint_id).where(Issue.category.in_(categories))
    return Complaint.id.in_(its)


def _owed(complaint: Complaint, own: Departments) -> list[Request]:
    """Its open requests (those to ``own`` alone, if given), the one that is due first first."""
    its = [one for one in open_of(complaint.requests) if own is None or one.department in own]
    return sorted(its, key=lambda one: (one.due_at, one.number))


def _line(complaint: Complaint, body: str, assignee: str | None, left: TimeLeft | None, own: Departments) -> Line:
    owed = _owed(complaint, own)
    return Line(
        id=complaint.id,
        code=complaint.code,
        version=complaint.version,
        state=complaint.state,
        kind=complaint.kind,
        category=complaint.category,
        level=complaint.level,
        channel=complaint.channel,
        awaited=tuple(dict.fromkeys(one.department for one in owed)),
        reminded=sum(one.reminded for one in owed),
        assignee=assignee,
        recorded_at=complaint.recorded_at,
        next_due_at=owed[0].due_at if owed and own is not None else complaint.next_due_at,
        left=left,
        snippet=snippet(body, SNIPPET),
        direction=_direction(complaint),
    )


def _direction(complaint: Complaint) -> Direction | None:
    if complaint.direction is None:
        return None
    standing, due_at = complaint.direction, complaint.direction_due_at
    return Direction(standing, complaint.direction_from or "", due_at, complaint.direction_reminded)
