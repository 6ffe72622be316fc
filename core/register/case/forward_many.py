"""Many complaints are asked about in one department (D19): each by an event of its own, in one transaction.

Those that refuse are listed.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.errors import Invalid
from core.register.case import case as cases
from core.register.case import incidents
from core.register.case.batch import Result
from core.register.case.incidents import Versions
from core.register.case.steps.recording import StepFields
from core.register.log.act import Act

ASKED = {"department", "text", "due_at"}
"""The fields of the form."""


def forward_all(session: Session, versions: Versions, asked: StepFields, act: Act) -> Result:
    """Forward each of these complaints that can be, with the same question and time.

    Raises Invalid where what was filled in must be mended, or where they are too many.
    """
    forwarded, result = incidents.prepared(session, versions, lambda _case, _before: [("forward", asked)], act)
    for why in result.refused.values():
        if isinstance(why, Invalid) and not ASKED.isdisjoint(why.fields):
            raise why  # what is filled in is the same for all, so none was forwarded
    cases.save(session, forwarded)
    return result
