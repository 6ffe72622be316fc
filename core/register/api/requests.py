"""Requests that were carried out, each under its ``Idempotency-Key``: sent again they are answered, not done again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.i18n import N_
from core.register.log.bulk import insert_rows
from core.register.log.tables import ApiRequest

KEPT = timedelta(hours=48)
HEADER = "Idempotency-Key"
OTHER = N_("This Idempotency-Key was used for another request: give each request one of its own.")


class Name(NamedTuple):
    """What one request is known by: the key that sent it, its ``Idempotency-Key`` (hashed), and a digest of it all."""

    key_id: int
    reference: bytes
    digest: bytes


class RequestRow(TypedDict):
    """One row of ``api_requests``."""

    key_id: int
    reference: bytes
    digest: bytes
    complaint_id: int
    seq: int
    made_at: datetime


def named(key_id: int, idempotency_key: str, sent: Sequence[bytes]) -> Name:
    """The name of a request; ``sent``: all that says what is asked (route, body, digests of files)."""
    own = hashlib.sha256(idempotency_key.encode()).digest()
    digest = hashlib.sha256(idempotency_key.encode())
    for part in sent:
        digest.update(len(part).to_bytes(8, "little") + part)
    return Name(key_id, own, digest.digest())


def known(session: Session, names: Collection[Name]) -> dict[tuple[int, bytes], ApiRequest]:
    """What was written for requests of these names: key and reference → its row."""
    its = select(ApiRequest).where(ApiRequest.reference.in_([name.reference for name in names]))
    wanted = {(name.key_id, name.reference) for name in names}
    return {at: row for row in session.scalars(its) if (at := (row.key_id, row.reference)) in wanted}


def check_same(row: ApiRequest, name: Name) -> None:
    """Invalid where another request came under the same ``Idempotency-Key``."""
    if row.digest != name.digest:
        raise Invalid(OTHER, {HEADER: OTHER})


def keep(session: Session, written: Sequence[tuple[Name, int, int]], now: datetime) -> None:
    """Note what was written (name, id of the complaint, ``seq`` of the event), and forget what is over."""
    session.execute(delete(ApiRequest).where(ApiRequest.made_at < now - KEPT))
    rows = [
        RequestRow(
            key_id=name.key_id,
            reference=name.reference,
            digest=name.digest,
            complaint_id=complaint_id,
            seq=seq,
            made_at=now,
        )
        for name, complaint_id, seq in written
    ]
    insert_rows(session, ApiRequest, rows)
