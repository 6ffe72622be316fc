"""The search index holds every complaint under the words of its texts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.register.case import search_index
from core.register.proof.report import Report


def check(session: Session, report: Report) -> None:
    """Note each complaint that is missing in the index, or is there with other words."""
    for template, complaint_id in search_index.check_index(session):
        report.add(template, id=complaint_id)
