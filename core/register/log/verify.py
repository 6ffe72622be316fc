"""Proof that nothing was lost or altered: the chain of seals is whole, and replaying the log gives the register."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from core.register.log.database import Register
from core.register.log.seals import Kept
from core.register.log.tables import Event
from core.register.proof import (
    api_keys,
    chain,
    complaints,
    customers,
    figures,
    guards,
    incidents,
    meetings,
    orphans,
    outlets,
    papers,
    people,
    rules,
    search,
)
from core.register.proof.report import Progress, Report, Steps

__all__ = ["CHECKS", "Report", "verify"]

CHECKS = (
    guards.check,
    people.check,
    rules.check,
    search.check,
    incidents.check,
    figures.check,
    meetings.check,
    papers.check,
    api_keys.check,
    outlets.check,
)
"""Checks that need nothing but the session and the report; whoever adds a table derived from others adds its check."""


def verify(
    register: Register,
    *,
    files: bool = True,
    kept: Sequence[Kept] = (),
    wanted: str | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check the whole register as of one moment, in memory that does not grow with it.

    ``files``: read the evidence files, and name those that nothing names, but for the last hour's where ``now`` is
    given. ``kept`` and ``wanted``: seals from outside the database that must be in the chain
    (``core.register.proof.chain``).
    """
    report = Report()
    with register.read() as session:
        steps = Steps(progress, 2 * (session.scalar(select(func.count()).select_from(Event)) or 0))
        attested = chain.check(session, report, steps, kept=kept, wanted=wanted)
        complaints.check(session, report, steps, files=files)
        customers.check(session, report, attested)
        for check in CHECKS:
            check(session, report)
        if files:
            report.orphans = orphans.find(session, now)
    return report
