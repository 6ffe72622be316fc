"""The sample's incidents (D24): one that is over, of the days on which many complained, and one that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.commands.sample_histories import ANSWER_WITHIN, SOURCE, Place
from core.commands.sample_rhythm import Rhythm, Running
from core.register.case import incidents
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act
from core.register.log.database import Register
from core.register.log.tables import OPEN, Complaint, Incident, Person
from core.rules.calendar import local_day
from core.rules.steps import STEPS

FEWEST = 3
OPENED_AFTER, ENDED_AFTER = timedelta(hours=1), timedelta(days=3)
ONES = 200
"""References of one query: SQLite takes a limited number of parameters."""


@dataclass(frozen=True, slots=True)
class Over:
    """The complaints of the days that many complained on: their references, and when the last one came."""

    references: Sequence[str]
    last_at: datetime


def draw(register: Register, place: Place, rhythm: Rhythm, over: Over | None, until: datetime) -> None:
    """Open both, once; nothing where the organisation's sample names none, or too few complaints belong to it."""
    with register.write() as session:
        if session.scalar(select(exists(select(Incident.id)))):
            return
        by = session.get_one(Person, place.staff.agents_of(None)[0])
        if over and "title" in rhythm["incident"]:
            at = place.work.add(over.last_at, OPENED_AFTER)
            _over(session, rhythm["incident"]["title"], over, at, partial(Act, by, until))
        if "running" in rhythm:
            _running(session, place, rhythm["running"], Act(by, until))


def _over(session: Session, title: str, over: Over, at: datetime, act: partial[Act]) -> None:
    codes = list[str]()
    for start in range(0, len(over.references), ONES):
        some = over.references[start : start + ONES]
        its = select(Complaint.code).where(Complaint.source == SOURCE, Complaint.external_ref.in_(some))
        codes += session.scalars(its.order_by(Complaint.id))
    if len(codes) >= FEWEST:
        code, _result = incidents.begin(session, dict.fromkeys(codes[: incidents.MOST]), title, act(happened_at=at))
        incidents.end(session, str(code), act(happened_at=at + ENDED_AFTER))


def _running(session: Session, place: Place, running: Running, act: Act) -> None:
    """The newest open complaints of a category, forwarded together where that is possible."""
    since = act.now - timedelta(days=running["days"])
    its = select(Complaint).where(OPEN, Complaint.category == running["category"], Complaint.recorded_at >= since)
    found = list(session.scalars(its.where(Complaint.source == SOURCE).order_by(Complaint.id)))
    if len(found) < FEWEST:
        return
    may = {one.code: None for one in found if one.state in STEPS["forward"].from_states}
    code, _result = incidents.begin(session, {one.code: None for one in found}, running["title"], act)
    if may and running["department"] in place.staff.handlers:
        due_at = place.calendar.closing(place.calendar.add_days(local_day(act.now), ANSWER_WITHIN))
        asked = StepFields(department=running["department"], text=running["question"], due_at=due_at)
        incidents.forward(session, str(code), may, [asked], act)
