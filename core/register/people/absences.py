"""Absences of people (D23): set by themselves, a lead or an administrator; who stands in is read by the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed
from core.i18n import N_
from core.register.log import act as acts
from core.register.log.act import Act
from core.register.log.tables import Person
from core.register.people import accounts
from core.rules import absences, roles
from core.rules.calendar import local_day

MANAGE = "manage_absences"


class Absence(NamedTuple):
    """From which day to which somebody is away, both included, and who stands in."""

    first: date | None
    last: date | None
    deputy_id: int | None


class Away(NamedTuple):
    """Somebody who is away: until which day, and who stands in for them, None where nobody can."""

    until: date
    deputy_id: int | None
    deputy: str | None


def begin(session: Session, person_id: int, absence: Absence, act: Act) -> None:
    """Write the absence down, in place of the one that was; Invalid with what to mend per field."""
    person = _theirs(session, person_id, act)
    problems = _problems(session, person, absence, today=local_day(act.now))
    if problems:
        raise Invalid(N_("The absence was not saved: mend what is marked."), fields=problems)
    person.absent_from, person.absent_until, person.deputy_id = absence
    payload = {"from": str(absence.first), "until": str(absence.last), "deputy": absence.deputy_id}  # ISO days
    accounts.log(session, person, "absence_set", payload, act)


def end(session: Session, person_id: int, act: Act) -> None:
    """They are back, or stay after all."""
    person = _theirs(session, person_id, act)
    if person.absent_from is None:
        return
    person.absent_from = person.absent_until = person.deputy_id = None
    accounts.log(session, person, "absence_ended", {}, act)


def away(session: Session, day: date) -> dict[int, Away]:
    """Id → the absence of everybody who is away on ``day``."""
    absent, everybody = _away(session, day)
    found = {}
    for one in absent:
        deputy = absences.deputy_of(one, everybody, day)
        assert one.absent_until is not None, "the query asked for it"
        found[one.id] = Away(one.absent_until, deputy.id if deputy else None, deputy.name if deputy else None)
    return found


def away_one(session: Session, person_id: int, day: date) -> Away | None:
    """The absence of that person, if they are away on ``day``; nobody else is read where they are not."""
    person = session.get(Person, person_id)
    return away(session, day).get(person_id) if person and absences.is_away(person, day) else None


def stood_in_for(session: Session, person_id: int, day: date) -> tuple[int, ...]:
    """The ids of those for whom that person stands in on ``day``."""
    return tuple(one for one, how in away(session, day).items() if how.deputy_id == person_id)


def deputies(session: Session, person: Person) -> list[Person]:
    """Who could stand in for ``person``, by name."""
    return [one for one in accounts.list_people(session) if absences.can_stand_in(one, person)]


def _away(session: Session, day: date) -> tuple[list[Person], Mapping[int, Person]]:
    """Who is away, and everybody that these absences name; two statements, the second only where somebody is."""
    absent = list(
        session.scalars(select(Person).where(Person.absent_from <= day, Person.absent_until >= day).order_by(Person.id))
    )
    everybody = {one.id: one for one in absent}
    named = {one.deputy_id for one in absent} - everybody.keys() - {None}
    if named:
        everybody |= {one.id: one for one in session.scalars(select(Person).where(Person.id.in_(named)))}
    return absent, everybody


def _theirs(session: Session, person_id: int, act: Act) -> Person:
    actor = acts.actor(session, act)
    if actor is not None and actor.id != person_id and not roles.may(actor.role, MANAGE):
        raise NotAllowed(N_("Your role does not permit this: ask a lead or an administrator."))
    return accounts.get(session, person_id)


def _problems(session: Session, person: Person, absence: Absence, *, today: date) -> dict[str, str]:
    first, last = absence.first, absence.last
    found = {}
    if first is None:
        found["first"] = N_("Give the first day.")
    if last is None or (first is not None and last < first):
        found["last"] = N_("Give the last day, not before the first.")
    elif last < today:
        found["last"] = N_("That day is over already.")
    deputy = session.get(Person, absence.deputy_id) if absence.deputy_id is not None else None
    if deputy is None or not absences.can_stand_in(deputy, person):
        found["deputy_id"] = N_("Choose a colleague with an open account who does the same work.")
    elif first and last:
        everybody = {one.id: one for one in session.scalars(select(Person).where(Person.deputy_id.is_not(None)))}
        if absences.is_circle(person, first, last, deputy, everybody):
            found["deputy_id"] = N_("They are away then, and you stand in for them: choose somebody else.")
    return found
