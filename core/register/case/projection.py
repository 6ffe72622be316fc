"""The fold: a complaint's events, in order, make the row with its present state. Pure, so replay proves it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.errors import Invalid
from core.register.case.payload import CaseEvent, Row
from core.register.case.steps import RECORDINGS
from core.rules.steps import CLOSED_UNTIMED, STEP_OF_EVENT, Department, State


def fold(events: Iterable[CaseEvent]) -> Row:
    """Events of one complaint, oldest first → its projected columns; clocks are derived apart (``clocks.cycles``)."""
    row: Row | None = None
    for event in events:
        row = apply(row, event)
    if row is None:
        raise Invalid("A complaint without any event is none.")
    return row


def apply(row: Row | None, event: CaseEvent) -> Row:
    """The row after one more event; NotAllowed when the steps do not go that way.

    An event that is no step (``recalculated``) changes nothing but the version; one that came in as closed without a
    time stays without one (D30).
    """
    if row is None:
        return received(event)
    after = row.copy()
    after["version"] = event.seq
    step = STEP_OF_EVENT.get(event.kind)
    if step is None:
        if event.kind == CLOSED_UNTIMED:
            after["state"] = State.closed.value
        return after
    after["state"] = step.leads_to(State(row["state"])).value
    if step.department is not None:
        after["waiting_department"] = step.department is Department.ASKS
        after["department_due_at"] = None
    RECORDINGS[step.key].change(after, event)
    return after


def received(event: CaseEvent) -> Row:
    """The row of a complaint that has only been recorded."""
    payload = event.payload
    return Row(
        code=payload["code"],
        year=payload["year"],
        number=payload["number"],
        version=event.seq,
        procedure=payload["procedure"],
        procedure_version=payload["procedure_version"],
        calendar_version=payload["calendar"],
        state=State.received.value,
        kind=None,
        category=payload["category"] or "",
        level=payload.get("level"),
        channel=payload["channel"] or "",
        product=payload.get("product"),
        platform=payload.get("platform"),
        branch=payload.get("branch"),
        department=None,
        waiting_department=False,
        department_due_at=None,
        assignee_id=None,
        logged_by_id=event.actor_id,
        customer_id=payload.get("customer_id"),
        statement_id=payload.get("statement_id"),
        remedy_id=payload.get("remedy_id"),
        incident_at=_instant(payload.get("incident_at")),
        sent_at=_instant(payload.get("sent_at")),
        recorded_at=event.at,
        acknowledged_at=None,
        resolved_at=None,
        closed_at=None,
        outcome=None,
        root_cause=None,
        reply_days=payload.get("reply_days"),
        reopened=0,
        source=payload.get("source"),
        external_ref=payload.get("external_ref"),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
