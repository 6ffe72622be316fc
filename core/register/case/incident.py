"""One incident (D24): its events, folded, make its row; and which ones there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict, cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound
from core.i18n import N_
from core.register.log import seal, transaction
from core.register.log.act import Act
from core.register.log.seal import LoggedEvent, Subject
from core.register.log.tables import Incident
from core.rules.calendar import local_day, whole_second

SUBJECT = "incident"
OPENED, ENDED, CORRECTED = "opened", "ended", "corrected"
NAME, END = "title", "end"
"""What of an incident is corrected (D21): what it is called, and when it ended or that it goes on."""
LONGEST_TITLE = 200


class IncidentRow(TypedDict):
    """One row of ``incidents``."""

    id: int
    year: int
    number: int
    code: str
    category: str
    title_id: int | None
    opened_at: datetime
    opened_by: int | None
    ended_at: datetime | None
    ended_by: int | None


def fold(incident_id: int, events: Iterable[LoggedEvent]) -> IncidentRow:
    """The events of one incident, oldest first → its row."""
    row: IncidentRow | None = None
    for event in events:
        payload = seal.read(event.payload)
        at = whole_second(event.happened_at)
        if event.kind == OPENED:
            row = IncidentRow(
                id=incident_id,
                year=cast("int", payload["year"]),
                number=cast("int", payload["number"]),
                code=str(payload["code"]),
                category=str(payload["category"]),
                title_id=cast("int | None", payload["title_id"]),
                opened_at=at,
                opened_by=event.actor_id,
                ended_at=None,
                ended_by=None,
            )
        elif row is not None and event.kind == ENDED:
            row["ended_at"], row["ended_by"] = at, event.actor_id
        elif row is not None and event.kind == CORRECTED:
            _correct(row, payload)
    if row is None:
        raise Invalid("An incident begins with its opening.")
    return row


def _correct(row: IncidentRow, payload: Mapping[str, object]) -> None:
    if payload["corrects"] == NAME:
        row["title_id"] = cast("int", payload["title_id"])
        return
    row["ended_at"] = ended_at_of(payload)
    row["ended_by"] = row["ended_by"] if row["ended_at"] is not None else None


def ended_at_of(payload: Mapping[str, object]) -> datetime | None:
    """When it ended by a correction of its end; None: it goes on."""
    said = payload["ended_at"]
    return datetime.fromisoformat(str(said)) if said is not None else None


def next_row(session: Session, act: Act, category: str = "") -> IncidentRow:
    """The row of an incident that is being opened; the writer is alone, so numbers have no gaps and no twins."""
    year = local_day(act.at).year
    number = (session.scalar(select(func.max(Incident.number)).where(Incident.year == year)) or 0) + 1
    return IncidentRow(
        id=(session.scalar(select(func.max(Incident.id))) or 0) + 1,
        year=year,
        number=number,
        code=f"SC-{year}-{number:04d}",
        category=category,
        title_id=None,
        opened_at=act.stamp.happened_at,
        opened_by=act.actor_id,
        ended_at=None,
        ended_by=None,
    )


def log_opening(session: Session, row: IncidentRow, act: Act) -> None:
    """Write the incident and its first event."""
    said = {name: row[name] for name in ("code", "year", "number", "category", "title_id")}
    seal.append(session, Subject(SUBJECT, row["id"]), OPENED, said, act.stamp)
    session.execute(insert(Incident).values(**row))
    let_join(session, row["code"])


def log_end(session: Session, row: Incident, act: Act) -> None:
    """Write that it is over."""
    seal.append(session, Subject(SUBJECT, row.id), ENDED, {}, act.stamp)
    ended = update(Incident).where(Incident.id == row.id)
    going_on(session).discard(row.code)
    session.execute(ended.values(ended_at=act.stamp.happened_at, ended_by=act.actor_id))


def log_correction(session: Session, row: Incident, said: Mapping[str, object], act: Act) -> None:
    """Write what it should have said; ``said``: ``corrects`` and the values that take the place of the old ones."""
    seal.append(session, Subject(SUBJECT, row.id), CORRECTED, said, act.stamp)
    if said["corrects"] == NAME:
        session.execute(update(Incident).where(Incident.id == row.id).values(title_id=said["title_id"]))
        return
    ended_at = ended_at_of(said)
    ended_by = row.ended_by if ended_at is not None else None
    session.execute(update(Incident).where(Incident.id == row.id).values(ended_at=ended_at, ended_by=ended_by))
    if ended_at is None:
        going_on(session).add(row.code)


def of_code(session: Session, code: str) -> Incident:
    """The incident ``code``; NotFound where there is none."""
    found = session.scalars(select(Incident).where(Incident.code == code)).first()
    if found is None:
        raise NotFound(N_("There is no incident {code}: check the code."), code=code)
    return found


def going_on(session: Session) -> set[str]:
    """The codes of the incidents that can be joined: those that have not ended. They are read once a transaction."""
    state = transaction.of(session)
    if state.incidents is None:
        state.incidents = set(session.scalars(select(Incident.code).where(Incident.ended_at.is_(None))))
    return state.incidents


def let_join(session: Session, code: str) -> None:
    """Complaints may join the incident ``code``, which is being opened."""
    going_on(session).add(code)
