"""The fold: a complaint's events, in order, make the row that says where it stands now. Pure, so replay proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.rules.workflow import EVENTS, State, lead_to

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a complaint as the fold reads it; ``payload`` is the parsed JSON."""

    seq: int
    kind: str
    happened_at: datetime
    payload: Mapping[str, Any]


def fold(events: Iterable[Happening]) -> Row:
    """Events of one complaint, oldest first → its projected columns (without clocks, which ``clocks`` derives)."""
    row: Row = {}
    for event in events:
        row = apply(row, event)
    return row


def apply(row: Row, event: Happening) -> Row:
    """The row after one more event; NotAllowed when the workflow does not go that way."""
    if event.kind == "received":
        return _received(event)
    after = dict(row, version=event.seq)
    if event.kind in EVENTS:
        after["state"] = lead_to(EVENTS[event.kind].verb, State(row["state"])).value
    change = CHANGES.get(event.kind)
    if change:
        change(after, event)
    return after


def _received(event: Happening) -> Row:
    said = event.payload
    row: Row = dict.fromkeys(
        (
            "kind",
            "department",
            "department_due_at",
            "assignee_id",
            "acknowledged_at",
            "resolved_at",
            "closed_at",
            "outcome",
            "root_cause",
            "breach_reason",
        )
    )
    for name in RECEIVED:
        row[name] = said.get(name)
    row.update(
        version=event.seq,
        state=State.received.value,
        calendar_version=said["calendar"],
        waiting_department=False,
        recorded_at=event.happened_at,
        sent_at=_instant(said.get("sent_at")),
        incident_at=_instant(said.get("incident_at")),
        reopened=0,
    )
    return row


RECEIVED = (
    "code",
    "year",
    "number",
    "procedure",
    "procedure_version",
    "category",
    "level",
    "channel",
    "product",
    "platform",
    "customer_id",
    "statement_id",
    "remedy_id",
    "source",
    "external_ref",
)


def _acknowledged(row: Row, event: Happening) -> None:
    row["acknowledged_at"] = row["acknowledged_at"] or event.happened_at


def _classified(row: Row, event: Happening) -> None:
    for name in ("kind", "category", "level"):
        if event.payload.get(name) is not None:
            row[name] = event.payload[name]


def _assigned(row: Row, event: Happening) -> None:
    row["assignee_id"] = event.payload["assignee_id"]


def _forwarded(row: Row, event: Happening) -> None:
    row.update(
        department=event.payload["department"],
        department_due_at=_instant(event.payload.get("due_at")),
        waiting_department=True,
    )


def _answered(row: Row, event: Happening) -> None:
    row.update(waiting_department=False, department_due_at=None)


def _notified(row: Row, event: Happening) -> None:
    _answered(row, event)
    row["resolved_at"] = event.happened_at


def _closed(row: Row, event: Happening) -> None:
    row["closed_at"] = event.happened_at
    for name in ("outcome", "root_cause", "breach_reason"):
        row[name] = event.payload.get(name)


def _withdrawn(row: Row, event: Happening) -> None:
    _answered(row, event)
    row.update(closed_at=event.happened_at, outcome="withdrawn")


def _reopened(row: Row, event: Happening) -> None:
    row.update(closed_at=None, resolved_at=None, outcome=None, reopened=row["reopened"] + 1)


CHANGES: Mapping[str, Callable[[Row, Happening], None]] = {
    "acknowledged": _acknowledged,
    "classified": _classified,
    "assigned": _assigned,
    "forwarded": _forwarded,
    "department_answered": _answered,
    "result_notified": _notified,
    "closed": _closed,
    "withdrawn": _withdrawn,
    "reopened": _reopened,
}


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
