"""The audit list: every version of a list, of the organisation and of a procedure, by whom, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.log import seal
from core.register.log.tables import Event, Person
from core.register.rulebook import Change

SUBJECTS = ("catalogue", "procedure")
IMPORTED = "imported"
"""What a ``Change`` is of where a part of the organisation began with the imported file that it names."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One version taken into use.

    ``subject``: catalogue or procedure; ``name``: of the list, or key of the procedure. ``by``: name of the person,
    None for the register itself (set-up, upgrade) and for a command. ``changes``: empty for what was taken over as a
    whole from the program.
    """

    at: datetime
    by: str | None
    subject: str
    name: str
    version: int
    changes: tuple[Change, ...]

    @property
    def is_by_command(self) -> bool:
        """Whether an administrator's command wrote it: what comes with the program says no changes."""
        return self.by is None and bool(self.changes)


def versions(session: Session, which: str = "") -> list[Applied]:
    """Every version, the newest first; ``which``: of this list or procedure alone."""
    wanted = (
        select(Event.logged_at, Person.name, Event.subject, Event.subject_id, Event.payload)
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.subject.in_(SUBJECTS), Event.kind == "applied")
        .order_by(Event.id.desc())
    )
    found = []
    for at, by, subject, version, text in session.execute(wanted):
        payload = seal.read(text)
        name = str(payload.get("name") or payload.get("key"))
        if which in ("", name):
            found.append(Applied(at, by, subject, name, version, _changes(payload.get("changes"))))
    return found


def taken_over(session: Session) -> frozenset[datetime]:
    """When what came with the program was taken over as a whole: at set-up, and at an upgrade that brought lists."""
    return frozenset(one.at for one in versions(session) if one.by is None and not one.is_by_command)


def _changes(stored: object) -> tuple[Change, ...]:
    return tuple(Change(**one) for one in stored) if isinstance(stored, list) else ()
