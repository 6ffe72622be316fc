"""What departments are asked (D19): each request is that department's own obligation, with its own due and its own end.

Requests follow from the events of a complaint alone; ``follow`` is their fold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypedDict, TypeVar

from core.rules.steps import STEP_OF_EVENT, Department


class Ended(StrEnum):
    """How a request ended."""

    ANSWERED = "answered"
    RETURNED = "returned"  # the department says that it is not theirs
    RECALLED = "recalled"  # customer care takes the question back
    RELEASED = "released"  # the result was told, or the complaint withdrawn, before anybody answered


NO_LONGER_THEIRS = frozenset({Ended.RETURNED, Ended.RECALLED})
"""After these ends the department has nothing to do with the complaint any more, and does not see it by them."""


class Asked(Protocol):
    """What is read of a request: a ``Request``, or a row of ``requests``."""

    @property
    def number(self) -> int:
        """Which request of the complaint, from 1."""

    @property
    def department(self) -> str:
        """Who was asked."""

    @property
    def due_at(self) -> datetime:
        """By when the department answers."""

    @property
    def ended_at(self) -> datetime | None:
        """When it ended; None while an answer is owed."""

    @property
    def ended(self) -> str | None:
        """How it ended (``Ended``)."""


One = TypeVar("One", bound=Asked)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``question_id``: the text in ``evidence``, ``reminded``: how often the department was reminded."""

    number: int
    department: str
    asked_at: datetime
    due_at: datetime
    question_id: int | None = None
    ended_at: datetime | None = None
    ended: str | None = None
    reminded: int = 0

    def end(self, how: Ended, at: datetime) -> Request:
        """As it stands once it ended; what has ended stays as it was."""
        return replace(self, ended_at=at, ended=how.value) if self.ended is None else self


class RequestPayload(TypedDict, total=False):
    """What requests are read from in an event's payload.

    ``request``: the number of the request that the event makes or is about. ``answered``: those that telling the result
    answered, because the department told it itself (MISA 2).
    """

    department: str | None
    due_at: str | None
    text_id: int
    request: int
    answered: list[int]


class RequestEvent(Protocol):
    """What requests are read from in an event."""

    @property
    def kind(self) -> str:
        """Its name in the log."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def payload(self) -> RequestPayload:
        """What was recorded with it."""


class Summary(NamedTuple):
    """What the complaint's own row says of its requests.

    ``department`` and ``due_at``: of the open one that is due first; with none open the department asked last.
    """

    department: str | None
    is_waiting: bool
    due_at: datetime | None


_ENDS = {
    Department.ANSWERS: Ended.ANSWERED,
    Department.RETURNS: Ended.RETURNED,
    Department.RECALLS: Ended.RECALLED,
}


def follow(requests: tuple[Request, ...], event: RequestEvent) -> tuple[Request, ...]:
    """The requests after one more event that counts (``core.rules.undo.effective``).

    Earlier versions awaited one department at a time and named no ``request``: by such an event whoever was asked
    before is released, and an answer is that of whoever owes one. An event that names one leaves all others as they
    are.
    """
    step, payload = STEP_OF_EVENT.get(event.kind), event.payload
    department = step.department if step else None
    match department:
        case None:
            return requests
        case Department.ASKS:
            return (*(requests if "request" in payload else _released(requests, event)), _asked(requests, event))
        case Department.REMINDS:
            return _changed(requests, [payload["request"]], lambda one: replace(one, reminded=one.reminded + 1))
        case Department.RELEASES:
            its = payload.get("answered", [])
            answered = _changed(requests, its, lambda one: one.end(Ended.ANSWERED, event.at))
            return _released(answered, event)
        case _:
            its = [payload["request"]] if "request" in payload else [one.number for one in requests]
            return _changed(requests, its, lambda one: one.end(_ENDS[department], event.at))


def summary(requests: Sequence[Request]) -> Summary:
    """What the complaint's row says of them."""
    first = min(open_of(requests), key=lambda one: (one.due_at, one.number), default=None)
    if first is None:
        return Summary(requests[-1].department if requests else None, is_waiting=False, due_at=None)
    return Summary(first.department, is_waiting=True, due_at=first.due_at)


def open_of(requests: Iterable[One]) -> list[One]:
    """Those that still wait for an answer."""
    return [one for one in requests if one.ended is None]


def seen_by(requests: Iterable[Asked]) -> frozenset[str]:
    """The departments that see the complaint: asked, and neither returned nor recalled.

    Who was released sees how it ended, and may be asked again when the customer does not agree.
    """
    return frozenset(one.department for one in requests if one.ended not in NO_LONGER_THEIRS)


def owing(requests: Iterable[Asked]) -> frozenset[str]:
    """The departments that owe an answer."""
    return frozenset(one.department for one in open_of(requests))


def stopped_at(request: Asked) -> datetime | None:
    """When the clock of the request stopped with a verdict (D10): answered, or ended otherwise when it was late."""
    return None if cancelled_at(request) else request.ended_at


def cancelled_at(request: Asked) -> datetime | None:
    """When it ended without a verdict: not answered and not late yet (D13, D19)."""
    if request.ended_at is None or request.ended == Ended.ANSWERED or request.ended_at > request.due_at:
        return None
    return request.ended_at


def _asked(requests: Sequence[Request], event: RequestEvent) -> Request:
    payload = event.payload
    due_at = datetime.fromisoformat(payload["due_at"] or "")
    return Request(len(requests) + 1, payload["department"] or "", event.at, due_at, payload.get("text_id"))


def _released(requests: Iterable[Request], event: RequestEvent) -> tuple[Request, ...]:
    return tuple(one.end(Ended.RELEASED, event.at) for one in requests)


def _changed(
    requests: Iterable[Request], numbers: Collection[int], change: Callable[[Request], Request]
) -> tuple[Request, ...]:
    return tuple(change(one) if one.number in numbers else one for one in requests)
