"""The rules this register has taken into use: versions of procedures (D9), catalogues, calendar (D8), parsed once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, TypeVar, cast

from sqlalchemy import func, insert, literal, select, union_all
from sqlalchemy.orm import Session

from core import shipped
from core.errors import Invalid, NotFound, NotReady
from core.i18n import N_
from core.register.log import seal, transaction
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.log.tables import CalendarVersion, CatalogueVersion, ProcedureVersion
from core.rules import catalogue as catalogue_rules
from core.rules import procedure as procedures
from core.rules.calendar import WorkCalendar
from core.rules.catalogue import LISTS, Catalogue, Catalogues
from core.rules.days import CalendarDays
from core.rules.procedure import Procedure

T = TypeVar("T")


class InUse(NamedTuple):
    """The newest version of one procedure (by key) or one catalogue (by name)."""

    subject: str  # catalogue | procedure
    name: str
    version: int


class Rulebook:
    """Versions never change once written, so each is parsed once; one rulebook per register, shared by threads.

    A transaction that writes a version goes on with a rulebook of its own: should it fail, nobody else has read that
    version.
    """

    def __init__(self) -> None:
        self._parsed: dict[Hashable, object] = {}
        self._lock = threading.Lock()

    def procedure(self, session: Session, key: str, version: int) -> Procedure:
        """Version ``version`` of procedure ``key``; NotFound when it was never taken into use."""
        return self._once(("procedure", key, version), lambda: _procedure(session, key, version))

    def catalogue(self, session: Session, name: str, version: int) -> Catalogue:
        """Version ``version`` of catalogue ``name``; NotFound when it was never taken into use."""
        return self._once(("catalogue", name, version), lambda: _catalogue(session, name, version))

    def catalogues(self, session: Session, in_use: tuple[InUse, ...]) -> Catalogues:
        """The whole value from exactly these versions; NotReady when a catalogue is missing among them."""
        return self._once(("catalogues", in_use), lambda: _assembled(self, session, in_use))

    def days(self, session: Session, version: int) -> CalendarDays:
        """The calendar days of ``version``; years it did not have yet come from the first version that brought them.

        So a complaint of December keeps its promise and can still be counted into a January approved later.
        """
        # The newest version belongs to the name: what an old version knows grows with every year approved after it.
        name = ("days", version, calendar_version(session))
        return self._once(name, lambda: _days(session, version))

    def calendar(self, session: Session, key: str, version: int, calendar_version: int) -> WorkCalendar:
        """Working time of procedure ``key`` on calendar ``calendar_version``."""
        days = self.days(session, calendar_version)
        name = ("calendar", key, version, calendar_version, days.last_year)
        return self._once(name, lambda: self.procedure(session, key, version).calendar(days))

    def _once(self, name: Hashable, make: Callable[[], T]) -> T:
        found = self._parsed.get(name)
        if found is None:
            found = make()  # outside the lock: two threads may parse one version, none waits for another's query
            with self._lock:
                found = self._parsed.setdefault(name, found)
        return cast("T", found)  # a name is only ever given to one kind of value


def of(session: Session) -> Rulebook:
    """The rulebook of the session's register."""
    return transaction.of(session).rulebook


def calendar_version(session: Session) -> int:
    """The version of the calendar in use now; read once per transaction."""
    state = transaction.of(session)
    if state.calendar_version is None:
        state.calendar_version = session.scalar(select(func.max(CalendarVersion.version))) or 0
    return state.calendar_version


def in_use(session: Session) -> tuple[InUse, ...]:
    """Every catalogue and procedure in its newest version, in the order of their keys; one query."""
    newest_catalogues = select(
        literal("catalogue").label("subject"), CatalogueVersion.name, func.max(CatalogueVersion.version)
    ).group_by(CatalogueVersion.name)
    newest_procedures = select(literal("procedure"), ProcedureVersion.key, func.max(ProcedureVersion.version)).group_by(
        ProcedureVersion.key
    )
    rows = session.execute(union_all(newest_catalogues, newest_procedures))
    return tuple(sorted(InUse(*row) for row in rows))


def catalogues(session: Session) -> Catalogues:
    """The catalogues in use, with the names of procedures and levels; read once per transaction.

    Only versions are read from the database, so what another process took into use is seen by the next transaction.
    """
    state = transaction.of(session)
    if state.catalogues is None:
        state.catalogues = state.rulebook.catalogues(session, in_use(session))
    return state.catalogues


def stages(session: Session) -> dict[tuple[str, str], str]:
    """(procedure, term) → stage, from every version ever taken into use; where versions disagree, the newest wins."""
    versions = select(ProcedureVersion.key, ProcedureVersion.version)
    rows = session.execute(versions.order_by(ProcedureVersion.key, ProcedureVersion.version))
    book = of(session)
    return {
        (key, term.key): term.stage for key, version in rows for term in book.procedure(session, key, version).terms
    }


def current_procedures(session: Session) -> dict[str, Procedure]:
    """Every procedure in its newest version, by key."""
    book = of(session)
    return {
        name: book.procedure(session, name, version)
        for subject, name, version in in_use(session)
        if subject == "procedure"
    }


def current_procedure(session: Session, key: str) -> Procedure:
    """The newest version of procedure ``key``; NotFound when there is none."""
    version = session.scalar(select(func.max(ProcedureVersion.version)).where(ProcedureVersion.key == key))
    if version is None:
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    return of(session).procedure(session, key, version)


def take_into_use(session: Session, *, swaps: str, now: datetime) -> Sequence[InUse]:
    """Take shipped procedures and catalogues that are new or changed, and the first calendar, into use; returns those.

    A file is changed when it means something else than the newest version: another comment or layout is no new version.
    Raises Invalid naming file, key and reason when a procedure then names what no catalogue knows; nothing is written.
    """
    before = in_use(session)
    known = {(subject, name): version for subject, name, version in before}
    for name, content in shipped.catalogue_texts().items():
        _take_catalogue(session, name, content, known.get(("catalogue", name), 0), now)
    for key, content in shipped.procedure_texts().items():
        _take_procedure(session, key, content, known.get(("procedure", key), 0), now)
    if session.scalar(select(func.count()).select_from(CalendarVersion)) == 0:
        add_calendar(session, shipped.calendar_days(swaps), N_("shipped calendar"), Act(None, now))
    for key, procedure in current_procedures(session).items():
        procedures.check(procedure, catalogues(session), file=f"{key}.toml")
    return [used for used in in_use(session) if used not in before]


def add_calendar(session: Session, days: CalendarDays, reason: str, act: Act) -> int:
    """Write ``days`` as the next calendar version with its event; returns its number. The caller moves open clocks."""
    version = (session.scalar(select(func.max(CalendarVersion.version))) or 0) + 1
    content = replace(days, version=version).to_json()
    session.execute(
        insert(CalendarVersion).values(
            version=version, applied_at=act.now, applied_by=act.actor_id, reason=reason, content=content
        )
    )
    payload = {"reason": reason, "digest": digest(content)}
    seal.append(session, Subject("calendar", version), "applied", payload, act.stamp)
    transaction.of(session).calendar_version = version
    _forget(session)
    return version


def add_catalogue(session: Session, name: str, content: str, act: Act) -> int:
    """Write ``content`` (TOML) as the next version of catalogue ``name`` with its event; returns its number.

    Raises Invalid when the text is no catalogue. The procedures in use are not looked at: ``take_into_use`` does that.
    """
    catalogue_rules.parse(content, file=f"{name}.toml")
    newest = select(func.max(CatalogueVersion.version)).where(CatalogueVersion.name == name)
    version = (session.scalar(newest) or 0) + 1
    session.execute(insert(CatalogueVersion).values(name=name, version=version, applied_at=act.now, content=content))
    payload = {"name": name, "version": version, "digest": digest(content)}
    seal.append(session, Subject("catalogue", version), "applied", payload, act.stamp)
    _forget(session)
    return version


def digest(content: str) -> str:
    """SHA-256 by which the log attests the text of a calendar, procedure or catalogue version."""
    return hashlib.sha256(content.encode()).hexdigest()


def _forget(session: Session) -> None:
    """After a new version: go on with a rulebook of the transaction's own, since it may still fail."""
    state = transaction.of(session)
    state.rulebook, state.catalogues = Rulebook(), None
    state.procedures.clear()


def _take_catalogue(session: Session, name: str, content: str, known: int, now: datetime) -> None:
    wanted = catalogue_rules.parse(content, file=f"{name}.toml")
    if known:
        before = of(session).catalogue(session, name, known)
        if list(before.items()) == list(wanted.items()):  # the order is the one that lists are shown in
            return
    add_catalogue(session, name, content, Act(None, now))


def _take_procedure(session: Session, key: str, content: str, known: int, now: datetime) -> None:
    wanted = procedures.parse(content, file=f"{key}.toml")
    if wanted.key != key:
        raise Invalid(N_("{file}: key must be {key}, like the file's name."), file=f"{key}.toml", key=key)
    if not known or replace(wanted, version=known) != of(session).procedure(session, key, known):
        _add_procedure(session, key, known + 1, content, now)


def _add_procedure(session: Session, key: str, version: int, content: str, now: datetime) -> None:
    session.execute(insert(ProcedureVersion).values(key=key, version=version, applied_at=now, content=content))
    payload = {"key": key, "version": version, "digest": digest(content)}
    seal.append(session, Subject("procedure", version), "applied", payload, Act(None, now).stamp)
    _forget(session)


def _procedure(session: Session, key: str, version: int) -> Procedure:
    content = session.scalar(
        select(ProcedureVersion.content).where(ProcedureVersion.key == key, ProcedureVersion.version == version)
    )
    if content is None:
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    return procedures.parse(content, file=f"{key}.toml", version=version)


def _catalogue(session: Session, name: str, version: int) -> Catalogue:
    content = session.scalar(
        select(CatalogueVersion.content).where(CatalogueVersion.name == name, CatalogueVersion.version == version)
    )
    if content is None:
        raise NotFound(N_("There is no catalogue “{name}”."), name=name)
    return catalogue_rules.parse(content, file=f"{name}.toml")


def _assembled(book: Rulebook, session: Session, in_use: tuple[InUse, ...]) -> Catalogues:
    lists = {one.name: book.catalogue(session, one.name, one.version) for one in in_use if one.subject == "catalogue"}
    for name in LISTS:
        if name not in lists:
            raise NotReady(N_("The register has no catalogue “{name}” yet: run “python -m core migrate”."), name=name)
    named = [book.procedure(session, one.name, one.version) for one in in_use if one.subject == "procedure"]
    return catalogue_rules.assemble(lists, named)


def _days(session: Session, version: int) -> CalendarDays:
    """``version`` as applied, and each later year from the first version that brought it.

    Only years are gained: what a later version changed inside a year that ``version`` has is no part of its promise
    (D8).
    """
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
