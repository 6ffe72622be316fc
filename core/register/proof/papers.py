"""The numbers of papers (D39): within kind, year and branch they run from 1 without a gap or a twin."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.i18n import N_
from core.register.log.tables import Paper
from core.register.proof.report import Report


def check(session: Session, report: Report) -> None:
    """The highest number of each is how many there are; twins the table itself refuses."""
    of_one = Paper.kind, Paper.year, Paper.branch
    counted = select(*of_one, func.max(Paper.ordinal), func.min(Paper.ordinal), func.count()).group_by(*of_one)
    for kind, year, branch, highest, lowest, found in session.execute(counted.order_by(*of_one)):
        if (lowest, highest) != (1, found):
            report.add(
                N_("papers {kind} {year} {branch}: {found} stand against numbers up to {highest}"),
                kind=kind,
                year=year,
                branch=branch,
                found=found,
                highest=highest,
            )
