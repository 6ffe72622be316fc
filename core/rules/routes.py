"""The shortest way through the steps to a stage, for imported histories that skip steps of the procedure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from core.rules.steps import STATES, STEPS, WORKED_ON, Department, State

WAITING_DEPARTMENT = "waiting_department"
IMPORTABLE = tuple(key for key, step in STEPS.items() if not step.beside)
"""The steps an imported history can contain or imply."""


class Place(NamedTuple):
    """Where a complaint stands, and whether a department owes an answer."""

    state: State
    department_owes: bool = False


START = Place(State.received)


def _stages() -> Mapping[str, frozenset[Place]]:
    stages: dict[str, set[Place]] = {}
    for state, standing in STATES.items():
        stage = standing.imported_as or state.value
        stages.setdefault(stage, set()).add(Place(state))
        stages.setdefault(WAITING_DEPARTMENT if stage == WORKED_ON else stage, set()).add(Place(state, True))
    return {stage: frozenset(places) for stage, places in stages.items()}


STAGES = _stages()
"""Stage that a mapping may name (``[history.stages]``) → the places it stands for."""


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
    for key in IMPORTABLE:
        if place.state in STEPS[key].from_states:
            yield key, after(place, key)
