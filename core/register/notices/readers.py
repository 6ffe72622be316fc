"""Whom a notice is for (``core.rules.notices.Whom``): active people who see the complaint as it stands now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import actions
from core.register.log.tables import Person
from core.register.people import absences
from core.register.people.absences import Away
from core.rules import policy, roles
from core.rules.calendar import local_day
from core.rules.directions import ANSWERED_BY
from core.rules.notices import Whom, mentioned
from core.rules.steps import STEPS

if TYPE_CHECKING:
    from core.register.case.case import Case
    from core.register.case.payload import CaseEvent


class Readers:
    """The people of one transaction, each read once however many complaints it writes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known = rulebook.catalogues(session)
        self._people: dict[int, Person | None] = {}
        self._of_roles: dict[frozenset[str], list[Person]] = {}
        self._away: tuple[date, Mapping[int, Away]] | None = None

    def find(self, whom: Whom, case: Case, event: CaseEvent, now: datetime) -> list[int]:
        """The ids of those whom ``event`` of ``case`` concerns as ``whom`` says, and of who stands in for them."""
        return self.those_who_see(FIND[whom](self, case, event), case.row, now)

    def holders(self, row: Mapping[str, object], now: datetime) -> list[int]:
        """Who is told about the clocks of a complaint: who holds it, or the leads where nobody does."""
        return self.those_who_see(self.of_holder(row), row, now)

    def watchers(self, row: Mapping[str, object], now: datetime) -> list[int]:
        """Who is told when a clock of a complaint warns or is missed: who holds it, and the leads."""
        return self.those_who_see([*self.of_holder(row), *_ids(self.of_roles({"lead"}))], row, now)

    def those_who_see(self, found: Iterable[int | None], row: Mapping[str, object], now: datetime) -> list[int]:
        """Of those found, and who stands in for them, whose account is open and who sees the complaint."""
        day = local_day(now)
        wanted = [one for one in found if one is not None]
        if not wanted:
            return []
        wanted += [away.deputy_id for one in wanted if (away := self._away_on(day).get(one)) and away.deputy_id]
        people = (self.person(one) for one in dict.fromkeys(wanted))
        return [one.id for one in people if one is not None and policy.sees(one, row, self._known)]

    def person(self, person_id: int) -> Person | None:
        """The person with that id, where their account is open."""
        if person_id not in self._people:
            found = self._session.get(Person, person_id)
            self._people[person_id] = found if found is not None and found.active else None
        return self._people[person_id]

    def _away_on(self, day: date) -> Mapping[int, Away]:
        if self._away is None or self._away[0] != day:
            self._away = day, absences.away(self._session, day)
        return self._away[1]

    def of_roles(self, keys: Iterable[str]) -> list[Person]:
        """Everybody of these roles whose account is open."""
        wanted = frozenset(keys)
        if wanted not in self._of_roles:
            theirs = select(Person).where(Person.active, Person.role.in_(sorted(wanted))).order_by(Person.id)
            self._of_roles[wanted] = list(self._session.scalars(theirs))
            self._people |= {one.id: one for one in self._of_roles[wanted]}
        return self._of_roles[wanted]

    def of_holder(self, row: Mapping[str, object]) -> Sequence[int]:
        """Who holds the complaint, or else the leads."""
        holder = row["assignee_id"]
        if isinstance(holder, int) and self.person(holder) is not None:
            return [holder]
        return _ids(self.of_roles({"lead"}))

    def of_department(self, department: str) -> list[int]:
        """Everybody who answers for the department, under whatever name it went (D20)."""
        theirs = self.of_roles(key for key in roles.ROLES if roles.answers_for_department(key))
        return [one.id for one in theirs if department in policy.departments_of(one, self._known)]

    def of_logins(self, logins: Sequence[str]) -> list[int]:
        """Who signs in by these names."""
        return list(self._session.scalars(select(Person.id).where(Person.login.in_(logins)))) if logins else []

    def text(self, case: Case, event: CaseEvent) -> str:
        """What was written with the event."""
        return case.text(self._session, event.payload.get("text_id"))


def _department(readers: Readers, case: Case, event: CaseEvent) -> list[int]:
    number = event.payload.get("request")
    asked = [one.department for one in case.row["requests"] if one.number == number]
    return [person_id for department in asked for person_id in readers.of_department(department)]


def _ids(people: Iterable[Person]) -> list[int]:
    return [one.id for one in people]


def _reporter(readers: Readers, case: Case) -> list[int]:
    logged_by = case.row["logged_by_id"]
    found = readers.person(logged_by) if logged_by is not None else None
    return [found.id] if found is not None and roles.follows_own(found.role) else []


def _owners(_readers: Readers, case: Case, _event: CaseEvent) -> list[int]:
    return [action.owner_id for action in actions.fold(case.events).actions.values() if action.done_at is None]


def _last_by(step: str) -> Callable[[Readers, Case, CaseEvent], list[int | None]]:
    """Who took ``step`` last."""

    def find(_readers: Readers, case: Case, _event: CaseEvent) -> list[int | None]:
        return [one.actor_id for one in case.counting if one.kind == STEPS[step].event][-1:]

    return find


FIND: Mapping[Whom, Callable[[Readers, Case, CaseEvent], Iterable[int | None]]] = {
    Whom.MENTIONED: lambda readers, case, event: readers.of_logins(mentioned(readers.text(case, event))),
    Whom.DEPARTMENT: _department,
    Whom.HOLDER: lambda readers, case, _: readers.of_holder(case.row),
    Whom.NEW_HOLDER: lambda _readers, case, _: [case.row["assignee_id"]],
    Whom.DECIDERS: lambda readers, case, _: _ids(
        readers.of_roles(ANSWERED_BY.get(case.row["direction_from"] or "", ()))
    ),
    Whom.ASKER: lambda _readers, case, _: [case.row["direction_by_id"]],
    Whom.BOARD: lambda readers, _case, _event: _ids(readers.of_roles(STEPS["approve_analysis"].by)),
    Whom.ANALYST: _last_by("analyse"),
    Whom.OWNERS: _owners,
    Whom.REPORTER: lambda readers, case, _: _reporter(readers, case),
}
