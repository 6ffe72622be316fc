"""The worker (D42): one among any number of processes, in small steps of one transaction each.

A step that is cut off anywhere is taken again whole, or was taken: what was written is committed with how far the
worker came. The one thing that no transaction holds is the handing over of a message, which is written down before as
being sent and afterwards as sent; what is found in between is ``unsure`` and never sent again by itself.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.errors import PopsError, place
from core.register import rulebook
from core.register.log.database import Register
from core.register.log.tables import Message, Outlet, Person, WorkerState
from core.register.mail import poll
from core.register.mail.intake import Became
from core.register.mail.mailbox import UnreadableError
from core.register.messages import letters, mornings, outbox, outlets, senders, timed, to_customers
from core.register.messages.lease import LASTS, Lease, LostError
from core.register.messages.letters import Letter
from core.register.messages.outbox import CUSTOMER, Failure
from core.register.messages.outlets import Configured
from core.register.messages.senders import NotHandedOverError, Way
from core.rules.policy import Actor

log = logging.getLogger(__name__)
PAUSE = 3.0
"""Seconds between two rounds."""
BEAT = timedelta(seconds=30)
"""How often the worker looks at the clocks and renews its lease."""
WINDOW = timedelta(hours=1)
"""How much time one transaction makes up for where the worker was away."""
POLL = timedelta(minutes=1)
"""How often a mailbox is read (D43)."""
UNREAD_MAIL = "unread mail"
"""What is noted where a mail could not be logged: somebody has to read it in the mailbox."""
MOST = 200
"""So many messages are sent, and mails of a mailbox read, in one round, before the clocks are looked at again."""
Deliver = Callable[[Way, Letter, Path, datetime], None]


TellWeek = Callable[[Register, str, datetime, Actor], Sequence[str]]
"""What figures say of a week to somebody; they stand above the register, so whoever starts the worker says how."""


class Worker:
    """One process's worker over ``register``; ``address``: the site's, which messages lead to.

    ``clock``: what time it is, asked before each step. ``deliver``: hands a message over. ``tell_week``: what is said
    of a week that ended; None: that its review can be held, and no more.
    """

    def __init__(
        self,
        register: Register,
        address: str,
        holder: str,
        clock: Callable[[], datetime],
        deliver: Deliver = senders.deliver,
        tell_week: TellWeek | None = None,
    ) -> None:
        self._register = register
        self._address = address
        self._clock = clock
        self._deliver = deliver
        self._tell_week = tell_week
        self._beat_at: datetime | None = None
        self._read_at: dict[int, datetime] = {}
        self.lease = Lease(register, holder)

    @classmethod
    def of_process(
        cls, register: Register, address: str, clock: Callable[[], datetime], tell_week: TellWeek | None = None
    ) -> Worker:
        """The worker of this process, under a name that no other has."""
        holder = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"
        return cls(register, address, holder, clock, tell_week=tell_week)

    def run(self, stop: Event) -> None:
        """Round after round until ``stop``; what goes wrong is logged and tried again in the next round."""
        try:
            while not stop.is_set():
                self.round(stop)
                stop.wait(PAUSE)
        finally:
            self._guarded(self.lease.give_back)

    def round(self, stop: Event | None = None) -> bool:
        """One round; whether this process is the worker."""
        was_held = self.lease.is_held
        if not self._guarded(lambda: self.lease.take(self._clock())):
            return False
        if not was_held:
            self._beat_at = None
            self._guarded(self._take_over)
        now = self._clock()
        if self._beat_at is None or now - self._beat_at >= BEAT:
            self._guarded(self._beat)
            self._guarded(self._morning)
        self._guarded(self._mailboxes)
        for _message in range(MOST):
            if (stop is not None and stop.is_set()) or not self._guarded(self._send_one):
                break
        return self.lease.is_held

    def _guarded(self, step: Callable[[], object]) -> bool:
        """Take the step; False where it failed, or said that there was nothing to do."""
        try:
            return bool(step())
        except LostError:
            log.warning("another process is the worker now")
        except (PopsError, SQLAlchemyError, OSError) as problem:
            log.error("a step of the worker failed: %s", place(problem))
            self._note_failure(problem)
        return False

    def _note_failure(self, problem: Exception) -> None:
        try:
            with self._register.write() as session:
                its = update(WorkerState).where(WorkerState.holder == self.lease.holder)
                session.execute(its.values(failed_at=self._clock(), failed_with=type(problem).__name__[:64]))
        except (PopsError, SQLAlchemyError, OSError):
            pass  # the register does not answer: the log has said so

    def _take_over(self) -> None:
        """What the worker before this one was sending may have left: nobody knows."""
        with self._register.write() as session:
            self.lease.check(session)
            if unsure := outbox.give_up_sending(session):
                log.warning("%d messages were being sent when the worker before ended", unsure)

    def _beat(self) -> bool:
        """Renew the lease, and tell of the clocks up to now, an hour at a time where some time was missed."""
        while True:
            now = self._clock()
            with self._register.write() as session:
                row = self.lease.check(session)
                until = max(row.told_until, min(now, row.told_until + WINDOW))  # clocks of machines differ
                to_customers.note_lost(session, now=now)
                if rulebook.has_organisation(session):
                    timed.write_moments(session, row.told_until, until, now)
                row.told_until, row.seen_at, row.until = until, now, now + LASTS
            self._beat_at = now
            if until >= now:
                return True

    def _morning(self) -> bool:
        """Write the messages of this morning, where it came."""
        now = self._clock()
        with self._register.write() as session:
            row = self.lease.check(session)
            if not rulebook.has_organisation(session) or not mornings.write(session, row.morning_at, now):
                return False
            row.morning_at = now
        return True

    def _mailboxes(self) -> bool:
        """Read each mailbox that was not read for a minute; one that cannot be read stops no other."""
        now = self._clock()
        with self._register.read() as session:
            boxes = [(one, outlets.secret_of(session, one.id)) for one in outlets.mailboxes(session)]
        for one, secret in boxes:
            if now - self._read_at.get(one.id, now - POLL) >= POLL:
                self._read_at[one.id] = now
                self._guarded(partial(self._read, one, secret))
        return bool(boxes)

    def _read(self, one: Configured, secret: str) -> bool:
        problem: str | None = None
        place, box = poll.place_of(one.values, secret), poll.box_of(one.values)
        try:
            became = poll.poll(self._register, poll.name_of(one.id), place, box, self._clock, most=MOST)
            if became.total() == MOST:
                self._read_at.pop(one.id)  # there may be more: read on in the next round, after messages were sent
            problem = UNREAD_MAIL if became[Became.REFUSED] else None
        except UnreadableError as unreadable:
            problem = unreadable.name
            log.warning("mailbox %d cannot be read: %s", one.id, problem)
        with self._register.write() as session:
            outlets.note_result(session, one.id, now=self._clock(), failed_with=problem)
        return True

    def _send_one(self) -> bool:
        """Take one message, hand it over, write down what became of it; whether there was one."""
        message = self._taken()
        if message is None:
            return False
        failure = self._handed_over(message)
        with self._register.write() as session:
            outbox.settle(session, message, self.lease.holder, now=self._clock(), failure=failure)
            if message.kind == CUSTOMER:
                to_customers.note(session, message.id, now=self._clock())
        return True

    def _taken(self) -> Message | None:
        now = self._clock()
        with self._register.read() as session:
            if not outbox.is_any_due(session, now=now):
                return None
        with self._register.write() as session:
            row = self.lease.check(session)
            message = outbox.take(session, self.lease.holder, now=now)
            row.seen_at, row.until = now, now + LASTS
            if message is not None:
                session.flush()
                if message.kind == CUSTOMER:
                    to_customers.remember(session, message)
                session.expunge(message)
        return message

    def _handed_over(self, message: Message) -> Failure | None:
        """Put the message into words and hand it over; why not, where it was not. The worker goes on in any case."""
        try:
            with self._register.read() as session:
                way = _way(session, message)
                letter = self._letter(session, message)
        except NotHandedOverError as problem:
            log.warning("message %d cannot be written: %s", message.id, problem.failure.name)
            return problem.failure
        except Exception as problem:  # noqa: BLE001
            log.error("message %d: %s", message.id, place(problem))
            return Failure("not written")
        try:
            self._deliver(way, letter, self._register.evidence_dir.parent, self._clock())
        except NotHandedOverError as problem:
            log.warning("message %d was not handed over: %s", message.id, problem.failure.name)
            return problem.failure
        except Exception as problem:  # noqa: BLE001 (nobody knows whether it arrived)
            log.error("message %d: %s", message.id, place(problem))
            return Failure("ended", is_unsure=True)
        return None

    def _letter(self, session: Session, message: Message) -> Letter:
        if message.kind == CUSTOMER:
            return to_customers.letter(session, message)
        return letters.compose(session, message, self._address, self._week_told)

    def _week_told(self, week: str, person: Person) -> Sequence[str]:
        return self._tell_week(self._register, week, self._clock(), person) if self._tell_week else ()


def _way(session: Session, message: Message) -> Way:
    outlet = session.get_one(Outlet, message.outlet_id)
    return Way(outlet.kind, json.loads(outlet.settings), outlet.secret or "")
