"""Hand-made histories for the rules of clocks: local times, events in one line, procedures with one thing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core import shipped
from core.rules import clocks
from core.rules.calendar import LOCAL, WorkCalendar
from core.rules.clocks import Cycle, Occurrence
from core.rules.procedure import Procedure, Term


def at(text: str) -> datetime:
    """``"2026-11-09 08:30"`` on the local clock."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def happened(*steps: str, data: Mapping[str, str] | None = None) -> list[Occurrence]:
    """``"received 2026-10-09 10:00"`` and so on; ``data`` goes with every step."""
    pairs = [step.split(" ", 1) for step in steps]
    return [Occurrence(kind, at(when).astimezone(UTC), data or {}) for kind, when in pairs]


def asked(when: str, chase_on: str) -> list[Occurrence]:
    """A question to the customer, asked again on ``chase_on``."""
    return happened(f"customer_asked {when}", data={"question": "?", "chase_on": chase_on})


def promised(when: str, due_at: str, kind: str = "reply") -> list[Occurrence]:
    """A date promised to the customer at ``when``."""
    return happened(f"date_promised {when}", data={"kind": kind, "due_at": at(due_at).isoformat()})


def pops(**changes: Any) -> Procedure:
    """The POPS procedure with some fields changed."""
    return replace(shipped.procedure("pops"), **changes)


def pausing(**term: Any) -> Procedure:
    """POPS with the clock stopped while the customer is awaited (D5), fields of its *resolve* term changed."""
    return with_term("resolve", pause_on=("waiting_customer",), **term)


def with_term(key: str, *, pause_on: tuple[str, ...] = (), **changes: Any) -> Procedure:
    """POPS with fields of one term changed."""
    terms: tuple[Term, ...] = tuple(
        replace(term, **changes) if term.key == key else term for term in shipped.procedure("pops").terms
    )
    return pops(terms=terms, pause_on=pause_on)


def days_off(procedure: Procedure) -> WorkCalendar:
    """The procedure's calendar over the shipped days off."""
    return procedure.calendar(shipped.calendar_days())


def runs(procedure: Procedure, term: str, events: list[Occurrence]) -> list[Cycle]:
    """The cycles of one term, in their order."""
    return [cycle for cycle in clocks.cycles(procedure, days_off(procedure), events) if cycle.term == term]
