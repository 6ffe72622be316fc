"""How often answer texts were used: counted from the events of complaints, a row per text, kind of event and local day.

Days, so that counting the last weeks reads a few rows however many complaints there are. A use in a step that was
undone is none: what the step says was not told (D22).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Date, bindparam, delete, select, text
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


_MORE = text(
    "INSERT INTO answer_text_uses (key, kind, day, times, changed) VALUES (:key, :kind, :day, :times, :changed) "
    "ON CONFLICT (key, kind, day) DO UPDATE SET "
    "times = answer_text_uses.times + excluded.times, changed = answer_text_uses.changed + excluded.changed"
).bindparams(bindparam("day", type_=Date()))
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
    transaction.write(session, _change, count(events))


def take_back(session: Session, events: Iterable[CaseEvent]) -> None:
    """Count the uses of these events no more: they were undone."""
    if counts := count(events):
        _change(session, {use: (-times, -changed) for use, (times, changed) in counts.items()})
        session.connection().execute(delete(AnswerTextUse).where(AnswerTextUse.times == 0))


def _change(session: Session, counts: Counts) -> None:
    """Add to what is counted."""
    if counts:
        more = [{**use._asdict(), "times": times, "changed": changed} for use, (times, changed) in counts.items()]
        session.connection().execute(_MORE, more)
