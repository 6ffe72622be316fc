"""Many complaints are asked about in one department (D19): each by an event of its own, in one transaction.

Those that refuse are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import Invalid, NotAllowed
from core.i18n import N_
from core.register import rulebook
from core.register.case import case as cases
from core.register.case import incidents
from core.register.case.batch import Result
from core.register.case.case import Case
from core.register.case.incidents import Versions
from core.register.case.steps.recording import StepFields
from core.register.clocks import promises
from core.register.log.act import Act
from core.register.log.tables import Complaint, SlaCycle
from core.rules import requests
from core.rules.calendar import BeyondCalendar

WORKING_DAYS = 2  # the term of a department (D19)
ASKED = {"department", "text", "due_at"}
"""The fields of the form."""


def forward_all(session: Session, versions: Versions, asked: StepFields, act: Act) -> Result:
    """Forward each of these complaints that can be, with the same question and time.

    One whose department owes an answer already is left as it is. Raises Invalid where what was filled in must be
    mended, or where they are too many.
    """

    def steps(case: Case, _before: Sequence[Case]) -> Sequence[tuple[str, StepFields]]:
        if asked.get("department") in requests.owing(case.row["requests"]):
            raise NotAllowed(N_("This department owes an answer already."))
        return [("forward", asked)]

    forwarded, result = incidents.prepared(session, versions, steps, act)
    for why in result.refused.values():
        wrong = (
            {field: said for field, said in why.fields.items() if field in ASKED} if isinstance(why, Invalid) else {}
        )
        if wrong:  # what is filled in is the same for all, so none was forwarded
            raise Invalid(N_("Please mend the marked fields; everything you typed is still here."), wrong)
    cases.save(session, forwarded)
    return result


def usual_due(session: Session, codes: Sequence[str], now: datetime) -> datetime | None:
    """Until when an answer is asked for, unless somebody says otherwise (D19).

    Close of office in two working days, by the calendar of the first of these complaints, or when the first of their
    results falls due, if that is to come before. None beyond the last approved year.
    """
    first = session.scalars(select(Complaint).where(Complaint.code == codes[0])).one()
    try:
        day = promises.day_after(session, first, WORKING_DAYS, now=now)
        closes = promises.office_closes(session, first, day)
    except BeyondCalendar:
        return None
    result = _first_result_due(session, codes, now)
    return min(closes, result) if result else closes


def _first_result_due(session: Session, codes: Iterable[str], now: datetime) -> datetime | None:
    """When the first of these complaints' results falls due that is to come: an answer after it helps nobody."""
    results = [term for (_procedure, term), stage in rulebook.stages(session).items() if stage == "resolve"]
    runs = SlaCycle.stopped_at.is_(None) & SlaCycle.cancelled_at.is_(None) & (SlaCycle.due_at > now)
    its = select(func.min(SlaCycle.due_at)).join(Complaint, Complaint.id == SlaCycle.complaint_id)
    return session.scalar(its.where(Complaint.code.in_(list(codes)), SlaCycle.term.in_(results), runs))
