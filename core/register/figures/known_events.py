"""Known events (D28): added, ended and withdrawn by a lead or manager, each an event of the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed, NotFound
from core.i18n import N_
from core.register import rulebook
from core.register.figures.said import one_line
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import LoggedEvent, Subject
from core.register.log.tables import Incident, Person
from core.register.log.tables import KnownEvent as KnownEventRecord
from core.register.people import accounts
from core.rules.calendar import local_day, whole_second
from core.rules.known_events import KINDS, LONGEST_TITLE, Kind, KnownEvent
from core.rules.procedure import RATED

SUBJECT = "known_event"
ADDED, ENDED, WITHDRAWN = "added", "ended", "withdrawn"


class KnownEventRow(TypedDict):
    """One row of ``known_events``."""

    id: int
    kind: str
    title: str
    first_day: date
    last_day: date | None
    category: str | None
    stage: str | None
    incident: str | None
    added_at: datetime
    added_by: int | None
    withdrawn_at: datetime | None
    withdrawn_by: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody fills in; as ``KnownEvent``."""

    kind: Kind
    title: str
    first: date
    last: date | None = None
    category: str | None = None
    stage: str | None = None
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """An incident of the register (D24) that nobody has put on the charts: without its name, which a customer gave."""

    code: str
    category: str
    first: date
    last: date | None


def add(session: Session, wanted: Draft, act: Act) -> None:
    """Draw it on every chart that it touches from now on.

    Raises NotAllowed, and Invalid with what to mend (``title``, ``first``, ``last``, ``category``).
    """
    accounts.check_may(session, act, "annotate")
    title, wrong = _checked(session, wanted, act)
    if wrong:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), wrong)
    row = KnownEventRow(
        id=(session.scalar(select(func.max(KnownEventRecord.id))) or 0) + 1,
        kind=wanted.kind,
        title=title,
        first_day=wanted.first,
        last_day=wanted.last,
        category=wanted.category,
        stage=wanted.stage,
        incident=wanted.incident,
        added_at=act.stamp.happened_at,
        added_by=act.actor_id,
        withdrawn_at=None,
        withdrawn_by=None,
    )
    payload = {name: row[name] for name in ("kind", "title", "category", "stage", "incident")}
    days = {"first": row["first_day"].isoformat(), "last": row["last_day"].isoformat() if row["last_day"] else None}
    seal.append(session, Subject(SUBJECT, row["id"]), ADDED, payload | days, act.stamp)
    session.execute(insert(KnownEventRecord).values(**row))


def end(session: Session, event_id: int, last: date, act: Act) -> None:
    """It went on until ``last``. Raises NotAllowed, NotFound, and Invalid (``last``)."""
    found = _standing(session, event_id, act)
    if found.last_day is not None:
        raise NotAllowed(N_("Somebody ended this event already."))
    if not found.first_day <= last <= local_day(act.now):
        raise Invalid(N_("Choose a day from its first one to today."), {"last": N_("Not before it began.")})
    seal.append(session, Subject(SUBJECT, event_id), ENDED, {"last": last.isoformat()}, act.stamp)
    session.execute(update(KnownEventRecord).where(KnownEventRecord.id == event_id).values(last_day=last))


def withdraw(session: Session, event_id: int, act: Act) -> None:
    """It is on no chart any more; the log keeps that it was. Raises NotAllowed, NotFound."""
    _standing(session, event_id, act)
    seal.append(session, Subject(SUBJECT, event_id), WITHDRAWN, {}, act.stamp)
    its = update(KnownEventRecord).where(KnownEventRecord.id == event_id)
    session.execute(its.values(withdrawn_at=act.stamp.happened_at, withdrawn_by=act.actor_id))


def standing(session: Session, first: date, last: date) -> list[KnownEvent]:
    """What was going on in ``first`` … ``last`` and was not withdrawn, in the order of their days."""
    went_on = KnownEventRecord.last_day.is_(None) | (KnownEventRecord.last_day >= first)
    rows = (
        select(KnownEventRecord, Person.name)
        .outerjoin(Person, Person.id == KnownEventRecord.added_by)
        .where(KnownEventRecord.withdrawn_at.is_(None), KnownEventRecord.first_day <= last, went_on)
        .order_by(KnownEventRecord.first_day, KnownEventRecord.id)
    )
    return [
        KnownEvent(
            id=one.id,
            kind=cast("Kind", one.kind),
            title=one.title,
            first=one.first_day,
            last=one.last_day,
            category=one.category,
            stage=one.stage,
            incident=one.incident,
            added_by=name or "",
        )
        for one, name in session.execute(rows)
    ]


def offered(session: Session, first: date, last: date) -> list[Offered]:
    """The incidents of these days that are on no chart yet, the newest first."""
    used = select(KnownEventRecord.incident).where(
        KnownEventRecord.incident.is_not(None), KnownEventRecord.withdrawn_at.is_(None)
    )
    rows = session.scalars(select(Incident).where(Incident.code.not_in(used)).order_by(Incident.id.desc()))
    found = (
        Offered(one.code, one.category, local_day(one.opened_at), local_day(one.ended_at) if one.ended_at else None)
        for one in rows
    )
    return [one for one in found if one.first <= last and (one.last is None or one.last >= first)]


def fold(event_id: int, events: Iterable[LoggedEvent]) -> KnownEventRow:
    """The events of one known event, oldest first → its row."""
    row: KnownEventRow | None = None
    for event in events:
        payload, at = seal.read(event.payload), whole_second(event.happened_at)
        if event.kind == ADDED:
            row = KnownEventRow(
                id=event_id,
                kind=str(payload["kind"]),
                title=str(payload["title"]),
                first_day=date.fromisoformat(str(payload["first"])),
                last_day=date.fromisoformat(str(payload["last"])) if payload["last"] else None,
                category=cast("str | None", payload["category"]),
                stage=cast("str | None", payload["stage"]),
                incident=cast("str | None", payload["incident"]),
                added_at=at,
                added_by=event.actor_id,
                withdrawn_at=None,
                withdrawn_by=None,
            )
        elif row is not None and event.kind == ENDED:
            row["last_day"] = date.fromisoformat(str(payload["last"]))
        elif row is not None and event.kind == WITHDRAWN:
            row["withdrawn_at"], row["withdrawn_by"] = at, event.actor_id
    if row is None:
        raise Invalid("A known event begins with being added.")
    return row


def _checked(session: Session, wanted: Draft, act: Act) -> tuple[str, dict[str, str]]:
    title, problem = one_line(wanted.title, LONGEST_TITLE)
    wrong = {}
    if not title:
        wrong["title"] = N_("Say in a few words what happened.")
    elif problem:
        wrong["title"] = problem
    if wanted.first > local_day(act.now):
        wrong["first"] = N_("Choose today or an earlier day.")
    if wanted.last is not None and wanted.last < wanted.first:
        wrong["last"] = N_("Not before it began.")
    if wanted.category is not None and wanted.category not in rulebook.catalogues(session).categories:
        wrong["category"] = N_("Choose a category of the list.")
    if wanted.kind not in KINDS or wanted.stage not in (None, *RATED):
        raise Invalid(N_("This kind of event is not known."))
    return title, wrong


def _standing(session: Session, event_id: int, act: Act) -> KnownEventRecord:
    accounts.check_may(session, act, "annotate")
    found = session.get(KnownEventRecord, event_id)
    if found is None:
        raise NotFound(N_("There is no such event: look at the page again."))
    if found.withdrawn_at is not None:
        raise NotAllowed(N_("Somebody took this event from the charts already."))
    return found
