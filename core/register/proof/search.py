"""The search index finds every complaint by its words of today, and nothing else."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.register.case import search_index
from core.register.proof.report import Report


def check(session: Session, report: Report) -> None:
    """The index holds what would be written into it now."""
    for problem in search_index.check_index(session):
        report.add(problem)
