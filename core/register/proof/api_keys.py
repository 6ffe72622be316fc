"""Keys of the intake API (D41) against the log: every key is what its events give."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register.api import keys
from core.register.log.tables import ApiKey
from core.register.proof import figures
from core.register.proof.report import Report


def check(session: Session, report: Report) -> None:
    """Replay the events of each; when it was used last is no part of the log."""
    columns = [column for column in ApiKey.__table__.columns if column.name != "last_used_at"]
    stored: dict[int, Mapping[str, object]] = {row.id: dict(row._mapping) for row in session.execute(select(*columns))}
    figures.compare(session, report, keys.SUBJECT, stored, keys.fold)
