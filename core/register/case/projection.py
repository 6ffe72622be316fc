"""The fold: a complaint's events, in order, make the row with its present state. Pure, so replay proves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import cast

from core.errors import Invalid
from core.register.case.payload import CaseEvent, IssueRow, RequestRow, Row
from core.register.case.steps import RECORDINGS
from core.rules import directions, requests
from core.rules.issues import standing
from core.rules.steps import AWAITING_CUSTOMER, CLOSED_UNTIMED, CORRECTED, STEP_OF_EVENT, UNDONE, UNMERGED, State
from core.rules.undo import can_be_undone, effective

RECEIVED = State.received.value


def fold(events: Iterable[CaseEvent]) -> Row:
    """Events of one complaint, oldest first → its projected columns; clocks are derived apart (``clocks.cycles``)."""
    row: Row | None = None
    before: Row | None = None
    history: list[CaseEvent] = []
    for event in events:
        row, before = follow(row, before, event, history)
        history.append(event)
    if row is None:
        raise Invalid("A complaint without any event is none.")
    return row


def follow(
    row: Row | None, before: Row | None, event: CaseEvent, history: Sequence[CaseEvent]
) -> tuple[Row, Row | None]:
    """The row after one more event, and the row to which undoing that event leads back; None where it cannot be undone.

    ``before``: that row of the event before. ``history``: the events before; a correction (D21) makes the row anew of
    all of them, as taking a merge back does (D13). Raises as ``apply`` does, Invalid for an undo of anything else
    (D22).
    """
    if event.kind in (CORRECTED, UNMERGED):
        after = None
        for counting in effective([*history, event]):
            after = apply(after, counting)
        if after is None:
            raise Invalid("A correction or a merge taken back is about an earlier event.")
        after["version"] = event.seq
        return after, row
    if event.kind != UNDONE:
        return apply(row, event), row if can_be_undone(event.kind) else None
    if row is None or before is None or event.payload.get("undoes") != row["version"]:
        raise Invalid("Only the step right before it can be undone.")
    after = before.copy()
    after["version"] = event.seq
    return after, None


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
    # Said by the event, not by the row: logs of earlier versions hold steps that led on without a kind.
    led_to = event.payload.get("leads_to")
    state = State(led_to) if led_to else step.leads_to(State(row["state"]))
    after["state"] = state.value
    asked_again_on = _day(event.payload.get("chase_on")) or row["chase_on"]
    after["chase_on"] = asked_again_on if state in AWAITING_CUSTOMER else None
    if step.department is not None:
        after["requests"] = requests.follow(row["requests"], event)
        asked = requests.summary(after["requests"])
        after["department"], after["waiting_department"], after["department_due_at"] = asked
    directions.follow(after, event, step)
    if event.payload.get("holds"):
        after["assignee_id"] = event.actor_id
    RECORDINGS[step.key].change(after, event)
    return after


def received(event: CaseEvent) -> Row:
    """The row of a complaint that has only been recorded."""
    payload = event.payload
    return {  # to call the class with so many names takes half as long again
        "code": payload["code"],
        "year": payload["year"],
        "number": payload["number"],
        "version": event.seq,
        "procedure": payload["procedure"],
        "procedure_version": payload["procedure_version"],
        "calendar_version": payload["calendar"],
        "state": RECEIVED,
        "kind": payload.get("kind"),
        "category": payload["category"] or "",
        "level": payload.get("level"),
        "channel": payload["channel"] or "",
        "product": payload.get("product"),
        "platform": payload.get("platform"),
        "branch": payload.get("branch"),
        "department": None,
        "waiting_department": False,
        "department_due_at": None,
        "assignee_id": None,
        "logged_by_id": event.actor_id,
        "customer_id": payload.get("customer_id"),
        "statement_id": payload.get("statement_id"),
        "remedy_id": payload.get("remedy_id"),
        "incident_at": _instant(payload.get("incident_at")),
        "sent_at": _instant(payload.get("sent_at")),
        "recorded_at": event.at,
        "acknowledged_at": None,
        "resolved_at": None,
        "closed_at": None,
        "outcome": None,
        "root_cause": None,
        "lesson_id": None,
        "reply_days": payload.get("reply_days"),
        "reopened": 0,
        "rounds": 0,
        "chase_on": None,
        "analysis": None,
        "incident": None,
        "merged_into": None,
        "direction": None,
        "direction_from": None,
        "direction_by_id": None,
        "direction_due_at": None,
        "direction_reminded": 0,
        "source": payload.get("source"),
        "external_ref": payload.get("external_ref"),
        "requests": (),
        "issues": (),
    }


def columns_of(row: Row) -> dict[str, object]:
    """The row without what stands in tables of their own."""
    columns = cast("dict[str, object]", row.copy())
    del columns["requests"], columns["issues"]
    return columns


def issue_rows(complaint_id: int, row: Row) -> list[IssueRow]:
    """The rows of ``issues``."""
    return [
        IssueRow(
            complaint_id=complaint_id,
            number=one.number,
            category=one.category,
            outcome=one.outcome,
            root_cause=one.root_cause,
        )
        for one in standing(row["issues"])
    ]


def request_rows(complaint_id: int, row: Row) -> list[RequestRow]:
    """The rows of ``requests``."""
    return [
        RequestRow(
            complaint_id=complaint_id,
            number=one.number,
            department=one.department,
            asked_at=one.asked_at,
            due_at=one.due_at,
            question_id=one.question_id,
            ended_at=one.ended_at,
            ended=one.ended,
            reminded=one.reminded,
        )
        for one in row["requests"]
    ]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
