"""Many complaints go on in one (D13): each by an event of its own, in one transaction; those that refuse are listed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.register.case import case as cases
from core.register.case import incidents, merging
from core.register.case.batch import Result
from core.register.case.incidents import Versions
from core.register.log.act import Act
from core.rules.steps import MERGE


def merge_all(session: Session, versions: Versions, into: str, text: str, act: Act) -> Result:
    """Let each of these complaints go on in ``into`` that can; ``text``: why they belong together.

    Raises Invalid where none can because of what was filled in, or where they are too many.
    """
    merged, result = incidents.prepared(
        session, versions, lambda _case, _before: [(MERGE, {"merged_into": into, "text": text})], act
    )
    incidents.refuse_if_alike(result)
    cases.save(session, [*merged, *merging.others(session, merged, act.stamp)])
    return result
