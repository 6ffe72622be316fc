"""Prevention over all complaints (D25): analyses that wait, actions by due, evidence to verify, effects to check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import case as cases
from core.register.case.actions import ANALYSED
from core.register.log.tables import Action, Complaint, Evidence, Person, SlaCycle
from core.register.reads import timeline
from core.register.reads.dossier import reads_names
from core.register.reads.timeline import Moment
from core.register.reads.visible import visible
from core.rules import prevention, roles
from core.rules.calendar import LOCAL, whole_second
from core.rules.policy import Actor
from core.rules.prevention import CHECK_AFTER, Analysis, Effect, Stage

MOST = 50
"""Rows of a list on the page; what is more is counted beside it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An analysis that waits for the board: the moment that wrote it, ``people`` only where the reader may see them."""

    code: str
    version: int
    category: str
    cause: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class Missing:
    """A complaint that has no analysis yet, with the due of its clock, or whose analysis was returned."""

    code: str
    category: str
    is_returned: bool
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One action with its complaint; ``action`` is a row of ``actions`` as the rules read it."""

    code: str
    category: str
    what: str
    owner: str
    action: prevention.Action


@dataclass(frozen=True, slots=True)
class Owed:
    """What one person has to do: approve, analyse, do or show their own actions, verify, check an effect."""

    approve: int = 0
    analyse: int = 0
    act: int = 0
    verify: int = 0
    check: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Kept:
    """The actions that fell due in a period, and what became of them.

    ``in_time``: done at or before their due. ``late``: done after it. ``undone``: not done yet. ``verified``: evidence
    confirmed. ``checked``: an effect was found or not, ``effective``: it was found.
    """

    due: int
    in_time: int
    late: int
    undone: int
    verified: int
    checked: int
    effective: int


def _is_at(stage: Stage) -> ColumnElement[bool]:
    """The rows of ``actions`` at this stage, as ``core.rules.prevention.Action.stage`` says it."""
    checked = Action.effect.in_([Effect.effective, Effect.not_effective])
    verified, sent = Action.verified_at.is_not(None), Action.evidence_at.is_not(None)
    done, approved = Action.done_at.is_not(None), Action.approved_at.is_not(None)
    is_unchecked = or_(Action.effect.is_(None), ~checked)
    tests: Mapping[Stage, ColumnElement[bool]] = {
        Stage.planned: ~approved,
        Stage.open: and_(approved, ~done),
        Stage.done: and_(done, ~sent, ~verified),
        Stage.sent: and_(sent, ~verified),
        Stage.verified: and_(verified, is_unchecked),
        Stage.checked: checked,
    }
    return tests[stage]


UNDONE = or_(_is_at(Stage.open), _is_at(Stage.done))
"""What its owner still has to do, or to show."""


def to_check(now: datetime) -> ColumnElement[bool]:
    """The verified actions whose effect is to be looked at by now."""
    since = func.coalesce(Action.effect_at, Action.verified_at)
    return and_(_is_at(Stage.verified), since <= whole_second(now) - CHECK_AFTER)


def to_verify() -> ColumnElement[bool]:
    """The actions whose evidence waits for customer care."""
    return _is_at(Stage.sent)


def owed(session: Session, *, by: Actor, now: datetime) -> Owed:
    """How much of it waits for this person; each number is that of a list on the page."""
    may = {key: roles.may(by.role, key) for key in prevention.KEYS}
    cares = may[prevention.VERIFY]
    return Owed(
        approve=_count(session, _waiting(session, by)) if may[prevention.APPROVE] else 0,
        analyse=_count_missing(session, by) if may[prevention.ANALYSE] else 0,
        act=count(session, and_(UNDONE, Action.owner_id == by.id), by=by) if may[prevention.DONE] else 0,
        verify=count(session, to_verify(), by=by) if cares else 0,
        check=count(session, to_check(now), by=by) if cares else 0,
    )


def waiting(session: Session, *, by: Actor, most: int = MOST) -> tuple[int, list[Waiting]]:
    """How many analyses wait for approval, and the oldest of them."""
    wanted = _waiting(session, by)
    found = session.scalars(wanted.order_by(Complaint.id).limit(most)).all()
    return _count(session, wanted), [_read(session, complaint, by) for complaint in found]


def missing(session: Session, *, by: Actor, most: int = MOST) -> tuple[int, list[Missing]]:
    """How many complaints wait for an analysis: what was returned, then what has none yet, due first."""
    returned = session.scalars(_returned(session, by).order_by(Complaint.id).limit(most)).all()
    due = func.min(SlaCycle.due_at)
    wanted = _unanalysed(session, by).add_columns(due).group_by(Complaint.id).order_by(due, Complaint.id)
    found = [Missing(one.code, one.category, is_returned=True, due_at=None) for one in returned]
    found += [
        Missing(complaint.code, complaint.category, is_returned=False, due_at=due_at)
        for complaint, due_at in session.execute(wanted.limit(most))
    ]
    return _count_missing(session, by), found[:most]


def lines(session: Session, which: ColumnElement[bool], *, by: Actor, most: int = MOST) -> tuple[int, list[Line]]:
    """How many such actions of complaints that ``by`` sees there are, and those due first."""
    wanted = (
        select(Action, Complaint.code, Complaint.category, Evidence.body, Person.name)
        .join(Complaint, Complaint.id == Action.complaint_id)
        .outerjoin(Evidence, Evidence.id == Action.what_id)
        .outerjoin(Person, Person.id == Action.owner_id)
        .where(which, visible(session, by))
        .order_by(Action.due_at, Action.complaint_id, Action.number)
        .limit(most)
    )
    return count(session, which, by=by), [
        Line(code, category, what or "", owner or "?", _action(row))
        for row, code, category, what, owner in session.execute(wanted)
    ]


def count(session: Session, which: ColumnElement[bool], *, by: Actor) -> int:
    """How many actions of complaints that ``by`` sees are such."""
    wanted = select(func.count()).select_from(Action).join(Complaint, Complaint.id == Action.complaint_id)
    return session.scalar(wanted.where(which, visible(session, by))) or 0


def is_late(now: datetime) -> ColumnElement[bool]:
    """Approved, not done, and its due is past."""
    return and_(_is_at(Stage.open), Action.due_at < whole_second(now))


def kept(session: Session, start: date, end: date, *, by: Actor, now: datetime) -> Kept:
    """The approved actions whose due lies in the local days ``start`` … ``end`` and is past at ``now`` (D11)."""
    first, after = (datetime.combine(day, time(), LOCAL) for day in (start, end + timedelta(days=1)))
    fell_due = and_(
        Action.approved_at.is_not(None),
        Action.due_at > first,  # what is due at 24:00 belongs to the day it ends (D12)
        Action.due_at <= after,
        Action.due_at <= whole_second(now),
    )
    checked, done = _is_at(Stage.checked), Action.done_at.is_not(None)
    counted = (
        func.count(),
        func.count().filter(and_(done, Action.done_at <= Action.due_at)),
        func.count().filter(and_(done, Action.done_at > Action.due_at)),
        func.count().filter(~done),
        func.count().filter(Action.verified_at.is_not(None)),
        func.count().filter(checked),
        func.count().filter(Action.effect == Effect.effective),
    )
    wanted = select(*counted).select_from(Action).join(Complaint, Complaint.id == Action.complaint_id)
    return Kept(*session.execute(wanted.where(fell_due, visible(session, by))).one())


def _waiting(session: Session, by: Actor) -> Select[Complaint]:
    return select(Complaint).where(Complaint.analysis == Analysis.waiting, visible(session, by))


def _returned(session: Session, by: Actor) -> Select[Complaint]:
    return select(Complaint).where(Complaint.analysis == Analysis.returned, visible(session, by))


def _unanalysed(session: Session, by: Actor) -> Select[Complaint]:
    """Complaints whose clock of the analysis runs; the running clocks have an index of their own."""
    return (
        select(Complaint)
        .join(SlaCycle, SlaCycle.complaint_id == Complaint.id)
        .where(
            SlaCycle.term.in_(_terms(session)),
            SlaCycle.stopped_at.is_(None),
            SlaCycle.cancelled_at.is_(None),
            Complaint.analysis.is_(None),
            visible(session, by),
        )
    )


def _count_missing(session: Session, by: Actor) -> int:
    return _count(session, _returned(session, by)) + _count(session, _unanalysed(session, by))


def _terms(session: Session) -> set[str]:
    """The terms that an analysis meets, of every procedure in any version."""
    return {term.key for one in rulebook.every_procedure(session) for term in one.terms if ANALYSED in term.to_events}


def _count(session: Session, wanted: Select[Complaint]) -> int:
    ids = wanted.with_only_columns(Complaint.id).distinct().subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def _read(session: Session, complaint: Complaint, by: Actor) -> Waiting:
    history = cases.history(session, complaint.id)
    moments = timeline.read(session, complaint.id, history, reads_names=reads_names(by))
    newest = next(one for one in reversed(moments) if one.kind == ANALYSED and one.undone_at is None)
    cause = newest.payload.get("root_cause") or ""
    return Waiting(complaint.code, complaint.version, complaint.category, cause, newest)


def _action(row: Action) -> prevention.Action:
    return prevention.Action(**{name: getattr(row, name) for name in prevention.Action._fields})
