"""The rules this register has taken into use, parsed once: organisation (D20), procedures (D9), lists, calendar."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar, cast

from sqlalchemy import exists, func, insert, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from core import shipped
from core.errors import Invalid, NotFound, NotReady
from core.i18n import N_
from core.register.log import seal, transaction
from core.register.log.act import Act
from core.register.log.seal import Subject
from core.register.log.tables import CalendarVersion, CatalogueVersion, Complaint, ProcedureVersion
from core.rules import catalogue as catalogue_rules
from core.rules import procedure as procedures
from core.rules.calendar import WorkCalendar
from core.rules.catalogue import LISTS, Catalogue, Catalogues, Entry
from core.rules.days import CalendarDays
from core.rules.exposure import Exposure, Served
from core.rules.exposure import dump as dump_exposure
from core.rules.exposure import parse as parse_exposure
from core.rules.organisation import Organisation
from core.rules.organisation import dump as dump_organisation
from core.rules.organisation import parse as parse_organisation
from core.rules.procedure import Procedure
from core.rules.targets import Target, Targets
from core.rules.targets import dump as dump_targets
from core.rules.targets import parse as parse_targets

T = TypeVar("T")


class InUse(NamedTuple):
    """The newest version of one procedure (by key) or one catalogue (by name)."""

    subject: str  # catalogue | procedure
    name: str
    version: int


class ProcedureInUse(NamedTuple):
    """One version of a procedure and from when it applies; None: from the beginning."""

    version: int
    applies_from: datetime | None


class Change(NamedTuple):
    """One difference between two versions: the entry, what of it, and both values as text (empty: there was none)."""

    key: str
    what: str
    before: str
    after: str


Changes = Iterable[Change]
ORGANISATION = "organisation"
"""The name under which the organisation itself is stored among the catalogues."""
NEWEST = union_all(
    select(literal("catalogue").label("subject"), CatalogueVersion.name, func.max(CatalogueVersion.version)).group_by(
        CatalogueVersion.name
    ),
    select(literal("procedure"), ProcedureVersion.key, func.max(ProcedureVersion.version)).group_by(
        ProcedureVersion.key
    ),
)
NO_PRODUCT = Entry("", "", "")
TARGETS = "targets"
"""The name under which its targets are stored there (D16)."""
EXPOSURE = "exposure"
"""The name under which it is stored how many users and orders there were (D36)."""


class Rulebook:
    """Versions never change once written, so each is parsed once; one rulebook per register, shared by threads.

    A transaction that writes a version goes on with a rulebook of its own: should it fail, nobody else has read that
    version. It begins with what is parsed for its register (``register``): those versions are committed.
    """

    def __init__(self, register: Rulebook | None = None) -> None:
        self._register = register
        self._parsed: dict[Hashable, object] = dict(register._parsed) if register else {}
        self._lock = threading.Lock()

    def of_transaction(self) -> Rulebook:
        """What a transaction goes on with after it wrote a version."""
        return Rulebook(self._register or self)

    def procedure(self, session: Session, key: str, version: int, reply_days: int | None = None) -> Procedure:
        """Version ``version`` of procedure ``key``; NotFound when it was never taken into use.

        ``reply_days``: as it counts for a complaint whose product has its own reply term (``Complaint.reply_days``).
        """
        if reply_days is not None:
            name = ("procedure", key, version, reply_days)
            return self._once(name, lambda: self.procedure(session, key, version).with_reply_days(reply_days))
        return self._once(("procedure", key, version), lambda: _procedure(session, key, version))

    def catalogue(self, session: Session, name: str, version: int) -> Catalogue:
        """Version ``version`` of catalogue ``name``; NotFound when it was never taken into use."""
        return self._once(("catalogue", name, version), lambda: _catalogue(session, name, version))

    def organisation(self, session: Session, version: int) -> Organisation:
        """The organisation as it stood in ``version``."""
        return self._once(("organisation", version), lambda: _organisation(session, version))

    def targets(self, session: Session, version: int) -> Targets:
        """The targets as they stood in ``version``."""
        return self._once(("targets", version), lambda: _targets(session, version))

    def exposure(self, session: Session, version: int) -> Exposure:
        """How many users and orders there were, as it was known in ``version``."""
        return self._once((EXPOSURE, version), lambda: _exposure(session, version))

    def catalogues(self, session: Session, in_use: tuple[InUse, ...]) -> Catalogues:
        """The whole value from exactly these versions; NotReady when a catalogue is missing among them."""
        return self._once(("catalogues", in_use), lambda: _assembled(self, session, in_use))

    def parse_together(self, session: Session, wanted: Iterable[InUse]) -> None:
        """Parse of these lists and procedures what is not parsed yet: one query for all lists, one for all procedures.

        What was never taken into use is passed over.
        """
        new = [one for one in wanted if one not in self._parsed]
        for table, key, subject, parsed in (
            (CatalogueVersion, CatalogueVersion.name, "catalogue", _parsed_catalogue),
            (ProcedureVersion, ProcedureVersion.key, "procedure", _parsed_procedure),
        ):
            those = [(one.name, one.version) for one in new if one.subject == subject]
            if those:
                rows = select(key, table.version, table.content).where(tuple_(key, table.version).in_(those))
                for name, version, content in session.execute(rows):
                    self._once((subject, name, version), partial(parsed, content, name, version))

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
    """Every catalogue and procedure in its newest version, in the order of their keys; one query a transaction."""
    state = transaction.of(session)
    if state.in_use is None:
        state.in_use = tuple(sorted(InUse(*row) for row in session.execute(NEWEST)))
    return state.in_use


def version_of(session: Session, subject: str, name: str) -> int:
    """The newest version of catalogue or procedure ``name``; 0 where there is none."""
    return next((one.version for one in in_use(session) if (one.subject, one.name) == (subject, name)), 0)


def catalogues(session: Session) -> Catalogues:
    """The catalogues in use, with the names of the procedures; read once per transaction.

    Only versions are read from the database, so what another process took into use is seen by the next transaction.
    """
    state = transaction.of(session)
    if state.catalogues is None:
        state.catalogues = state.rulebook.catalogues(session, in_use(session))
    return state.catalogues


def has_organisation(session: Session) -> bool:
    """Whether it was said whose register this is (D20)."""
    return version_of(session, "catalogue", ORGANISATION) > 0


def organisation(session: Session) -> Organisation:
    """Whose register this is, and its procedures; read once per transaction, NotReady while nobody has said it."""
    state = transaction.of(session)
    if state.organisation is not None:
        return state.organisation
    version = version_of(session, "catalogue", ORGANISATION)
    if not version:
        raise NotReady(
            N_("Nobody has said whose register this is: open the set-up page, or run “{command}”."),
            command="python -m core setup --organisation pops",
        )
    state.organisation = state.rulebook.organisation(session, version)
    return state.organisation


def targets(session: Session) -> Targets:
    """The organisation's own targets; none while it has set none (D16)."""
    version = version_of(session, "catalogue", TARGETS)
    return of(session).targets(session, version) if version else ()


def exposure(session: Session) -> Exposure:
    """How many users and orders there were per month; none while nobody has said it (D36)."""
    version = version_of(session, "catalogue", EXPOSURE)
    return of(session).exposure(session, version) if version else ()


def stages(session: Session) -> dict[tuple[str, str], str]:
    """(procedure, term) → stage, from every version ever taken into use; where versions disagree, the newest wins."""
    return {(one.key, term.key): term.stage for one in every_procedure(session) for term in one.terms}


def every_procedure(session: Session) -> Iterator[Procedure]:
    """Every version of every procedure ever taken into use, by key and version."""
    versions = select(ProcedureVersion.key, ProcedureVersion.version)
    book = of(session)
    for key, version in session.execute(versions.order_by(ProcedureVersion.key, ProcedureVersion.version)).all():
        yield book.procedure(session, key, version)


def product(session: Session, key: str | None) -> Entry:
    """The product of that key; where there is none, one without terms of its own."""
    return catalogues(session).products.get(key or "", NO_PRODUCT)


def current_procedures(session: Session, at: datetime) -> dict[str, Procedure]:
    """The procedures that complaints recorded ``at`` may follow, the organisation's first one first."""
    return {key: procedure_at(session, key, at) for key in organisation(session).procedures}


def current_procedure(session: Session, key: str, at: datetime) -> Procedure:
    """Procedure ``key`` as it applies to a complaint recorded ``at``, empty for the organisation's first (D9).

    NotFound where it is not enabled.
    """
    enabled = organisation(session).procedures
    if key and key not in enabled:
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    return procedure_at(session, key or enabled[0], at)


def procedure_at(session: Session, key: str, at: datetime) -> Procedure:
    """The newest version of procedure ``key`` that applies ``at``, enabled or not.

    The newest number decides, not the latest day: a version replaces one that was to apply later.
    """
    for version, applies_from in procedure_versions(session, key):
        if applies_from is None or applies_from <= at:
            return of(session).procedure(session, key, version)
    return of(session).procedure(session, key, 0)


def procedure_versions(session: Session, key: str) -> list[ProcedureInUse]:
    """Every version of procedure ``key``, the newest first; one query a transaction."""
    state = transaction.of(session)
    if state.procedure_versions is None:
        state.procedure_versions = {}
        versions = select(ProcedureVersion.key, ProcedureVersion.version, ProcedureVersion.applies_from)
        for its_key, version, applies_from in session.execute(versions.order_by(ProcedureVersion.version.desc())):
            state.procedure_versions.setdefault(its_key, []).append(ProcedureInUse(version, applies_from))
    return state.procedure_versions.get(key, [])


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


def add_catalogue(session: Session, name: str, entries: Iterable[Entry], act: Act, changes: Changes = ()) -> int:
    """Write ``entries`` as the next version of catalogue ``name`` with its event; returns its number.

    ``changes``: what differs from the version before, for the audit list (``core.register.organisation.audit``).
    """
    return _add_version(session, name, catalogue_rules.dump(entries, name), act, changes)


def add_organisation(session: Session, organisation: Organisation, act: Act, changes: Changes = ()) -> int:
    """Write ``organisation`` as the next version with its event; returns its number."""
    return _add_version(session, ORGANISATION, dump_organisation(organisation), act, changes)


def add_targets(session: Session, wanted: Iterable[Target], act: Act, changes: Changes = ()) -> int:
    """Write ``wanted`` as the next version of the targets with its event; returns its number."""
    return _add_version(session, TARGETS, dump_targets(wanted), act, changes)


def add_exposure(session: Session, wanted: Iterable[Served], act: Act, changes: Changes = ()) -> int:
    """Write ``wanted`` as the next version of users and orders with its event; returns its number."""
    return _add_version(session, EXPOSURE, dump_exposure(wanted), act, changes)


def paper_part(session: Session, part: str) -> tuple[str, int]:
    """A part of the papers (``core.rules.papers.PARTS``) as an administrator replaced it, and in which version.

    As it comes with the program, and version 0, where nobody has, or where it was put back (an empty text).
    """
    version = version_of(session, "catalogue", part)
    replaced = _content(session, part, version) if version else ""
    return (replaced, version) if replaced else (shipped.paper_part(part, organisation(session).key), 0)


def add_paper_part(session: Session, part: str, content: str, act: Act, changes: Changes = ()) -> int:
    """Write a part of the papers as its next version with its event; returns its number."""
    return _add_version(session, part, content, act, changes)


def _add_version(session: Session, name: str, content: str, act: Act, changes: Changes) -> int:
    version = version_of(session, "catalogue", name) + 1
    session.execute(insert(CatalogueVersion).values(name=name, version=version, applied_at=act.now, content=content))
    payload: dict[str, object] = {"name": name, "version": version, "digest": digest(content)}
    if changes:
        payload["changes"] = [change._asdict() for change in changes]
    seal.append(session, Subject("catalogue", version), "applied", payload, act.stamp)
    _forget(session)
    return version


def add_procedure(
    session: Session,
    key: str,
    content: str,
    act: Act,
    changes: Changes = (),
    applies_from: datetime | None = None,
) -> int:
    """Write ``content`` (TOML) as the next version of procedure ``key`` with its event (D9); returns its number.

    Complaints recorded from ``applies_from`` on follow it, where that is None from now on; while there is none, all
    that are still to be brought in, however old.

    Raises Invalid naming file, key and reason where the text is no procedure or names what no catalogue knows.
    """
    file = f"{key}.toml"
    wanted = procedures.parse(content, file=file)
    if wanted.key != key:
        raise Invalid(N_("{file}: key must be {key}, like the file's name."), file=file, key=key)
    version = version_of(session, "procedure", key) + 1
    if applies_from is None and session.scalar(select(exists().where(Complaint.procedure == key))):
        applies_from = act.stamp.logged_at
    session.execute(
        insert(ProcedureVersion).values(
            key=key, version=version, applied_at=act.now, applies_from=applies_from, content=content
        )
    )
    payload: dict[str, object] = {"key": key, "version": version, "digest": digest(content)}
    payload["applies_from"] = applies_from.astimezone(UTC).isoformat() if applies_from else ""
    if changes:
        payload["changes"] = [change._asdict() for change in changes]
    seal.append(session, Subject("procedure", version), "applied", payload, act.stamp)
    _forget(session)
    return version


def digest(content: str) -> str:
    """SHA-256 by which the log attests the text of a calendar, procedure or catalogue version."""
    return hashlib.sha256(content.encode()).hexdigest()


def _forget(session: Session) -> None:
    """After a new version: go on with a rulebook of the transaction's own, since it may still fail."""
    state = transaction.of(session)
    state.rulebook, state.catalogues, state.in_use = state.rulebook.of_transaction(), None, None
    state.organisation, state.procedure_versions = None, None
    state.clocks.clear()


def _procedure(session: Session, key: str, version: int) -> Procedure:
    content = session.scalar(
        select(ProcedureVersion.content).where(ProcedureVersion.key == key, ProcedureVersion.version == version)
    )
    if content is None:
        raise NotFound(N_("There is no procedure “{key}”."), key=key)
    return _parsed_procedure(content, key, version)


def _parsed_procedure(content: str, key: str, version: int) -> Procedure:
    return procedures.parse(content, file=f"{key}.toml", version=version)


def _catalogue(session: Session, name: str, version: int) -> Catalogue:
    return _parsed_catalogue(_content(session, name, version), name, version)


def _parsed_catalogue(content: str, name: str, _version: int) -> Catalogue:
    return catalogue_rules.parse(content, name=name, file=f"{name}.toml")


def _organisation(session: Session, version: int) -> Organisation:
    return parse_organisation(_content(session, ORGANISATION, version), file=f"{ORGANISATION}.toml")


def _targets(session: Session, version: int) -> Targets:
    return parse_targets(_content(session, TARGETS, version), file=f"{TARGETS}.toml")


def _exposure(session: Session, version: int) -> Exposure:
    return parse_exposure(_content(session, EXPOSURE, version), file=f"{EXPOSURE}.toml")


def _content(session: Session, name: str, version: int) -> str:
    wanted = (CatalogueVersion.name == name, CatalogueVersion.version == version)
    content = session.scalar(select(CatalogueVersion.content).where(*wanted))
    if content is None:
        raise NotFound(N_("There is no catalogue “{name}”."), name=name)
    return content


def _assembled(book: Rulebook, session: Session, in_use: tuple[InUse, ...]) -> Catalogues:
    versions = {(one.subject, one.name): one.version for one in in_use}
    whose = organisation(session)
    lists = {}
    used = {*LISTS, *whose.procedures, *whose.former}
    book.parse_together(session, [one for one in in_use if one.name in used])
    for name in LISTS:
        if ("catalogue", name) not in versions:
            raise NotReady(N_("The register has no catalogue “{name}” yet: run “python -m core migrate”."), name=name)
        lists[name] = book.catalogue(session, name, versions["catalogue", name])
    named = [
        [book.procedure(session, key, versions["procedure", key]) for key in keys]
        for keys in (whose.procedures, whose.former)
    ]
    return catalogue_rules.assemble(lists, *named)


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
