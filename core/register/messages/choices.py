"""Who gets which messages when (D42): what a person chose, else what holds for their role, else the usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed
from core.i18n import N_
from core.register.log import act as acts
from core.register.log import seal
from core.register.log.act import Act
from core.register.log.bulk import among
from core.register.log.seal import Subject
from core.register.log.tables import MessageChoice, Person
from core.register.messages import checks
from core.register.messages.outlets import MANAGE
from core.register.people import accounts
from core.rules import roles
from core.rules.messages import GROUPS, Choice, options

SUBJECT, CHOSEN = "messages", "defaults_set"
Chosen = Mapping[str, Choice]
"""Group → choice, every group."""


class Choices:
    """What some people chose, read at once."""

    def __init__(self, session: Session, people: Iterable[Person]) -> None:
        self._roles = {one.id: one.role for one in people}
        whose = [*(_of_person(one) for one in self._roles), *(_of_role(role) for role in set(self._roles.values()))]
        theirs = select(MessageChoice).where(among(MessageChoice.who, "whose"))
        self._said = {(row.who, row.group): Choice(row.choice) for row in session.scalars(theirs, {"whose": whose})}

    def of(self, person_id: int, group: str) -> Choice:
        """What holds for that person."""
        own = self._said.get((_of_person(person_id), group))
        return own or self._said.get((_of_role(self._roles[person_id]), group)) or Choice.USUAL


def of_person(session: Session, person: Person) -> Chosen:
    """What holds for one person."""
    chosen = Choices(session, [person])
    return {group: chosen.of(person.id, group) for group in GROUPS}


def of_role(session: Session, role: str) -> Chosen:
    """What holds for people of a role who chose nothing."""
    said = select(MessageChoice.group, MessageChoice.choice).where(MessageChoice.who == _of_role(role))
    found = {group: Choice(choice) for group, choice in session.execute(said)}
    return {group: found.get(group, Choice.USUAL) for group in GROUPS}


def choose(session: Session, wanted: Mapping[str, str], act: Act) -> None:
    """Whoever acts chooses for themselves; what holds for their role anyway is kept as their choice all the same."""
    assert act.actor_id is not None, "a choice belongs to a person"
    acts.actor(session, act)  # refuses a closed account
    person = accounts.get(session, act.actor_id)
    _put(session, _of_person(person.id), wanted)
    accounts.log(session, person, "messages_chosen", {"choices": dict(wanted)}, act)


def set_defaults(session: Session, role: str, wanted: Mapping[str, str], act: Act) -> None:
    """What holds for people of a role who chose nothing. Raises NotAllowed, and Invalid for what is no choice."""
    accounts.check_may(session, act, MANAGE)
    if role not in roles.ROLES:
        raise Invalid(N_("Choose a role"))
    _put(session, _of_role(role), wanted)
    payload = {"role": role, "choices": dict(wanted)}
    seal.append(session, Subject(SUBJECT, 0), CHOSEN, payload, act.stamp)


def set_email(session: Session, person_id: int, email: str, act: Act) -> None:
    """Where messages to somebody go, by themselves or an administrator; empty: nowhere. The log says only that it is.

    Raises NotAllowed, and Invalid (``email``).
    """
    if act.actor_id != person_id:
        accounts.check_may(session, act, "manage_people")
    elif acts.actor(session, act) is None:
        raise NotAllowed(N_("Your role does not permit this: ask an administrator."))
    address = email.strip()
    if address and not checks.is_address(address):
        raise Invalid(
            N_("Please mend the marked fields; everything you typed is still here."), {"email": checks.ADDRESS_RULE}
        )
    person = accounts.get(session, person_id)
    person.email = address or None
    accounts.log(session, person, "email_set" if address else "email_removed", {}, act)


def _put(session: Session, who: str, wanted: Mapping[str, str]) -> None:
    for group, choice in wanted.items():
        if group not in GROUPS or choice not in options(group):
            raise Invalid(N_("Choose one of what is offered."))
    session.execute(delete(MessageChoice).where(MessageChoice.who == who))
    rows = [{"who": who, "group": group, "choice": str(choice)} for group, choice in wanted.items()]
    if rows:
        session.execute(insert(MessageChoice), rows)


def _of_person(person_id: int) -> str:
    return f"person:{person_id}"


def _of_role(role: str) -> str:
    return f"role:{role}"
