"""Stage guides (D18): until when the stage at hand is meant to be done; an internal mark, no promise to a customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.rules.calendar import WorkCalendar
from core.rules.procedure import AfterHours, Guide, Procedure
from core.rules.steps import EFFECTS, STATES, STEP_OF_EVENT, STEPS, Effect, Phase, State, events_of, events_with
from core.rules.time_left import Deadline

GUIDES_OF: Mapping[Phase, tuple[str, ...]] = {
    Phase.CLASSIFY: ("classify", "analyse"),
    Phase.HANDLE: ("investigate", "analyse"),
    Phase.CONCILIATE: ("conciliate",),
    Phase.NOTIFY: ("notify",),
    Phase.CLOSE: ("close",),
}
"""Phase → the keys of the guides that mean it; the procedure's own one counts."""
ROUNDS = events_of(Phase.CONCILIATE)
MOVES = events_with(Effect.CANCELS) | {
    step.event for step in STEPS.values() if step.to or step.to_from or step.unclassified
}
"""The events that can begin or end a stage; all others leave it as it is."""


class StageEvent(Protocol):
    """What stages are read from in an event."""

    @property
    def kind(self) -> str:
        """Its name in the log."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def payload(self) -> Mapping[str, object]:
        """What was recorded with it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The guide of the stage at hand: when the stage began, and until when it is meant to be done."""

    guide: Guide
    since: datetime
    due_at: datetime

    @property
    def deadline(self) -> Deadline:
        """As the queue reads time left of one; a mark does not warn before it has passed."""
        return Deadline("", self.since, self.due_at, self.due_at)


def mark(procedure: Procedure, calendar: WorkCalendar, events: Iterable[StageEvent]) -> Mark | None:
    """The mark of the stage in which ``events`` (as they count, in their order) leave a complaint; None without one.

    ``at_most`` working days from when the stage began, counted as a term in working days is (D1, D2).
    Raises ``BeyondCalendar`` when it reaches a year that is not loaded.
    """
    phase, since = stage(events)
    keys = GUIDES_OF.get(phase, ()) if phase else ()
    guide = next((one for one in procedure.guides if one.key in keys), None)
    if guide is None or since is None:
        return None
    first = calendar.next_open(since) if _waits_for_opening(procedure) else since
    return Mark(guide, since, calendar.due_days(first, guide.at_most))


def stage(events: Iterable[StageEvent]) -> tuple[Phase | None, datetime | None]:
    """The phase that a complaint is in, and since when; from the first proposal to the decision it is one phase.

    None at an end. What a refusal sends back to the departments is still the conciliation (POPS 5).
    """
    state, conciliates = State.received, False
    phase: Phase | None = None
    since: datetime | None = None
    for event in events:
        step = STEP_OF_EVENT.get(event.kind)
        if step is None:
            if Effect.CANCELS in EFFECTS.get(event.kind, Effect.NONE):
                phase = since = None  # closed without a time
            continue
        leads_to = event.payload.get("leads_to")
        state = State(str(leads_to)) if leads_to else step.to_from.get(state, step.to or state)
        conciliates = (conciliates or event.kind in ROUNDS) and Effect.REOPENS not in step.effect
        following = STATES[state].next_phase
        if following is Phase.HANDLE and conciliates:
            following = Phase.CONCILIATE
        if following is not phase:
            phase, since = following, event.at
    return phase, since if phase else None


def _waits_for_opening(procedure: Procedure) -> bool:
    return any(term.after_hours is AfterHours.NEXT_OPEN for term in procedure.terms)
