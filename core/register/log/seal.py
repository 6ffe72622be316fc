"""The event log: appended one after the other, each row sealed with the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from json.encoder import encode_basestring
from typing import NamedTuple, Protocol, TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.register.log import transaction
from core.register.log.act import Stamp
from core.register.log.bulk import insert_rows
from core.register.log.tables import Event, micros

GENESIS = bytes(32)
# Made once: an import and a verification encode every event. A payload is built anew, so it holds no circle.
CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode
QUOTED = encode_basestring


class Subject(NamedTuple):
    """What an event happened to; ids count within a kind of subject (``Event.subject``)."""

    kind: str
    id: int


class Entry(NamedTuple):
    """What is to be logged: subject, place in its history, what, when and by whom."""

    subject: Subject
    seq: int
    kind: str
    stamp: Stamp
    payload: Mapping[str, object]


class EventRow(TypedDict):
    """One row of ``events`` as it is written."""

    id: int
    subject: str
    subject_id: int
    seq: int
    kind: str
    happened_at: datetime
    logged_at: datetime
    actor_id: int | None
    payload: str
    previous: bytes
    hash: bytes


class LoggedEvent(Protocol):
    """What the fold reads of a row of the log: an ``Event``, or a row of a query with these columns."""

    @property
    def seq(self) -> int:
        """Place in the history of its subject, from 1."""

    @property
    def kind(self) -> str:
        """What happened."""

    @property
    def happened_at(self) -> datetime:
        """When."""

    @property
    def actor_id(self) -> int | None:
        """Who caused it; None for the register itself."""

    @property
    def payload(self) -> str:
        """Canonical JSON."""


def canonical(payload: Mapping[str, object]) -> str:
    """The one JSON text of a payload: keys sorted, no spaces, letters as they are."""
    return CANONICAL(payload)


def fingerprint(row: EventRow) -> bytes:
    """SHA-256 over the previous seal and every other column of the row, its own hash left out."""
    actor = "null" if row["actor_id"] is None else row["actor_id"]
    # The JSON of a list of the columns, put together here because encoding one costs more than hashing it.
    columns = (
        f"[{row['id']}, {QUOTED(row['subject'])}, {row['subject_id']}, {row['seq']}, {QUOTED(row['kind'])}, "
        f"{micros(row['happened_at'])}, {micros(row['logged_at'])}, {actor}, {QUOTED(row['payload'])}]"
    )
    return hashlib.sha256(row["previous"] + columns.encode()).digest()


def append_all(session: Session, entries: Iterable[Entry]) -> list[EventRow]:
    """Seal and insert ``entries`` in order; returns the rows as written. Needs a ``Register.write`` session.

    Where they are written later (``transaction.write``), payload and seal are still missing in the rows.
    """
    entries = list(entries)
    rows = [_unsealed(entry, transaction.next_id(session, Event)) for entry in entries]
    if rows:
        transaction.write(session, _seal, rows, [entry.payload for entry in entries])
    return rows


def _seal(session: Session, rows: Sequence[EventRow], payloads: Iterable[Mapping[str, object]]) -> None:
    _, previous = _tail(session)
    for row, payload in zip(rows, payloads, strict=True):
        row["payload"] = canonical(payload)
        row["previous"] = previous
        row["hash"] = previous = fingerprint(row)
    insert_rows(session, Event, rows)
    state = transaction.of(session)
    state.log_tail, state.logged_at = (rows[-1]["id"], previous), rows[-1]["logged_at"]


def append(session: Session, subject: Subject, kind: str, payload: Mapping[str, object], stamp: Stamp) -> int:
    """Log one event of anything but a complaint (those are written by ``case.save``); returns its id."""
    seqs = transaction.of(session).last_seqs
    if subject not in seqs:
        its = select(func.max(Event.seq)).where(Event.subject == subject.kind, Event.subject_id == subject.id)
        seqs[subject] = session.scalar(its) or 0
    seqs[subject] += 1
    return append_all(session, [Entry(subject, seqs[subject], kind, stamp, payload)])[0]["id"]


def newest(session: Session) -> tuple[int, bytes]:
    """Id and seal of the newest event; 0 and ``GENESIS`` before the first."""
    return _tail(session)


def read(payload: str) -> Mapping[str, object]:
    """The payload of a row from its JSON text."""
    fields: Mapping[str, object] = json.loads(payload)
    return fields


def _unsealed(entry: Entry, event_id: int) -> EventRow:
    return EventRow(
        id=event_id,
        subject=entry.subject.kind,
        subject_id=entry.subject.id,
        seq=entry.seq,
        kind=entry.kind,
        happened_at=entry.stamp.happened_at,
        logged_at=entry.stamp.logged_at,
        actor_id=entry.stamp.actor_id,
        payload="",
        previous=b"",
        hash=b"",
    )


def _tail(session: Session) -> tuple[int, bytes]:
    """Id and seal of the newest row; read once per transaction, whose writer is alone."""
    state = transaction.of(session)
    if state.log_tail is None:
        newest = session.execute(select(Event.id, Event.hash).order_by(Event.id.desc()).limit(1)).first()
        state.log_tail = (newest.id, newest.hash) if newest else (0, GENESIS)
    return state.log_tail
