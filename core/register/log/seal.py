"""The event log: appended one after the other, each row sealed with the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.register.log import transaction
from core.register.log.tables import EPOCH, Event
from core.rules.calendar import ensure_aware

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be logged: subject, place in its history, what, when, by whom."""

    subject: str
    subject_id: int
    seq: int
    kind: str
    happened_at: datetime
    logged_at: datetime
    actor_id: int | None
    payload: Mapping[str, Any]


def canonical(payload: Mapping[str, Any]) -> str:
    """The one JSON text of a payload: keys sorted, no spaces, letters as they are."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(
    previous: bytes,
    event_id: int,
    subject: str,
    subject_id: int,
    seq: int,
    kind: str,
    happened_at: datetime,
    logged_at: datetime,
    actor_id: int | None,
    payload: str,
) -> bytes:
    """SHA-256 over the previous seal and everything the row says."""
    said = (event_id, subject, subject_id, seq, kind, _micros(happened_at), _micros(logged_at), actor_id, payload)
    return hashlib.sha256(previous + json.dumps(said, ensure_ascii=False).encode()).digest()


def append_all(session: Session, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Seal and insert ``entries`` in order; returns the rows as written. Needs a ``Register.write`` session."""
    last_id, previous = _tail(session)
    rows = []
    for entry in entries:
        last_id += 1
        payload = canonical(entry.payload)
        happened_at, logged_at = ensure_aware(entry.happened_at), ensure_aware(entry.logged_at)
        previous_seal, previous = previous, fingerprint(
            previous, last_id, entry.subject, entry.subject_id, entry.seq, entry.kind, happened_at, logged_at,
            entry.actor_id, payload,
        )  # fmt: skip
        rows.append(
            {
                "id": last_id,
                "subject": entry.subject,
                "subject_id": entry.subject_id,
                "seq": entry.seq,
                "kind": entry.kind,
                "happened_at": happened_at,
                "logged_at": logged_at,
                "actor_id": entry.actor_id,
                "payload": payload,
                "previous": previous_seal,
                "hash": previous,
            }
        )
    if rows:
        session.connection().execute(insert(Event.__table__), rows)  # type: ignore[arg-type]
        transaction.of(session).log_tail = (last_id, previous)
    return rows


def append(
    session: Session,
    *,
    subject: str,
    subject_id: int,
    kind: str,
    happened_at: datetime,
    by: int | None,
    payload: Mapping[str, Any],
    now: datetime,
) -> int:
    """Log one event of anything but a complaint (those are written by ``case.save``); returns its id."""
    seq = session.scalar(
        select(func.coalesce(func.max(Event.seq), 0)).where(Event.subject == subject, Event.subject_id == subject_id)
    )
    entry = Entry(subject, subject_id, (seq or 0) + 1, kind, happened_at, now, by, payload)
    event_id: int = append_all(session, [entry])[0]["id"]
    return event_id


def _tail(session: Session) -> tuple[int, bytes]:
    """Id and seal of the newest row; kept for the transaction, whose writer is alone."""
    kept = transaction.of(session)
    if kept.log_tail is None:
        newest = session.execute(select(Event.id, Event.hash).order_by(Event.id.desc()).limit(1)).first()
        kept.log_tail = (newest.id, newest.hash) if newest else (0, GENESIS)
    return kept.log_tail


def _micros(moment: datetime) -> int:
    span = moment.astimezone(UTC) - EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def read(payload: str) -> Mapping[str, Any]:
    """The payload a row says."""
    said: Mapping[str, Any] = json.loads(payload)
    return said
