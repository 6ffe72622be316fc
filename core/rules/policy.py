"""Who sees and does what with one complaint: one rule for pages, queue, search, evidence, exports and writes.

``limits`` is the rule on seeing; ``sees`` is its form for a value, ``core.register.reads.visible`` its form for SQL,
and the figures narrow their filter by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.errors import NotAllowed
from core.rules import roles
from core.rules.steps import STEPS, Department, State, steps_from


class Actor(Protocol):
    """Who acts or reads: a row of ``people``, or anything with the same three facts."""

    id: int
    role: str
    department: str | None


NOWHERE = ""
"""A department no complaint is forwarded to: what somebody without a department is limited to."""


def limits(by: Actor) -> dict[str, str]:
    """Column of a complaint → the value it must have for ``by`` to see it; empty for roles that see all."""
    own = {"department": by.department}
    return {column: own[column] or NOWHERE for column in roles.role_of(by.role).limited_to}


def sees(by: Actor, complaint: Mapping[str, object]) -> bool:
    """Whether ``by`` may open a complaint with these columns: a department only what was forwarded to it."""
    return all(complaint[column] == value for column, value in limits(by).items())


def sees_files(by: Actor, complaint: Mapping[str, object]) -> bool:
    """Whether ``by`` may open the files of the complaint: they show people, names and bank slips."""
    return sees(by, complaint) and roles.sees_personal_data(by.role)


def steps_for(by: Actor, complaint: Mapping[str, object]) -> tuple[str, ...]:
    """The steps ``by`` may take on a complaint, in table order; its columns state, department, waiting_department."""
    if not sees(by, complaint):
        return ()
    owes = bool(complaint["waiting_department"])
    possible = [key for key in steps_from(State(str(complaint["state"]))) if roles.may(by.role, key)]
    return tuple(key for key in possible if owes or STEPS[key].department is not Department.ANSWERS)


def check_action(by: Actor, action: str) -> None:
    """NotAllowed unless the role of ``by`` includes ``action`` at all."""
    if not roles.may(by.role, action):
        raise NotAllowed("Your role does not include this step: ask a lead.")


def check_step(by: Actor, step: str, complaint: Mapping[str, object], fields: Mapping[str, object]) -> None:
    """NotAllowed unless ``by`` may take ``step`` with these ``fields`` on a complaint with these columns."""
    check_action(by, step)
    if not sees(by, complaint):
        raise NotAllowed("This complaint is not with your department.")
    own = STEPS[step].own.get(by.role)
    if own and fields.get(own) != by.id:
        raise NotAllowed("You can take a complaint yourself; giving it to a colleague is for leads.")
