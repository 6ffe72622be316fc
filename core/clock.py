"""The clock of the program: the only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime

from core.rules.calendar import whole_second


def utc_now() -> datetime:
    """Now, to the second (D29), in UTC."""
    return whole_second(datetime.now(UTC))
