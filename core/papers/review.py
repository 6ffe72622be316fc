"""The weekly review whole: its figures, and what people have to speak about by code and name; data that JSON keeps."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from typing import NotRequired, TypedDict, cast

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.i18n import by_language
from core.insight import backlog, comparison, weekly
from core.insight.facts import Facts, current
from core.insight.figures import FIGURES
from core.insight.filters import Filter
from core.insight.typed import CYCLE
from core.insight.weekly import LAST_DAY, OVERDUE, Figures, Number
from core.register import rulebook
from core.register.figures import known_events
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import Event, Person
from core.register.meetings import minutes
from core.register.reads import incidents, meetings, prevention
from core.rules.calendar import local_day
from core.rules.policy import Actor, colleague

MOST = 30
"""Overdue complaints and actions that are named; all of them are counted."""


class Overdue(TypedDict):
    """A complaint with a promised time that has passed; ``holder``: name of who has it, empty for nobody."""

    code: str
    category: str
    due: str
    holder: str
    department: str


class Incident(TypedDict):
    """An incident that went on in the week; ``late``: its complaints with a promise that was not kept."""

    code: str
    category: str
    opened: str
    ended: str | None
    complaints: int
    late: int


class Action(TypedDict):
    """A preventive action that is not done, with its owner's name."""

    code: str
    number: int
    owner: str
    due: str
    is_late: bool


class Prevention(TypedDict):
    """The actions that fell due in the week, those that are not done, and what waits for the board."""

    due: int
    in_time: int
    checked: int
    effective: int
    undone: int
    late: int
    waiting: int
    actions: list[Action]


class Known(TypedDict):
    """A known event (D28) that touched the week."""

    kind: str
    title: str
    first: str
    last: str | None


class Review(TypedDict):
    """The review of one week as it stood at ``figures["as_of"]``; days and instants are ISO.

    ``last_event``, ``seal``: the newest event of the log that is in it. ``versions``: of calendar and procedures.
    ``owed_by``: name of who has overdue complaints (empty: nobody has them) and how many, most first.
    ``definitions``: figure → language → how it was counted; reviews that were frozen before 0.3 have none.
    """

    organisation: str
    versions: dict[str, int]
    definitions: NotRequired[dict[str, dict[str, str]]]
    last_event: int
    seal: str
    figures: Figures
    known: list[Known]
    incidents: list[Incident]
    overdue: list[Overdue]
    overdue_all: int
    owed_by: list[tuple[str, int]]
    prevention: Prevention


class Restated(TypedDict):
    """A number of a frozen review that is another one by what is known today, as of the same moment."""

    name: str
    then: weekly.Counted
    now: weekly.Counted


def read(register: Register, facts: Facts, monday: date, now: datetime, by: Actor) -> Review:
    """The review of the week from ``monday`` as it stands now; ``by`` is somebody who sees every complaint."""
    end = monday + LAST_DAY
    with register.read() as session:
        calendar = comparison.working_time(register, Filter(monday, end))
        last_event, sealed = seal.newest(session)
        found = weekly.of(facts, monday, calendar, now)
        known = known_events.standing(session, monday, end)
        overdue_all, overdue, owed_by = _overdue(session, facts, now)
        return Review(
            organisation=rulebook.organisation(session).name,
            versions=_versions(session),
            last_event=last_event,
            seal=sealed.hex(),
            figures=found,
            definitions={one["name"]: by_language(FIGURES[one["name"]].definition) for one in found["numbers"]},
            known=[
                Known(kind=one.kind, title=one.title, first=one.first.isoformat(), last=_iso(one.last)) for one in known
            ],
            incidents=_incidents(session, monday, end, by, now),
            overdue=overdue,
            overdue_all=overdue_all,
            owed_by=owed_by,
            prevention=_prevention(session, monday, end, by, now),
        )


def of_week(register: Register, monday: date, now: datetime, by: Actor) -> tuple[Review, meetings.Whole | None]:
    """The review with its meeting: as frozen where that is closed, else as it stands now.

    People are named as ``by`` is told them; notes and decisions stay as they were written.
    """
    with register.read() as session:
        meeting = meetings.whole(session, monday)
    if meeting is not None and meeting.closed_at is not None:
        return _told(kept(meeting.figures), by), meetings.told(meeting, by)
    found = _told(read(register, current(register), monday, now, by), by)
    return found, meetings.told(meeting, by) if meeting is not None else None


def _told(review: Review, by: Actor) -> Review:
    """The same with the names of colleagues as ``by`` reads them (``policy.colleague``)."""
    prevention = review["prevention"]
    actions: list[Action] = [{**one, "owner": colleague(by, one["owner"])} for one in prevention["actions"]]
    return {
        **review,
        "overdue": [{**one, "holder": colleague(by, one["holder"])} for one in review["overdue"]],
        "owed_by": [(colleague(by, holder), n) for holder, n in review["owed_by"]],
        "prevention": {**prevention, "actions": actions},
    }


def kept(text: str) -> Review:
    """A frozen review from its JSON."""
    return cast("Review", json.loads(text))


def frozen(review: Review) -> str:
    """The JSON that is kept of it."""
    return json.dumps(review, ensure_ascii=False, sort_keys=True, indent=1)


def restated(facts: Facts, review: Review) -> list[Restated]:
    """The numbers of a frozen review that differ by what is known today."""
    figures = review["figures"]
    today = weekly.then(facts, date.fromisoformat(figures["week"]), datetime.fromisoformat(figures["as_of"]))
    was: dict[str, Number] = {one["name"]: one for one in figures["numbers"]}
    return [
        Restated(name=one["name"], then=was[one["name"]]["week"], now=one["week"])
        for one in today
        if one["name"] in was and was[one["name"]]["week"] != one["week"]
    ]


def reasons(session: Session, facts: Facts, review: Review) -> dict[str, dict[str, int]]:
    """Why each number of a frozen review is another one today: name of the number → why → how many.

    ``corrected``: promises whose verdict or due a correction changed since (D21); ``late``: steps that were taken
    before and typed in since. Only those of complaints that the number counts, so that what was typed in about other
    weeks is no reason; of what is overdue, whatever the week, those of any complaint, since some are open no more.
    """
    monday = date.fromisoformat(review["figures"]["week"])
    week = Filter(monday, monday + LAST_DAY)
    moment = datetime.fromisoformat(review["figures"]["as_of"])
    corrected, late = _corrected(facts, moment), _typed_in(session, review["last_event"], moment)
    found = {}
    for name in (one["name"] for one in review["figures"]["numbers"]):
        ids = weekly.about(facts, name, week, moment)
        its = corrected.filter(_is_of(name, week, ids))
        typed_in = late if name == OVERDUE else late.filter(pl.col("complaint_id").is_in(ids.implode()))
        told = {"corrected": its.unique(CYCLE).height, "late": int(typed_in["steps"].sum())}
        found[name] = {why: n for why, n in told.items() if n}
    return found


def _corrected(facts: Facts, moment: datetime) -> pl.DataFrame:
    """The corrections since ``moment`` that changed a verdict or a due time; due_now: the day it falls due by today."""
    changed = facts.restatements.filter(pl.col("corrected_at") > moment)
    ids = changed["complaint_id"].unique()
    dues = facts.cycles.filter(pl.col("complaint_id").is_in(ids.implode()))  # of few: not all are joined
    return changed.join(dues.select(*CYCLE, due_now="due_day"), on=CYCLE, how="left")


def _typed_in(session: Session, last_event: int, moment: datetime) -> pl.DataFrame:
    """Columns: complaint_id, steps: how many of it were taken until ``moment`` and written after ``last_event``."""
    wanted = (
        select(Event.subject_id, func.count())
        .where(
            Event.id > last_event,
            Event.subject == "complaint",
            Event.kind != "corrected",
            Event.happened_at <= moment,
        )
        .group_by(Event.subject_id)
    )
    rows = [tuple(row) for row in session.execute(wanted)]
    return pl.DataFrame(rows, {"complaint_id": pl.Int64, "steps": pl.Int64}, orient="row")


def _is_of(name: str, week: Filter, ids: pl.Series) -> pl.Expr:
    """Whether a correction is about a number: of a promise where it falls due, or fell due before, in that week."""
    if stage := weekly.PROMISED.get(name):
        return (pl.col("stage") == stage) & (week.where("due_day") | week.where("due_now"))
    return pl.col("complaint_id").is_in(ids.implode())


def _overdue(session: Session, facts: Facts, now: datetime) -> tuple[int, list[Overdue], list[tuple[str, int]]]:
    """Whatever the week: what is overdue as of now, longest first, and who has it."""
    filter = Filter.of("this_week", local_day(now))
    rows = backlog.rows(facts, filter, now, segment="overdue").sort("next_due_at", "id")
    found = rows.select("code", "category", "next_due_at", "assignee_id", "department").collect()
    holders = found["assignee_id"].drop_nulls().unique()
    names = {one.id: one.name for one in session.scalars(select(Person).where(Person.id.in_(holders.to_list())))}
    owed_by = Counter(names.get(holder, "") for holder in found["assignee_id"])
    named = [
        Overdue(
            code=row["code"],
            category=row["category"] or "",
            due=row["next_due_at"].isoformat(),
            holder=names.get(row["assignee_id"], ""),
            department=row["department"] or "",
        )
        for row in found.head(MOST).iter_rows(named=True)
    ]
    return found.height, named, owed_by.most_common()


def _incidents(session: Session, start: date, end: date, by: Actor, now: datetime) -> list[Incident]:
    return [
        Incident(
            code=one.code,
            category=one.category,
            opened=one.opened_at.isoformat(),
            ended=_iso(one.ended_at),
            complaints=one.complaints,
            late=one.late,
        )
        for one in incidents.listed(session, by=by, now=now)
        if local_day(one.opened_at) <= end and (one.ended_at is None or local_day(one.ended_at) >= start)
    ]


def _prevention(session: Session, start: date, end: date, by: Actor, now: datetime) -> Prevention:
    fell_due = prevention.kept(session, start, end, by=by, now=now)
    undone, lines = prevention.lines(session, prevention.UNDONE, by=by, most=MOST)
    return Prevention(
        due=fell_due.due,
        in_time=fell_due.in_time,
        checked=fell_due.checked,
        effective=fell_due.effective,
        undone=undone,
        late=prevention.count(session, prevention.is_late(now), by=by),
        waiting=prevention.waiting(session, by=by, most=1)[0],
        actions=[
            Action(
                code=one.code,
                number=one.action.number,
                owner=one.owner,
                due=one.action.due_at.isoformat(),
                is_late=one.action.done_at is None and one.action.due_at < now,
            )
            for one in lines
        ],
    )


def _versions(session: Session) -> dict[str, int]:
    procedures = rulebook.organisation(session).procedures
    return {
        "calendar": rulebook.calendar_version(session),
        **{key: rulebook.version_of(session, "procedure", key) for key in procedures},
    }


def _iso(moment: date | None) -> str | None:
    return None if moment is None else moment.isoformat()


def close(register: Register, meeting_id: int, act: Act, by: Actor) -> None:
    """Close a meeting with its figures as they are now.

    They are read before anything is locked; where somebody writes meanwhile they are read again, the last time with
    the register locked, so that what is frozen is all that the log held. Raises what ``minutes.close`` raises.
    """
    for is_last in (False, False, True):
        found = None if is_last else _read_for(register, meeting_id, act, by)
        with register.write() as session:
            if is_last:
                found = _read_for(register, meeting_id, act, by)
            if found is not None and found["last_event"] == seal.newest(session)[0]:
                minutes.close(session, meeting_id, frozen(found), act)
                return


def _read_for(register: Register, meeting_id: int, act: Act, by: Actor) -> Review | None:
    """None where somebody wrote between the facts and the rest, which would name an event that no figure counts."""
    with register.read() as session:
        monday, newest = minutes.get(session, meeting_id).week, seal.newest(session)[0]
    found = read(register, current(register), monday, act.now, by)
    return found if found["last_event"] == newest else None
