"""How often answer texts were used: counted from the events of complaints, a row per text, kind of event and local day.

Days, so that counting the last weeks reads a few rows however many complaints there are. A use in a step that was
undone is none: what the step says was not told (D22).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from core.register.case.payload import CaseEvent
from core.register.log import transaction
from core.register.log.tables import AnswerTextUse
from core.rules.calendar import local_day


class Use(NamedTuple):
    """What is counted together: the key of a text, the kind of the event, the local day it happened (D12)."""

    key: str
    kind: str
    day: date


Counts = dict[Use, tuple[int, int]]
"""Use → how often, and of these how often the text was changed before it was said."""


def count(events: Iterable[CaseEvent], found: Counts | None = None) -> Counts:
    """The uses that the events say, added to ``found``."""
    counts = {} if found is None else found
    for event in events:
        if name := event.payload.get("answer_text"):
            use = Use(name.partition("@")[0], event.kind, local_day(event.at))
            times, changed = counts.get(use, (0, 0))
            counts[use] = (times + 1, changed + bool(event.payload.get("answer_text_changed")))
    return counts


def stored(session: Session) -> Counts:
    """All that is counted."""
    columns = AnswerTextUse.key, AnswerTextUse.kind, AnswerTextUse.day, AnswerTextUse.times, AnswerTextUse.changed
    return {Use(*row[:3]): (row[3], row[4]) for row in session.execute(select(*columns))}


def add(session: Session, events: Iterable[CaseEvent]) -> None:
    """Count the uses of new events."""
    transaction.write(session, _add, count(events))


def take_back(session: Session, events: Iterable[CaseEvent]) -> None:
    """Count the uses of these events no more: they were undone."""
    for use, (times, changed) in count(events).items():
        _change(session, use, -times, -changed)
        session.connection().execute(delete(AnswerTextUse).where(AnswerTextUse.times == 0))


def _add(session: Session, counts: Counts) -> None:
    for use, (times, changed) in counts.items():
        if not _change(session, use, times, changed):
            values = {**use._asdict(), "times": times, "changed": changed}
            session.connection().execute(insert(AnswerTextUse).values(**values))


def _change(session: Session, use: Use, times: int, changed: int) -> bool:
    """Add to what is counted; whether anything was."""
    row = AnswerTextUse
    its = row.key == use.key, row.kind == use.kind, row.day == use.day
    more = {"times": row.times + times, "changed": row.changed + changed}
    return bool(session.connection().execute(update(row).where(*its).values(more)).rowcount)
