"""What went on in another complaint (D13), as one reader sees it: where it went, and what the other one took in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.register import rulebook
from core.register.case import case as cases
from core.register.case import merging
from core.register.log.tables import Complaint
from core.register.reads import timeline
from core.register.reads.timeline import Moment
from core.register.reads.visible import columns_of, visible
from core.rules import policy
from core.rules.policy import Actor


class End(NamedTuple):
    """The complaint in which another one goes on, wherever the chain ends; ``opens``: the reader may open it."""

    code: str
    opens: bool


TOLD = 20
"""Of the newest, so many, the story is told with that of the survivor: that of five hundred takes seconds."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A complaint that goes on in the one at hand.

    ``moments``: what was said and done there, its code with each; none of those received before the newest ``TOLD``.
    """

    complaint: Complaint
    moments: tuple[Moment, ...]


def end_of(session: Session, complaint: Complaint, *, by: Actor) -> End | None:
    """Where it went; None for one that goes on by itself."""
    if complaint.merged_into is None:
        return None
    found = merging.of_code(session, complaint.merged_into)
    assert found is not None, "a merge names a complaint of the register"
    return End(found.code, policy.sees(by, columns_of(found), rulebook.catalogues(session)))


def taken_in(session: Session, complaint: Complaint, *, by: Actor, reads_names: bool) -> tuple[TakenIn, ...]:
    """Those that ``by`` sees of what went on in it, also through another one; the first received first."""
    found: list[Complaint] = []
    wanted = [complaint.code]
    while wanted:
        rows = list(session.scalars(select(Complaint).where(Complaint.merged_into.in_(wanted))))
        found += rows
        wanted = [one.code for one in rows]
    if not found:
        return ()
    seen = select(Complaint).where(Complaint.id.in_([one.id for one in found]), visible(session, by))
    ordered = list(session.scalars(seen.order_by(Complaint.recorded_at, Complaint.id)))
    untold = max(0, len(ordered) - TOLD)
    return (
        *(TakenIn(one, ()) for one in ordered[:untold]),
        *(_taken_in(session, one, reads_names=reads_names) for one in ordered[untold:]),
    )


def _taken_in(session: Session, complaint: Complaint, *, reads_names: bool) -> TakenIn:
    events = cases.history(session, complaint.id)
    moments = timeline.read(session, complaint.id, events, reads_names=reads_names)
    return TakenIn(complaint, tuple(replace(one, of_code=complaint.code) for one in moments))
