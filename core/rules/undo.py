"""Undo (D22): who may take the last step of a complaint back; and a history as it counts, also corrected (D21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, Self, TypeVar, cast

from core.errors import NotAllowed
from core.rules.calendar import whole_second
from core.rules.correction import KEYS
from core.rules.policy import Actor
from core.rules.steps import CORRECTED, ISSUED, STEP_OF_EVENT, UNDONE, UNMERGED

WITHIN = timedelta(minutes=15)
REWRITING = frozenset({UNDONE, CORRECTED, UNMERGED})
"""The events that make those before them count otherwise."""


class HistoryEvent(Protocol):
    """What is read of an event of a complaint.

    ``undoes`` of the payload: the ``seq`` of the event that it undoes. ``unmerges``: that of the merge which it takes
    back (D13). ``of``: the ``seq`` of the event that it corrects, ``corrects``: what of it.
    """

    @property
    def seq(self) -> int:
        """Place in the history of the complaint, from 1."""

    @property
    def kind(self) -> str:
        """What happened."""

    @property
    def payload(self) -> Mapping[str, object]:
        """What was recorded."""

    def _replace(self, *, at: datetime = ..., payload: Any = ...) -> Self:  # noqa: ANN401 (each has its own payload)
        """The same event, saying something else."""


One = TypeVar("One", bound=HistoryEvent)


def undone(events: Iterable[One]) -> dict[int, One]:
    """The ``seq`` of each event that was undone → the event that undid it."""
    return {cast("int", event.payload["undoes"]): event for event in events if event.kind == UNDONE}


def effective(events: Sequence[One]) -> Sequence[One]:
    """The events as they count, in their order: without those that were undone and without the undoing itself.

    So a merge that was taken back: the complaint stands as if it had never been merged (D13).
    An event that was corrected says what the newest correction says, and happened when that says (D21); the correction
    itself is gone. State, clocks, values, order of times and uses of texts follow from these alone; the log keeps all.
    """
    if REWRITING.isdisjoint([event.kind for event in events]):
        return events
    gone = undone(events)
    counting = {event.seq: event for event in events if event.kind != UNDONE and event.seq not in gone}
    for unmerged in [event for event in counting.values() if event.kind == UNMERGED]:
        del counting[unmerged.seq], counting[cast("int", unmerged.payload["unmerges"])]
    for correction in [event for event in counting.values() if event.kind == CORRECTED]:
        del counting[correction.seq]
        of = cast("int", correction.payload["of"])
        if of in counting:  # it may have corrected when a merge took place that was taken back since
            counting[of] = _as_corrected(counting[of], correction.payload)
    return list(counting.values())


def restating(events: Sequence[One]) -> list[One]:
    """The events that may change a verdict that was given: corrections, and merges taken back, if not undone."""
    gone = undone(events)
    return [event for event in events if event.kind in (CORRECTED, UNMERGED) and event.seq not in gone]


def _as_corrected(event: One, says: Mapping[str, object]) -> One:
    """``event`` with what the correction says; what the correction leaves out is not known."""
    keys = KEYS[str(says["corrects"])]
    if "at" in keys:
        return event._replace(at=datetime.fromisoformat(str(says["at"])))
    return event._replace(payload={**event.payload, **{key: says.get(key) for key in keys}})


def can_be_undone(kind: str) -> bool:
    """Whether an event is a step that its person may take back while nothing followed.

    An undo is none, nor is issuing a paper: its number is given, and the customer may hold it (D39).
    """
    return kind in STEP_OF_EVENT and kind not in (UNDONE, ISSUED)


class Last(NamedTuple):
    """The last event of a complaint; ``actor_id``: who took the step, None for the register itself.

    ``is_imported``: it came in together with its complaint, by an import. ``has_left``: its mail left, or may have
    (D46).
    """

    kind: str
    actor_id: int | None
    logged_at: datetime
    is_imported: bool = False
    has_left: bool = False


def check(by: Actor | None, last: Last, now: datetime) -> None:
    """NotAllowed, with the reason, unless ``by`` may undo ``last``; both ends of the 15 minutes belong to them."""
    if last.kind == UNDONE:
        raise NotAllowed("The last step was undone already: nothing more can be undone.")
    if last.kind == ISSUED:
        raise NotAllowed("A paper that was issued stays: issue a corrected one, which names it.")
    if not can_be_undone(last.kind):
        raise NotAllowed("There is nothing to undo: the last entry is not a step that somebody took.")
    if last.is_imported:
        raise NotAllowed("This came in with an import: it cannot be undone here.")
    if last.has_left:
        raise NotAllowed("The mail has left for the customer: it cannot be undone any more. Tell them what is right.")
    if by is None or by.id != last.actor_id:
        raise NotAllowed("The last step is somebody else's: only who took it can undo it.")
    if whole_second(now) > last.logged_at + WITHIN:
        raise NotAllowed("The last step was taken more than 15 minutes ago: it cannot be undone any more.")


def possible_until(by: Actor, last: Last, now: datetime) -> datetime | None:
    """Until when ``by`` may undo ``last``; None where they may not."""
    try:
        check(by, last, now)
    except NotAllowed:
        return None
    return last.logged_at + WITHIN
