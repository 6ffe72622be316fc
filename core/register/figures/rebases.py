"""Re-basing what is usual of a promise (D28): by a lead or manager, with the reason, from a week on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypedDict

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid
from core.i18n import N_
from core.register.figures.said import one_line
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.seal import LoggedEvent, Subject
from core.register.log.tables import Person
from core.register.log.tables import Rebase as RebaseRecord
from core.register.people import accounts
from core.rules.baselines import Rebase, Rebases, in_force
from core.rules.calendar import local_day, whole_second
from core.rules.procedure import RATED

SUBJECT, REBASED = "rebase", "rebased"
LONGEST_REASON = 200


class RebaseRow(TypedDict):
    """One row of ``rebases``."""

    id: int
    stage: str
    since: date
    reason: str
    decided_at: datetime
    decided_by: int | None


class Decided(NamedTuple):
    """One decision as it is read: from which week on, why, when and by whom."""

    since: date
    reason: str
    at: datetime
    by: str


def rebase(session: Session, wanted: Rebase, reason: str, act: Act, *, last: int) -> None:
    """What the weeks from that of ``wanted.since`` on show is usual of this promise from then on.

    ``last``: id of the newest decision that the person was looking at. Raises NotAllowed, Conflict, and Invalid with
    what to mend (``since``, ``reason``).
    """
    accounts.check_may(session, act, "rebase")
    if last != newest(session):
        raise Conflict(N_("Somebody re-based meanwhile: look at what is usual now, then try again."))
    monday = wanted.since - timedelta(days=wanted.since.weekday())
    said, problem = one_line(reason, LONGEST_REASON)
    wrong = {}
    if monday > local_day(act.now):
        wrong["since"] = N_("Choose a week that has begun.")
    if not said:
        wrong["reason"] = N_("Say why another level is usual from then on.")
    elif problem:
        wrong["reason"] = problem
    if wrong or wanted.stage not in RATED:
        raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), wrong)
    row = RebaseRow(
        id=last + 1,
        stage=wanted.stage,
        since=monday,
        reason=said,
        decided_at=act.stamp.happened_at,
        decided_by=act.actor_id,
    )
    payload = {"stage": row["stage"], "since": monday.isoformat(), "reason": said}
    seal.append(session, Subject(SUBJECT, row["id"]), REBASED, payload, act.stamp)
    session.execute(insert(RebaseRecord).values(**row))


def newest(session: Session) -> int:
    """Id of the newest decision, which whoever makes the next one hands back; 0 where there is none."""
    return session.scalar(select(func.max(RebaseRecord.id))) or 0


def current(session: Session) -> Rebases:
    """The decisions in force."""
    rows = session.execute(select(RebaseRecord.stage, RebaseRecord.since).order_by(RebaseRecord.id))
    return in_force(Rebase(stage, since) for stage, since in rows)


def decided(session: Session, stage: str) -> list[Decided]:
    """Every decision about one promise, the newest first."""
    rows = (
        select(RebaseRecord.since, RebaseRecord.reason, RebaseRecord.decided_at, Person.name)
        .outerjoin(Person, Person.id == RebaseRecord.decided_by)
        .where(RebaseRecord.stage == stage)
        .order_by(RebaseRecord.id.desc())
    )
    return [Decided(since, reason, at, by or "") for since, reason, at, by in session.execute(rows)]


def fold(rebase_id: int, events: Iterable[LoggedEvent]) -> RebaseRow:
    """The one event of a decision → its row."""
    event = next(iter(events))
    payload = seal.read(event.payload)
    return RebaseRow(
        id=rebase_id,
        stage=str(payload["stage"]),
        since=date.fromisoformat(str(payload["since"])),
        reason=str(payload["reason"]),
        decided_at=whole_second(event.happened_at),
        decided_by=event.actor_id,
    )
