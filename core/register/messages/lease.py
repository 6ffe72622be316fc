"""Which of any number of processes is the worker (D42): one, until it ends or is not heard of any more.

On PostgreSQL whoever holds a session advisory lock, which the server gives back when the connection ends. On SQLite
whoever holds the row of ``worker_state``, until it was not renewed for ``LASTS``. In both cases the row names the
holder, and each transaction of the worker looks there first: one that was stopped and goes on later finds another name.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.register.log.database import WRITE_LOCK, Register
from core.register.log.tables import WorkerState

LASTS = timedelta(seconds=90)
WORKER_LOCK = WRITE_LOCK + 1
TRY_LOCK, UNLOCK, ASK = (
    text(f"SELECT {what}") for what in ("pg_try_advisory_lock(:key)", "pg_advisory_unlock(:key)", "1")
)


class LostError(Exception):
    """Another process is the worker now."""


class Lease:
    """One process that may be the worker; ``holder``: its name, unlike any other's."""

    def __init__(self, register: Register, holder: str) -> None:
        self._register = register
        self._connection: Connection | None = None
        self.holder = holder
        self.is_held = False

    def take(self, now: datetime) -> bool:
        """Become the worker where nobody is, or be it still; whether this is a beginning is ``is_held`` before."""
        if not self._register.is_sqlite and not self._has_lock():
            self.is_held = False
        elif not self.is_held:
            self.is_held = self._begin(now)
        return self.is_held

    def check(self, session: Session) -> WorkerState:
        """The worker's row, in a transaction of the worker. Raises ``LostError`` where another holds it."""
        row = session.get(WorkerState, 1, populate_existing=True)
        if row is None or row.holder != self.holder:
            self.is_held = False
            raise LostError
        return row

    def give_back(self) -> None:
        """Another process need not wait until it runs out."""
        if self.is_held:
            with self._register.write() as session:
                ended = update(WorkerState).where(WorkerState.id == 1, WorkerState.holder == self.holder)
                session.execute(ended.values(until=WorkerState.seen_at))
        self.is_held = False
        if self._connection is not None:
            self._connection.execute(UNLOCK, {"key": WORKER_LOCK})  # a server frees it some time after the closing
            self._connection.close()
            self._connection = None

    def _begin(self, now: datetime) -> bool:
        if self._register.is_sqlite and not self._is_free(now):
            return False
        with self._register.write() as session:
            row = session.get(WorkerState, 1)
            if row is not None and self._register.is_sqlite and row.until > now and row.holder != self.holder:
                return False
            told_until, morning_at = (row.told_until, row.morning_at) if row else (now, None)
            session.execute(delete(WorkerState))
            new = {"holder": self.holder, "until": now + LASTS, "began_at": now, "seen_at": now}
            failed = {"failed_at": row.failed_at, "failed_with": row.failed_with} if row else {}
            session.execute(
                insert(WorkerState).values(id=1, told_until=told_until, morning_at=morning_at, **new, **failed)
            )
        return True

    def _is_free(self, now: datetime) -> bool:
        """Asked without a turn to write, so that those who wait hold up nobody."""
        with self._register.read() as session:
            until = session.scalar(select(WorkerState.until))
        return until is None or until <= now

    def _has_lock(self) -> bool:
        """Whether this process holds the lock of PostgreSQL; a connection that ended has lost it."""
        try:
            if self._connection is not None:
                self._connection.execute(ASK)
                return True
            engine = self._register.engine
            connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.scalar(TRY_LOCK, {"key": WORKER_LOCK}):
                connection.detach()  # never handed to anybody else with the lock on it
                self._connection = connection
                return True
            connection.close()
        except SQLAlchemyError:
            if self._connection is not None:
                self._connection.invalidate()
                self._connection = None
        return False
