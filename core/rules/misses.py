"""Which broken promise was explained by what: each miss has a reason of its own, the one given last (POPS step 7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypedDict

from core.rules.clocks import Cycle, OfTerm
from core.rules.steps import STEPS

EXPLAIN = "explain_miss"
"""The step that gives one promise its reason; there is nothing to explain before one is broken."""
EXPLAINED = STEPS[EXPLAIN].event
CLOSED = STEPS["close"].event


class ReasonPayload(TypedDict, total=False):
    """What reasons are read from in an event's payload.

    ``explains``: the promise (``name_of``) that ``breach_reason`` is for. ``breach_reasons``: promise → reason, as
    closing gives them.
    """

    explains: str
    breach_reason: str | None
    breach_reasons: dict[str, str]


class ReasonEvent(Protocol):
    """What reasons are read from in an event."""

    @property
    def kind(self) -> str:
        """Its name in the log."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def payload(self) -> ReasonPayload:
        """What was recorded with it."""


class Run(OfTerm, Protocol):
    """One run of one clock: a ``Cycle``, or what a page shows of it."""

    @property
    def number(self) -> int:
        """Which run of that term, from 1."""


class Promise(NamedTuple):
    """Which run of which clock a name means (``named``)."""

    term: str
    number: int


def name_of(run: Run) -> str:
    """The promise as one text, ``resolve.1``: the term, and which run of it."""
    return f"{run.term}.{run.number}"


def named(name: str) -> Promise:
    """The promise of that name."""
    term, _, number = name.rpartition(".")
    return Promise(term, int(number))


def reasons(events: Iterable[ReasonEvent], cycles: Sequence[Cycle]) -> dict[str, str]:
    """Promise → why it was missed; what was never explained is not in it. ``events``: of one complaint, in their order.

    Closing once gave one reason for the complaint: such an event explains every promise that was broken by then.
    """
    found: dict[str, str] = {}
    for event in events:
        if event.kind not in (EXPLAINED, CLOSED):
            continue
        payload, reason = event.payload, event.payload.get("breach_reason")
        if reason and event.kind == EXPLAINED:
            found[payload["explains"]] = reason
        elif reason:
            found |= {name_of(cycle): reason for cycle in cycles if was_broken(cycle, event.at)}
        found |= payload.get("breach_reasons", {})
    return found


def was_broken(cycle: Cycle, at: datetime) -> bool:
    """Whether the promise was broken by ``at``, whatever became of it later."""
    is_late = cycle.stopped_at is None or cycle.stopped_at > cycle.due_at
    return is_late and cycle.due_at < at and (cycle.cancelled_at is None or cycle.cancelled_at > at)
