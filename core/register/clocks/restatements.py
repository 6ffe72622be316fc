"""Verdicts that a correction changed (D21): both are kept, so that a figure says that it was restated, when and why.

A merge that is taken back changes them too, where a promise fell due meanwhile (D13).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from core.register.case.payload import CaseEvent, RestatementRow, Row
from core.register.case.projection import fold
from core.register.clocks import cycles
from core.rules import undo
from core.rules.clocks import Cycle
from core.rules.verdicts import BROKEN, FELL_DUE, Verdict, verdict


class Change(NamedTuple):
    """One promise whose due or verdict a correction changes, or a merge that is taken back.

    ``before`` and ``after``: the cycle as it was and as it is then, with its verdict; None where there is none.
    """

    term: str
    number: int
    before: tuple[Cycle, Verdict] | None
    after: tuple[Cycle, Verdict] | None

    @property
    def restates(self) -> bool:
        """Whether a verdict was given already, or is now: a figure that was counted before has changed.

        What was missed when the complaint was merged away is overdue again once that is taken back, and as broken.
        """
        if self.before and self.after and self.before[1] in BROKEN and self.after[1] in BROKEN:
            return self.before[0].due_at != self.after[0].due_at
        return any(side is not None and side[1] in FELL_DUE for side in (self.before, self.after))


def changes(session: Session, events: Sequence[CaseEvent]) -> Iterator[Change]:
    """What the last of ``events``, which makes those before it count otherwise, changes as of when it was made."""
    at = events[-1].at
    before, after = (_judged(session, some, at) for some in (events[:-1], events))
    for term, number in dict.fromkeys((*after, *before)):
        old, new = before.get((term, number)), after.get((term, number))
        if _seen(old) != _seen(new):
            yield Change(term, number, old, new)


def rows_of(session: Session, complaint_id: int, events: Sequence[CaseEvent]) -> list[RestatementRow]:
    """The rows of ``restatements`` of the complaint: one a promise and correction; nothing for what was undone."""
    return [
        RestatementRow(
            complaint_id=complaint_id,
            seq=event.seq,
            term=one.term,
            number=one.number,
            corrected_at=event.at,
            verdict_before=one.before[1].value if one.before else None,
            verdict_after=one.after[1].value if one.after else None,
            due_before=one.before[0].due_at if one.before else None,
            due_after=one.after[0].due_at if one.after else None,
        )
        for event in undo.restating(events)
        for one in changes(session, events[: event.seq])
        if one.restates
    ]


def _judged(session: Session, events: Sequence[CaseEvent], at: datetime) -> dict[cycles.Key, tuple[Cycle, Verdict]]:
    row: Row = fold(events)
    found = (cycle for cycle, _version in cycles.cycles_of(session, row, events))
    return {(cycle.term, cycle.number): (cycle, verdict(cycle, at)) for cycle in found}


def _seen(side: tuple[Cycle, Verdict] | None) -> tuple[datetime, Verdict] | None:
    return (side[0].due_at, side[1]) if side else None
