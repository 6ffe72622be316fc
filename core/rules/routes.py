"""The shortest way through the steps to a stage, for imported histories that skip steps of the procedure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from core.rules.steps import MERGE, STATES, STEPS, UNMERGE, WORKED_ON, Department, State

WAITING_DEPARTMENT = "waiting_department"
NOT_TOLD = (Department.RETURNS, Department.RECALLS)
OF_TWO = (MERGE, UNMERGE)
"""What says something of another complaint, which a history does not know."""
IMPORTABLE = tuple(
    key
    for key, step in STEPS.items()
    if not step.beside and not step.conciliates and step.department not in NOT_TOLD and key not in OF_TWO
)
"""The steps an imported history can contain or imply.

Nothing implies that a customer agreed or refused (D17), that a question was returned or recalled (D19), or that a
complaint was merged (D13).
"""


class Place(NamedTuple):
    """Where a complaint stands, and whether a department owes an answer."""

    state: State
    department_owes: bool = False


START = Place(State.received)


@cache
def route(start: Place, stage: str) -> tuple[str, ...] | None:
    """The fewest steps from ``start`` into ``stage``: none when it is there already, None when no way leads there.

    Breadth first, so that the first way found is a shortest one; among equals the order of ``STEPS`` decides.
    """
    ways: dict[Place, tuple[str, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        place = waiting.popleft()
        if place in STAGES[stage]:
            return ways[place]
        for key, reached in _next(place):
            if reached not in ways:
                ways[reached] = (*ways[place], key)
                waiting.append(reached)
    return None


def after(place: Place, key: str) -> Place:
    """Where the step ``key`` leads from ``place``."""
    step = STEPS[key]
    owes = place.department_owes if step.department is None else step.department is Department.ASKS
    return Place(step.leads_to(place.state), owes)


def _next(place: Place) -> Iterator[tuple[str, Place]]:
    """The steps from ``place`` and where they lead, of those that can be implied.

    A history is classified before anything else is done, and what was withdrawn in another system stays so: where a
    customer asked back leads from there depends on what nobody wrote down.
    """
    for key in IMPORTABLE:
        if place.state in STEPS[key].from_states and place.state is not State.withdrawn:
            reached = after(place, key)
            if place.state is not State.acknowledged or reached.state in (State.classified, State.withdrawn):
                yield key, reached


def _stages() -> Mapping[str, frozenset[Place]]:
    stages: dict[str, set[Place]] = {}
    for place in _reached():
        stage = STATES[place.state].imported_as or place.state.value
        if place.department_owes and stage == WORKED_ON:
            stage = WAITING_DEPARTMENT
        stages.setdefault(stage, set()).add(place)
    return {stage: frozenset(places) for stage, places in stages.items()}


def _reached() -> list[Place]:
    """Every place that an imported history can come to, the nearest first."""
    found = [START]
    for place in found:
        found += [reached for _key, reached in _next(place) if reached not in found]
    return found


STAGES = _stages()
"""Stage that a mapping may name (``[history.stages]``) → the places it stands for."""
