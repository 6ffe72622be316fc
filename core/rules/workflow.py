"""The life of a complaint as a table: which step may follow from where, and where it leads (POPS steps 1-7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import NotAllowed


class State(StrEnum):
    """Where a complaint stands; ``closed`` and ``withdrawn`` are the ends."""

    received = "received"
    acknowledged = "acknowledged"
    classified = "classified"
    investigating = "investigating"
    waiting_customer = "waiting_customer"
    resolved = "resolved"
    closed = "closed"
    withdrawn = "withdrawn"


OPEN = frozenset(State) - {State.closed, State.withdrawn}
WORKED = OPEN - {State.received, State.resolved}
ANY = frozenset(State)


@dataclass(frozen=True, slots=True)
class Move:
    """One step a person can take: the verb, the event it logs, from where, and to where (None: stays)."""

    verb: str
    event: str
    from_states: frozenset[State]
    to: State | None
    moves: Mapping[State, State] | None = None  # where it depends on where it came from


STAY = None
MOVES: Mapping[str, Move] = {
    move.verb: move
    for move in (
        Move("acknowledge", "acknowledged", frozenset({State.received}), State.acknowledged),
        Move("classify", "classified", WORKED, STAY, {State.acknowledged: State.classified}),
        Move("assign", "assigned", OPEN, STAY),
        Move("forward", "forwarded", frozenset({State.classified, State.investigating}), State.investigating),
        Move("answer", "department_answered", frozenset({State.investigating, State.waiting_customer}), STAY),
        Move(
            "ask_customer", "customer_asked", frozenset({State.classified, State.investigating}), State.waiting_customer
        ),
        Move("record_reply", "customer_replied", frozenset({State.waiting_customer}), State.investigating),
        Move("notify_result", "result_notified", WORKED - {State.acknowledged}, State.resolved),
        Move("close", "closed", frozenset({State.resolved}), State.closed),
        Move("withdraw", "withdrawn", OPEN, State.withdrawn),
        Move("reopen", "reopened", frozenset({State.closed}), State.investigating),
        Move("note", "noted", ANY, STAY),
        Move("add_evidence", "evidence_added", ANY, STAY),
    )
}
EVENTS: Mapping[str, Move] = {move.event: move for move in MOVES.values()}


def verbs_from(state: State) -> tuple[str, ...]:
    """The steps that may follow in ``state``, in the order of the procedure."""
    return tuple(verb for verb, move in MOVES.items() if state in move.from_states)


def lead_to(verb: str, state: State) -> State:
    """The state after ``verb`` in ``state``; NotAllowed when the procedure does not go that way."""
    move = MOVES[verb]
    if state not in move.from_states:
        raise NotAllowed(
            "“{verb}” is not possible while the complaint is “{state}”: reload to see the steps that are.",
            verb=verb,
            state=state.value,
        )
    if move.moves and state in move.moves:
        return move.moves[state]
    return move.to or state
