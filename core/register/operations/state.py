"""The worker and the queues as they stand, for whoever runs the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.register.log import seal
from core.register.log.tables import OPEN, Complaint, Event, WorkerState
from core.register.messages import outbox, outlets
from core.register.messages.lease import LASTS
from core.register.messages.outlets import Configured


@dataclass(frozen=True, slots=True)
class Operations:
    """One look at it. ``worker``: None where none ever ran. ``lag``: how late the oldest unsent message is.

    ``failing``: the outlets whose last try failed.
    """

    worker: WorkerState | None
    is_alive: bool
    lag: timedelta
    messages: Mapping[str, int]
    failing: tuple[Configured, ...]
    events: int
    sign_ins: int
    open_complaints: int


def read(session: Session, now: datetime) -> Operations:
    """The state at ``now``."""
    worker = session.get(WorkerState, 1)
    since = outbox.oldest_due(session, now=now)
    signed_in = Event.subject == "person", Event.kind == "signed_in"
    return Operations(
        worker=worker,
        is_alive=worker is not None and now - worker.seen_at < LASTS,
        lag=max(timedelta(0), now - since) if since else timedelta(0),
        messages=outbox.counts(session),
        failing=tuple(one for one in outlets.listed(session) if one.failed_with),
        events=seal.newest(session)[0],
        sign_ins=session.scalar(select(func.count()).select_from(Event).where(*signed_in)) or 0,
        open_complaints=session.scalar(select(func.count()).select_from(Complaint).where(OPEN)) or 0,
    )
