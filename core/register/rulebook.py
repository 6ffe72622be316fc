"""The rules as this register has taken them into use: versions of procedures (D9) and of the calendar (D8), parsed once."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core import shipped
from core.errors import Invalid, NotFound
from core.i18n import N_
from core.register.log import seal, transaction
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.log.tables import CalendarVersion, ProcedureVersion
from core.rules import procedure as procedures
from core.rules.calendar import CalendarDays, WorkCalendar
from core.rules.procedure import Procedure


class Rulebook:
    """Versions never change once written, so what was parsed is kept; one per register, shared by threads.

    A transaction that writes a version goes on with a rulebook of its own: should it fail, nobody else has read that version.
    """

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}
        self._lock = threading.Lock()

    def procedure(self, session: Session, key: str, version: int) -> Procedure:
        """Version ``version`` of procedure ``key``; NotFound when it was never taken into use."""
        return self._once(("procedure", key, version), lambda: _procedure(session, key, version))  # type: ignore[no-any-return]

    def days(self, session: Session, version: int) -> CalendarDays:
        """The calendar days of ``version``; years it did not have yet come from the first version that brought them.

        So a complaint of December keeps its promise and can still be counted into a January approved later.
        """
        name = ("days", version, calendar_version(session))
        return self._once(name, lambda: _days(session, version))  # type: ignore[no-any-return]

    def calendar(self, session: Session, key: str, version: int, calendar_version: int) -> WorkCalendar:
        """Working time of procedure ``key`` on calendar ``calendar_version``."""
        days = self.days(session, calendar_version)
        name = ("calendar", key, version, calendar_version, days.last_year)
        return self._once(name, lambda: self.procedure(session, key, version).calendar(days))  # type: ignore[no-any-return]

    def _once(self, name: Any, make: Any) -> Any:
        found = self._kept.get(name)
        if found is None:
            found = make()
            with self._lock:
                found = self._kept.setdefault(name, found)
        return found


def of(session: Session) -> Rulebook:
    """The rulebook of the session's register."""
    return transaction.of(session).rulebook


def calendar_version(session: Session) -> int:
    """The version of the calendar in use now; kept for the transaction."""
    kept = transaction.of(session)
    if kept.calendar_version is None:
        kept.calendar_version = session.scalar(select(func.max(CalendarVersion.version))) or 0
    return kept.calendar_version


def current_procedures(session: Session) -> dict[str, Procedure]:
    """Every procedure in its newest version, by key."""
    newest = select(ProcedureVersion.key, func.max(ProcedureVersion.version)).group_by(ProcedureVersion.key)
    return {key: of(session).procedure(session, key, version) for key, version in session.execute(newest)}


def current_procedure(session: Session, key: str) -> Procedure:
    """The newest version of procedure ``key``; NotFound when there is none."""
    version = session.scalar(select(func.max(ProcedureVersion.version)).where(ProcedureVersion.key == key))
    if version is None:
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    return of(session).procedure(session, key, version)


def take_into_use(session: Session, *, swaps: str, now: datetime) -> None:
    """Take shipped procedure files that are new or changed, and the first calendar, into use; nothing where all is known."""
    for key, content in shipped.procedure_texts().items():
        known = session.execute(
            select(ProcedureVersion.version, ProcedureVersion.content)
            .where(ProcedureVersion.key == key)
            .order_by(ProcedureVersion.version.desc())
            .limit(1)
        ).first()
        if known is None or known.content != content:
            _add_procedure(session, key, known.version + 1 if known else 1, content, now)
    if session.scalar(select(func.count()).select_from(CalendarVersion)) == 0:
        add_calendar(session, shipped.calendar_days(swaps), "shipped calendar", Act(None, now))


def add_calendar(session: Session, days: CalendarDays, reason: str, act: Act) -> int:
    """Write ``days`` as the next calendar version with its event; returns its number. Open clocks are the caller's task."""
    version = (session.scalar(select(func.max(CalendarVersion.version))) or 0) + 1
    content = replace(days, version=version).to_json()
    session.execute(
        insert(CalendarVersion).values(
            version=version, applied_at=act.now, applied_by=act.actor_id, reason=reason, content=content
        )
    )
    payload = {"reason": reason, "digest": digest(content)}
    seal.append(session, Subject("calendar", version), "applied", payload, act.stamp)
    kept = transaction.of(session)
    kept.calendar_version, kept.rulebook = version, Rulebook()
    return version


def digest(content: str) -> str:
    """SHA-256 by which the log attests the text of a calendar or procedure version."""
    return hashlib.sha256(content.encode()).hexdigest()


def _add_procedure(session: Session, key: str, version: int, content: str, now: datetime) -> None:
    if procedures.parse(content, file=f"{key}.toml").key != key:
        raise Invalid(N_("{file}: key must be {key}, like the file's name."), file=f"{key}.toml", key=key)
    session.execute(insert(ProcedureVersion).values(key=key, version=version, applied_at=now, content=content))
    payload = {"key": key, "version": version, "digest": digest(content)}
    seal.append(session, Subject("procedure", version), "applied", payload, Act(None, now).stamp)
    transaction.of(session).rulebook = Rulebook()


def _procedure(session: Session, key: str, version: int) -> Procedure:
    content = session.scalar(
        select(ProcedureVersion.content).where(ProcedureVersion.key == key, ProcedureVersion.version == version)
    )
    if content is None:
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    return replace(procedures.parse(content, file=f"{key}.toml"), version=version)


def _days(session: Session, version: int) -> CalendarDays:
    later = select(CalendarVersion.content).where(CalendarVersion.version >= version).order_by(CalendarVersion.version)
    found = [CalendarDays.from_json(content) for content in session.scalars(later)]
    if not found or found[0].version != version:
        raise NotFound(N_("There is no calendar version {version}."), version=version)
    days = found[0]
    for newer in found[1:]:
        if newer.last_year > days.last_year:
            gained = {day: rule for day, rule in newer.days.items() if day.year > days.last_year}
            days = replace(days, last_year=newer.last_year, days={**days.days, **gained})
    return days
