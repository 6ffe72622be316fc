"""The values of what a complaint's category must know: from its events to the rows of ``details``, and back as text.

An event names what is not personal as ``details`` (None: not known any more) and what is as ``detail_ids``, rows of
``evidence`` that it attests like any other text. What was verified of a customer (``core.register.case.verified``)
stands in its event alike, as ``facts`` and ``fact_ids``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.case.payload import CaseEvent, DetailRow, Payload
from core.register.log.tables import Detail, Evidence
from core.rules.catalogue import Field
from core.rules.undo import effective

KIND = "detail"
"""The kind of evidence that a personal value is."""
TEXT = f"{KIND}:"
"""What the key of a personal value begins with among the texts of an event's content."""
FACT = "fact"
"""The kind of evidence that a personal value of a customer is."""
FACT_TEXT = f"{FACT}:"
"""What its key begins with among the texts of an event's content."""
Texts = dict[str, tuple[str, str]]


class Kept(NamedTuple):
    """A value as a row has it: the value itself, or where it is personal the evidence that holds it."""

    value: str | None
    evidence_id: int | None


def split(fields: Mapping[str, Field], values: Mapping[str, str]) -> tuple[Payload, Texts]:
    """Values as they are kept (empty: not known any more) → the part of an event's payload, and the personal texts."""
    texts = {f"{TEXT}{key}": (KIND, value) for key, value in values.items() if value and fields[key].personal}
    plain = {key: value or None for key, value in values.items() if f"{TEXT}{key}" not in texts}
    return (Payload(details=plain) if plain else Payload()), texts


def split_facts(fields: Mapping[str, Field], values: Mapping[str, str]) -> tuple[Payload, Texts]:
    """As ``split``, of what was verified of a customer; no value is empty."""
    texts = {f"{FACT_TEXT}{key}": (FACT, value) for key, value in values.items() if fields[key].personal}
    plain = {key: value for key, value in values.items() if not fields[key].personal}
    return (Payload(facts=plain) if plain else Payload()), texts


def fold(events: Sequence[CaseEvent]) -> dict[str, Kept]:
    """Events of one complaint, oldest first → what is known after them, by field."""
    known: dict[str, Kept] = {}
    for event in effective(events):
        if not says_any(event.payload):
            continue
        for key, value in event.payload.get("details", {}).items():
            known.pop(key, None)
            if value is not None:
                known[key] = Kept(value, None)
        for key, evidence_id in event.payload.get("detail_ids", {}).items():
            known[key] = Kept(None, evidence_id)
    return known


def says_any(payload: Payload) -> bool:
    """Whether the event changes what is known."""
    return "details" in payload or "detail_ids" in payload


def rows_of(complaint_id: int, events: Sequence[CaseEvent]) -> list[DetailRow]:
    """The rows of ``details`` that follow from the events."""
    return [
        DetailRow(complaint_id=complaint_id, field=key, value=kept.value, evidence_id=kept.evidence_id)
        for key, kept in fold(events).items()
    ]


def known(session: Session, complaint_id: int) -> dict[str, str]:
    """Field → value of everything the register knows of the complaint, personal or not."""
    its = select(Detail.field, Detail.value, Evidence.body).outerjoin(Evidence, Evidence.id == Detail.evidence_id)
    rows = session.execute(its.where(Detail.complaint_id == complaint_id).order_by(Detail.field))
    return {row.field: row.value if row.body is None else row.body for row in rows}
