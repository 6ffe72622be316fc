"""The shortest way through the workflow to a stage, for histories that were kept elsewhere and skip our steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache

from core.rules.workflow import MOVES, State, lead_to

Place = tuple[State, bool]  # where it stands, and whether a department owes an answer

STAGES: Mapping[str, frozenset[Place]] = {
    "received": frozenset({(State.received, False)}),
    "acknowledged": frozenset({(State.acknowledged, False)}),
    "worked": frozenset({(State.classified, False), (State.investigating, False)}),
    "waiting_customer": frozenset({(State.waiting_customer, False), (State.waiting_customer, True)}),
    "waiting_department": frozenset({(State.investigating, True)}),
    "resolved": frozenset({(State.resolved, False)}),
    "closed": frozenset({(State.closed, False)}),
    "withdrawn": frozenset({(State.withdrawn, False)}),
}
STEPS = (
    "acknowledge",
    "classify",
    "forward",
    "answer",
    "ask_customer",
    "record_reply",
    "notify_result",
    "close",
    "withdraw",
    "reopen",
)


@cache
def route(start: Place, stage: str) -> tuple[str, ...] | None:
    """The fewest steps from ``start`` into ``stage``: none when it is there already, None when no way leads there."""
    ways: dict[Place, tuple[str, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        place = waiting.popleft()
        if place in STAGES[stage]:
            return ways[place]
        for verb, after in _next(place):
            if after not in ways:
                ways[after] = (*ways[place], verb)
                waiting.append(after)
    return None


def after(place: Place, verb: str) -> Place:
    """Where ``verb`` leads from ``place``."""
    owed = place[1] if verb in ("classify", "ask_customer", "record_reply") else verb == "forward"
    return lead_to(verb, place[0]), owed


def _next(place: Place) -> Iterator[tuple[str, Place]]:
    for verb in STEPS:
        if place[0] in MOVES[verb].from_states:
            yield verb, after(place, verb)
