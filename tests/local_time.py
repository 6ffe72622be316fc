"""Moments of the tables of cases, written as a clock in Vietnam shows them."""

from __future__ import annotations

from datetime import datetime

from core.rules.calendar import LOCAL


def at(text: str) -> datetime:
    """A local moment: ``"2026-11-20 16:02"``."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)
