"""What happened to a complaint, step by step, with who did it and what they wrote or attached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.log import seal
from core.register.log.tables import Event, Evidence, Person

TEXT_KEYS = (
    "statement_id",
    "text_id",
    "lesson_id",
)  # where an event names its text; the remedy sought has its own place


@dataclass(frozen=True, slots=True)
class File:
    """A kept file: ``size`` in bytes."""

    id: int
    name: str
    media_type: str
    size: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """One step. ``who``: None for the house itself (import). ``said``: the event's payload, with names for people's ids."""

    seq: int
    kind: str
    who: str | None
    happened_at: datetime
    logged_at: datetime
    said: Mapping[str, Any]
    text: str
    files: tuple[File, ...]


def read(session: Session, complaint_id: int, events: Sequence[Event]) -> tuple[Moment, ...]:
    """The complaint's ``events`` as moments, oldest first."""
    papers = {row.id: row for row in session.scalars(select(Evidence).where(Evidence.complaint_id == complaint_id))}
    payloads = [seal.read(event.payload) for event in events]
    names = names_of(session, _people(events, payloads))
    return tuple(_moment(event, said, papers, names) for event, said in zip(events, payloads, strict=True))


def names_of(session: Session, people: Iterable[int]) -> dict[int, str]:
    """Names by id of the colleagues ``people``."""
    known = select(Person.id, Person.name).where(Person.id.in_(set(people)))
    return {row.id: row.name for row in session.execute(known)}


def text_of(session: Session, evidence_id: int | None) -> str:
    """The text kept under ``evidence_id``; empty for none."""
    row = session.get(Evidence, evidence_id) if evidence_id is not None else None
    return (row.body or "") if row is not None else ""


def _people(events: Sequence[Event], payloads: Sequence[Mapping[str, Any]]) -> set[int]:
    actors = {event.actor_id for event in events if event.actor_id is not None}
    return actors | {said["assignee_id"] for said in payloads if "assignee_id" in said}


def _moment(event: Event, said: Mapping[str, Any], papers: Mapping[int, Evidence], names: Mapping[int, str]) -> Moment:
    texts = [papers[said[key]].body or "" for key in TEXT_KEYS if said.get(key) in papers]
    files = tuple(_file(papers[number]) for number in said.get("files", ()) if number in papers)
    if "assignee_id" in said:
        said = {**said, "assignee": names.get(said["assignee_id"], "?")}
    who = None if event.actor_id is None else names.get(event.actor_id, "?")
    return Moment(event.seq, event.kind, who, event.happened_at, event.logged_at, said, "\n".join(texts), files)


def _file(row: Evidence) -> File:
    return File(row.id, row.file_name or "?", row.media_type or "application/octet-stream", row.size or 0, row.added_at)
